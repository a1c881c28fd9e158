SELECT GET_LOCK(CONCAT(DATABASE(), '.', :lock_name), 2) AS locked
