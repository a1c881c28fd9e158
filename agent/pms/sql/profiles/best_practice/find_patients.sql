-- step: by_birth expects=rows
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
WHERE p.DOB IN (:birthdays)

-- step: by_phone expects=rows
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
WHERE p.MOBILEPHONE IN (:phones) OR p.HOMEPHONE IN (:phones) OR p.WORKPHONE IN (:phones)

-- step: by_email expects=rows
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
WHERE p.INTERNALID IN (SELECT m.INTERNALID FROM dbo.EMAIL m WHERE m.RECORDSTATUS = 1 AND m.EMAIL IN (:emails))

-- step: by_card expects=rows
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
WHERE p.MEDICARENO IN (:cards)

-- step: by_name expects=rows
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
WHERE p.SURNAME IN (:last_names) AND p.FIRSTNAME IN (:first_names)
