-- As OpenEMR's own interface for other programs writes an appointment. The uuid is left to OpenEMR, which gives one to every
-- row that has none.
-- step: category expects=one
SELECT c.pc_catid AS category_id, c.pc_catname AS category_name
FROM openemr_postcalendar_categories c
WHERE c.pc_catid = COALESCE(
    :type_id, (SELECT o.pc_catid FROM openemr_postcalendar_categories o WHERE o.pc_constant_id = 'office_visit')
)

-- step: insert expects=count
INSERT INTO openemr_postcalendar_events (
    pc_catid, pc_multiple, pc_aid, pc_pid, pc_title, pc_time, pc_hometext, pc_informant, pc_eventDate, pc_duration, pc_startTime,
    pc_endTime, pc_apptstatus, pc_eventstatus, pc_sharing, pc_facility, pc_billing_location
) VALUES (
    :category_id, 0, :practitioner_id, :patient_id, :category_name, NOW(), :note, '1', :date, :length, TIME(:start),
    TIME(:finish), '-', 1, 1, COALESCE(:location_id, 0), COALESCE(:location_id, 0)
)

-- step: id expects=one
SELECT LAST_INSERT_ID() AS appointment_id
