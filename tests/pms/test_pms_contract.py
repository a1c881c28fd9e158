"""
What every PMS has to do, whatever is behind the port: the fake, the sample profile on each kind of database, OpenEMR, and, for
reading alone, Open Dental.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from fake_pms import FakePms
from opendental_api import KEYS
from opendental_practice import OpenDentalDesk
from openemr_practice import OpenEmrDesk
from practices import EVERY_DATABASE, practice_of
from sample_rows import NEW_PATIENT, TEN, TUESDAY
from sample_rows import request as booking
from sql_desk import SqlDesk

from agent.domain.booking import Booked, CancelResult, NotFree, NotThere
from agent.domain.days import DateRange
from agent.domain.diary import Appointment, AppointmentState, PmsType, Practitioner, Session
from agent.domain.masked import Secret
from agent.domain.patients import PatientDetails
from agent.pms.sql.apis.opendental import OpenDentalApi
from agent.ports.pms import BookingWay, Capabilities, Pms

WEEK = DateRange.of_days(TUESDAY - timedelta(days=1), 7)
NINE, NOON, ONE, FIVE = 9 * 60, 12 * 60, 13 * 60, 17 * 60
LONG_AGO = datetime(2026, 11, 1)


@dataclass(frozen=True, slots=True)
class Clinic:
    """
    A practice, and what its system cannot tell apart.

    Attributes:
        typeless: The type of an appointment that was given none.
        owned_types: A type may be one practitioner's own.
        session_types: For how many types a session may be.
        booking: How it takes bookings.
        is_plain: Practitioners have neither title nor specialty, and names no letters beyond the basic plane.
    """

    pms: Pms
    desk: FakePms | SqlDesk | OpenEmrDesk | OpenDentalDesk
    typeless: str = ""
    owned_types: bool = True
    session_types: int = 2
    booking: BookingWay = BookingWay.TRANSACTION
    is_plain: bool = False

    @property
    def new_patient(self) -> PatientDetails:
        return replace(NEW_PATIENT, first_name="Zoë") if self.is_plain else NEW_PATIENT


WRITTEN = (
    *("fake", *EVERY_DATABASE, pytest.param("openemr", marks=pytest.mark.servers)),
    pytest.param("opendental-api", marks=pytest.mark.servers),
)
READ = (*WRITTEN, pytest.param("opendental", marks=pytest.mark.servers))


@pytest.fixture(params=READ)
def clinic(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Clinic]:
    """
    One practitioner at one place who works on Tuesday from nine to five.
    """
    yield from opened(request, tmp_path)


@pytest.fixture(params=WRITTEN)
def bookable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Clinic]:
    """
    The same, in a system that takes bookings.
    """
    yield from opened(request, tmp_path)


def opened(request: pytest.FixtureRequest, folder: Path) -> Iterator[Clinic]:
    if request.param == "fake":
        fake = FakePms()
        clinic = Clinic(fake, fake)
    elif request.param == "openemr":
        openemr = request.getfixturevalue("openemr")
        desk = openemr.desk
        desk.renumber_categories()
        clinic = Clinic(openemr.pms(), desk, typeless=str(desk.category("office_visit")), owned_types=False, session_types=1)
    elif request.param in {"opendental", "opendental-api"}:
        opendental = request.getfixturevalue("opendental")
        url = request.getfixturevalue("api").url if request.param == "opendental-api" else ""
        api = OpenDentalApi(url, Secret(KEYS)) if url else None
        clinic = Clinic(
            *(opendental.pms(api=api), opendental.desk),
            owned_types=False,
            session_types=0,
            booking=BookingWay.STEPS,
            is_plain=True,
        )
    else:
        practice = practice_of(request.param, request, folder)
        clinic = Clinic(practice.pms(), practice.desk)
    clinic.desk.add_location("1", "Main Street")
    clinic.desk.add_practitioner("1", first_name="Zoë", last_name="O’Brien", specialty_id="gp", specialty_name="GP")
    clinic.desk.add_type("1", "Standard", 15)
    clinic.desk.add_patient("7")
    clinic.desk.add_session("1", TUESDAY, NINE, FIVE)
    yield clinic
    clinic.pms.close()


def test_capabilities(bookable: Clinic) -> None:
    """
    What it can do is known without asking.
    """
    expected = Capabilities(booking=bookable.booking, create_patients=True, cancel=True)

    assert expected == replace(bookable.pms.capabilities, engine_lock=False)  # which only servers have


def test_identity_grows(clinic: Clinic) -> None:
    """
    The database stays the same one, and its newest change only grows.
    """
    before = clinic.pms.identity()
    clinic.desk.add_appointment("1", TEN)
    after = clinic.pms.identity()

    assert before.database_id == after.database_id
    assert before.newest_change < after.newest_change


def test_everything_checks_out(clinic: Clinic) -> None:
    """
    Every read operation works on a healthy database.
    """
    assert [] == [line for line in clinic.pms.check() if not line.ok]


def test_places_people_and_types(clinic: Clinic) -> None:
    """
    Names come back as they were written, whatever their script, once for each place and specialty.
    """
    title, last_name, gp, skin = (
        ("", "王", ("", ""), ("", "")) if clinic.is_plain else ("Dr", "王😀", ("gp", "GP"), ("skin", "Skin"))
    )
    clinic.desk.add_practitioner("2", first_name="小明", last_name=last_name, specialty_id="skin", specialty_name="Skin")
    owner = {"practitioner_id": "2"} if clinic.owned_types else {}
    clinic.desk.add_type("4", "Long", 30, **owner)

    assert [("1", "Main Street")] == [(place.id, place.name) for place in clinic.pms.locations()]
    assert [
        Practitioner(
            id="1",
            title=title,
            first_name="Zoë",
            last_name="O’Brien",
            location_id="1",
            specialty_id=gp[0],
            specialty_name=gp[1],
        ),
        Practitioner(
            id="2",
            title=title,
            first_name="小明",
            last_name=last_name,
            location_id="1",
            specialty_id=skin[0],
            specialty_name=skin[1],
        ),
    ] == list(clinic.pms.practitioners())
    assert [
        PmsType(id="1", name="Standard", minutes=15),
        PmsType(id="4", name="Long", minutes=30, **owner),
    ] == list(clinic.pms.appointment_types())


def test_diary(clinic: Clinic) -> None:
    """
    Sessions come without absences, appointments without cancelled ones.
    """
    clinic.desk.add_absence("1", TUESDAY, NOON, ONE)
    first = clinic.desk.add_appointment("1", TEN, 20, reference=12)
    clinic.desk.add_appointment("1", TEN, state=AppointmentState.CANCELLED)
    second = clinic.desk.add_appointment("1", TEN + timedelta(hours=1), patient_id="", type_id="")

    diary = clinic.pms.diary(WEEK)

    assert {
        Session(practitioner_id="1", location_id="1", date=TUESDAY, start=NINE, end=NOON, slot_minutes=15),
        Session(practitioner_id="1", location_id="1", date=TUESDAY, start=ONE, end=FIVE, slot_minutes=15),
    } == set(diary.sessions)
    assert {
        Appointment(
            id=first,
            practitioner_id="1",
            location_id="1",
            start=TEN,
            minutes=20,
            patient_id="7",
            type_id="1",
            reference=12,
        ),
        Appointment(
            id=second,
            practitioner_id="1",
            location_id="1",
            start=TEN + timedelta(hours=1),
            minutes=15,
            type_id=clinic.typeless,
        ),
    } == set(diary.appointments)
    assert not diary.slots_are_free
    assert clinic.pms.markers(WEEK) == diary.markers


def test_empty_window(clinic: Clinic) -> None:
    """
    Dates with nothing on them are there, with the empty marker.
    """
    window = DateRange.of_days(date(2027, 1, 1), 3)

    diary = clinic.pms.diary(window)

    assert dict.fromkeys(window, "") == diary.markers
    assert ((), ()) == (diary.sessions, diary.appointments)


def test_session_until_midnight_with_types(clinic: Clinic) -> None:
    """
    A session may end at midnight and be for certain types alone.
    """
    type_ids = tuple(sorted(("4", "1")[: clinic.session_types]))
    clinic.desk.add_session("1", TUESDAY + timedelta(days=1), 18 * 60, 24 * 60, type_ids=type_ids)

    found = clinic.pms.diary(DateRange.of_days(TUESDAY + timedelta(days=1), 1)).sessions

    assert [(1080, 1440, type_ids)] == [(s.start, s.end, s.type_ids) for s in found]


def test_appointment_past_midnight(clinic: Clinic) -> None:
    """
    What runs past midnight is in the diary of both dates and in the markers of both.
    """
    wednesday = DateRange.of_days(TUESDAY + timedelta(days=1), 1)
    before = clinic.pms.markers(wednesday)
    clinic.desk.add_appointment("1", datetime(2026, 12, 1, 23, 30), 60)

    assert 1 == len(clinic.pms.diary(wednesday).appointments)
    assert before != clinic.pms.markers(wednesday)


def test_markers_tell_one_date_from_another(clinic: Clinic) -> None:
    """
    Each change at the desk changes the marker of its date and of no other.
    """
    seen = [clinic.pms.markers(WEEK)]
    added = clinic.desk.add_appointment("1", TEN)
    seen.append(clinic.pms.markers(WEEK))
    clinic.desk.change_appointment(added, start=TEN + timedelta(minutes=15))
    seen.append(clinic.pms.markers(WEEK))
    clinic.desk.change_appointment(added, state=AppointmentState.CANCELLED)
    seen.append(clinic.pms.markers(WEEK))
    clinic.desk.add_absence("1", TUESDAY, NOON, ONE)
    seen.append(clinic.pms.markers(WEEK))
    clinic.desk.add_session("1", TUESDAY, FIVE, FIVE + 60)
    seen.append(clinic.pms.markers(WEEK))

    assert 6 == len({markers[TUESDAY] for markers in seen})
    assert {""} == {marker for markers in seen for day, marker in markers.items() if day != TUESDAY}


def test_markers_see_swapped_rows(clinic: Clinic) -> None:
    """
    Two appointments that change places do not cancel out.
    """
    clinic.desk.add_practitioner("2")
    first = clinic.desk.add_appointment("1", TEN)
    second = clinic.desk.add_appointment("2", TEN + timedelta(hours=1))
    before = clinic.pms.markers(WEEK)
    clinic.desk.change_appointment(first, start=TEN + timedelta(hours=1))
    clinic.desk.change_appointment(second, start=TEN)

    assert before != clinic.pms.markers(WEEK)


def test_markers_see_a_reused_id(clinic: Clinic) -> None:
    """
    A row deleted and another put in under its id is a change.
    """
    added = clinic.desk.add_appointment("1", TEN)
    before = clinic.pms.markers(WEEK)
    clinic.desk.delete_appointment(added)
    clinic.desk.add_appointment("1", TEN + timedelta(hours=2))

    assert before != clinic.pms.markers(WEEK)


def test_find_patients(clinic: Clinic) -> None:
    """
    Candidates are found by birth date or phone, each once; without either, nobody is. Not every system has an index for birth
    dates: there one goes with a name.
    """
    clinic.desk.add_patient("8", last_name="Ng", date_of_birth=None, phone="0400 111 222")
    clinic.desk.add_patient("9", last_name="Old", date_of_birth=date(1901, 1, 1), active=False)

    def found(details: PatientDetails) -> set[str]:
        return {p.id for p in clinic.pms.find_patients([details])[0]}

    someone = PatientDetails(first_name="A", last_name="B")

    namesake = replace(someone, last_name="Lee")

    assert {"7"} == found(replace(namesake, date_of_birth=date(1980, 2, 3)))
    assert {"7"} == found(replace(someone, first_name="Ann", date_of_birth=date(1980, 2, 3)))
    assert {"8"} == found(replace(someone, phone="0400 111 222"))
    assert {"7", "8"} == found(replace(namesake, date_of_birth=date(1980, 2, 3), phone="0400 111 222"))
    assert set() == found(someone)
    assert set() == found(namesake)


def test_patients_by_id(clinic: Clinic) -> None:
    """
    Those that exist come back, however many are asked for.
    """
    clinic.desk.add_patient("9", date_of_birth=None, active=False)
    ids = ["9", "not an id", "", "7", "7", *(str(n) for n in range(1000, 1250))]

    found = {p.id: p for p in clinic.pms.patients(ids)}

    assert {"7", "9"} == set(found)
    assert ("Ann", date(1980, 2, 3), True) == (found["7"].first_name, found["7"].date_of_birth, found["7"].active)
    assert (None, False) == (found["9"].date_of_birth, found["9"].active)


def test_book(bookable: Clinic) -> None:
    """
    A booking is put in once, with its reference, and found again.
    """
    booked = bookable.pms.book(booking())
    again = bookable.pms.book(booking())

    assert isinstance(booked, Booked)
    assert ("7", False) == (booked.patient_id, booked.already_there)
    assert replace(booked, already_there=True) == again == bookable.pms.find_booked(501)
    assert [
        Appointment(
            id=booked.appointment_ids[0],
            practitioner_id="1",
            location_id="1",
            start=TEN,
            minutes=15,
            patient_id="7",
            type_id="1",
            reference=501,
        )
    ] == list(bookable.pms.diary(WEEK).appointments)


def test_book_creates_the_patient(bookable: Clinic) -> None:
    """
    A new patient is created with the booking, in any script, and only once.
    """
    booked = bookable.pms.book(booking(patient_id="", patient=bookable.new_patient))
    again = bookable.pms.book(booking(patient_id="", patient=bookable.new_patient))

    assert isinstance(booked, Booked)
    assert isinstance(again, Booked)
    assert booked.patient_id == again.patient_id
    (found,) = bookable.pms.find_patients([bookable.new_patient])
    assert [(booked.patient_id, bookable.new_patient.first_name, "O’Brien-王", date(1990, 2, 3), True)] == [
        (p.id, p.first_name, p.last_name, p.date_of_birth, p.active) for p in found
    ]


def test_book_without_type(bookable: Clinic) -> None:
    """
    A booking need not have a type; where every appointment has one, it gets the profile's own.
    """
    booked = bookable.pms.book(booking(type_id=""))

    assert isinstance(booked, Booked)
    assert bookable.typeless == bookable.pms.states(booked.appointment_ids)[booked.appointment_ids[0]].type_id


@pytest.mark.parametrize(
    ("start", "minutes"),
    [
        (TEN.replace(hour=8, minute=50), 15),
        (TEN.replace(hour=16, minute=50), 15),
        (TEN.replace(hour=11, minute=50), 15),
        (TEN.replace(hour=12, minute=15), 15),
        (TEN.replace(hour=14, minute=50), 15),
        (TEN.replace(hour=15, minute=10), 15),
        (TEN.replace(hour=14, minute=30), 90),
        (TEN + timedelta(days=1), 15),
        (TEN.replace(hour=23, minute=50), 15),
    ],
)
def test_book_what_is_not_free(bookable: Clinic, start: datetime, minutes: int) -> None:
    """
    Outside working time, during an absence or over somebody else's appointment nothing is put in.
    """
    bookable.desk.add_absence("1", TUESDAY, NOON, ONE)
    bookable.desk.add_appointment("1", TEN.replace(hour=15))

    result = bookable.pms.book(booking(start=start, minutes=minutes, patient_id=""))

    assert isinstance(result, NotFree)
    assert NotThere() == bookable.pms.find_booked(501)
    assert [] == list(bookable.pms.find_patients([NEW_PATIENT])[0])


def test_book_back_to_back(bookable: Clinic) -> None:
    """
    Neighbours that touch do not overlap, and a cancelled appointment takes no time.
    """
    bookable.desk.add_appointment("1", TEN - timedelta(minutes=15))
    bookable.desk.add_appointment("1", TEN + timedelta(minutes=15))
    bookable.desk.add_appointment("1", TEN, state=AppointmentState.CANCELLED)

    assert isinstance(bookable.pms.book(booking()), Booked)


def test_book_across_touching_sessions(bookable: Clinic) -> None:
    """
    Two sessions that touch are one stretch of time.
    """
    bookable.desk.add_session("1", TUESDAY, FIVE, FIVE + 60)

    assert isinstance(bookable.pms.book(booking(start=TEN.replace(hour=16, minute=50), minutes=20)), Booked)


def test_book_at_the_other_place(bookable: Clinic) -> None:
    """
    A practitioner who is taken at one place is taken at the other.
    """
    bookable.desk.add_location("2", "Beach Road")
    bookable.desk.add_practitioner("1", location_id="2")
    bookable.desk.add_session("1", TUESDAY, NINE, FIVE, location_id="2")
    bookable.desk.add_appointment("1", TEN, location_id="2")

    assert isinstance(bookable.pms.book(booking()), NotFree)


def test_book_a_type_that_the_session_does_not_take(bookable: Clinic) -> None:
    """
    A session for certain types takes no other.
    """
    if not bookable.session_types:
        pytest.skip("there every session is for all types")
    wednesday = TEN + timedelta(days=1)
    bookable.desk.add_type("5", "Short", 5)
    bookable.desk.add_session("1", wednesday.date(), NINE, FIVE, type_ids=tuple(sorted(("5", "4")[: bookable.session_types])))

    assert isinstance(bookable.pms.book(booking(start=wednesday, type_id="1")), NotFree)
    assert isinstance(bookable.pms.book(booking(start=wednesday, type_id="5")), Booked)


def test_book_several_at_once(bookable: Clinic) -> None:
    """
    Each is as if booked by itself, in their order: what the first takes is not free for the next. Asked again, all are there.
    """
    several = [
        booking(501),
        booking(502),  # the same time
        booking(503, start=TEN + timedelta(minutes=15)),
        booking(504, start=TEN.replace(hour=20)),  # nobody works
        booking(505, start=TEN + timedelta(minutes=10), minutes=10),  # into the first and the third
    ]

    first = bookable.pms.book_all(several)
    again = bookable.pms.book_all([several[2], several[0]])

    assert [Booked, NotFree, Booked, NotFree, NotFree] == [type(result) for result in first]
    assert isinstance(first[0], Booked)
    assert isinstance(first[2], Booked)
    assert [replace(first[2], already_there=True), replace(first[0], already_there=True)] == list(again)
    assert 2 == len(bookable.pms.diary(WEEK).appointments)


def test_similar_booking_ids(bookable: Clinic) -> None:
    """
    Booking 50 is not booking 501.
    """
    bookable.pms.book(booking(501))

    assert NotThere() == bookable.pms.find_booked(50)
    assert NotThere() == bookable.pms.find_booked(1)


def test_book_again_after_the_desk_cancelled(bookable: Clinic) -> None:
    """
    A booking that the desk has cancelled since is not put in a second time.
    """
    booked = bookable.pms.book(booking())
    assert isinstance(booked, Booked)
    bookable.desk.change_appointment(booked.appointment_ids[0], state=AppointmentState.CANCELLED)

    assert replace(booked, already_there=True) == bookable.pms.book(booking())
    assert () == bookable.pms.diary(WEEK).appointments


def test_cancel(bookable: Clinic) -> None:
    """
    An appointment that is as expected is cancelled, and the second time it already was.
    """
    added = bookable.desk.add_appointment("1", TEN)

    def cancel() -> CancelResult:
        return bookable.pms.cancel(added, patient_id="7", start=TEN, after=LONG_AGO)

    assert [CancelResult.CANCELLED, CancelResult.ALREADY] == [cancel(), cancel()]
    assert AppointmentState.CANCELLED is bookable.pms.states([added])[added].state
    assert () == bookable.pms.diary(WEEK).appointments


@pytest.mark.parametrize("state", [AppointmentState.ARRIVED, AppointmentState.DID_NOT_ATTEND])
def test_cancel_what_has_begun(bookable: Clinic, state: AppointmentState) -> None:
    """
    Who has arrived, or should have, is not cancelled.
    """
    added = bookable.desk.add_appointment("1", TEN, state=state)

    assert CancelResult.CHANGED is bookable.pms.cancel(added, patient_id="7", start=TEN, after=LONG_AGO)
    assert state is bookable.pms.states([added])[added].state


def test_cancel_what_has_changed(bookable: Clinic) -> None:
    """
    Another patient's, another time's or a past appointment is left to a person; one that is gone needs nothing.
    """
    added = bookable.desk.add_appointment("1", TEN)

    assert CancelResult.CHANGED is bookable.pms.cancel(added, patient_id="8", start=TEN, after=LONG_AGO)
    assert CancelResult.CHANGED is bookable.pms.cancel(added, patient_id="7", start=TEN + timedelta(hours=1), after=LONG_AGO)
    assert CancelResult.CHANGED is bookable.pms.cancel(added, patient_id="7", start=TEN, after=TEN)
    assert CancelResult.ALREADY is bookable.pms.cancel("999", patient_id="7", start=TEN, after=LONG_AGO)
    assert AppointmentState.BOOKED is bookable.pms.states([added])[added].state


def test_states(clinic: Clinic) -> None:
    """
    Every appointment that exists is told, in whatever state.
    """
    ids = [clinic.desk.add_appointment("1", TEN + timedelta(hours=n), state=s) for n, s in enumerate(AppointmentState)]

    found = clinic.pms.states([*ids, "999", "nothing"])

    assert dict(zip(ids, AppointmentState, strict=True)) == {i: a.state for i, a in found.items()}


def test_appointments_of_a_patient(clinic: Clinic) -> None:
    """
    What a patient still has from a moment on, with its reference, and nobody else's.
    """
    clinic.desk.add_patient("8")
    clinic.desk.add_appointment("1", TEN - timedelta(minutes=15))
    added = clinic.desk.add_appointment("1", TEN, 20, reference=12)
    later = clinic.desk.add_appointment("1", TEN + timedelta(days=40))
    clinic.desk.add_appointment("1", TEN + timedelta(hours=1), state=AppointmentState.CANCELLED)
    clinic.desk.add_appointment("1", TEN + timedelta(hours=2), patient_id="8")

    found = {a.id: (a.start, a.minutes, a.reference) for a in clinic.pms.appointments_of("7", TEN)}

    assert {added: (TEN, 20, 12), later: (TEN + timedelta(days=40), 15, 0)} == found
    assert [] == list(clinic.pms.appointments_of("999", TEN))


def test_use_after_close(clinic: Clinic) -> None:
    """
    Closing lets go; a later call opens again.
    """
    clinic.pms.close()

    assert 1 == len(clinic.pms.locations())
