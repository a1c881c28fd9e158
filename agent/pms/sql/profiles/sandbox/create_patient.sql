-- step: next_id expects=one
SELECT COALESCE(MAX(id), 0) + 1 AS patient_id FROM patients

-- step: insert expects=count
INSERT INTO patients (
    id, first_name, last_name, date_of_birth, sex, phone, email, address, suburb, state, postcode,
    medicare_number, medicare_irn, medicare_expiry, active
) VALUES (
    :patient_id, :first_name, :last_name, :date_of_birth, :sex, :phone, :email, :address, :suburb, :state, :postcode,
    :medicare_number, :medicare_irn, :medicare_expiry, 1
)
