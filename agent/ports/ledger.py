"""
What the agent remembers: bookings and cancellations on their way, and what Healthengine has acknowledged.

Nothing in here may hold anything readable about a patient: ids, times and states only (rule 6). Every write is committed
when the call returns. Safe to call from several threads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from agent.domain.booking import BookingState, CancellationState
from agent.domain.by_hand import own_id
from agent.domain.moves import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerBooking:
    """
    A booking as the ledger knows it.

    Attributes:
        resource_id: As published.
        start: Local wall time, naive.
        booked_at, seen_at, updated_at, answered_at: Aware UTC; *answered_at* is Healthengine's clock at our acknowledged answer.
        reason: Why it is a task, was rejected or cancelled: a code or plain words, never patient data.
        present: Where its appointment is now; None: where it was booked.
        other_ids: What else the patient had while it was in order; None: nobody looked yet. While reception is to enter it: the
            appointments that are not it for certain.
        own_ids: Healthengine is told ids of our own, because it was not in the PMS in time.
    """

    practice_id: str
    booking_id: int
    state: BookingState
    resource_id: str
    practitioner_id: str
    location_id: str
    type_id: str
    start: datetime
    minutes: int
    booked_at: datetime
    seen_at: datetime
    updated_at: datetime
    answered_at: datetime | None = None
    appointment_ids: tuple[str, ...] = ()
    patient_id: str = ""
    reason: str = ""
    present: Place | None = None
    other_ids: tuple[str, ...] | None = None
    own_ids: bool = False

    @property
    def told_ids(self) -> tuple[str, ...]:
        """
        The appointment ids that Healthengine is told, every time the same.
        """
        return (own_id(self.booking_id),) if self.own_ids else self.appointment_ids

    @property
    def told_patient_id(self) -> str:
        """
        The patient id that Healthengine is told, every time the same.
        """
        return own_id(self.booking_id) if self.own_ids else self.patient_id

    @property
    def booked(self) -> Place:
        """
        Where the patient booked it.
        """
        return Place(practitioner_id=self.practitioner_id, location_id=self.location_id, start=self.start, minutes=self.minutes)

    @property
    def place(self) -> Place:
        """
        Where its appointment is now, as far as is known.
        """
        return self.present or self.booked


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCancellation:
    """
    A patient's cancellation (or other update) as the ledger knows it.
    """

    practice_id: str
    booking_id: int
    request_id: int
    state: CancellationState
    updated_at: datetime
    reason: str = ""


class Ledger(Protocol):
    """
    Bookings and cancellations, one row for every step.
    """

    def booking(self, practice_id: str, booking_id: int) -> LedgerBooking | None:
        """
        Return what is known of a booking, or None.
        """

    def bookings(
        self, practice_id: str, *, states: Iterable[BookingState] = (), start_from: datetime | None = None
    ) -> Sequence[LedgerBooking]:
        """
        Return bookings, newest step last; *states* empty: in any state; *start_from*: those that start then or later (local), as
        booked or as moved.
        """

    def left_to_reception(self, start_from: datetime) -> Sequence[LedgerBooking]:
        """
        Return the bookings of every practice that reception is to enter and that start then or later (local).
        """

    def write(self, entry: LedgerBooking) -> None:
        """
        Take the step to *entry.state*.

        Raises:
            ValueError: if `agent.domain.booking.NEXT` does not allow it from the present state.
        """

    def write_all(self, entries: Sequence[LedgerBooking]) -> None:
        """
        Take several steps, in their order, all of them or none.

        Raises:
            ValueError: as `write`.
        """

    def cancellation(self, practice_id: str, request_id: int) -> LedgerCancellation | None:
        """
        Return what is known of an update request, or None.
        """

    def cancellations(self, practice_id: str, *, states: Iterable[CancellationState] = ()) -> Sequence[LedgerCancellation]:
        """
        Return cancellations; *states* empty: in any state.
        """

    def write_cancellation(self, entry: LedgerCancellation) -> None:
        """
        Take the step to *entry.state*.
        """

    def counts(self, practice_id: str) -> Mapping[BookingState, int]:
        """
        Return how many bookings are in each state.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class DayKey:
    """
    One resource on one day.
    """

    resource_id: str
    date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgedDay:
    """
    What Healthengine acknowledged for one resource and day.

    Attributes:
        fingerprint: Of the free time; empty if the last sending failed.
        generation: Raised by our own bookings; a snapshot computed at a lower one is dropped.
        failed: Why Healthengine refused the last one; empty: it did not.
    """

    fingerprint: str
    generation: int
    failed: str = ""


class Published(Protocol):
    """
    What Healthengine has acknowledged: only that counts as sent (rule 4).
    """

    def days(self, practice_id: str, first: date, end: date) -> Mapping[DayKey, AcknowledgedDay]:
        """
        Return what is known of the resource-days from *first* up to, not including, *end*.
        """

    def acknowledge_days(self, practice_id: str, days: Mapping[DayKey, AcknowledgedDay], at: datetime) -> None:
        """
        Record what was acknowledged or refused; a day whose generation has meanwhile been raised is left as it is.
        """

    def raise_generation(self, practice_id: str, keys: Iterable[DayKey]) -> None:
        """
        Make every snapshot of these days that is under way too old to count, and the days count as not sent: one that is
        under way may still arrive, and then only a new snapshot puts things right.
        """

    def forget_days(self, practice_id: str) -> None:
        """
        Make every day count as not sent (resync, link, enable).
        """

    def drop_days_before(self, practice_id: str, day: date) -> None:
        """
        Delete what is past.
        """

    def counts(self, practice_id: str, *, first: date) -> tuple[int, int]:
        """
        Return how many resource-days from *first* on are acknowledged and how many were refused.
        """

    def markers(self, practice_id: str) -> Mapping[date, str]:
        """
        Return the marker under which each date was last computed and acknowledged.
        """

    def set_markers(self, practice_id: str, markers: Mapping[date, str]) -> None:
        """
        Replace the markers of these dates.
        """

    def note(self, practice_id: str, name: str) -> str:
        """
        Return a remembered text, such as the fingerprint of the acknowledged resource list, or the empty text.

        Names in use: `resources`, `types`, `liveness`, `full_availability_at`, `linked_key`.
        """

    def set_note(self, practice_id: str, name: str, value: str) -> None:
        """
        Remember a text.
        """
