-- The 28 parameters that a recent caller gives; empty and 0 stand for what is not known. The codes of sexes are not published.
-- step: add expects=one
SET NOCOUNT ON;
DECLARE @made int;
EXEC @made = dbo.BP_AddPatient
    @titlecode = 0,
    @firstname = :first_name,
    @middlename = '',
    @surname = :last_name,
    @preferredname = '',
    @address1 = :address,
    @address2 = '',
    @city = :suburb,
    @postcode = :postcode,
    @postaladdress = '',
    @postalcity = '',
    @postalpostcode = '',
    @dob = :date_of_birth,
    @sexcode = 0,
    @homephone = '',
    @workphone = '',
    @mobilephone = :phone,
    @medicareno = :medicare_number,
    @medicarelineno = :medicare_irn,
    @medicareexpiry = :medicare_expiry,
    @pensioncode = 0,
    @pensionno = '',
    @pensionexpiry = NULL,
    @dvacode = 0,
    @dvano = '',
    @recordno = '',
    @externalid = '',
    @email = :email;
SELECT COALESCE(@made, 0) AS patient_id, CASE WHEN @made > 0 THEN 1 ELSE 0 END AS done
