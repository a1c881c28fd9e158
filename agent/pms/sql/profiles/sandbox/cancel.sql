UPDATE appointments
SET status = 3, version = version + 1
WHERE id = :appointment_id AND patient_id = :patient_id AND status = 0 AND starts_at = :start
