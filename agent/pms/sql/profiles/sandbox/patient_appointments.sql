SELECT
    id,
    practitioner_id,
    location_id,
    starts_at AS start,
    minutes AS length,
    patient_id,
    type_id,
    status,
    CASE WHEN notes LIKE '%HE:%' THEN notes ELSE '' END AS notes
FROM appointments
WHERE patient_id = :patient_id AND starts_at >= :since AND status <> 3
