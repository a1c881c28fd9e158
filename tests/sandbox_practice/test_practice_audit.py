"""
The audit finds what is doubled, overlapping or missing, and nothing else.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime

import pytest

from agent.sandbox.practice.audit import Overlap, audit
from agent.sandbox.practice.build import INSERT_APPOINTMENT

EMPTY_DAY = "2027-03-01"


def insert(
    connection: sqlite3.Connection, number: int, clock: str, *, minutes: int = 15, status: int = 0, notes: str = "", who: int = 1
) -> None:
    connection.execute(
        INSERT_APPOINTMENT, (number, who, 1, None if status == 5 else 1, None, f"{EMPTY_DAY} {clock}:00", minutes, status, notes)
    )
    connection.commit()


def test_a_practice_as_built_is_clean(connection: sqlite3.Connection) -> None:
    """
    Nothing of ours is in a practice as built, and nothing is wrong with it.
    """
    report = audit(connection, confirmed=())

    assert report.is_clean
    assert () == report.ours
    assert report.appointments > 1000


def test_what_healthengine_believes_is_compared_with_live_rows(connection: sqlite3.Connection) -> None:
    """
    A confirmed booking without a live row is missing; a live row that nobody confirmed is unexpected.
    """
    insert(connection, 90001, "09:00", notes="walks slowly HE:11;")
    insert(connection, 90002, "10:00", status=3, notes="HE:12;")
    insert(connection, 90003, "11:00", status=2, notes="HE:13;")

    report = audit(connection, confirmed={11, 12, 14})

    assert (12, 14) == report.missing
    assert (13,) == report.unexpected
    assert frozenset({11, 13}) == report.live_bookings
    assert [11, 12, 13] == [row.booking_id for row in report.ours]
    assert not report.is_clean


def test_two_live_rows_of_a_booking_are_a_duplicate(connection: sqlite3.Connection) -> None:
    """
    A booking may have cancelled rows beside its live one, but one live row only.
    """
    insert(connection, 90001, "09:00", notes="HE:11;")
    insert(connection, 90002, "10:00", notes="HE:11;", who=2)
    insert(connection, 90003, "11:00", notes="HE:12;")
    insert(connection, 90004, "12:00", status=3, notes="HE:12;")

    assert (11,) == audit(connection, confirmed={11, 12}).duplicates


@pytest.mark.parametrize(
    ("clock", "minutes", "status", "who", "overlaps"),
    [
        ("09:00", 15, 0, 1, True),
        ("08:50", 11, 1, 1, True),
        ("08:50", 10, 2, 1, False),
        ("09:14", 15, 0, 1, True),
        ("09:15", 15, 0, 1, False),
        ("08:00", 120, 5, 1, True),
        ("09:00", 15, 3, 1, False),
        ("09:00", 15, 4, 1, False),
        ("09:00", 15, 0, 2, False),
    ],
)
def test_sharing_a_minute_with_ours_is_double_booked(
    connection: sqlite3.Connection, *, clock: str, minutes: int, status: int, who: int, overlaps: bool
) -> None:
    """
    Whatever takes the same practitioner's time while a live row of ours does is reported, and nothing else.
    """
    insert(connection, 90001, "09:00", notes="HE:11;")
    insert(connection, 90002, clock, minutes=minutes, status=status, who=who)

    expected = (Overlap(booking_id=11, appointment_id=90001, other_id=90002, other_booking_id=0),) if overlaps else ()

    assert expected == audit(connection, confirmed={11}).double_booked


def test_overlaps_between_rows_of_the_practice_are_its_own_affair(connection: sqlite3.Connection) -> None:
    """
    The desk may double-book itself.
    """
    insert(connection, 90001, "09:00")
    insert(connection, 90002, "09:00")

    assert audit(connection, confirmed=()).is_clean


def test_rows_say_when_they_end(connection: sqlite3.Connection) -> None:
    """
    A row's end is its start and its length.
    """
    insert(connection, 90001, "23:50", minutes=20, notes="HE:5;")

    assert [datetime(2027, 3, 2, 0, 10)] == [row.end for row in audit(connection, confirmed={5}).ours]
