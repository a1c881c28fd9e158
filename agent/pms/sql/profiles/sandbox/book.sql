-- step: next_id expects=one
SELECT COALESCE(MAX(id), 0) + 1 AS appointment_id FROM appointments

-- step: insert expects=count
INSERT INTO appointments (
    id, practitioner_id, location_id, patient_id, type_id, starts_at, minutes, status, notes, version
) VALUES (
    :appointment_id, :practitioner_id, :location_id, :patient_id, :type_id, :start, :length, 0, :note, 1
)
