-- Days of the week are 1 for Sunday to 7, and 0 for Monday to Friday; several weeks' rosters by WEEKS, CYCLEDATE and CYCLEWEEK: both
-- from single sources, to be compared with BP_GetFreeAppointments.
WITH cal AS (
    SELECT CAST(:first AS date) AS d
    UNION ALL
    SELECT DATEADD(DAY, 1, cal.d) AS d FROM cal WHERE DATEADD(DAY, 1, cal.d) < CAST(:end AS date)
)
SELECT
    s.USERID AS practitioner_id,
    s.LOCATIONID AS location_id,
    c.d AS date,
    s.STARTTIME AS start_time,
    s.ENDTIME AS end_time,
    s.LENGTH AS slot_length,
    '' AS type_ids
FROM cal c
JOIN dbo.SESSIONS s ON s.RECORDSTATUS = 1
    AND (s.STARTDATE IS NULL OR s.STARTDATE <= c.d)
    AND (s.ENDDATE IS NULL OR s.ENDDATE >= c.d)
    AND (
        s.DAYOFWEEK = DATEDIFF(DAY, '19000107', c.d) % 7 + 1
        OR (s.DAYOFWEEK = 0 AND DATEDIFF(DAY, '19000107', c.d) % 7 BETWEEN 1 AND 5)
    )
    AND (s.WEEKS <= 1 OR s.CYCLEDATE IS NULL OR (DATEDIFF(DAY, s.CYCLEDATE, c.d) / 7) % s.WEEKS + 1 = s.CYCLEWEEK)
UNION ALL
SELECT
    e.USERID AS practitioner_id,
    e.LOCATIONID AS location_id,
    CAST(e.SESSIONDATE AS date) AS date,
    e.STARTTIME AS start_time,
    e.ENDTIME AS end_time,
    e.LENGTH AS slot_length,
    '' AS type_ids
FROM dbo.EXTRASESSIONS e
WHERE e.RECORDSTATUS = 1 AND e.SESSIONDATE >= :first AND e.SESSIONDATE < :end
OPTION (MAXRECURSION 400)
