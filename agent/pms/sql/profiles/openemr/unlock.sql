SELECT RELEASE_LOCK(CONCAT(DATABASE(), '.', :lock_name)) AS released
