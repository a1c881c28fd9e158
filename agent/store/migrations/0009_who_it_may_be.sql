-- The ids of the patients whom a task's booking may be for, each in a line.

ALTER TABLE tasks ADD COLUMN candidates TEXT NOT NULL DEFAULT '';
