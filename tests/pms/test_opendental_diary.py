"""
Open Dental's appointment book as its people keep it: schedules, operatories, blockouts, holidays, patterns, statuses, history;
read with the login of `grants.sql`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pyodbc
import pytest
from opendental_practice import (
    BLOCKOUT,
    BROKEN,
    CANCELLED,
    COMPLETE,
    HOLIDAY,
    MISSED,
    NOTE,
    PLANNED,
    PRACTICE,
    PROVIDER,
    UNSCHEDULED,
    OpenDentalDesk,
    OpenDentalPractice,
)
from sample_rows import NEW_PATIENT, TEN, TUESDAY

from agent.domain.booking import Booked
from agent.domain.days import DateRange
from agent.domain.diary import AppointmentState, Diary
from agent.domain.patients import PatientDetails
from agent.pms.sql.pms import SqlPms
from agent.pms.sql.profile import profile_folders
from agent.ports.pms import BookingWay

FORTNIGHT = DateRange.of_days(TUESDAY - timedelta(days=1), 14)
WEDNESDAY = TUESDAY + timedelta(days=1)
EIGHT, NINE, NOON, ONE, FIVE = 8 * 60, 9 * 60, 12 * 60, 13 * 60, 17 * 60

pytestmark = pytest.mark.servers

Worked = dict[tuple[str, str], list[tuple[int, int]]]


@pytest.fixture
def desk(opendental: OpenDentalPractice) -> OpenDentalDesk:
    """
    A dentist with the operatories 1 and 2, another without any, a hygienist with operatory 3; nobody is scheduled.
    """
    desk = opendental.desk
    for number in ("1", "2", "3"):
        desk.add_location(number, f"Op {number}")
    desk.add_practitioner("1", first_name="Ada")
    desk.add_practitioner("1", location_id="2")
    desk.add_practitioner("2", first_name="Bea", location_id="2")
    desk.insert("provider", ProvNum=3, FName="Cleo", LName="Hygienist", IsSecondary=1)
    desk.change_operatory("3", ProvDentist=1, ProvHygienist=3, IsHygiene=1)
    desk.add_patient("7")
    return desk


@pytest.fixture
def pms(opendental: OpenDentalPractice) -> SqlPms:
    return opendental.pms()


def worked(diary: Diary, day: date = TUESDAY) -> Worked:
    """
    Return what is left of working time on one day, by practitioner and operatory.
    """
    found: Worked = {}
    for session in sorted(diary.sessions, key=lambda s: (s.practitioner_id, s.location_id, s.start)):
        if session.date == day:
            found.setdefault((session.practitioner_id, session.location_id), []).append((session.start, session.end))
    return found


def test_operatories_are_the_places(desk: OpenDentalDesk, pms: SqlPms) -> None:
    """
    With their clinic's name, where the practice has clinics, and without those that are hidden.
    """
    desk.insert("clinic", ClinicNum=5, Description="Beach Road")
    desk.change_operatory("2", ClinicNum=5)
    desk.change_operatory("3", IsHidden=1)

    assert [("1", "Op 1"), ("2", "Beach Road, Op 2")] == [(place.id, place.name) for place in pms.locations()]


def test_who_can_be_booked_where(desk: OpenDentalDesk, pms: SqlPms) -> None:
    """
    In operatories of their own, the hygienist in hygiene ones, and wherever they have ever been scheduled.
    """
    desk.add_location("4", "Nobody's")
    desk.set("ScheduleProvUnassigned", 2)
    desk.insert("provider", ProvNum=8, FName="Left", LName="Long ago", IsHidden=1)
    desk.insert("provider", ProvNum=9, FName="The", LName="Laboratory", IsNotPerson=1)
    desk.add_schedule(PROVIDER, TUESDAY, NINE, FIVE, practitioner_id="9", operatories=("1",))
    desk.add_schedule(PROVIDER, date(2019, 5, 6), NINE, FIVE, practitioner_id="8", operatories=("1",))
    desk.change_operatory("2", IsHidden=1)

    found = [(p.id, p.first_name, p.location_id) for p in pms.practitioners()]

    assert [("1", "Ada", "1"), ("2", "Bea", "4"), ("3", "Cleo", "3")] == found


def test_schedules_with_operatories_and_without(desk: OpenDentalDesk, pms: SqlPms) -> None:
    """
    One that names none counts for those whose dentist, or hygienist in hygiene operatories, it is; nobody's have a stand-in.
    """
    desk.add_location("4", "Nobody's")
    desk.set("ScheduleProvUnassigned", 2)
    desk.add_schedule(PROVIDER, TUESDAY, NINE, NOON, practitioner_id="1")
    desk.add_schedule(PROVIDER, TUESDAY, ONE, FIVE, practitioner_id="1", operatories=("2",))
    desk.add_schedule(PROVIDER, TUESDAY, NINE, FIVE, practitioner_id="2")
    desk.add_schedule(PROVIDER, TUESDAY, NINE, FIVE, practitioner_id="3")

    assert {
        ("1", "1"): [(NINE, NOON)],
        ("1", "2"): [(NINE, NOON), (ONE, FIVE)],
        ("2", "4"): [(NINE, FIVE)],
        ("3", "3"): [(NINE, FIVE)],
    } == worked(pms.diary(FORTNIGHT))


def test_what_is_no_working_time(desk: OpenDentalDesk, pms: SqlPms) -> None:
    """
    Closed rows, notes, employees, people who have left, and rows that end before they begin.
    """
    desk.add_schedule(PROVIDER, TUESDAY, NINE, FIVE, practitioner_id="1", status=1)
    desk.add_schedule(PROVIDER, TUESDAY, FIVE, NINE, practitioner_id="1")
    desk.add_schedule(PRACTICE, TUESDAY, NINE, FIVE)
    desk.add_schedule(3, TUESDAY, NINE, FIVE, operatories=("1",))
    desk.add_schedule(PROVIDER, TUESDAY, NINE, FIVE, practitioner_id="2", operatories=("1",))
    desk.run("UPDATE provider SET ProvStatus = 1 WHERE ProvNum = 2")

    assert () == pms.diary(FORTNIGHT).sessions


def test_holidays(desk: OpenDentalDesk, pms: SqlPms) -> None:
    """
    One of a clinic is for its operatories, one without a clinic for all.
    """
    desk.change_operatory("2", ClinicNum=5)
    for day in (TUESDAY, WEDNESDAY):
        desk.add_schedule(PROVIDER, day, NINE, FIVE, practitioner_id="1")
    desk.add_schedule(PRACTICE, TUESDAY, status=HOLIDAY, clinic=5)
    desk.add_schedule(PRACTICE, WEDNESDAY, status=HOLIDAY)

    diary = pms.diary(FORTNIGHT)

    assert {("1", "1"): [(NINE, FIVE)]} == worked(diary)
    assert {} == worked(diary, WEDNESDAY)


def test_blockouts(desk: OpenDentalDesk, pms: SqlPms) -> None:
    """
    Each closes the operatories that it names, whoever works there, and no other.
    """
    desk.add_schedule(PROVIDER, TUESDAY, NINE, FIVE, practitioner_id="1")
    desk.add_schedule(BLOCKOUT, TUESDAY, NOON, ONE, operatories=("1", "3"))
    desk.add_schedule(BLOCKOUT, TUESDAY, NOON + 30, ONE + 30, operatories=("1",))
    desk.add_schedule(BLOCKOUT, WEDNESDAY, NOON, ONE, operatories=("2",))

    assert {
        ("1", "1"): [(NINE, NOON), (ONE + 30, FIVE)],
        ("1", "2"): [(NINE, FIVE)],
    } == worked(pms.diary(FORTNIGHT))


def test_an_operatory_is_one_persons_at_a_time(desk: OpenDentalDesk, pms: SqlPms) -> None:
    """
    Where several are scheduled it is for whose it is; where it is nobody's of them, for the first by number.
    """
    for who, start in (("3", NOON), ("1", NINE), ("2", EIGHT)):
        desk.add_schedule(PROVIDER, TUESDAY, start, FIVE, practitioner_id=who, operatories=("3",))

    assert {
        ("3", "3"): [(NOON, FIVE)],
        ("1", "3"): [(NINE, NOON)],
        ("2", "3"): [(EIGHT, NINE)],
    } == worked(pms.diary(FORTNIGHT))


def test_another_ones_patient_takes_the_operatory(desk: OpenDentalDesk, pms: SqlPms) -> None:
    """
    Also one who came the evening before; whose patient it is has no time anywhere, which the diary tells.
    """
    desk.add_schedule(PROVIDER, TUESDAY, 0, FIVE, practitioner_id="1")
    other = desk.add_appointment("2", TEN, 30, location_id="2")
    desk.add_appointment("2", datetime(2026, 11, 30, 23, 30), 60, location_id="1")
    own = desk.add_appointment("1", TEN.replace(hour=11), 30, location_id="1")

    diary = pms.diary(DateRange.of_days(TUESDAY, 1))

    assert {("1", "1"): [(30, FIVE)], ("1", "2"): [(0, 600), (630, FIVE)]} == worked(diary)
    assert {(other, "2", "2"), (own, "1", "1")} <= {(a.id, a.practitioner_id, a.location_id) for a in diary.appointments}


def test_whose_time_an_appointment_takes(desk: OpenDentalDesk, pms: SqlPms) -> None:
    """
    The hygienist's in a hygiene appointment, to which the dentist looks in; else the dentist's. Its length is its pattern's.
    """
    hygiene = desk.add_appointment("1", TEN, 60, location_id="3", ProvHyg=3, IsHygiene=1)
    dentist = desk.add_appointment("1", TEN, 45, location_id="1", ProvHyg=3)
    nowhere = desk.add_appointment("1", TEN.replace(hour=15), 5, location_id="0")

    assert {(hygiene, "3", "3", 60), (dentist, "1", "1", 45), (nowhere, "1", "", 5)} == {
        (a.id, a.practitioner_id, a.location_id, a.minutes) for a in pms.diary(FORTNIGHT).appointments
    }


def test_statuses(desk: OpenDentalDesk, pms: SqlPms) -> None:
    """
    From the status, the times of the visit, the confirmation that stands for one of them, and why it was broken.
    """
    seen = TEN + timedelta(minutes=5)
    triggers = [
        desk.value("SELECT ValueString FROM preference WHERE PrefName = ?", f"AppointmentTime{n}Trigger")
        for n in ("Arrived", "Seated", "Dismissed")
    ]
    expected = {
        desk.add_appointment("1", TEN): AppointmentState.BOOKED,
        desk.add_appointment("1", TEN, AptStatus=4): AppointmentState.BOOKED,
        desk.add_appointment("1", TEN, DateTimeArrived="0001-01-01"): AppointmentState.BOOKED,
        desk.add_appointment("1", TEN, AptStatus=COMPLETE): AppointmentState.ARRIVED,
        desk.add_appointment("1", TEN, DateTimeArrived=seen): AppointmentState.ARRIVED,
        desk.add_appointment("1", TEN, DateTimeSeated=seen): AppointmentState.ARRIVED,
        desk.add_appointment("1", TEN, DateTimeDismissed=seen): AppointmentState.ARRIVED,
        **{desk.add_appointment("1", TEN, Confirmed=int(trigger)): AppointmentState.ARRIVED for trigger in triggers},
        desk.add_appointment("1", TEN, Confirmed=19): AppointmentState.BOOKED,
        desk.add_appointment("1", TEN, AptStatus=BROKEN): AppointmentState.CANCELLED,
        desk.add_appointment("1", TEN, AptStatus=UNSCHEDULED, AptDateTime="0001-01-01", Op=0): AppointmentState.CANCELLED,
    }
    broken_twice = desk.add_appointment("1", TEN)
    desk.break_appointment(broken_twice, CANCELLED, TEN)
    desk.break_appointment(broken_twice, MISSED, TEN + timedelta(days=1))
    missed_by_mistake = desk.add_appointment("1", TEN)
    desk.break_appointment(missed_by_mistake, MISSED, TEN)
    desk.break_appointment(missed_by_mistake, CANCELLED, TEN + timedelta(seconds=1))
    expected |= {broken_twice: AppointmentState.DID_NOT_ATTEND, missed_by_mistake: AppointmentState.CANCELLED}
    others = [desk.add_appointment("1", TEN, AptStatus=status) for status in (0, PLANNED, NOTE, 8)]

    assert expected == {i: a.state for i, a in pms.states([*expected, *others]).items()}


def test_no_trigger_is_set(desk: OpenDentalDesk, pms: SqlPms) -> None:
    """
    An appointment without a confirmation has not arrived because a setting has no confirmation either.
    """
    for name in ("Arrived", "Seated", "Dismissed"):
        desk.set(f"AppointmentTime{name}Trigger", 0)
    added = desk.add_appointment("1", TEN)

    assert AppointmentState.BOOKED is pms.states([added])[added].state


def test_markers_of_what_lies_behind_the_schedule(desk: OpenDentalDesk, pms: SqlPms) -> None:
    """
    Operatories, people and settings change what it means; clocks and other columns change nothing.
    """
    desk.add_schedule(PROVIDER, TUESDAY, NINE, FIVE, practitioner_id="1")
    linked = desk.add_schedule(PROVIDER, TUESDAY, NINE, FIVE, practitioner_id="2", operatories=("2",))
    added = desk.add_appointment("1", TEN)

    def changes(change: Callable[[], object]) -> bool:
        before = pms.markers(FORTNIGHT)
        change()
        after = pms.markers(FORTNIGHT)
        assert {TUESDAY} >= {day for day in FORTNIGHT if before[day] != after[day]}
        return before != after

    assert changes(lambda: desk.change_operatory("1", ProvDentist=2))
    assert changes(lambda: desk.change_operatory("1", IsHidden=1))
    assert changes(lambda: desk.run("UPDATE provider SET IsHidden = 1 WHERE ProvNum = 2"))
    assert changes(lambda: desk.set("AppointmentTimeIncrement", 5))
    assert changes(lambda: desk.run("UPDATE scheduleop SET OperatoryNum = 1 WHERE ScheduleNum = ?", int(linked)))
    assert changes(lambda: desk.add_schedule(BLOCKOUT, TUESDAY, NINE, NOON, operatories=("1",)))
    assert changes(lambda: desk.add_schedule(PRACTICE, TUESDAY, status=HOLIDAY))
    assert changes(lambda: desk.change(added, Pattern="XX"))
    assert changes(lambda: desk.change(added, Op=2))
    assert changes(lambda: desk.break_appointment(added, MISSED))
    assert changes(lambda: desk.break_appointment(added, CANCELLED, TEN))
    assert not changes(lambda: desk.change(added, Note="called twice", DateTStamp=TEN, ClinicNum=4))
    assert not changes(lambda: desk.add_schedule(3, TUESDAY, NINE, FIVE))


def test_appointment_types(desk: OpenDentalDesk, pms: SqlPms) -> None:
    """
    A pattern's length, or none where the procedures make it; hidden ones are left out.
    """
    desk.add_type("3", "Filling", 40)
    desk.insert("appointmenttype", AppointmentTypeNum=4, AppointmentTypeName="By procedures", Pattern="", ItemOrder=1)
    desk.insert("appointmenttype", AppointmentTypeNum=5, AppointmentTypeName="Old", Pattern="XX", IsHidden=1)

    assert [("4", "By procedures", 0), ("3", "Filling", 40)] == [(t.id, t.name, t.minutes) for t in pms.appointment_types()]


def test_patients(desk: OpenDentalDesk, pms: SqlPms) -> None:
    """
    With all that is known of them, whatever their status, but for deleted records.
    """
    born = date(1980, 2, 3)
    for number, status in enumerate((1, 2, 3, 4, 5, 6), 11):
        desk.insert("patient", PatNum=number, FName="Ann", LName="Lee", Birthdate=born, PatStatus=status, Gender=1)
    wanted = PatientDetails(first_name="Ann", last_name="Lee", date_of_birth=born)

    found = {p.id: (p.active, p.deceased, p.sex) for p in pms.find_patients([wanted])[0]}

    assert {
        "7": (True, False, "Male"),
        "11": (False, False, "Female"),
        "12": (False, False, "Female"),
        "13": (False, False, "Female"),
        "15": (False, True, "Female"),
        "16": (True, False, "Female"),
    } == found
    assert found.keys() == {p.id for p in pms.patients([*found, "14"])}


@pytest.mark.parametrize("column", ["WirelessPhone", "HmPhone", "WkPhone"])
def test_patients_by_phone_and_email(desk: OpenDentalDesk, pms: SqlPms, column: str) -> None:
    """
    By any of three numbers as people write them, by e-mail, and by name in any script.
    """
    desk.insert(
        "patient", PatNum=8, FName="Bo", LName="Ng", Birthdate="0001-01-01", Email="bo@example.com", **{column: "0400 111 222"}
    )
    somebody = PatientDetails(first_name="-", last_name="-")

    def found(**known: str) -> list[tuple[str, object]]:
        (records,) = pms.find_patients([PatientDetails(**{"first_name": "-", "last_name": "-", **known})])  # type: ignore[arg-type]
        return [(record.id, record.date_of_birth) for record in records]

    assert [("8", None)] == found(phone="+61 400 111 222")
    assert [("8", None)] == found(email="bo@example.com")
    assert [("8", None)] == found(first_name="BO", last_name="ng")
    assert [[], []] == [list(records) for records in pms.find_patients([somebody, NEW_PATIENT])]


def test_it_is_only_read(opendental: OpenDentalPractice, desk: OpenDentalDesk) -> None:
    """
    Nothing is promised that writes, a mark in a note is found all the same, and the login can neither write nor see more.
    """
    assert opendental.password
    added = desk.add_appointment("1", desk.value("SELECT NOW() + INTERVAL 1 DAY"), reference=501)
    pms = opendental.pms()
    found = pms.find_booked(501)
    login = pyodbc.connect(f"{opendental.connection};PWD={{{opendental.password.reveal().replace('}', '}}')}}}", autocommit=True)

    assert (BookingWay.NONE, False, False) == (
        pms.capabilities.booking,
        pms.capabilities.create_patients,
        pms.capabilities.cancel,
    )
    assert isinstance(found, Booked)
    assert (added,) == found.appointment_ids
    for statement in (
        "UPDATE appointment SET AptStatus = 5",
        "DELETE FROM appointment",
        "INSERT INTO patient (LName) VALUES ('x')",
        "SELECT SSN FROM patient",
        "SELECT ValueString FROM preference",
        "UPDATE frontdesk.settings SET ValueString = ''",
        "CREATE TABLE frontdesk.x (y INT)",
        "LOCK TABLES appointment WRITE",
    ):
        with pytest.raises(pyodbc.Error, match="denied"):
            login.execute(statement)
    assert 0 == login.execute("SELECT COUNT(*) FROM frontdesk.settings WHERE PrefName LIKE '%Password%'").fetchone()[0]
    login.close()
    pms.close()


def test_on_mysql(opendental: OpenDentalPractice, desk: OpenDentalDesk) -> None:
    """
    What a MySQL server is told at the beginning; MariaDB understands it as well, and is only read then.
    """
    practice = replace(opendental, folders=profile_folders("opendental", dialect="mysql"))
    pms = practice.pms()

    assert "mysql" == practice.profile.dialect.name
    assert [] == [line for line in pms.check() if not line.ok]
    pms.close()


def test_identity(desk: OpenDentalDesk, pms: SqlPms) -> None:
    """
    The registration key tells one practice from another, as a digest; its newest change also counts what was deleted.
    """
    unregistered = pms.identity()
    desk.set("RegistrationKey", "ABCD-EFGH")
    registered = pms.identity()
    desk.delete_appointment(desk.add_appointment("1", TEN))

    assert ("opendental", "21.1.9.0") == (unregistered.database_id, unregistered.version)
    assert "opendental" != registered.database_id
    assert "ABCD" not in registered.database_id
    assert registered.newest_change < pms.identity().newest_change
