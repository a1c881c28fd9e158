-- Live hours learned from uptime: hours and dates, as JSON, each with when it was learned and from which days.

CREATE TABLE live_hours (
    practice_id TEXT NOT NULL PRIMARY KEY,
    contract    TEXT NOT NULL, -- in force, closures not taken out
    learned     TEXT NOT NULL, -- per kind of day: spans, and the dates they were learned from
    learned_at  TEXT NOT NULL,
    kept        TEXT NOT NULL, -- hours that a person wants to keep; empty: nobody was asked
    answered_at TEXT,
    answered_by TEXT NOT NULL
) WITHOUT ROWID;
