-- A place is an operatory: where somebody is treated, and what can be taken by one patient at a time. To a patient all operatories of
-- one clinic are the same place, and so are all of a practice without clinics.
SELECT
    o.OperatoryNum AS id,
    CASE WHEN c.ClinicNum IS NULL THEN o.OpName ELSE CONCAT(c.Description, ', ', o.OpName) END AS name,
    COALESCE(c.ClinicNum, 0) AS premises
FROM operatory o
LEFT JOIN clinic c ON c.ClinicNum = o.ClinicNum
WHERE o.IsHidden = 0
ORDER BY o.ItemOrder, o.OperatoryNum
