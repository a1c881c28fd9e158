SELECT id, name FROM locations WHERE active = 1 ORDER BY id
