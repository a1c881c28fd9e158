SELECT
    p.database_id,
    p.schema_version AS version,
    (SELECT COALESCE(MAX(a.id), 0) FROM appointments a) AS newest_change
FROM practice_info p
