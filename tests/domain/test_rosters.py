"""
Rosters as people keep them: what overlaps, touches, is limited or lies in two columns or at two places.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from agent.domain.availability import OpenRange, free_time
from agent.domain.days import DateRange
from agent.domain.diary import Appointment, Diary, Location, PmsType, Practitioner, Session
from agent.domain.practice import LiveHours, Practice
from agent.domain.resources import build_catalogue

DAY = date(2026, 12, 1)
PERTH = ZoneInfo("Australia/Perth")
PRACTICE = Practice(id="1001", name="Sample", locations=(), zone=PERTH, live_hours=LiveHours(days=((),) * 7))
CATALOGUE = build_catalogue(
    PRACTICE,
    [Practitioner(id="1", title="Dr", first_name="Ada", last_name="Byron", location_id=place) for place in ("1", "2")],
    [PmsType(id="4", name="Long", minutes=30), PmsType(id="5", name="Short", minutes=10)],
    [Location(id="1", name="Main Street"), Location(id="2", name="Beach Road")],
)

NINE, TEN, HALF_PAST, ELEVEN, NOON, ONE, FIVE = 540, 600, 630, 660, 720, 780, 1020


def session(start: int, end: int, *, slot: int = 15, types: tuple[str, ...] = (), place: str = "1") -> Session:
    return Session(practitioner_id="1", location_id=place, date=DAY, start=start, end=end, slot_minutes=slot, type_ids=types)


def taken(start: int, minutes: int, *, place: str = "1") -> Appointment:
    at = datetime(2026, 12, 1) + timedelta(minutes=start)
    return Appointment(id=str(start), practitioner_id="1", location_id=place, start=at, minutes=minutes)


def free(sessions: list[Session], appointments: list[Appointment], place: str = "1") -> list[OpenRange]:
    diary = Diary(markers={}, sessions=tuple(sessions), appointments=tuple(appointments), slots_are_free=False)
    found = free_time(CATALOGUE, diary, DateRange.of_days(DAY, 1), PERTH)
    return [opening for day in found if day.resource_id == f"1@{place}" for opening in day.ranges]


@pytest.mark.parametrize(
    ("sessions", "appointments", "expected"),
    [
        (
            [session(NINE, ELEVEN), session(TEN, NOON)],
            [],
            [OpenRange(NINE, NOON, 15)],
        ),
        (
            [session(NINE, NOON), session(TEN, ELEVEN)],
            [taken(HALF_PAST, 30)],
            [OpenRange(NINE, HALF_PAST, 15), OpenRange(ELEVEN, NOON, 15)],
        ),
        (
            [session(NINE, TEN, slot=10), session(TEN, ELEVEN, slot=15)],
            [],
            [OpenRange(NINE, TEN, 10), OpenRange(TEN, ELEVEN, 15)],
        ),
        (
            [session(NINE, TEN, slot=10), session(TEN, ELEVEN, slot=15)],
            [taken(TEN - 5, 15)],
            [OpenRange(NINE, TEN - 5, 10), OpenRange(TEN + 10, ELEVEN, 15)],
        ),
        (
            [session(NINE, TEN), session(TEN, ELEVEN)],
            [],
            [OpenRange(NINE, ELEVEN, 15)],
        ),
        (
            [session(NINE, NOON), session(NINE, NOON)],
            [taken(TEN, 15)],
            [OpenRange(NINE, TEN, 15), OpenRange(TEN + 15, NOON, 15)],
        ),
        (
            [session(NINE, NOON), session(NINE, NOON)],
            [taken(TEN, 15), taken(TEN, 30)],
            [OpenRange(NINE, TEN, 15), OpenRange(HALF_PAST, NOON, 15)],
        ),
        (
            [session(NINE, NOON), session(ONE, FIVE, types=("4",))],
            [taken(ONE, 30)],
            [OpenRange(NINE, NOON, 15), OpenRange(ONE + 30, FIVE, 15, ("4",))],
        ),
        (
            [session(NINE, NOON, types=("4",)), session(TEN, ELEVEN, types=("5",))],
            [],
            [OpenRange(NINE, NOON, 15, ("4",)), OpenRange(TEN, ELEVEN, 15, ("5",))],
        ),
        (
            [session(NINE, NOON, types=("9",))],
            [],
            [],
        ),
        (
            [session(NINE, NOON), session(ONE, FIVE, place="2")],
            [taken(TEN, 15, place="2"), taken(NOON, 90)],
            [OpenRange(NINE, TEN, 15), OpenRange(TEN + 15, NOON, 15)],
        ),
    ],
    ids=[
        "overlapping sessions are one stretch",
        "one session within another",
        "back to back with other slots",
        "an appointment across the change of slots",
        "back to back with the same slots",
        "two columns of one practitioner",
        "double booked",
        "an afternoon for one type",
        "overlapping sessions for different types",
        "only for a type that is not published",
        "what happens elsewhere takes the time here",
    ],
)
def test_what_is_free(sessions: list[Session], appointments: list[Appointment], expected: list[OpenRange]) -> None:
    """
    Neither more nor less than the practitioner has free.
    """
    assert expected == free(sessions, appointments)


def test_two_places_in_a_day() -> None:
    """
    Each place shows its own part of the day; an appointment that runs over takes the beginning of the other.
    """
    sessions = [session(NINE, NOON), session(NOON, FIVE, place="2")]
    late = [taken(NOON - 15, 30)]

    assert [OpenRange(NINE, NOON - 15, 15)] == free(sessions, late, "1")
    assert [OpenRange(NOON + 15, FIVE, 15)] == free(sessions, late, "2")
