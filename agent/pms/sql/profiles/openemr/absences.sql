-- Lunch, vacation and whatever else a provider does without a patient; and holidays and closures of the whole clinic, which
-- are everybody's.
-- STRAIGHT_JOIN keeps the order: few categories, their events by the index, then the people. MariaDB's own choice is a
-- scan of the whole calendar.
SELECT
    u.id AS practitioner_id,
    e.pc_eid AS event_id,
    e.pc_eventDate AS date,
    CASE WHEN e.pc_alldayevent = 1 THEN 0 ELSE TIME_TO_SEC(COALESCE(e.pc_startTime, '00:00:00')) DIV 60 END AS start,
    CASE WHEN e.pc_alldayevent = 1 THEN 1440 ELSE CEIL(e.pc_duration / 60) END AS minutes,
    e.pc_recurrtype AS repeats,
    e.pc_recurrspec AS rule,
    e.pc_endDate AS until
FROM openemr_postcalendar_categories c
STRAIGHT_JOIN openemr_postcalendar_events e ON e.pc_catid = c.pc_catid
STRAIGHT_JOIN users u ON u.id = CAST(e.pc_aid AS UNSIGNED)
WHERE c.pc_cattype = 1
    AND COALESCE(c.pc_constant_id, '') NOT IN ('in_office', 'out_of_office')
    AND COALESCE(e.pc_pid, '') IN ('', '0')
    AND e.pc_eventDate < :end
    AND (
        (e.pc_recurrtype = 0 AND e.pc_eventDate >= CAST(:first AS DATE) - INTERVAL 31 DAY)
        OR (e.pc_recurrtype > 0 AND e.pc_endDate >= CAST(:first AS DATE) - INTERVAL 31 DAY)
    )
UNION ALL
SELECT
    u.id,
    e.pc_eid,
    e.pc_eventDate,
    CASE WHEN e.pc_alldayevent = 1 THEN 0 ELSE TIME_TO_SEC(COALESCE(e.pc_startTime, '00:00:00')) DIV 60 END,
    CASE WHEN e.pc_alldayevent = 1 THEN 1440 ELSE CEIL(e.pc_duration / 60) END,
    e.pc_recurrtype,
    e.pc_recurrspec,
    e.pc_endDate
FROM openemr_postcalendar_categories c
STRAIGHT_JOIN openemr_postcalendar_events e ON e.pc_catid = c.pc_catid AND e.pc_facility = 0
STRAIGHT_JOIN users u ON u.active = 1 AND u.authorized = 1 AND u.calendar = 1
WHERE c.pc_cattype = 2
    AND e.pc_eventDate < :end
    AND (
        (e.pc_recurrtype = 0 AND e.pc_eventDate >= CAST(:first AS DATE) - INTERVAL 31 DAY)
        OR (e.pc_recurrtype > 0 AND e.pc_endDate >= CAST(:first AS DATE) - INTERVAL 31 DAY)
    )
