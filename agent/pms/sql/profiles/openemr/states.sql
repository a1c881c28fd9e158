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
    CASE WHEN e.pc_hometext LIKE '%HE:%' THEN e.pc_hometext ELSE '' END AS notes
FROM openemr_postcalendar_events e
LEFT JOIN list_options s ON s.list_id = 'apptstat' AND s.option_id = e.pc_apptstatus
WHERE e.pc_eid IN (:ids)
