-- Whole days away, and reserved slots (a quarter of an hour each, for their length is not kept).
WITH cal AS (
    SELECT CAST(:first AS date) AS d
    UNION ALL
    SELECT DATEADD(DAY, 1, cal.d) AS d FROM cal WHERE DATEADD(DAY, 1, cal.d) < CAST(:end AS date)
)
SELECT a.USERID AS practitioner_id, c.d AS date, 0 AS start_time, 86400 AS end_time
FROM cal c
JOIN dbo.DAYSAWAY a ON a.RECORDSTATUS = 1 AND c.d BETWEEN CAST(a.STARTDATE AS date) AND CAST(a.FINISHDATE AS date)
UNION ALL
SELECT r.USERID AS practitioner_id, c.d AS date, r.APPOINTMENTTIME AS start_time, r.APPOINTMENTTIME + 900 AS end_time
FROM cal c
JOIN dbo.RESERVEDAPPOINTMENTS r
    ON r.DAYOFWEEK = DATEDIFF(DAY, '19000107', c.d) % 7 + 1
    OR (r.DAYOFWEEK = 0 AND DATEDIFF(DAY, '19000107', c.d) % 7 BETWEEN 1 AND 5)
OPTION (MAXRECURSION 400)
