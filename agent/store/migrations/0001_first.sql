-- Dates and local times are ISO text, instants ISO text in UTC with microseconds: both sort as text. Nothing here may
-- say anything readable about a patient: ids, times and states only.

PRAGMA application_id = 0x46447368; -- "FDsh"

CREATE TABLE bookings (
    practice_id     TEXT NOT NULL,
    booking_id      INTEGER NOT NULL,
    state           TEXT NOT NULL,
    resource_id     TEXT NOT NULL,
    practitioner_id TEXT NOT NULL,
    location_id     TEXT NOT NULL,
    type_id         TEXT NOT NULL,
    start           TEXT NOT NULL, -- local wall time
    minutes         INTEGER NOT NULL,
    booked_at       TEXT NOT NULL,
    seen_at         TEXT NOT NULL,
    updated_at      TEXT NOT NULL,
    answered_at     TEXT,
    appointment_ids TEXT NOT NULL, -- a JSON list
    patient_id      TEXT NOT NULL,
    reason          TEXT NOT NULL,
    last_step       INTEGER NOT NULL, -- booking_steps.id: the order of events, whatever the clock did
    PRIMARY KEY (practice_id, booking_id)
) WITHOUT ROWID;
CREATE INDEX bookings_by_state ON bookings (practice_id, state, last_step);
CREATE INDEX bookings_by_start ON bookings (practice_id, start);

CREATE TABLE booking_steps (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    practice_id TEXT NOT NULL,
    booking_id  INTEGER NOT NULL,
    state       TEXT NOT NULL,
    at          TEXT NOT NULL,
    reason      TEXT NOT NULL,
    FOREIGN KEY (practice_id, booking_id) REFERENCES bookings DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX booking_steps_by_booking ON booking_steps (practice_id, booking_id);

CREATE TABLE cancellations (
    practice_id TEXT NOT NULL,
    request_id  INTEGER NOT NULL,
    booking_id  INTEGER NOT NULL,
    state       TEXT NOT NULL,
    updated_at  TEXT NOT NULL,
    reason      TEXT NOT NULL,
    last_step   INTEGER NOT NULL,
    PRIMARY KEY (practice_id, request_id)
) WITHOUT ROWID;
CREATE INDEX cancellations_by_state ON cancellations (practice_id, state, last_step);

CREATE TABLE cancellation_steps (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    practice_id TEXT NOT NULL,
    request_id  INTEGER NOT NULL,
    state       TEXT NOT NULL,
    at          TEXT NOT NULL,
    reason      TEXT NOT NULL,
    FOREIGN KEY (practice_id, request_id) REFERENCES cancellations DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX cancellation_steps_by_request ON cancellation_steps (practice_id, request_id);

CREATE TABLE published_days (
    practice_id TEXT NOT NULL,
    date        TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    fingerprint TEXT NOT NULL, -- empty: not acknowledged
    generation  INTEGER NOT NULL,
    failed      TEXT NOT NULL, -- why it was refused; empty: it was not
    at          TEXT,          -- when Healthengine answered; NULL: it never did
    PRIMARY KEY (practice_id, date, resource_id)
) WITHOUT ROWID;

CREATE TABLE published_markers (
    practice_id TEXT NOT NULL,
    date        TEXT NOT NULL,
    marker      TEXT NOT NULL,
    PRIMARY KEY (practice_id, date)
) WITHOUT ROWID;

CREATE TABLE notes (
    practice_id TEXT NOT NULL,
    name        TEXT NOT NULL,
    value       TEXT NOT NULL,
    PRIMARY KEY (practice_id, name)
) WITHOUT ROWID;

CREATE TABLE tasks (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    practice_id TEXT NOT NULL,
    kind        TEXT NOT NULL,
    booking_id  INTEGER NOT NULL,
    why         TEXT NOT NULL,
    since       TEXT NOT NULL,
    closed_at   TEXT
);
CREATE UNIQUE INDEX tasks_open ON tasks (practice_id, kind, booking_id) WHERE closed_at IS NULL;

CREATE TABLE conditions (
    area     TEXT NOT NULL,
    code     TEXT NOT NULL,
    severity TEXT NOT NULL,
    message  TEXT NOT NULL,
    remedy   TEXT NOT NULL,
    since    TEXT NOT NULL,
    count    INTEGER NOT NULL,
    PRIMARY KEY (area, code)
) WITHOUT ROWID;

CREATE TABLE activity (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at         TEXT NOT NULL,
    area       TEXT NOT NULL,
    code       TEXT NOT NULL,
    text       TEXT NOT NULL,
    given_by   TEXT NOT NULL
);

CREATE TABLE uptime (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    up_from  TEXT NOT NULL,
    up_to    TEXT NOT NULL
);
CREATE INDEX uptime_by_end ON uptime (up_to);
