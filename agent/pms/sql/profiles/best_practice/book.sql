-- The vendor's procedure commits by itself and does not promise to look whether the time is free: the engine looks before and after.
-- It answers with the new row's number, or with nothing where the patient is deleted.
-- step: type expects=one
SELECT TOP (1) COALESCE(:type_id, t.APPOINTMENTCODE) AS kind FROM dbo.APPOINTMENTTYPES t WHERE t.RECORDSTATUS = 1 ORDER BY t.LISTORDER

-- step: add expects=one
SET NOCOUNT ON;
DECLARE @made int;
EXEC @made = dbo.BP_AddAppointmentEx
    @aptdate = :date,
    @apttime = :time,
    @appointmenttype = :kind,
    @aptlen = :length,
    @practitionerid = :practitioner_id,
    @patientid = :patient_id,
    @reason = :note,
    @loginid = 0,
    @locationid = :location_id;
SELECT COALESCE(@made, 0) AS appointment_id, CASE WHEN @made > 0 THEN 1 ELSE 0 END AS done
