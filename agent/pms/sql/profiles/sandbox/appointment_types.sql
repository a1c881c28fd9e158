SELECT id, name, minutes AS length, practitioner_id FROM appointment_types WHERE active = 1 ORDER BY id
