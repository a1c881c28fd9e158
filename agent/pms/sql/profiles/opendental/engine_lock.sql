-- Two seconds, because a connection that has just broken may still have it. Asked again by whoever has it, it gives 1.
SELECT GET_LOCK(CONCAT(DATABASE(), '.', :lock_name), 2) AS locked
