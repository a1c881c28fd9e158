-- The API puts the appointment in; this is what it has to be told beside: whether it is the hygienist's.
-- step: operatory expects=one
SELECT o.IsHygiene = 1 AND p.IsSecondary = 1 AS is_hygiene, o.ProvDentist AS dentist
FROM operatory o
JOIN provider p ON p.ProvNum = :practitioner_id
WHERE o.OperatoryNum = :location_id
