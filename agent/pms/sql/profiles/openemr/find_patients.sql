-- OpenEMR has indexes for birth dates and names; those for phones and e-mail come with grants.sql.
-- step: by_birth expects=rows
SELECT
    pid AS id,
    fname AS first_name,
    lname AS last_name,
    DOB AS date_of_birth,
    phone_home AS phone,
    phone_cell AS mobile,
    phone_biz AS other_phone,
    email,
    '' AS medicare_number,
    street AS address,
    city AS suburb,
    postal_code AS postcode,
    sex,
    deceased_date IS NULL AS active,
    deceased_date IS NOT NULL AS deceased
FROM patient_data
WHERE DOB IN (:birthdays)

-- step: by_mobile expects=rows
SELECT
    pid AS id,
    fname AS first_name,
    lname AS last_name,
    DOB AS date_of_birth,
    phone_home AS phone,
    phone_cell AS mobile,
    phone_biz AS other_phone,
    email,
    '' AS medicare_number,
    street AS address,
    city AS suburb,
    postal_code AS postcode,
    sex,
    deceased_date IS NULL AS active,
    deceased_date IS NOT NULL AS deceased
FROM patient_data
WHERE phone_cell IN (:phones)

-- step: by_phone expects=rows
SELECT
    pid AS id,
    fname AS first_name,
    lname AS last_name,
    DOB AS date_of_birth,
    phone_home AS phone,
    phone_cell AS mobile,
    phone_biz AS other_phone,
    email,
    '' AS medicare_number,
    street AS address,
    city AS suburb,
    postal_code AS postcode,
    sex,
    deceased_date IS NULL AS active,
    deceased_date IS NOT NULL AS deceased
FROM patient_data
WHERE phone_home IN (:phones)

-- step: by_work_phone expects=rows
SELECT
    pid AS id,
    fname AS first_name,
    lname AS last_name,
    DOB AS date_of_birth,
    phone_home AS phone,
    phone_cell AS mobile,
    phone_biz AS other_phone,
    email,
    '' AS medicare_number,
    street AS address,
    city AS suburb,
    postal_code AS postcode,
    sex,
    deceased_date IS NULL AS active,
    deceased_date IS NOT NULL AS deceased
FROM patient_data
WHERE phone_biz IN (:phones)

-- step: by_email expects=rows
SELECT
    pid AS id,
    fname AS first_name,
    lname AS last_name,
    DOB AS date_of_birth,
    phone_home AS phone,
    phone_cell AS mobile,
    phone_biz AS other_phone,
    email,
    '' AS medicare_number,
    street AS address,
    city AS suburb,
    postal_code AS postcode,
    sex,
    deceased_date IS NULL AS active,
    deceased_date IS NOT NULL AS deceased
FROM patient_data
WHERE email IN (:emails)

-- step: by_name expects=rows
SELECT
    pid AS id,
    fname AS first_name,
    lname AS last_name,
    DOB AS date_of_birth,
    phone_home AS phone,
    phone_cell AS mobile,
    phone_biz AS other_phone,
    email,
    '' AS medicare_number,
    street AS address,
    city AS suburb,
    postal_code AS postcode,
    sex,
    deceased_date IS NULL AS active,
    deceased_date IS NOT NULL AS deceased
FROM patient_data
WHERE lname IN (:last_names) AND fname IN (:first_names)
