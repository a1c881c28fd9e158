-- The row stays as a cancelled one without patient and reference: ids never go backwards.
-- step: appointment expects=count
UPDATE appointments
SET status = 3, patient_id = NULL, notes = 'Withdrawn: the time was taken', version = version + 1
WHERE id = :appointment_id AND status = 0 AND notes LIKE :reference_pattern

-- step: patient expects=count
DELETE FROM patients
WHERE id = :created_patient_id
    AND NOT EXISTS (SELECT 1 FROM appointments a WHERE a.patient_id = patients.id)
