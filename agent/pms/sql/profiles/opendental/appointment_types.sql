-- A pattern has a character for every five minutes; without one the length depends on the procedures.
SELECT
    AppointmentTypeNum AS id,
    AppointmentTypeName AS name,
    CHAR_LENGTH(Pattern) * 5 AS length,
    NULL AS practitioner_id
FROM appointmenttype
WHERE IsHidden = 0
ORDER BY ItemOrder, AppointmentTypeNum
