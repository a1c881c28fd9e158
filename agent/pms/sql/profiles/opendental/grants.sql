-- What Frontdesk's own login needs: run once by the database's administrator, with the name, host and password below put in, and
-- with the name of Open Dental's database where it is not opendental. The login may read the appointment book and what it takes
-- to find a patient; it may write nothing, and sees no key, no password and no clinical or financial record.
CREATE USER IF NOT EXISTS frontdesk@localhost IDENTIFIED BY 'choose a password';

-- A few settings, without the passwords that stand beside them; the registration key as a digest. The view is in a database of
-- its own, so that Open Dental's stays as its vendor made it.
CREATE DATABASE IF NOT EXISTS frontdesk;
CREATE OR REPLACE SQL SECURITY DEFINER VIEW frontdesk.settings AS
SELECT
    PrefName,
    CASE WHEN PrefName = 'RegistrationKey' AND ValueString <> '' THEN SHA2(ValueString, 256) ELSE ValueString END AS ValueString
FROM opendental.preference
WHERE PrefName IN (
    'RegistrationKey', 'DataBaseVersion', 'AppointmentTimeIncrement', 'ScheduleProvUnassigned', 'AppointmentTimeArrivedTrigger',
    'AppointmentTimeSeatedTrigger', 'AppointmentTimeDismissedTrigger'
);

GRANT SELECT ON frontdesk.settings TO frontdesk@localhost;
GRANT SELECT (ClinicNum, Description) ON opendental.clinic TO frontdesk@localhost;
GRANT SELECT (
    OperatoryNum, OpName, ItemOrder, IsHidden, ProvDentist, ProvHygienist, IsHygiene, ClinicNum
) ON opendental.operatory TO frontdesk@localhost;
GRANT SELECT (ProvNum, FName, LName, IsSecondary, IsHidden, ProvStatus, IsNotPerson) ON opendental.provider TO frontdesk@localhost;
GRANT SELECT (
    AppointmentTypeNum, AppointmentTypeName, Pattern, IsHidden, ItemOrder
) ON opendental.appointmenttype TO frontdesk@localhost;
GRANT SELECT (
    ScheduleNum, SchedDate, StartTime, StopTime, SchedType, ProvNum, Status, ClinicNum
) ON opendental.schedule TO frontdesk@localhost;
GRANT SELECT (ScheduleNum, OperatoryNum) ON opendental.scheduleop TO frontdesk@localhost;
GRANT SELECT (
    AptNum, PatNum, AptStatus, Pattern, Confirmed, Op, Note, ProvNum, ProvHyg, IsHygiene, AptDateTime, DateTimeArrived,
    DateTimeSeated, DateTimeDismissed, AppointmentTypeNum
) ON opendental.appointment TO frontdesk@localhost;
GRANT SELECT (AptNum, HistApptAction, HistDateTStamp) ON opendental.histappointment TO frontdesk@localhost;
GRANT SELECT (
    PatNum, LName, FName, Preferred, PatStatus, Gender, Birthdate, Address, City, Zip, HmPhone, WkPhone, WirelessPhone, Email
) ON opendental.patient TO frontdesk@localhost;
