-- The mark goes last: until then it can be found again. A patient created for it stays: no procedure is known to be safe for that.
-- step: ours expects=one
SELECT COUNT(*) AS done, MAX(a.APPOINTMENTTYPE) AS kind, MAX(a.APPOINTMENTLENGTH) AS seconds
FROM dbo.APPOINTMENTS a
WHERE a.RECORDID = :appointment_id AND a.RECORDSTATUS = 1 AND a.APPOINTMENTCODE = 1 AND a.REASON LIKE :reference_pattern

-- step: cancel expects=none
EXEC dbo.BP_CancelAppointment @aptid = :appointment_id, @loginid = 0

-- step: cancelled expects=one
SELECT COUNT(*) AS done FROM dbo.APPOINTMENTS a WHERE a.RECORDID = :appointment_id AND a.RECORDSTATUS <> 1

-- step: unmark expects=none
EXEC dbo.BP_UpdateAppointment @aptid = :appointment_id, @apttype = :kind, @aptlen = :seconds, @reason = 'Withdrawn: the time was taken'
