-- Every event that is neither leave nor a coming and going. Only notes that may carry a reference leave the database.
SELECT
    e.pc_eid AS id,
    COALESCE(NULLIF(e.pc_aid, ''), '0') AS practitioner_id,
    NULLIF(e.pc_facility, 0) AS location_id,
    TIMESTAMP(e.pc_eventDate, CASE WHEN e.pc_alldayevent = 1 THEN '00:00:00' ELSE COALESCE(e.pc_startTime, '00:00:00') END) AS start,
    CASE WHEN e.pc_alldayevent = 1 THEN 86400 ELSE e.pc_duration END AS length,
    NULLIF(NULLIF(e.pc_pid, ''), '0') AS patient_id,
    e.pc_catid AS type_id,
    CASE
        WHEN e.pc_apptstatus IN ('x', '%', '?') THEN e.pc_apptstatus
        WHEN s.toggle_setting_1 = 1 OR s.toggle_setting_2 = 1 THEN '@'
        ELSE e.pc_apptstatus
    END AS status,
    CASE WHEN e.pc_hometext LIKE '%HE:%' THEN e.pc_hometext ELSE '' END AS notes,
    e.pc_recurrtype AS repeats,
    e.pc_recurrspec AS rule,
    e.pc_endDate AS until
FROM openemr_postcalendar_events e
JOIN openemr_postcalendar_categories c ON c.pc_catid = e.pc_catid
LEFT JOIN list_options s ON s.list_id = 'apptstat' AND s.option_id = e.pc_apptstatus
WHERE e.pc_eventDate < :end
    AND ((e.pc_recurrtype = 0 AND e.pc_eventDate >= :first) OR (e.pc_recurrtype > 0 AND e.pc_endDate >= :first))
    AND COALESCE(e.pc_aid, '') NOT IN ('', '0')
    AND (c.pc_cattype NOT IN (1, 2) OR (c.pc_cattype = 1 AND COALESCE(e.pc_pid, '') NOT IN ('', '0')))
    AND COALESCE(c.pc_constant_id, '') NOT IN ('in_office', 'out_of_office')
