"""
Free time, against a slow reckoning written separately; fingerprints.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.availability import DayAvailability, OpenRange, busy_by_practitioner, free_time
from agent.domain.days import DateRange, Span, exists
from agent.domain.diary import Appointment, Diary, Location, PmsType, Practitioner, Session
from agent.domain.practice import LiveHours, Practice
from agent.domain.resources import Catalogue, Resource, build_catalogue

SYDNEY = ZoneInfo("Australia/Sydney")
DAY = date(2026, 11, 18)
WINDOW = DateRange(date(2026, 10, 3), date(2026, 10, 6))  # daylight saving begins on the 4th, at two
PRACTICE = Practice(id="1001", name="Sample", locations=(), zone=SYDNEY, live_hours=LiveHours(days=((),) * 7))


def practitioner(number: str, place: str, specialty: str = "") -> Practitioner:
    return Practitioner(
        id=number, title="Dr", first_name=f"First{number}", last_name=f"Last{number}", location_id=place, specialty_id=specialty
    )


CATALOGUE = build_catalogue(
    PRACTICE,
    [
        practitioner("1", "1"),
        practitioner("2", "1", "GP"),
        practitioner("2", "1", "SKIN"),
        practitioner("3", "1"),
        practitioner("3", "2"),
    ],
    [
        PmsType(id="1", name="Standard", minutes=15),
        PmsType(id="2", name="Skin check", minutes=30, practitioner_id="2"),
        PmsType(id="3", name="Vaccination", minutes=10),
    ],
    [Location(id="1", name="Here"), Location(id="2", name="There")],
)


def appointment(who: str, start: datetime, minutes: int) -> Appointment:
    return Appointment(id="1", practitioner_id=who, location_id="1", start=start, minutes=minutes)


def diary(sessions: list[Session], appointments: list[Appointment], *, slots_are_free: bool = False) -> Diary:
    return Diary(markers={}, sessions=tuple(sessions), appointments=tuple(appointments), slots_are_free=slots_are_free)


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    start, end = sorted(draw(st.tuples(st.integers(0, 288), st.integers(0, 288))))
    return Session(
        practitioner_id=draw(st.sampled_from(["1", "2", "3", "4"])),
        location_id=draw(st.sampled_from(["1", "2"])),
        date=WINDOW.first + timedelta(days=draw(st.integers(0, 2))),
        start=start * 5,
        end=end * 5,
        slot_minutes=draw(st.sampled_from([0, 10, 15])),
        type_ids=draw(st.sampled_from([(), ("1",), ("2", "1"), ("2",), ("9",)])),
    )


APPOINTMENTS = st.builds(
    appointment,
    st.sampled_from(["1", "2", "3"]),
    st.builds(
        lambda minute, second: datetime(2026, 10, 2) + timedelta(minutes=minute, seconds=second),
        st.integers(0, 5 * 1440),
        st.sampled_from([0, 0, 0, 30]),
    ),
    st.sampled_from([1, 10, 15, 45, 600, 3000]),
)
ROSTERS = st.lists(sessions(), max_size=12)


def slow_free_time(catalogue: Catalogue, known: Diary, resource: Resource, day: date) -> tuple[OpenRange, ...]:
    """
    Work out the same by asking of every minute of the day whether it is free.
    """
    free: dict[tuple[int, tuple[str, ...]], set[int]] = defaultdict(set)
    midnight = datetime.combine(day, time())
    busy = [
        (a.start, a.start + timedelta(minutes=a.minutes))
        for a in known.appointments
        if a.practitioner_id == resource.practitioner_id and not known.slots_are_free
    ]
    for session in known.sessions:
        if (session.practitioner_id, session.location_id, session.date) != (resource.practitioner_id, resource.location_id, day):
            continue
        ids = tuple(
            sorted(t.id for t in catalogue.types if t.pms_type_id in session.type_ids and t.resource_id in ("", resource.id))
        )
        if session.type_ids and not ids:
            continue
        for minute in range(session.start, session.end):
            at = midnight + timedelta(minutes=minute)
            if exists(at, SYDNEY) and not any(start < at + timedelta(minutes=1) and end > at for start, end in busy):
                free[session.slot_minutes, ids].add(minute)
    ranges = []
    for (slot, ids), minutes in free.items():
        for first in sorted(minute for minute in minutes if minute - 1 not in minutes):
            end = first
            while end in minutes:
                end += 1
            if end - first >= slot:
                ranges.append(OpenRange(first, end, slot, ids))
    return tuple(sorted(ranges))


@settings(max_examples=60, deadline=None)
@given(ROSTERS, st.lists(APPOINTMENTS, max_size=12), st.booleans())
def test_free_time_is_what_a_minute_by_minute_reckoning_gives(
    roster: list[Session],
    booked: list[Appointment],
    slots: bool,  # noqa: FBT001 (drawn)
) -> None:
    """
    For every resource and day free time equals the answer of a slow reckoning, and every resource-day is there, once, in order.
    """
    known = diary(roster, booked, slots_are_free=slots)
    days = free_time(CATALOGUE, known, WINDOW, SYDNEY)

    assert [(resource.id, day) for resource in CATALOGUE.resources for day in WINDOW] == [(d.resource_id, d.date) for d in days]
    assert [slow_free_time(CATALOGUE, known, resource, day) for resource in CATALOGUE.resources for day in WINDOW] == [
        d.ranges for d in days
    ]


@settings(max_examples=60, deadline=None)
@given(ROSTERS, st.lists(APPOINTMENTS, max_size=12))
def test_openings_share_no_instant_with_appointments(roster: list[Session], booked: list[Appointment]) -> None:
    """
    No opening of any resource overlaps an appointment of its practitioner, at whatever place it was made.
    """
    practitioners = {resource.id: resource.practitioner_id for resource in CATALOGUE.resources}
    for day in free_time(CATALOGUE, diary(roster, booked), WINDOW, SYDNEY):
        midnight = datetime.combine(day.date, time())
        for opening in day.ranges:
            start, end = (midnight + timedelta(minutes=minute) for minute in (opening.start, opening.end))

            assert not any(
                a.start < end and a.start + timedelta(minutes=a.minutes) > start
                for a in booked
                if a.practitioner_id == practitioners[day.resource_id]
            )


@settings(max_examples=60, deadline=None)
@given(ROSTERS, st.lists(APPOINTMENTS, max_size=8), st.integers())
def test_the_order_of_rows_does_not_matter(roster: list[Session], booked: list[Appointment], seed: int) -> None:
    """
    A database may return its rows in any order: free time and fingerprints stay the same.
    """
    before = free_time(CATALOGUE, diary(roster, booked), WINDOW, SYDNEY)
    Random(seed).shuffle(roster)
    Random(seed).shuffle(booked)
    after = free_time(CATALOGUE, diary(roster, booked), WINDOW, SYDNEY)

    assert before == after
    assert [day.fingerprint() for day in before] == [day.fingerprint() for day in after]


@settings(max_examples=60, deadline=None)
@given(ROSTERS, st.lists(APPOINTMENTS, max_size=8), APPOINTMENTS)
def test_one_more_appointment_never_frees_time(roster: list[Session], booked: list[Appointment], one_more: Appointment) -> None:
    """
    Booking only takes time away.
    """
    before = free_time(CATALOGUE, diary(roster, booked), WINDOW, SYDNEY)
    after = free_time(CATALOGUE, diary(roster, [*booked, one_more]), WINDOW, SYDNEY)

    for old, new in zip(before, after, strict=True):
        assert all(any(o.start <= n.start and n.end <= o.end and o[2:] == n[2:] for o in old.ranges) for n in new.ranges)


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        ("Australia/Sydney", date(2026, 10, 4), [(60, 120), (180, 240)]),
        ("Australia/Sydney", date(2027, 10, 3), [(60, 120), (180, 240)]),
        ("Australia/Lord_Howe", date(2026, 10, 4), [(60, 120), (150, 240)]),
        ("Australia/Brisbane", date(2026, 10, 4), [(60, 240)]),
        ("Australia/Sydney", date(2026, 4, 5), [(60, 240)]),  # the repeated hour is published once
    ],
)
def test_times_that_do_not_exist_are_never_free(zone: str, day: date, expected: list[tuple[int, int]]) -> None:
    """
    A session across the start of daylight saving has a hole where the clocks jump.
    """
    session = Session(practitioner_id="1", location_id="1", date=day, start=60, end=240, slot_minutes=15)
    found = free_time(CATALOGUE, diary([session], []), DateRange.of_days(day, 1), ZoneInfo(zone))

    assert expected == [(r.start, r.end) for r in found[0].ranges]


@pytest.mark.parametrize(
    ("slot", "booked_minutes", "expected"),
    [
        (15, 45, [(585, 600)]),
        (15, 46, []),
        (0, 59, [(599, 600)]),
        (0, 60, []),
    ],
)
def test_a_stretch_shorter_than_a_slot_is_not_free(slot: int, booked_minutes: int, expected: list[tuple[int, int]]) -> None:
    """
    What is left over after an appointment is published if a slot fits into it; without slots every minute is.
    """
    session = Session(practitioner_id="1", location_id="1", date=DAY, start=540, end=600, slot_minutes=slot)
    known = diary([session], [appointment("1", datetime(2026, 11, 18, 9), booked_minutes)])
    found = free_time(CATALOGUE, known, DateRange.of_days(DAY, 1), SYDNEY)

    assert expected == [(r.start, r.end) for r in found[0].ranges]


def test_a_booking_takes_the_time_of_all_siblings() -> None:
    """
    An appointment made for one specialty, or at another place, takes the practitioner's time everywhere.
    """
    day = date(2026, 10, 5)
    roster = [
        Session(practitioner_id=who, location_id=place, date=day, start=540, end=600)
        for who, place in (("2", "1"), ("3", "1"), ("3", "2"))
    ]
    booked = [appointment("2", datetime(2026, 10, 5, 9), 30), appointment("3", datetime(2026, 10, 5, 9), 30)]
    found = {
        d.resource_id: [(r.start, r.end) for r in d.ranges]
        for d in free_time(CATALOGUE, diary(roster, booked), DateRange.of_days(day, 1), SYDNEY)
    }

    assert {"1@1": [], "2@1:GP": [(570, 600)], "2@1:SKIN": [(570, 600)], "3@1": [(570, 600)], "3@2": [(570, 600)]} == found


def test_types_of_a_session_are_published_per_resource() -> None:
    """
    A session for a practitioner's own type names the id that the type has for each of the resources.
    """
    day = date(2026, 10, 5)
    session = Session(practitioner_id="2", location_id="1", date=day, start=540, end=600, type_ids=("2", "3"))
    found = free_time(CATALOGUE, diary([session], []), DateRange.of_days(day, 1), SYDNEY)

    assert {"2@1:GP": ("2:2@1:GP", "3"), "2@1:SKIN": ("2:2@1:SKIN", "3")} == {
        d.resource_id: d.ranges[0].type_ids for d in found if d.ranges
    }


@pytest.mark.parametrize(
    ("start", "minutes", "expected"),
    [
        (datetime(2026, 10, 5, 9), 15, {5: [(540, 555)]}),
        (datetime(2026, 10, 5, 9, 0, 30), 15, {5: [(540, 556)]}),
        (datetime(2026, 10, 5, 23, 30), 30, {5: [(1410, 1440)]}),
        (datetime(2026, 10, 5, 23, 30), 45, {5: [(1410, 1440)], 6: [(0, 15)]}),
        (datetime(2026, 10, 5, 23, 0), 60 + 1440, {5: [(1380, 1440)], 6: [(0, 1440)]}),
        (datetime(2026, 10, 5, 23, 0), 61 + 1440, {5: [(1380, 1440)], 6: [(0, 1440)], 7: [(0, 1)]}),
    ],
)
def test_what_an_appointment_takes(start: datetime, minutes: int, expected: dict[int, list[tuple[int, int]]]) -> None:
    """
    Whole minutes, on every day that it touches.
    """
    taken = busy_by_practitioner([appointment("1", start, minutes)])

    assert {("1", date(2026, 10, day)): [Span(*span) for span in spans] for day, spans in expected.items()} == taken


RANGES = st.lists(
    st.builds(OpenRange, st.integers(0, 20), st.integers(0, 20), st.integers(0, 2), st.sampled_from([(), ("1",), ("1", "2")])),
    max_size=3,
)


@settings(max_examples=60, deadline=None)
@given(RANGES, RANGES)
def test_fingerprints_are_equal_exactly_when_the_free_time_is(one: list[OpenRange], other: list[OpenRange]) -> None:
    """
    The resource and the date are no part of it; every field of every range is.
    """
    first = DayAvailability("1", DAY, tuple(one))
    second = DayAvailability("2", date(2027, 1, 1), tuple(other))

    assert (one == other) is (first.fingerprint() == second.fingerprint())
    assert first.fingerprint() == first._replace(resource_id="9").fingerprint()


def test_a_fingerprint_outlives_the_program() -> None:
    """
    It is stored, so the same free time has to have the same one tomorrow: a changed value here sends everything again.
    """
    day = DayAvailability("1", DAY, (OpenRange(540, 600, 15, ("1", "2")),))

    assert "a48aa4892fefafb16b5bb8e3" == day.fingerprint()
    assert day.fingerprint() != replace_slot(day).fingerprint()


def replace_slot(day: DayAvailability) -> DayAvailability:
    return day._replace(ranges=tuple(opening._replace(slot_minutes=0) for opening in day.ranges))


def test_slots_worked_out_by_the_pms_ignore_appointments() -> None:
    """
    Where the PMS says what is free, appointments do not take it away again, and slots that touch become one range.
    """
    session = Session(practitioner_id="1", location_id="1", date=DAY, start=540, end=555, slot_minutes=15)
    roster = [session, replace(session, start=555, end=570)]
    booked = [appointment("1", datetime(2026, 11, 18, 9), 15)]
    found = free_time(CATALOGUE, diary(roster, booked, slots_are_free=True), DateRange.of_days(DAY, 1), SYDNEY)

    assert (OpenRange(540, 570, 15),) == found[0].ranges
