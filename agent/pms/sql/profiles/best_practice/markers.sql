-- Sums: CHECKSUM_AGG is an XOR, in which two swapped rows cancel out.
-- step: roster expects=rows
WITH cal AS (
    SELECT CAST(:first AS date) AS d
    UNION ALL
    SELECT DATEADD(DAY, 1, cal.d) AS d FROM cal WHERE DATEADD(DAY, 1, cal.d) < CAST(:end AS date)
)
SELECT
    c.d AS date,
    COUNT(*) AS n,
    SUM(CAST(s.SESSIONID AS bigint)) AS ids,
    SUM(CAST(s.SESSIONID AS bigint) * (s.STARTTIME + 1)) AS starts,
    SUM(CAST(s.SESSIONID AS bigint) * (s.ENDTIME + 1)) AS ends,
    SUM(CAST(s.SESSIONID AS bigint) * (s.LENGTH + 1)) AS slots,
    SUM(CAST(s.SESSIONID AS bigint) * s.USERID) AS people,
    SUM(CAST(s.SESSIONID AS bigint) * s.LOCATIONID) AS places
FROM cal c
JOIN dbo.SESSIONS s ON s.RECORDSTATUS = 1
    AND (s.STARTDATE IS NULL OR s.STARTDATE <= c.d)
    AND (s.ENDDATE IS NULL OR s.ENDDATE >= c.d)
    AND (
        s.DAYOFWEEK = DATEDIFF(DAY, '19000107', c.d) % 7 + 1
        OR (s.DAYOFWEEK = 0 AND DATEDIFF(DAY, '19000107', c.d) % 7 BETWEEN 1 AND 5)
    )
    AND (s.WEEKS <= 1 OR s.CYCLEDATE IS NULL OR (DATEDIFF(DAY, s.CYCLEDATE, c.d) / 7) % s.WEEKS + 1 = s.CYCLEWEEK)
GROUP BY c.d
OPTION (MAXRECURSION 400)

-- step: extra expects=rows
SELECT CAST(e.SESSIONDATE AS date) AS date, e.USERID, e.LOCATIONID, e.STARTTIME, e.ENDTIME, e.LENGTH
FROM dbo.EXTRASESSIONS e
WHERE e.RECORDSTATUS = 1 AND e.SESSIONDATE >= :first AND e.SESSIONDATE < :end

-- step: away expects=rows
WITH cal AS (
    SELECT CAST(:first AS date) AS d
    UNION ALL
    SELECT DATEADD(DAY, 1, cal.d) AS d FROM cal WHERE DATEADD(DAY, 1, cal.d) < CAST(:end AS date)
)
SELECT c.d AS date, a.USERID
FROM cal c
JOIN dbo.DAYSAWAY a ON a.RECORDSTATUS = 1 AND c.d BETWEEN CAST(a.STARTDATE AS date) AND CAST(a.FINISHDATE AS date)
OPTION (MAXRECURSION 400)

-- step: reserved expects=rows
WITH cal AS (
    SELECT CAST(:first AS date) AS d
    UNION ALL
    SELECT DATEADD(DAY, 1, cal.d) AS d FROM cal WHERE DATEADD(DAY, 1, cal.d) < CAST(:end AS date)
)
SELECT
    c.d AS date,
    COUNT(*) AS n,
    SUM(CAST(r.USERID AS bigint) * (r.APPOINTMENTTIME + 1)) AS starts
FROM cal c
JOIN dbo.RESERVEDAPPOINTMENTS r
    ON r.DAYOFWEEK = DATEDIFF(DAY, '19000107', c.d) % 7 + 1
    OR (r.DAYOFWEEK = 0 AND DATEDIFF(DAY, '19000107', c.d) % 7 BETWEEN 1 AND 5)
GROUP BY c.d
OPTION (MAXRECURSION 400)

-- step: appointments expects=rows
SELECT
    CAST(a.APPOINTMENTDATE AS date) AS date,
    COUNT(*) AS n,
    SUM(CAST(a.RECORDID AS bigint)) AS ids,
    SUM(CAST(a.RECORDID AS bigint) * (a.APPOINTMENTTIME + 1)) AS starts,
    SUM(CAST(a.RECORDID AS bigint) * (a.APPOINTMENTLENGTH + 1)) AS lengths,
    SUM(CAST(a.RECORDID AS bigint) * (a.APPOINTMENTCODE + 1)) AS codes,
    SUM(CAST(a.RECORDID AS bigint) * (a.RECORDSTATUS + 1)) AS statuses,
    SUM(CAST(a.RECORDID AS bigint) * a.USERID) AS people,
    SUM(CAST(a.RECORDID AS bigint) * a.LOCATIONID) AS places,
    SUM(CAST(a.RECORDID AS bigint) * (a.ARRIVALTIME + 1)) AS arrivals,
    MAX(COALESCE(a.UPDATED, a.CREATED)) AS changed
FROM dbo.APPOINTMENTS a
WHERE a.APPOINTMENTDATE >= :first AND a.APPOINTMENTDATE < :end
GROUP BY CAST(a.APPOINTMENTDATE AS date)

-- step: past_midnight expects=rows
SELECT DATEADD(DAY, 1, CAST(a.APPOINTMENTDATE AS date)) AS date, a.RECORDID, a.USERID, a.APPOINTMENTTIME, a.APPOINTMENTLENGTH, a.RECORDSTATUS
FROM dbo.APPOINTMENTS a
WHERE a.APPOINTMENTDATE >= DATEADD(DAY, -1, CAST(:first AS date)) AND a.APPOINTMENTDATE < DATEADD(DAY, -1, CAST(:end AS date))
    AND a.APPOINTMENTTIME + a.APPOINTMENTLENGTH > 86400
