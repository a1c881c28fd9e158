-- Resources and appointment types that were seen in the PMS, and whether they may be published. Names of doctors and
-- types are for the people who decide; nothing here is about patients.

CREATE TABLE approvals (
    id          INTEGER PRIMARY KEY AUTOINCREMENT, -- what people type to tick one off
    practice_id TEXT NOT NULL,
    kind        TEXT NOT NULL,
    item_id     TEXT NOT NULL,
    name        TEXT NOT NULL,
    seen_at     TEXT NOT NULL,
    approved_at TEXT,          -- NULL: waits for a tick
    approved_by TEXT NOT NULL, -- empty: by the settings
    UNIQUE (practice_id, kind, item_id)
);
