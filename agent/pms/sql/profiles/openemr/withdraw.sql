-- The row stays as a cancelled one without a reference, and a patient created for it stays too: nothing may be deleted here.
UPDATE openemr_postcalendar_events
SET pc_apptstatus = 'x', pc_hometext = 'Withdrawn: the time was taken', pc_time = NOW()
WHERE pc_eid = :appointment_id AND pc_apptstatus = '-' AND pc_hometext LIKE :reference_pattern
