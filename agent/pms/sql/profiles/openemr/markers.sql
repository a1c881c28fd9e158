-- Sums of wide fingerprints, never an XOR: two rows that swap values must not cancel out. Clocks and change times stay out.
-- step: once expects=rows
SELECT
    e.pc_eventDate AS date,
    COUNT(*) AS n,
    SUM(e.pc_eid) AS ids,
    SUM(CAST(CONV(LEFT(MD5(CONCAT_WS('|',
        e.pc_eid, e.pc_catid, COALESCE(e.pc_aid, ''), COALESCE(e.pc_pid, ''), COALESCE(e.pc_startTime, ''), e.pc_duration,
        e.pc_alldayevent, e.pc_apptstatus, e.pc_prefcatid, e.pc_facility,
        CASE WHEN e.pc_hometext LIKE '%HE:%' THEN e.pc_hometext ELSE '' END,
        COALESCE(c.pc_constant_id, ''), COALESCE(c.pc_cattype, ''), COALESCE(u.facility_id, ''),
        (SELECT GROUP_CONCAT(g.gl_name, '=', g.gl_value ORDER BY g.gl_name) FROM frontdesk_settings g)
    )), 15), 16, 10) AS UNSIGNED)) AS prints
FROM openemr_postcalendar_events e
LEFT JOIN openemr_postcalendar_categories c ON c.pc_catid = e.pc_catid
LEFT JOIN users u ON u.id = CAST(e.pc_aid AS UNSIGNED)
WHERE e.pc_recurrtype = 0 AND e.pc_eventDate >= :first AND e.pc_eventDate < :end
GROUP BY e.pc_eventDate

-- What falls on several dates, told on each of them: series, whose rule is no part of the fingerprint, and what runs past
-- midnight.
-- step: several expects=rows
SELECT
    e.pc_eid AS event_id,
    e.pc_eventDate AS date,
    CASE WHEN e.pc_alldayevent = 1 THEN 0 ELSE TIME_TO_SEC(COALESCE(e.pc_startTime, '00:00:00')) DIV 60 END AS start,
    CASE WHEN e.pc_alldayevent = 1 THEN 1440 ELSE CEIL(e.pc_duration / 60) END AS minutes,
    e.pc_recurrtype AS repeats,
    e.pc_recurrspec AS rule,
    e.pc_endDate AS until,
    MD5(CONCAT_WS('|',
        e.pc_catid, COALESCE(e.pc_aid, ''), COALESCE(e.pc_pid, ''), COALESCE(e.pc_startTime, ''), e.pc_duration,
        e.pc_alldayevent, e.pc_apptstatus, e.pc_prefcatid, e.pc_facility,
        CASE WHEN e.pc_hometext LIKE '%HE:%' THEN e.pc_hometext ELSE '' END,
        COALESCE(c.pc_constant_id, ''), COALESCE(c.pc_cattype, ''), COALESCE(u.facility_id, ''),
        (SELECT GROUP_CONCAT(g.gl_name, '=', g.gl_value ORDER BY g.gl_name) FROM frontdesk_settings g)
    )) AS print
FROM openemr_postcalendar_events e
LEFT JOIN openemr_postcalendar_categories c ON c.pc_catid = e.pc_catid
LEFT JOIN users u ON u.id = CAST(e.pc_aid AS UNSIGNED)
WHERE e.pc_eventDate < :end
    AND (
        (e.pc_recurrtype > 0 AND e.pc_endDate >= CAST(:first AS DATE) - INTERVAL 31 DAY)
        OR (
            e.pc_recurrtype = 0
            AND e.pc_eventDate >= CAST(:first AS DATE) - INTERVAL 31 DAY
            AND TIME_TO_SEC(COALESCE(e.pc_startTime, '00:00:00')) + e.pc_duration > 86400
        )
    )
