"""
Bookings that reception enters into the PMS: how long they may wait for an answer, and which appointment is which booking.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from agent.domain.diary import Appointment
from agent.domain.moves import Place, is_live
from agent.domain.practice import LiveHours

ANSWER_BY_HAND_WITHIN = timedelta(minutes=9)
"""How long Healthengine waits for reception; from ten minutes on it would hide the practice's times (R2)."""


def own_id(booking_id: int) -> str:
    """
    Return the id under which Healthengine knows a booking that was not in the PMS in time; always the same.
    """
    return f"frontdesk:{booking_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """
    These appointments of this patient are the booking, for certain.
    """

    appointment_ids: tuple[str, ...]
    patient_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubtful:
    """
    One of these appointments may be the booking: a person has to say.
    """

    appointment_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotYet:
    """
    Nothing in the PMS looks like the booking.
    """


Sight = Recognised | Doubtful | NotYet


def recognise(
    booking_id: int, booked: Place, rows: Iterable[Appointment], *, patient_id: str, others: Collection[str] = ()
) -> Sight:
    """
    Decide which of a day's appointments is a booking.

    It is what carries the booking's mark, or what begins at its time with its practitioner and is its patient's. Another
    patient's appointment in its time, or another one of its patient on that day, may be it and may not.

    Args:
        rows: Appointments of that day that are no other booking's.
        patient_id: The booking's patient in the PMS; empty: nobody knows.
        others: Ids of appointments that are not it, unless they carry its mark or were moved into its very place.
    """
    live = sorted((row for row in rows if is_live(row) and row.patient_id), key=lambda row: (row.start, row.id))
    marked = [row for row in live if row.reference == booking_id]
    if marked and len({row.patient_id for row in marked}) == 1:
        return _recognised(marked)
    here = [row for row in live if row.practitioner_id == booked.practitioner_id and _overlaps(row, booked)]
    ours = [row for row in here if row.patient_id == patient_id]
    if ours and not marked and ours[0].start == booked.start and _follow_each_other(ours):
        return _recognised(ours)
    possible = {row.id: row for row in (*marked, *here, *(row for row in live if row.patient_id == patient_id))}
    asked = tuple(row_id for row_id in possible if row_id not in others)
    return Doubtful(appointment_ids=asked) if asked else NotYet()


def staffed_time(begin: datetime, end: datetime, hours: LiveHours, is_holiday: Callable[[date], bool]) -> timedelta:
    """
    Return how much of the time between two local, naive moments lies in the hours in which somebody enters bookings.
    """
    total = timedelta()
    day = begin.date()
    while day <= end.date():
        midnight = datetime.combine(day, time())
        for span in hours.public_holidays if is_holiday(day) else hours.days[day.weekday()]:
            first = max(begin, midnight + timedelta(minutes=span.start))
            total += max(timedelta(), min(end, midnight + timedelta(minutes=span.end)) - first)
        day += timedelta(days=1)
    return total


def _recognised(rows: Sequence[Appointment]) -> Recognised:
    return Recognised(appointment_ids=tuple(row.id for row in rows), patient_id=rows[0].patient_id)


def _overlaps(row: Appointment, place: Place) -> bool:
    return row.start < place.end and place.start < row.start + timedelta(minutes=max(row.minutes, 1))


def _follow_each_other(rows: Sequence[Appointment]) -> bool:
    # Two at the same time are one too many, and nobody but reception knows which one stays.
    return all(a.start + timedelta(minutes=a.minutes) <= b.start for a, b in pairwise(rows))
