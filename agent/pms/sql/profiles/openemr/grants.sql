-- What Frontdesk's own login needs in OpenEMR's database: run once by the database's administrator, with OpenEMR's database
-- chosen (USE openemr) and the name, host and password below put in. It may read the calendar and what it takes to find a
-- patient, put in appointments and patients, and change the status, time stamp and comment of an appointment. It may delete
-- nothing.
CREATE USER IF NOT EXISTS frontdesk@localhost IDENTIFIED BY 'choose a password';

-- Four settings, without the rest of that table; the installation's id as a digest, for OpenEMR also uses it as a key.
CREATE OR REPLACE SQL SECURITY DEFINER VIEW frontdesk_settings AS
SELECT gl_name, CASE WHEN gl_name = 'unique_installation_id' THEN SHA2(gl_value, 256) ELSE gl_value END AS gl_value
FROM globals
WHERE gl_name IN ('calendar_interval', 'schedule_start', 'schedule_end', 'unique_installation_id') AND gl_index = 0;

-- A patient is looked up by phone and e-mail too, which OpenEMR has no indexes for: without these each such look-up would read every
-- patient's record. They hold nothing that the table does not.
CREATE INDEX IF NOT EXISTS frontdesk_mobile ON patient_data (phone_cell (20));
CREATE INDEX IF NOT EXISTS frontdesk_phone ON patient_data (phone_home (20));
CREATE INDEX IF NOT EXISTS frontdesk_work_phone ON patient_data (phone_biz (20));
CREATE INDEX IF NOT EXISTS frontdesk_email ON patient_data (email (40));

GRANT SELECT ON frontdesk_settings TO frontdesk@localhost;
GRANT SELECT ON version TO frontdesk@localhost;
GRANT SELECT (id, name, service_location, inactive) ON facility TO frontdesk@localhost;
GRANT SELECT (id, title, fname, lname, specialty, facility_id, active, authorized, calendar) ON users TO frontdesk@localhost;
GRANT SELECT (tablename, table_id, facility_id) ON users_facility TO frontdesk@localhost;
GRANT SELECT (list_id, option_id, toggle_setting_1, toggle_setting_2) ON list_options TO frontdesk@localhost;
GRANT SELECT (
    pc_catid, pc_constant_id, pc_catname, pc_duration, pc_cattype, pc_active, pc_recurrtype, pc_seq
) ON openemr_postcalendar_categories TO frontdesk@localhost;
GRANT SELECT (
    pc_eid, pc_catid, pc_aid, pc_pid, pc_hometext, pc_eventDate, pc_endDate, pc_duration, pc_recurrtype, pc_recurrspec,
    pc_startTime, pc_alldayevent, pc_apptstatus, pc_prefcatid, pc_facility
), INSERT (
    pc_catid, pc_multiple, pc_aid, pc_pid, pc_title, pc_time, pc_hometext, pc_informant, pc_eventDate, pc_duration,
    pc_startTime, pc_endTime, pc_apptstatus, pc_eventstatus, pc_sharing, pc_facility, pc_billing_location
), UPDATE (pc_apptstatus, pc_time, pc_hometext) ON openemr_postcalendar_events TO frontdesk@localhost;
GRANT SELECT (
    pid, fname, lname, DOB, sex, phone_cell, phone_home, phone_biz, email, street, city, postal_code, deceased_date
), INSERT (
    pid, pubpid, fname, lname, DOB, sex, phone_cell, email, street, city, state, postal_code, date, regdate
) ON patient_data TO frontdesk@localhost;
