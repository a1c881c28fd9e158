SELECT practitioner_id, absence_date AS date, start_time, end_time
FROM absences
WHERE absence_date >= :first AND absence_date < :end
