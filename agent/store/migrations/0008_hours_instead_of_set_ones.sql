-- A practice whose live hours are set may adopt the learned ones instead, until other hours are set.

ALTER TABLE live_hours ADD COLUMN instead_of TEXT NOT NULL DEFAULT ''; -- the set hours; empty: none
