-- The visible number is the internal one, as OpenEMR gives it to a patient without one of its own.
-- step: next_id expects=one
SELECT COALESCE(MAX(pid), 0) + 1 AS patient_id FROM patient_data

-- step: insert expects=count
INSERT INTO patient_data (
    pid, pubpid, fname, lname, DOB, sex, phone_cell, email, street, city, state, postal_code, date, regdate
) VALUES (
    :patient_id, :patient_id, :first_name, :last_name, :date_of_birth, :sex, :phone, :email, :address, :suburb, :state, :postcode,
    NOW(), NOW()
)
