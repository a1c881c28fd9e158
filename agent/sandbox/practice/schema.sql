-- The sample practice's database, in SQL that SQLite, MariaDB and PostgreSQL all read.
-- It is laid out as practice management systems usually are: codes for states, texts for times of day, soft deletes.

CREATE TABLE practice_info (
    database_id     VARCHAR(64)  NOT NULL,
    schema_version  VARCHAR(20)  NOT NULL
);

CREATE TABLE locations (
    id      INTEGER      NOT NULL PRIMARY KEY,
    name    VARCHAR(100) NOT NULL,
    active  INTEGER      NOT NULL
);

CREATE TABLE practitioners (
    id          INTEGER     NOT NULL PRIMARY KEY,
    title       VARCHAR(20) NOT NULL,
    first_name  VARCHAR(60) NOT NULL,
    last_name   VARCHAR(60) NOT NULL,
    active      INTEGER     NOT NULL
);

-- Where a practitioner works and as what: one row for each place and specialty.
CREATE TABLE practitioner_places (
    practitioner_id  INTEGER     NOT NULL,
    location_id      INTEGER     NOT NULL,
    specialty_code   VARCHAR(20) NOT NULL,
    specialty_name   VARCHAR(60) NOT NULL,
    PRIMARY KEY (practitioner_id, location_id, specialty_code)
);

CREATE TABLE appointment_types (
    id               INTEGER     NOT NULL PRIMARY KEY,
    name             VARCHAR(60) NOT NULL,
    minutes          INTEGER     NOT NULL,
    practitioner_id  INTEGER,               -- NULL: every practitioner offers it
    active           INTEGER     NOT NULL
);

-- Working time, one row per practitioner, place, date and stretch.
CREATE TABLE roster (
    id               INTEGER     NOT NULL PRIMARY KEY,
    practitioner_id  INTEGER     NOT NULL,
    location_id      INTEGER     NOT NULL,
    roster_date      DATE        NOT NULL,
    start_time       CHAR(5)     NOT NULL,  -- 'HH:MM'
    end_time         CHAR(5)     NOT NULL,  -- 'HH:MM', up to '24:00'
    slot_minutes     INTEGER     NOT NULL,
    type_ids         VARCHAR(200) NOT NULL, -- '' or ids with commas between: only these types
    version          INTEGER     NOT NULL   -- raised by every change
);
CREATE INDEX roster_by_date ON roster (roster_date, practitioner_id);

-- Breaks, leave and other time away; takes away from the roster at every place.
CREATE TABLE absences (
    id               INTEGER     NOT NULL PRIMARY KEY,
    practitioner_id  INTEGER     NOT NULL,
    absence_date     DATE        NOT NULL,
    start_time       CHAR(5)     NOT NULL,
    end_time         CHAR(5)     NOT NULL,
    reason           VARCHAR(60) NOT NULL,
    version          INTEGER     NOT NULL
);
CREATE INDEX absences_by_date ON absences (absence_date, practitioner_id);

CREATE TABLE patients (
    id               INTEGER      NOT NULL PRIMARY KEY,
    first_name       VARCHAR(60)  NOT NULL,
    last_name        VARCHAR(60)  NOT NULL,
    date_of_birth    DATE,
    sex              CHAR(1)      NOT NULL, -- 'M', 'F', 'X' or ''
    phone            VARCHAR(30)  NOT NULL,
    email            VARCHAR(120) NOT NULL,
    address          VARCHAR(120) NOT NULL,
    suburb           VARCHAR(60)  NOT NULL,
    state            VARCHAR(3)   NOT NULL,
    postcode         VARCHAR(4)   NOT NULL,
    medicare_number  VARCHAR(12)  NOT NULL,
    medicare_irn     VARCHAR(2)   NOT NULL,
    medicare_expiry  VARCHAR(7)   NOT NULL,
    active           INTEGER      NOT NULL,
    preferred_name   VARCHAR(60)  NOT NULL DEFAULT '',
    former_name      VARCHAR(60)  NOT NULL DEFAULT '',
    mobile           VARCHAR(30)  NOT NULL DEFAULT '',
    work_phone       VARCHAR(30)  NOT NULL DEFAULT '',
    deceased         INTEGER      NOT NULL DEFAULT 0,
    merged_into      INTEGER                -- the record that took this one's place
);
CREATE INDEX patients_by_birth ON patients (date_of_birth);
CREATE INDEX patients_by_phone ON patients (phone);
CREATE INDEX patients_by_mobile ON patients (mobile);
CREATE INDEX patients_by_work_phone ON patients (work_phone);
CREATE INDEX patients_by_email ON patients (email);
CREATE INDEX patients_by_card ON patients (medicare_number);
CREATE INDEX patients_by_name ON patients (last_name, first_name);

-- status: 0 booked, 1 arrived, 2 completed, 3 cancelled, 4 did not attend, 5 blocked (no patient)
CREATE TABLE appointments (
    id               INTEGER      NOT NULL PRIMARY KEY,
    practitioner_id  INTEGER      NOT NULL,
    location_id      INTEGER      NOT NULL,
    patient_id       INTEGER,
    type_id          INTEGER,
    starts_at        TIMESTAMP    NOT NULL, -- the location's wall time
    minutes          INTEGER      NOT NULL,
    status           INTEGER      NOT NULL,
    notes            VARCHAR(500) NOT NULL,
    version          INTEGER      NOT NULL  -- raised by every change
);
CREATE INDEX appointments_by_start ON appointments (starts_at, practitioner_id);
CREATE INDEX appointments_by_patient ON appointments (patient_id, starts_at);

-- What the practice's people write to each other, and other programs to them; shown at every reception desk.
CREATE TABLE messages (
    id           INTEGER       NOT NULL PRIMARY KEY,
    location_id  INTEGER,                 -- NULL: for every place
    created_at   TIMESTAMP     NOT NULL,
    subject      VARCHAR(120)  NOT NULL,
    body         VARCHAR(1000) NOT NULL,
    done         INTEGER       NOT NULL
);
