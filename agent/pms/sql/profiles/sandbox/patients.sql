SELECT id, first_name, last_name, date_of_birth, phone, email, medicare_number, active
FROM patients
WHERE id IN (:ids)
