-- step: by_birth expects=rows
SELECT id, first_name, last_name, date_of_birth, phone, email, medicare_number, active
FROM patients
WHERE date_of_birth = :date_of_birth

-- step: by_phone expects=rows
SELECT id, first_name, last_name, date_of_birth, phone, email, medicare_number, active
FROM patients
WHERE phone = :phone
