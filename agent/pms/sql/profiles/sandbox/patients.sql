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
WHERE id IN (:ids)
