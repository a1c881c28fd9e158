-- The registration key is one practice's own; the view gives a digest of it. The id counter of the appointments only grows, also
-- where rows are deleted.
SELECT
    COALESCE(NULLIF(MAX(CASE WHEN s.PrefName = 'RegistrationKey' THEN s.ValueString END), ''), DATABASE()) AS database_id,
    MAX(CASE WHEN s.PrefName = 'DataBaseVersion' THEN s.ValueString END) AS version,
    (
        SELECT t.AUTO_INCREMENT
        FROM information_schema.TABLES t
        WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_NAME = 'appointment'
    ) AS newest_change
FROM frontdesk.settings s
