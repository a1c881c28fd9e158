-- Who took a task, who ended it and how, and where its booking is: ids, times and names of system users.

ALTER TABLE tasks ADD COLUMN state TEXT NOT NULL DEFAULT 'open';
ALTER TABLE tasks ADD COLUMN changed_at TEXT NOT NULL DEFAULT '';
ALTER TABLE tasks ADD COLUMN location_id TEXT NOT NULL DEFAULT '';
ALTER TABLE tasks ADD COLUMN resource_id TEXT NOT NULL DEFAULT '';
ALTER TABLE tasks ADD COLUMN start TEXT; -- local wall time
ALTER TABLE tasks ADD COLUMN claimed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE tasks ADD COLUMN claimed_at TEXT;
ALTER TABLE tasks ADD COLUMN done_by TEXT NOT NULL DEFAULT '';
ALTER TABLE tasks ADD COLUMN ending TEXT NOT NULL DEFAULT '';

UPDATE tasks SET changed_at = COALESCE(closed_at, since);
UPDATE tasks SET state = 'done', ending = 'by_itself' WHERE closed_at IS NOT NULL;

CREATE INDEX tasks_by_end ON tasks (closed_at);

-- How far telling a task by another road has come.
CREATE TABLE task_roads (
    task_id INTEGER NOT NULL REFERENCES tasks (id),
    road    TEXT NOT NULL,
    tries   INTEGER NOT NULL,
    next_at TEXT,
    sent_at TEXT,
    PRIMARY KEY (task_id, road)
) WITHOUT ROWID;
