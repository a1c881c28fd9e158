-- Schedules of providers; blockouts of operatories; and appointments, which take the operatory from everybody else too.
-- A schedule without operatories of its own counts for those whose provider it is, as in Open Dental's calendar: the dentist, in a
-- hygiene operatory the hygienist, and where there is none the provider for unassigned operatories.
SELECT
    s.ProvNum AS practitioner_id,
    c.OperatoryNum AS location_id,
    'works' AS kind,
    s.ProvNum = c.ProvNum AS has_it,
    c.slot_length,
    s.SchedDate AS date,
    TIME_TO_SEC(s.StartTime) DIV 60 AS start,
    GREATEST(TIME_TO_SEC(s.StopTime) DIV 60 - TIME_TO_SEC(s.StartTime) DIV 60, 0) AS minutes
FROM schedule s
JOIN provider p ON p.ProvNum = s.ProvNum AND p.IsHidden = 0 AND p.ProvStatus = 0 AND p.IsNotPerson = 0
JOIN (
    SELECT
        o.OperatoryNum,
        o.ClinicNum,
        CASE
            WHEN o.IsHygiene = 0 AND o.ProvDentist > 0 THEN o.ProvDentist
            WHEN o.IsHygiene = 1 AND o.ProvHygienist > 0 THEN o.ProvHygienist
            ELSE CAST(u.ValueString AS UNSIGNED)
        END AS ProvNum,
        COALESCE(CAST(i.ValueString AS UNSIGNED), 0) AS slot_length
    FROM operatory o
    LEFT JOIN frontdesk.settings u ON u.PrefName = 'ScheduleProvUnassigned'
    LEFT JOIN frontdesk.settings i ON i.PrefName = 'AppointmentTimeIncrement'
    WHERE o.IsHidden = 0
) c ON EXISTS (SELECT 1 FROM scheduleop l WHERE l.ScheduleNum = s.ScheduleNum AND l.OperatoryNum = c.OperatoryNum)
    OR (
        s.ProvNum = c.ProvNum
        AND NOT EXISTS (SELECT 1 FROM scheduleop l WHERE l.ScheduleNum = s.ScheduleNum AND l.OperatoryNum > 0)
    )
WHERE s.SchedType = 1
    AND s.Status = 0
    AND s.SchedDate >= :first AND s.SchedDate < :end
    AND NOT EXISTS (
        SELECT 1
        FROM schedule h
        WHERE h.SchedType = 0 AND h.Status = 2 AND h.SchedDate = s.SchedDate AND h.ClinicNum IN (0, c.ClinicNum)
    )
UNION ALL
SELECT
    0,
    l.OperatoryNum,
    'closed',
    0,
    0,
    b.SchedDate,
    TIME_TO_SEC(b.StartTime) DIV 60,
    GREATEST(TIME_TO_SEC(b.StopTime) DIV 60 - TIME_TO_SEC(b.StartTime) DIV 60, 0)
FROM schedule b
JOIN scheduleop l ON l.ScheduleNum = b.ScheduleNum
WHERE b.SchedType = 2 AND b.SchedDate >= :first AND b.SchedDate < :end
UNION ALL
SELECT
    CASE WHEN a.IsHygiene = 1 AND a.ProvHyg > 0 THEN a.ProvHyg ELSE a.ProvNum END,
    a.Op,
    'taken',
    0,
    0,
    DATE(a.AptDateTime),
    TIME_TO_SEC(TIME(a.AptDateTime)) DIV 60,
    CHAR_LENGTH(COALESCE(a.Pattern, '')) * 5
FROM appointment a
WHERE a.Op > 0
    AND a.AptDateTime >= CAST(:first AS DATE) - INTERVAL 1 DAY AND a.AptDateTime < :end
    AND (
        a.AptStatus IN (1, 2, 4)
        OR (
            a.AptStatus = 5
            AND (
                SELECT RIGHT(MAX(CONCAT(h.HistDateTStamp, h.HistApptAction)), 1)
                FROM histappointment h
                WHERE h.AptNum = a.AptNum AND h.HistApptAction IN (2, 3)
            ) = '2'
        )
    )
