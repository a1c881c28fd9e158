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
WHERE pid IN (:ids)
