-- A row for each place: the user's own, and those of PROVIDER_LOCATION.
SELECT
    u.USERID AS id,
    t.TITLE AS title,
    u.FIRSTNAME AS first_name,
    u.SURNAME AS last_name,
    w.LOCATIONID AS location_id,
    NULL AS specialty_id,
    '' AS specialty_name
FROM dbo.USERS u
JOIN (
    SELECT h.USERID, h.LOCATIONID FROM dbo.USERS h
    UNION
    SELECT p.USERID, p.LOCATIONID FROM dbo.PROVIDER_LOCATION p
) w ON w.USERID = u.USERID
LEFT JOIN dbo.TITLES t ON t.TITLECODE = u.TITLECODE
WHERE u.USERSTATUS = 1 AND u.APPOINTMENTS = 1
