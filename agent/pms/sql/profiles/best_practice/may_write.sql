-- Whether the login may run every procedure that the other files run; it runs none of them.
-- step: procedures expects=one
SELECT MIN(COALESCE(HAS_PERMS_BY_NAME(p.name, 'OBJECT', 'EXECUTE'), 0)) AS done
FROM (
    SELECT 'dbo.BP_AddPatient' AS name
    UNION ALL
    SELECT 'dbo.BP_AddAppointmentEx' AS name
    UNION ALL
    SELECT 'dbo.BP_UpdateAppointment' AS name
    UNION ALL
    SELECT 'dbo.BP_CancelAppointment' AS name
) p
