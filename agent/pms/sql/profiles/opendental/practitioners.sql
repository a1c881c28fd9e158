-- Providers in the operatories that are their own, and in those where they have ever been scheduled: rows of long ago stay, so
-- that nothing that somebody has linked disappears by itself. One specialty each: it needs no resource of its own.
SELECT
    p.ProvNum AS id,
    '' AS title,
    p.FName AS first_name,
    p.LName AS last_name,
    w.OperatoryNum AS location_id,
    NULL AS specialty_id,
    '' AS specialty_name
FROM provider p
JOIN (
    SELECT
        o.OperatoryNum,
        CASE
            WHEN o.IsHygiene = 0 AND o.ProvDentist > 0 THEN o.ProvDentist
            WHEN o.IsHygiene = 1 AND o.ProvHygienist > 0 THEN o.ProvHygienist
            ELSE CAST(u.ValueString AS UNSIGNED)
        END AS ProvNum
    FROM operatory o
    LEFT JOIN frontdesk.settings u ON u.PrefName = 'ScheduleProvUnassigned'
    UNION
    SELECT so.OperatoryNum, s.ProvNum
    FROM schedule s
    JOIN scheduleop so ON so.ScheduleNum = s.ScheduleNum
    WHERE s.SchedType = 1
) w ON w.ProvNum = p.ProvNum
JOIN operatory o ON o.OperatoryNum = w.OperatoryNum AND o.IsHidden = 0
WHERE p.IsHidden = 0 AND p.ProvStatus = 0 AND p.IsNotPerson = 0
ORDER BY p.ProvNum, o.ItemOrder, o.OperatoryNum
