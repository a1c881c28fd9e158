"""
The online bookings of today and later, as a window shows them, and whose they are.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.domain.status import BookingLine

MOST_LISTED = 500
"""How many bookings one answer carries, the soonest first."""

MOST_NAMED = 200
"""How many patients are asked for at a time: more than a screen has lines."""

BookingKey = tuple[str, int]
"""A practice's id and a booking's number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingBooking:
    """
    One booking: ids and times, no patient.

    Attributes:
        line: Its time, length and resource are those of its appointment now, if the desk has moved it.
        practice_name: Empty: it has none.
        resource_name: With whom; empty: that is not known any more.
        has_patient: The PMS can be asked whose it is.
    """

    line: BookingLine
    practice_name: str = ""
    resource_name: str = ""
    has_patient: bool = False

    @property
    def key(self) -> BookingKey:
        """
        What tells it from all others.
        """
        return self.line.practice_id, self.line.booking_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingBookings:
    """
    What starts today or later, the soonest first.

    Attributes:
        count: How many there are; *bookings* may be fewer.
        today: How many of them are today's.
    """

    bookings: tuple[ComingBooking, ...]
    count: int
    today: int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class BookingPatient:
    """
    Whose a booking is: asked of the PMS while somebody looks, in memory alone. Its `repr` shows the booking's number.

    Attributes:
        name: Empty: the PMS has no such patient any more.
    """

    practice_id: str
    booking_id: int
    name: str

    def __repr__(self) -> str:
        return f"BookingPatient({self.booking_id}, ***)"


def soonest(parts: list[ComingBookings]) -> ComingBookings:
    """
    Return the bookings of several practices as one list.
    """
    found = sorted((one for part in parts for one in part.bookings), key=lambda one: (one.line.start, one.key))
    return ComingBookings(
        bookings=tuple(found[:MOST_LISTED]),
        count=sum(part.count for part in parts),
        today=sum(part.today for part in parts),
    )
