-- In Office and Out Of Office say when a provider comes and goes, whatever their durations; a closure of one facility takes
-- the time of everybody there.
-- STRAIGHT_JOIN keeps the order: few categories, their events by the index, then the people. MariaDB's own choice is a
-- scan of the whole calendar.
SELECT
    u.id AS practitioner_id,
    COALESCE(NULLIF(e.pc_facility, 0), CASE WHEN c.pc_constant_id = 'in_office' THEN NULLIF(u.facility_id, 0) END) AS location_id,
    CASE WHEN c.pc_constant_id = 'in_office' THEN 'in' ELSE 'out' END AS kind,
    NULLIF(e.pc_prefcatid, 0) AS only_type,
    s.slot_length,
    s.day_start,
    s.day_end,
    e.pc_eid AS event_id,
    e.pc_eventDate AS date,
    TIME_TO_SEC(COALESCE(e.pc_startTime, '00:00:00')) DIV 60 AS start,
    1 AS minutes,
    e.pc_recurrtype AS repeats,
    e.pc_recurrspec AS rule,
    e.pc_endDate AS until
FROM openemr_postcalendar_categories c
STRAIGHT_JOIN openemr_postcalendar_events e ON e.pc_catid = c.pc_catid
STRAIGHT_JOIN users u ON u.id = CAST(e.pc_aid AS UNSIGNED)
JOIN (
    SELECT
        COALESCE(MAX(CASE WHEN gl_name = 'calendar_interval' THEN CAST(gl_value AS UNSIGNED) END), 15) * 60 AS slot_length,
        COALESCE(MAX(CASE WHEN gl_name = 'schedule_start' THEN CAST(gl_value AS UNSIGNED) END), 8) AS day_start,
        COALESCE(MAX(CASE WHEN gl_name = 'schedule_end' THEN CAST(gl_value AS UNSIGNED) END), 17) AS day_end
    FROM frontdesk_settings
) s
WHERE c.pc_constant_id IN ('in_office', 'out_of_office')
    AND e.pc_eventDate < :end
    AND ((e.pc_recurrtype = 0 AND e.pc_eventDate >= :first) OR (e.pc_recurrtype > 0 AND e.pc_endDate >= :first))
UNION ALL
SELECT
    u.id,
    e.pc_facility,
    'closed',
    NULL,
    0,
    0,
    0,
    e.pc_eid,
    e.pc_eventDate,
    CASE WHEN e.pc_alldayevent = 1 THEN 0 ELSE TIME_TO_SEC(COALESCE(e.pc_startTime, '00:00:00')) DIV 60 END,
    CASE WHEN e.pc_alldayevent = 1 THEN 1440 ELSE CEIL(e.pc_duration / 60) END,
    e.pc_recurrtype,
    e.pc_recurrspec,
    e.pc_endDate
FROM openemr_postcalendar_categories c
STRAIGHT_JOIN openemr_postcalendar_events e ON e.pc_catid = c.pc_catid AND e.pc_facility <> 0
STRAIGHT_JOIN users u ON u.active = 1 AND u.authorized = 1 AND u.calendar = 1
WHERE c.pc_cattype = 2
    AND e.pc_eventDate < :end
    AND (
        (e.pc_recurrtype = 0 AND e.pc_eventDate >= CAST(:first AS DATE) - INTERVAL 31 DAY)
        OR (e.pc_recurrtype > 0 AND e.pc_endDate >= CAST(:first AS DATE) - INTERVAL 31 DAY)
    )
