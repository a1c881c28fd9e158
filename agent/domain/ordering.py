"""
In which order waiting requests are acted on (rule 2, acceptance R3), and how many at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.domain.booking import Booking, BookingUpdate, HealthengineStatus

MOST_AT_ONCE = 64
"""How many bookings go into the PMS in one transaction at most."""

QUICK = timedelta(seconds=0.2)
"""A transaction of ours that is over within this time is in nobody's way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """
    The time that one of our bookings takes in the PMS.
    """

    practitioner_id: str
    start: datetime
    minutes: int

    def overlaps(self, other: Held) -> bool:
        """
        Return whether both take some minute of the same practitioner.
        """
        return (
            self.practitioner_id == other.practitioner_id
            and self.start < other.start + timedelta(minutes=other.minutes)
            and other.start < self.start + timedelta(minutes=self.minutes)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """
    What to do, list after list.

    Attributes:
        first: Cancellations of what holds the time that a waiting booking wants.
        cancelled: Bookings that their patients cancelled before an answer: nothing of them may stay in the PMS, where
            they would hold their times.
        bookings: To be entered, the one that has waited longest first.
        updates: Everything else that was asked of known bookings, in the order of Healthengine's request ids.
    """

    first: tuple[BookingUpdate, ...]
    cancelled: tuple[Booking, ...]
    bookings: tuple[Booking, ...]
    updates: tuple[BookingUpdate, ...]


def order(
    bookings: Iterable[Booking],
    updates: Iterable[BookingUpdate],
    *,
    held: Mapping[int, Held],
    wanted: Mapping[int, Held],
) -> Order:
    """
    Put everything outstanding in order.

    Args:
        bookings: All that wait.
        updates: All that wait.
        held: By booking id, what is in the PMS or may be; such a booking is never treated as "not entered yet".
        wanted: By booking id, the time each waiting booking asks for; one that cannot be placed is left out.
    """
    waiting = sorted({b.id: b for b in bookings}.values(), key=lambda b: (b.booked_at, b.id))
    asked = sorted({u.request_id: u for u in updates}.values(), key=lambda u: u.request_id)
    cancelled_ids = {u.booking_id for u in asked if u.status is HealthengineStatus.CANCELLED}
    dead = [b for b in waiting if _is_dead(b, cancelled_ids, held)]
    dead_ids = {b.id for b in dead}
    live = [b for b in waiting if b.id not in dead_ids]
    wishes = [wanted[b.id] for b in live if b.id in wanted and b.id not in held]
    first = [u for u in asked if _frees(u, held, wishes)]
    first_ids = {u.request_id for u in first}
    return Order(
        first=tuple(first),
        cancelled=tuple(dead),
        bookings=tuple(live),
        updates=tuple(u for u in asked if u.request_id not in first_ids),
    )


def _is_dead(booking: Booking, cancelled_ids: set[int], held: Mapping[int, Held]) -> bool:
    if booking.status is HealthengineStatus.CANCELLED:
        return True
    # One that is in the PMS is answered first; its cancellation then takes it out again.
    return booking.id in cancelled_ids and booking.id not in held


def _frees(update: BookingUpdate, held: Mapping[int, Held], wishes: Sequence[Held]) -> bool:
    if update.status is not HealthengineStatus.CANCELLED or update.booking_id not in held:
        return False
    return any(held[update.booking_id].overlaps(wish) for wish in wishes)


def at_once(before: int, took: timedelta) -> int:
    """
    Return how many bookings to put into the PMS in one transaction after *before* of them *took* that long.

    More and more while the PMS is quick, so that a burst is soon in; fewer when it is slow, because the front desk may have to
    wait for our transaction and every patient in it waits for the last.
    """
    if took <= QUICK:
        return min(2 * before, MOST_AT_ONCE)
    return before if took <= 2 * QUICK else max(1, before // 2)
