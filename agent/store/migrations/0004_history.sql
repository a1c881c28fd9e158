-- Where an appointment is now, where that is not as it was booked; NULL: as booked.
ALTER TABLE bookings ADD COLUMN present_practitioner_id TEXT;
ALTER TABLE bookings ADD COLUMN present_location_id TEXT;
ALTER TABLE bookings ADD COLUMN present_start TEXT; -- local wall time
ALTER TABLE bookings ADD COLUMN present_minutes INTEGER;
-- What else the patient had while the appointment was in order: a JSON list of appointment ids; NULL: nobody looked yet.
ALTER TABLE bookings ADD COLUMN other_ids TEXT;
CREATE INDEX bookings_by_present_start ON bookings (practice_id, present_start) WHERE present_start IS NOT NULL;

-- What Healthengine was told of resource-days. Days resemble each other, and most are told again and again: each distinct
-- statement is kept once, and the same one told again the same way only counts on.
CREATE TABLE statements (
    id          INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE,
    ranges      TEXT NOT NULL
);

CREATE TABLE sent_days (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    practice_id  TEXT NOT NULL,
    resource_id  TEXT NOT NULL,
    date         TEXT NOT NULL,
    statement_id INTEGER NOT NULL REFERENCES statements,
    generation   INTEGER NOT NULL,
    why          TEXT NOT NULL,
    outcome      TEXT NOT NULL,
    detail       TEXT NOT NULL, -- why it was refused
    at           TEXT NOT NULL,
    last_at      TEXT NOT NULL,
    times        INTEGER NOT NULL
);
CREATE INDEX sent_days_by_day ON sent_days (practice_id, resource_id, date, id);
CREATE INDEX sent_days_by_last ON sent_days (last_at);
CREATE INDEX sent_days_by_statement ON sent_days (statement_id);
