-- APPOINTMENTCODE is the key of the types here, and the status in APPOINTMENTS. The unit of the length is not published: what
-- cannot be seconds is taken for unknown.
SELECT
    t.APPOINTMENTCODE AS id,
    t.DESCRIPTION AS name,
    CASE WHEN t.APPOINTMENTLENGTH >= 300 THEN t.APPOINTMENTLENGTH ELSE 0 END AS length,
    NULL AS practitioner_id
FROM dbo.APPOINTMENTTYPES t
WHERE t.RECORDSTATUS = 1
