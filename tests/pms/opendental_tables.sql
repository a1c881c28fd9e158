-- The tables of Open Dental that the profile uses, made from their documented columns: for machines without the real schema.
CREATE TABLE appointment (
    AptNum BIGINT(20) NOT NULL AUTO_INCREMENT PRIMARY KEY,
    PatNum BIGINT(20) NOT NULL,
    AptStatus TINYINT(3) UNSIGNED NOT NULL DEFAULT 0,
    Pattern VARCHAR(255) DEFAULT '',
    Confirmed BIGINT(20) NOT NULL,
    Op BIGINT(20) NOT NULL,
    Note TEXT,
    ProvNum BIGINT(20) NOT NULL,
    ProvHyg BIGINT(20) NOT NULL,
    AptDateTime DATETIME NOT NULL DEFAULT '0001-01-01 00:00:00',
    ClinicNum BIGINT(20) NOT NULL,
    IsHygiene TINYINT(3) UNSIGNED NOT NULL DEFAULT 0,
    DateTStamp TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    DateTimeArrived DATETIME NOT NULL,
    DateTimeSeated DATETIME NOT NULL,
    DateTimeDismissed DATETIME NOT NULL,
    AppointmentTypeNum BIGINT(20) NOT NULL,
    KEY indexPatNum (PatNum),
    KEY indexAptDateTime (AptDateTime)
) ENGINE=MyISAM DEFAULT CHARSET=utf8;
CREATE TABLE histappointment (
    HistApptNum BIGINT(20) NOT NULL AUTO_INCREMENT PRIMARY KEY,
    HistDateTStamp DATETIME NOT NULL DEFAULT '0001-01-01 00:00:00',
    HistApptAction TINYINT(4) NOT NULL,
    AptNum BIGINT(20) NOT NULL,
    KEY AptNum (AptNum)
) ENGINE=MyISAM DEFAULT CHARSET=utf8;
CREATE TABLE schedule (
    ScheduleNum BIGINT(20) NOT NULL AUTO_INCREMENT PRIMARY KEY,
    SchedDate DATE NOT NULL DEFAULT '0000-00-00',
    StartTime TIME NOT NULL DEFAULT '00:00:00',
    StopTime TIME NOT NULL DEFAULT '00:00:00',
    SchedType TINYINT(3) UNSIGNED NOT NULL DEFAULT 0,
    ProvNum BIGINT(20) NOT NULL,
    BlockoutType BIGINT(20) NOT NULL,
    Status TINYINT(3) UNSIGNED NOT NULL DEFAULT 0,
    ClinicNum BIGINT(20) NOT NULL,
    KEY SchedDate (SchedDate)
) ENGINE=MyISAM DEFAULT CHARSET=utf8;
CREATE TABLE scheduleop (
    ScheduleOpNum BIGINT(20) NOT NULL AUTO_INCREMENT PRIMARY KEY,
    ScheduleNum BIGINT(20) NOT NULL,
    OperatoryNum BIGINT(20) NOT NULL,
    KEY ScheduleNum (ScheduleNum),
    KEY OperatoryNum (OperatoryNum)
) ENGINE=MyISAM DEFAULT CHARSET=utf8;
CREATE TABLE operatory (
    OperatoryNum BIGINT(20) NOT NULL AUTO_INCREMENT PRIMARY KEY,
    OpName VARCHAR(255) DEFAULT '',
    ItemOrder SMALLINT(5) UNSIGNED NOT NULL DEFAULT 0,
    IsHidden TINYINT(3) UNSIGNED NOT NULL DEFAULT 0,
    ProvDentist BIGINT(20) NOT NULL,
    ProvHygienist BIGINT(20) NOT NULL,
    IsHygiene TINYINT(3) UNSIGNED NOT NULL DEFAULT 0,
    ClinicNum BIGINT(20) NOT NULL
) ENGINE=MyISAM DEFAULT CHARSET=utf8;
CREATE TABLE provider (
    ProvNum BIGINT(20) NOT NULL AUTO_INCREMENT PRIMARY KEY,
    Abbr VARCHAR(255),
    LName VARCHAR(100) DEFAULT '',
    FName VARCHAR(100) DEFAULT '',
    IsSecondary TINYINT(1) UNSIGNED NOT NULL DEFAULT 0,
    IsHidden TINYINT(1) UNSIGNED NOT NULL DEFAULT 0,
    IsNotPerson TINYINT(4) NOT NULL,
    ProvStatus TINYINT(4) NOT NULL
) ENGINE=MyISAM DEFAULT CHARSET=utf8;
CREATE TABLE appointmenttype (
    AppointmentTypeNum BIGINT(20) NOT NULL AUTO_INCREMENT PRIMARY KEY,
    AppointmentTypeName VARCHAR(255) NOT NULL,
    ItemOrder INT(11) NOT NULL,
    IsHidden TINYINT(4) NOT NULL,
    Pattern VARCHAR(255) NOT NULL
) ENGINE=MyISAM DEFAULT CHARSET=utf8;
CREATE TABLE clinic (
    ClinicNum BIGINT(20) NOT NULL AUTO_INCREMENT PRIMARY KEY,
    Description VARCHAR(255) DEFAULT '',
    IsHidden TINYINT(4) NOT NULL
) ENGINE=MyISAM DEFAULT CHARSET=utf8;
CREATE TABLE patient (
    PatNum BIGINT(20) NOT NULL AUTO_INCREMENT PRIMARY KEY,
    LName VARCHAR(100) DEFAULT '',
    FName VARCHAR(100) DEFAULT '',
    Preferred VARCHAR(100) DEFAULT '',
    PatStatus TINYINT(3) UNSIGNED NOT NULL DEFAULT 0,
    Gender TINYINT(3) UNSIGNED NOT NULL DEFAULT 0,
    Birthdate DATE NOT NULL DEFAULT '0001-01-01',
    Address VARCHAR(100) DEFAULT '',
    City VARCHAR(100) DEFAULT '',
    Zip VARCHAR(100) DEFAULT '',
    HmPhone VARCHAR(30) DEFAULT '',
    WkPhone VARCHAR(30) DEFAULT '',
    WirelessPhone VARCHAR(30) DEFAULT '',
    Email VARCHAR(100) DEFAULT '',
    KEY indexLName (LName(10)),
    KEY indexFName (FName(10)),
    KEY indexLFName (LName, FName),
    KEY HmPhone (HmPhone),
    KEY WirelessPhone (WirelessPhone),
    KEY WkPhone (WkPhone),
    KEY Email (Email)
) ENGINE=MyISAM DEFAULT CHARSET=utf8;
CREATE TABLE preference (
    PrefName VARCHAR(255) NOT NULL DEFAULT '',
    ValueString TEXT NOT NULL,
    PrefNum BIGINT(20) NOT NULL AUTO_INCREMENT PRIMARY KEY,
    KEY PrefName (PrefName)
) ENGINE=MyISAM DEFAULT CHARSET=utf8;
INSERT INTO preference (PrefName, ValueString)
VALUES
    ('DataBaseVersion', '21.1.9.0'),
    ('RegistrationKey', ''),
    ('AppointmentTimeIncrement', '10'),
    ('ScheduleProvUnassigned', '1'),
    ('AppointmentTimeArrivedTrigger', '22'),
    ('AppointmentTimeSeatedTrigger', '25'),
    ('AppointmentTimeDismissedTrigger', '246'),
    ('EmailPassword', '');
