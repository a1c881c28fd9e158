-- The free time last accepted from the PMS, before the practice's own rules: what a sudden change is measured against.
CREATE TABLE accepted_free (
    practice_id TEXT NOT NULL,
    date        TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    ranges      TEXT NOT NULL, -- a JSON list of [start, end, slot minutes]
    openings    INTEGER NOT NULL,
    PRIMARY KEY (practice_id, date, resource_id)
) WITHOUT ROWID;

-- Which machine and database this home belongs to: one row.
CREATE TABLE home_identity (
    one           INTEGER PRIMARY KEY CHECK (one = 1),
    machine_id    TEXT NOT NULL, -- a digest
    database_id   TEXT NOT NULL,
    newest_change TEXT NOT NULL,
    version       TEXT NOT NULL, -- of the PMS, as last checked
    at            TEXT NOT NULL
);
