-- The tables of OpenEMR that the profile uses, made from their documented columns: for machines without the real schema.
CREATE TABLE facility (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(255),
    service_location TINYINT(1) NOT NULL DEFAULT 1,
    inactive TINYINT(1) NOT NULL DEFAULT 0
);
CREATE TABLE users (
    id BIGINT(20) NOT NULL AUTO_INCREMENT PRIMARY KEY,
    username VARCHAR(255),
    authorized TINYINT(4),
    fname VARCHAR(255),
    lname VARCHAR(255),
    facility_id INT(11) NOT NULL DEFAULT 0,
    active TINYINT(1) NOT NULL DEFAULT 1,
    title VARCHAR(30),
    specialty VARCHAR(255),
    calendar TINYINT(1) NOT NULL DEFAULT 0
);
CREATE TABLE users_facility (
    tablename VARCHAR(64) NOT NULL,
    table_id INT(11) NOT NULL,
    facility_id INT(11) NOT NULL,
    warehouse_id VARCHAR(31) NOT NULL DEFAULT '',
    PRIMARY KEY (tablename, table_id, facility_id, warehouse_id)
);
CREATE TABLE version (
    v_major INT(11) NOT NULL DEFAULT 0,
    v_minor INT(11) NOT NULL DEFAULT 0,
    v_patch INT(11) NOT NULL DEFAULT 0
);
CREATE TABLE globals (
    gl_name VARCHAR(63) NOT NULL,
    gl_index INT(11) NOT NULL DEFAULT 0,
    gl_value VARCHAR(255) NOT NULL DEFAULT '',
    PRIMARY KEY (gl_name, gl_index)
);
CREATE TABLE list_options (
    list_id VARCHAR(100) NOT NULL DEFAULT '',
    option_id VARCHAR(100) NOT NULL DEFAULT '',
    title VARCHAR(255) NOT NULL DEFAULT '',
    toggle_setting_1 TINYINT(1) NOT NULL DEFAULT 0,
    toggle_setting_2 TINYINT(1) NOT NULL DEFAULT 0,
    PRIMARY KEY (list_id, option_id)
);
CREATE TABLE openemr_postcalendar_categories (
    pc_catid INT(11) UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    pc_constant_id VARCHAR(255) UNIQUE,
    pc_catname VARCHAR(100),
    pc_recurrtype INT(1) NOT NULL DEFAULT 0,
    pc_duration BIGINT(20) NOT NULL DEFAULT 0,
    pc_cattype INT(11) NOT NULL,
    pc_active TINYINT(1) NOT NULL DEFAULT 1,
    pc_seq INT(11) NOT NULL DEFAULT 0
);
CREATE TABLE openemr_postcalendar_events (
    pc_eid INT(11) UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    pc_catid INT(11) NOT NULL DEFAULT 0,
    pc_multiple INT(10) UNSIGNED NOT NULL,
    pc_aid VARCHAR(30),
    pc_pid VARCHAR(11),
    pc_title VARCHAR(150),
    pc_time DATETIME,
    pc_hometext TEXT,
    pc_informant VARCHAR(20),
    pc_eventDate DATE NOT NULL,
    pc_endDate DATE,
    pc_duration BIGINT(20) NOT NULL DEFAULT 0,
    pc_recurrtype INT(1) NOT NULL DEFAULT 0,
    pc_recurrspec TEXT,
    pc_startTime TIME,
    pc_endTime TIME,
    pc_alldayevent INT(1) NOT NULL DEFAULT 0,
    pc_eventstatus INT(11) NOT NULL DEFAULT 0,
    pc_sharing INT(11) NOT NULL DEFAULT 0,
    pc_apptstatus VARCHAR(15) NOT NULL DEFAULT '-',
    pc_prefcatid INT(11) NOT NULL DEFAULT 0,
    pc_facility INT(11) NOT NULL DEFAULT 0,
    pc_billing_location SMALLINT(6) NOT NULL DEFAULT 0,
    uuid BINARY(16) UNIQUE,
    KEY basic_event (pc_catid, pc_aid, pc_eventDate, pc_endDate),
    KEY pc_eventDate (pc_eventDate)
);
CREATE TABLE patient_data (
    id BIGINT(20) NOT NULL AUTO_INCREMENT UNIQUE,
    uuid BINARY(16) UNIQUE,
    fname VARCHAR(255) NOT NULL DEFAULT '',
    lname VARCHAR(255) NOT NULL DEFAULT '',
    DOB DATE,
    street VARCHAR(255) NOT NULL DEFAULT '',
    postal_code VARCHAR(255) NOT NULL DEFAULT '',
    city VARCHAR(255) NOT NULL DEFAULT '',
    state VARCHAR(255) NOT NULL DEFAULT '',
    phone_home VARCHAR(255) NOT NULL DEFAULT '',
    phone_biz VARCHAR(255) NOT NULL DEFAULT '',
    phone_cell VARCHAR(255) NOT NULL DEFAULT '',
    date DATETIME,
    sex VARCHAR(255) NOT NULL DEFAULT '',
    email VARCHAR(255) NOT NULL DEFAULT '',
    pubpid VARCHAR(255) NOT NULL DEFAULT '',
    pid BIGINT(20) NOT NULL DEFAULT 0 UNIQUE,
    regdate DATETIME,
    deceased_date DATETIME,
    KEY idx_patient_name (lname, fname),
    KEY idx_patient_dob (DOB)
);
INSERT INTO openemr_postcalendar_categories
    (pc_catid, pc_constant_id, pc_catname, pc_recurrtype, pc_duration, pc_cattype, pc_seq)
VALUES
    (1, 'no_show', 'No Show', 0, 0, 0, 1),
    (2, 'in_office', 'In Office', 1, 0, 1, 2),
    (3, 'out_of_office', 'Out Of Office', 1, 0, 1, 3),
    (4, 'vacation', 'Vacation', 0, 0, 1, 4),
    (5, 'office_visit', 'Office Visit', 0, 900, 0, 5),
    (6, 'holidays', 'Holidays', 0, 86400, 2, 6),
    (7, 'closed', 'Closed', 0, 86400, 2, 7),
    (8, 'lunch', 'Lunch', 1, 3600, 1, 8),
    (9, 'established_patient', 'Established Patient', 0, 900, 0, 9),
    (10, 'new_patient', 'New Patient', 0, 1800, 0, 10),
    (11, 'reserved', 'Reserved', 1, 900, 1, 11),
    (15, 'group_therapy', 'Group Therapy', 0, 3600, 3, 15);
INSERT INTO list_options (list_id, option_id, title, toggle_setting_1, toggle_setting_2)
VALUES
    ('apptstat', '-', 'None', 0, 0),
    ('apptstat', 'x', 'Cancelled', 0, 0),
    ('apptstat', '?', 'No show', 0, 0),
    ('apptstat', '@', 'Arrived', 1, 0),
    ('apptstat', '>', 'Checked out', 0, 1);
