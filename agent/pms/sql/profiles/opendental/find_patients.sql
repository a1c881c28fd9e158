-- Open Dental has no index for birth dates: one goes with a name that has.
-- step: by_birth_and_last_name expects=rows
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
WHERE PatStatus <> 4 AND LName IN (:last_names) AND Birthdate IN (:birthdays)

-- step: by_birth_and_first_name expects=rows
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
WHERE PatStatus <> 4 AND FName IN (:first_names) AND Birthdate IN (:birthdays)

-- step: by_mobile expects=rows
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
WHERE PatStatus <> 4 AND WirelessPhone IN (:phones)

-- step: by_phone expects=rows
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
WHERE PatStatus <> 4 AND HmPhone IN (:phones)

-- step: by_work_phone expects=rows
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
WHERE PatStatus <> 4 AND WkPhone IN (:phones)

-- step: by_email expects=rows
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
WHERE PatStatus <> 4 AND Email IN (:emails)

-- step: by_name expects=rows
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
WHERE PatStatus <> 4 AND LName IN (:last_names) AND FName IN (:first_names)
