-- Waits as long as lock_timeout allows, then fails. The lock is this database's own.
SELECT CASE WHEN CAST(pg_advisory_lock(hashtext(:lock_name)) AS TEXT) IS NULL THEN 0 ELSE 1 END AS locked
