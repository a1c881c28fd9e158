SELECT
    p.INTERNALID AS id,
    p.FIRSTNAME AS first_name,
    p.SURNAME AS last_name,
    CAST(p.DOB AS date) AS date_of_birth,
    p.HOMEPHONE AS phone,
    (SELECT MIN(e.EMAIL) FROM dbo.EMAIL e WHERE e.INTERNALID = p.INTERNALID AND e.RECORDSTATUS = 1) AS email,
    p.MEDICARENO AS medicare_number,
    CASE WHEN p.PATIENTSTATUS = 1 AND p.RECORDSTATUS = 1 THEN 1 ELSE 0 END AS active,
    p.PREFERREDNAME AS preferred_name,
    p.MOBILEPHONE AS mobile,
    p.WORKPHONE AS other_phone,
    p.ADDRESS1 AS address,
    p.CITY AS suburb,
    p.POSTCODE AS postcode,
    p.MEDICARELINENO AS medicare_irn
FROM dbo.PATIENTS p
WHERE p.INTERNALID IN (:ids)
