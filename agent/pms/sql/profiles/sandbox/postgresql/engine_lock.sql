-- Waits as long as lock_timeout allows, because a connection that has just broken may still have it; then fails.
SELECT CASE WHEN CAST(pg_advisory_lock(hashtext(:lock_name)) AS TEXT) IS NULL THEN 0 ELSE 1 END AS locked
