-- No index finds a mark in a note: every appointment is looked through.
SELECT
    a.AptNum AS id,
    CASE WHEN a.IsHygiene = 1 AND a.ProvHyg > 0 THEN a.ProvHyg ELSE a.ProvNum END AS practitioner_id,
    NULLIF(a.Op, 0) AS location_id,
    a.AptDateTime AS start,
    CHAR_LENGTH(COALESCE(a.Pattern, '')) * 5 AS length,
    NULLIF(a.PatNum, 0) AS patient_id,
    NULLIF(a.AppointmentTypeNum, 0) AS type_id,
    CASE
        WHEN a.AptStatus = 2 THEN 'complete'
        WHEN a.AptStatus = 3 THEN 'unscheduled'
        WHEN a.AptStatus = 5 AND (
            SELECT RIGHT(MAX(CONCAT(h.HistDateTStamp, h.HistApptAction)), 1)
            FROM histappointment h
            WHERE h.AptNum = a.AptNum AND h.HistApptAction IN (2, 3)
        ) = '2' THEN 'missed'
        WHEN a.AptStatus = 5 THEN 'broken'
        WHEN TIME(a.DateTimeArrived) <> '00:00:00' OR TIME(a.DateTimeSeated) <> '00:00:00'
            OR TIME(a.DateTimeDismissed) <> '00:00:00' OR a.Confirmed IN (t.arrived, t.seated, t.dismissed) THEN 'arrived'
        ELSE 'scheduled'
    END AS status,
    CASE WHEN a.Note LIKE '%HE:%' THEN a.Note ELSE '' END AS notes
FROM appointment a
JOIN (
    SELECT
        COALESCE(MAX(CASE WHEN PrefName = 'AppointmentTimeArrivedTrigger' THEN NULLIF(CAST(ValueString AS UNSIGNED), 0) END), -1) AS arrived,
        COALESCE(MAX(CASE WHEN PrefName = 'AppointmentTimeSeatedTrigger' THEN NULLIF(CAST(ValueString AS UNSIGNED), 0) END), -1) AS seated,
        COALESCE(MAX(CASE WHEN PrefName = 'AppointmentTimeDismissedTrigger' THEN NULLIF(CAST(ValueString AS UNSIGNED), 0) END), -1) AS dismissed
    FROM frontdesk.settings
) t
WHERE a.AptStatus IN (1, 2, 3, 4, 5) AND a.Note LIKE :reference_pattern
