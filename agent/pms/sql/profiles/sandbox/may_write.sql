-- Changes nothing: it only asks whether the login may write what the other files write.
-- step: new_appointment expects=count
INSERT INTO appointments SELECT * FROM appointments WHERE 1 = 0

-- step: appointment expects=count
UPDATE appointments SET version = version WHERE 1 = 0

-- step: new_patient expects=count
INSERT INTO patients SELECT * FROM patients WHERE 1 = 0

-- step: patient_taken_back expects=count
DELETE FROM patients WHERE 1 = 0
