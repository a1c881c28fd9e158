-- What the procedure answers is not published: the row says whether it was cancelled.
-- step: as_expected expects=one
SELECT COUNT(*) AS done
FROM dbo.APPOINTMENTS a
WHERE a.RECORDID = :appointment_id AND a.INTERNALID = :patient_id AND a.RECORDSTATUS = 1 AND a.APPOINTMENTCODE = 1
    AND DATEADD(SECOND, a.APPOINTMENTTIME, a.APPOINTMENTDATE) = :start

-- step: cancel expects=none
EXEC dbo.BP_CancelAppointment @aptid = :appointment_id, @loginid = 0

-- step: cancelled expects=one
SELECT COUNT(*) AS done FROM dbo.APPOINTMENTS a WHERE a.RECORDID = :appointment_id AND a.RECORDSTATUS <> 1
