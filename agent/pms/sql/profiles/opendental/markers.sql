-- Sums of wide fingerprints, never an XOR: two rows that swap values must not cancel out. Clocks and change times stay out.
-- Rosters also mean something else when operatories, providers or settings change; those are part of every date.
-- step: schedules expects=rows
SELECT
    s.SchedDate AS date,
    COUNT(*) AS n,
    SUM(s.ScheduleNum) AS ids,
    SUM(CAST(CONV(LEFT(MD5(CONCAT_WS('|',
        s.ScheduleNum, s.StartTime, s.StopTime, s.SchedType, s.ProvNum, s.Status, s.ClinicNum, COALESCE(l.OperatoryNum, 0),
        f.chairs, f.people, f.settings
    )), 15), 16, 10) AS UNSIGNED)) AS prints
FROM schedule s
LEFT JOIN scheduleop l ON l.ScheduleNum = s.ScheduleNum
JOIN (
    SELECT
        (
            SELECT SUM(CAST(CONV(LEFT(MD5(CONCAT_WS('|',
                OperatoryNum, IsHidden, ProvDentist, ProvHygienist, IsHygiene, ClinicNum
            )), 15), 16, 10) AS UNSIGNED))
            FROM operatory
        ) AS chairs,
        (
            SELECT SUM(CAST(CONV(LEFT(MD5(CONCAT_WS('|', ProvNum, IsHidden, ProvStatus, IsNotPerson)), 15), 16, 10) AS UNSIGNED))
            FROM provider
        ) AS people,
        (
            SELECT SUM(CAST(CONV(LEFT(MD5(CONCAT_WS('|', PrefName, ValueString)), 15), 16, 10) AS UNSIGNED))
            FROM frontdesk.settings
            WHERE PrefName IN ('AppointmentTimeIncrement', 'ScheduleProvUnassigned')
        ) AS settings
) f
WHERE s.SchedType IN (0, 1, 2) AND s.SchedDate >= :first AND s.SchedDate < :end
GROUP BY s.SchedDate

-- step: appointments expects=rows
SELECT
    DATE(a.AptDateTime) AS date,
    COUNT(*) AS n,
    SUM(a.AptNum) AS ids,
    SUM(CAST(CONV(LEFT(MD5(CONCAT_WS('|',
        a.AptNum, a.PatNum, a.AptStatus, COALESCE(a.Pattern, ''), a.Confirmed, a.Op, a.ProvNum, a.ProvHyg, a.IsHygiene,
        a.AptDateTime, a.AppointmentTypeNum, TIME(a.DateTimeArrived), TIME(a.DateTimeSeated), TIME(a.DateTimeDismissed),
        CASE WHEN a.Note LIKE '%HE:%' THEN a.Note ELSE '' END, t.triggers,
        CASE WHEN a.AptStatus = 5 THEN (
            SELECT MAX(CONCAT(h.HistDateTStamp, h.HistApptAction))
            FROM histappointment h
            WHERE h.AptNum = a.AptNum AND h.HistApptAction IN (2, 3)
        ) ELSE '' END
    )), 15), 16, 10) AS UNSIGNED)) AS prints
FROM appointment a
JOIN (
    SELECT SUM(CAST(CONV(LEFT(MD5(CONCAT_WS('|', PrefName, ValueString)), 15), 16, 10) AS UNSIGNED)) AS triggers
    FROM frontdesk.settings
    WHERE PrefName LIKE 'AppointmentTime%Trigger'
) t
WHERE a.AptStatus IN (1, 2, 4, 5) AND a.AptDateTime >= :first AND a.AptDateTime < :end
GROUP BY DATE(a.AptDateTime)

-- step: past_midnight expects=rows
SELECT
    DATE(a.AptDateTime) + INTERVAL 1 DAY AS date, a.AptNum, a.ProvNum, a.ProvHyg, a.IsHygiene, a.Op, a.AptStatus, a.AptDateTime,
    CHAR_LENGTH(a.Pattern) AS characters
FROM appointment a
WHERE a.AptStatus IN (1, 2, 4, 5)
    AND a.AptDateTime >= CAST(:first AS DATE) - INTERVAL 1 DAY AND a.AptDateTime < CAST(:end AS DATE) - INTERVAL 1 DAY
    AND TIME_TO_SEC(TIME(a.AptDateTime)) + CHAR_LENGTH(a.Pattern) * 300 > 86400
