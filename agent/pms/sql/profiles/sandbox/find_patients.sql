-- step: by_birth expects=rows
SELECT
    id,
    first_name,
    last_name,
    date_of_birth,
    phone,
    email,
    medicare_number,
    active,
    preferred_name,
    former_name,
    mobile,
    work_phone AS other_phone,
    address,
    suburb,
    postcode,
    sex,
    medicare_irn,
    deceased,
    merged_into
FROM patients
WHERE date_of_birth IN (:birthdays)

-- step: by_phone expects=rows
SELECT
    id,
    first_name,
    last_name,
    date_of_birth,
    phone,
    email,
    medicare_number,
    active,
    preferred_name,
    former_name,
    mobile,
    work_phone AS other_phone,
    address,
    suburb,
    postcode,
    sex,
    medicare_irn,
    deceased,
    merged_into
FROM patients
WHERE phone IN (:phones) OR mobile IN (:phones) OR work_phone IN (:phones)

-- step: by_email expects=rows
SELECT
    id,
    first_name,
    last_name,
    date_of_birth,
    phone,
    email,
    medicare_number,
    active,
    preferred_name,
    former_name,
    mobile,
    work_phone AS other_phone,
    address,
    suburb,
    postcode,
    sex,
    medicare_irn,
    deceased,
    merged_into
FROM patients
WHERE email IN (:emails)

-- step: by_card expects=rows
SELECT
    id,
    first_name,
    last_name,
    date_of_birth,
    phone,
    email,
    medicare_number,
    active,
    preferred_name,
    former_name,
    mobile,
    work_phone AS other_phone,
    address,
    suburb,
    postcode,
    sex,
    medicare_irn,
    deceased,
    merged_into
FROM patients
WHERE medicare_number IN (:cards)

-- step: by_name expects=rows
SELECT
    id,
    first_name,
    last_name,
    date_of_birth,
    phone,
    email,
    medicare_number,
    active,
    preferred_name,
    former_name,
    mobile,
    work_phone AS other_phone,
    address,
    suburb,
    postcode,
    sex,
    medicare_irn,
    deceased,
    merged_into
FROM patients
WHERE last_name IN (:last_names) AND first_name IN (:first_names)
