-- Providers whom the calendar shows, at their default facility and their schedule facilities, once for each specialty that
-- is written down, with commas between.
SELECT
    u.id,
    u.title,
    u.fname AS first_name,
    u.lname AS last_name,
    w.facility_id AS location_id,
    LOWER(REPLACE(TRIM(SUBSTRING_INDEX(SUBSTRING_INDEX(u.specialty, ',', n.number), ',', -1)), ' ', '-')) AS specialty_id,
    TRIM(SUBSTRING_INDEX(SUBSTRING_INDEX(u.specialty, ',', n.number), ',', -1)) AS specialty_name
FROM users u
JOIN (
    SELECT id AS user_id, facility_id FROM users
    UNION
    SELECT table_id, facility_id FROM users_facility WHERE tablename = 'users'
) w ON w.user_id = u.id
JOIN facility f ON f.id = w.facility_id AND f.service_location = 1 AND f.inactive = 0
JOIN (SELECT 1 AS number UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6) n
    ON n.number = 1
    OR (
        n.number <= LENGTH(u.specialty) - LENGTH(REPLACE(u.specialty, ',', '')) + 1
        AND TRIM(SUBSTRING_INDEX(SUBSTRING_INDEX(u.specialty, ',', n.number), ',', -1)) <> ''
    )
WHERE u.active = 1 AND u.authorized = 1 AND u.calendar = 1
ORDER BY u.id, w.facility_id, n.number
