-- Never a series, and never what has begun. OpenEMR lets the row stay with its status.
UPDATE openemr_postcalendar_events
SET pc_apptstatus = 'x', pc_time = NOW()
WHERE pc_eid = :appointment_id
    AND pc_pid = CAST(:patient_id AS CHAR)
    AND pc_recurrtype = 0
    AND pc_eventDate = DATE(:start)
    AND pc_startTime = TIME(:start)
    AND pc_apptstatus NOT IN ('x', '%', '?', '@', '~', '<', '>', '$', '!')
