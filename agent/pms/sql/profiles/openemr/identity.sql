-- The id counter of the calendar only grows, also where rows are deleted.
SELECT
    COALESCE((SELECT s.gl_value FROM frontdesk_settings s WHERE s.gl_name = 'unique_installation_id'), DATABASE()) AS database_id,
    CONCAT(v.v_major, '.', v.v_minor, '.', v.v_patch) AS version,
    (
        SELECT t.AUTO_INCREMENT
        FROM information_schema.TABLES t
        WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_NAME = 'openemr_postcalendar_events'
    ) AS newest_change
FROM version v
