SELECT pc_catid AS id, pc_catname AS name, pc_duration AS length, NULL AS practitioner_id
FROM openemr_postcalendar_categories
WHERE pc_cattype = 0 AND pc_active = 1 AND pc_recurrtype = 0 AND COALESCE(pc_constant_id, '') <> 'no_show'
ORDER BY pc_seq, pc_catid
