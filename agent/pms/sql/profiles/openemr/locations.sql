SELECT id, name FROM facility WHERE service_location = 1 AND inactive = 0 ORDER BY id
