-- step: by_birth expects=rows
SELECT
    pid AS id,
    fname AS first_name,
    lname AS last_name,
    DOB AS date_of_birth,
    COALESCE(NULLIF(phone_cell, ''), phone_home) AS phone,
    email,
    '' AS medicare_number,
    deceased_date IS NULL AS active
FROM patient_data
WHERE DOB = :date_of_birth

-- step: by_phone expects=rows
SELECT
    pid AS id,
    fname AS first_name,
    lname AS last_name,
    DOB AS date_of_birth,
    COALESCE(NULLIF(phone_cell, ''), phone_home) AS phone,
    email,
    '' AS medicare_number,
    deceased_date IS NULL AS active
FROM patient_data
WHERE phone_cell = :phone OR phone_home = :phone
