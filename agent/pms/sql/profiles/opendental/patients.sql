-- Status 4 is a deleted record.
SELECT
    PatNum AS id,
    FName AS first_name,
    LName AS last_name,
    Birthdate AS date_of_birth,
    HmPhone AS phone,
    Email AS email,
    '' AS medicare_number,
    PatStatus IN (0, 6) AS active,
    Preferred AS preferred_name,
    WirelessPhone AS mobile,
    WkPhone AS other_phone,
    Address AS address,
    City AS suburb,
    Zip AS postcode,
    Gender AS sex,
    PatStatus = 5 AS deceased
FROM patient
WHERE PatStatus <> 4 AND PatNum IN (:ids)
