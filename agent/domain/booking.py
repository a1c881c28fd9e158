"""
The life of a booking and of a cancellation, and the rules about time that decide what may still be said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from agent.domain.patients import PatientDetails

ANSWER_WITHIN = timedelta(seconds=20)
"""The patient gets yes or no within this long (R2)."""

REJECT_WITHIN = timedelta(seconds=15)
"""No reject is sent after this age: from 20 s on Healthengine has told the patient yes."""

REFERENCE = re.compile(r"HE:(\d+);")


def reference_text(booking_id: int) -> str:
    """
    Return the mark that ties an appointment to its booking, kept as the last thing in a free-text field of the PMS.
    """
    return f"HE:{booking_id};"


def referenced_booking(text: str) -> int:
    """
    Return the booking id that *text* carries, the last one if there are several, or 0.
    """
    found = REFERENCE.findall(text)
    return int(found[-1]) if found else 0


class HealthengineStatus(StrEnum):
    """
    Healthengine's own word for where a booking is; never used to filter, for it is late and ambiguous.
    """

    REQUESTED = "Requested"
    CONFIRMED = "Confirmed"
    CANCELLED = "Cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """
    What Healthengine asks us to put into the PMS (`GET /requests/bookings`).

    Attributes:
        resource_id: None if the resource was removed meanwhile (R6: reject).
        booked_at: When the patient booked; aware UTC.
        start: Local wall time at the practice, naive.
        seconds: Its length; 0 if Healthengine gave none.
        appointment_ids, patient_id: Ids of an earlier answer of ours, if any.
    """

    id: int
    resource_id: str | None
    type_id: str
    booked_at: datetime
    status: HealthengineStatus
    start: datetime
    seconds: int
    patient: PatientDetails
    appointment_ids: tuple[str, ...] = ()
    patient_id: str = ""
    reason: str = ""
    comments: str = ""
    telehealth_url: str = ""
    is_new_patient: bool = False

    @property
    def minutes(self) -> int:
        """
        Its length in whole minutes, rounded up.
        """
        return -(-self.seconds // 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingUpdate:
    """
    A change Healthengine asks us to make (`GET /requests/bookingUpdates`), nearly always a cancellation.
    """

    request_id: int
    booking_id: int
    status: HealthengineStatus
    appointment_ids: tuple[str, ...] = ()
    patient_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequest:
    """
    Healthengine asks what became of a booking (`GET /requests/pmsAppointmentChanges`).
    """

    booking_id: int
    appointment_ids: tuple[str, ...] = ()
    patient_id: str = ""


class BookingState(StrEnum):
    """
    Where a booking is on its way into the PMS. Each is one ledger row, and each can be resumed.
    """

    REQUESTED = "requested"  # seen at Healthengine, nothing done
    INSERTING = "inserting"  # the PMS is about to be written or may have been: ask it before doing anything again
    INSERTED = "inserted"  # in the PMS, Healthengine not told yet
    CONFIRMING = "confirming"  # yes is on its way, perhaps already there
    CONFIRMED = "confirmed"  # Healthengine knows
    REJECTING = "rejecting"  # no is on its way
    REJECTED = "rejected"
    TASK = "task"  # a person has to decide
    BY_HAND = "by_hand"  # reception enters it into the PMS; until then its time is withheld
    CANCELLED = "cancelled"  # cancelled after it was in the PMS, or before it got there
    GONE = "gone"  # the practice cancelled it in the PMS and Healthengine knows
    DID_NOT_ATTEND = "did_not_attend"  # Healthengine was told


NEXT: Mapping[BookingState, frozenset[BookingState]] = {
    BookingState.REQUESTED: frozenset(
        {
            BookingState.INSERTING,
            BookingState.REJECTING,
            BookingState.TASK,
            BookingState.BY_HAND,
            BookingState.CANCELLED,
        }
    ),
    BookingState.INSERTING: frozenset(
        {
            BookingState.INSERTED,
            BookingState.REJECTING,
            BookingState.TASK,
            BookingState.REQUESTED,
            BookingState.CANCELLED,
        }
    ),
    BookingState.INSERTED: frozenset({BookingState.CONFIRMING, BookingState.CANCELLED, BookingState.TASK}),
    BookingState.CONFIRMING: frozenset({BookingState.CONFIRMED, BookingState.CANCELLED, BookingState.TASK}),
    BookingState.CONFIRMED: frozenset(
        {
            BookingState.CONFIRMING,
            BookingState.CANCELLED,
            BookingState.GONE,
            BookingState.DID_NOT_ATTEND,
            BookingState.TASK,
        }
    ),
    BookingState.REJECTING: frozenset({BookingState.REJECTED, BookingState.TASK, BookingState.CANCELLED}),
    BookingState.REJECTED: frozenset({BookingState.REJECTING, BookingState.CANCELLED}),
    BookingState.TASK: frozenset(
        {
            BookingState.INSERTING,
            BookingState.INSERTED,
            BookingState.REJECTING,
            BookingState.CANCELLED,
            BookingState.TASK,
        }
    ),
    BookingState.BY_HAND: frozenset(
        {
            BookingState.BY_HAND,
            BookingState.INSERTED,
            BookingState.REJECTING,
            BookingState.TASK,
            BookingState.CANCELLED,
        }
    ),
    BookingState.CANCELLED: frozenset({BookingState.CANCELLED}),
    BookingState.GONE: frozenset({BookingState.GONE, BookingState.CANCELLED}),
    BookingState.DID_NOT_ATTEND: frozenset({BookingState.DID_NOT_ATTEND, BookingState.CANCELLED}),
}
"""Which state may follow which; a store refuses any other step. CONFIRMED -> CONFIRMING is a lost answer given again."""


class CancellationState(StrEnum):
    """
    Where a patient's cancellation is.
    """

    ASKED = "asked"
    CANCELLING = "cancelling"  # the PMS may have been written
    BY_HAND = "by_hand"  # reception cancels it in the PMS; Healthengine is not answered yet
    CANCELLED = "cancelled"  # done in the PMS, Healthengine not told yet
    ANSWERED = "answered"  # Healthengine knows that it is done
    REFUSED = "refused"  # Healthengine knows that it cannot be done
    TASK = "task"  # a person looks at it; Healthengine was told that we did not do it


@dataclass(frozen=True, slots=True, kw_only=True)
class BookRequest:
    """
    What the PMS is asked to insert, in its own ids.

    Attributes:
        patient_id: The record to use; empty: create one from *patient*.
        note: How the note begins; the adapter adds what its profile puts there, truncates it, and ends it with the reference.
        reason, comments, telehealth_url: As the patient gave them; the profile says where they go.
        details: What there is to say of the patient.
        withdraw_within: If the read-back finds somebody else's row within this long of the call (the machine's own time), ours
            is withdrawn and the result is `NotFree`; later it stays and the result is `Overlapped`.
    """

    booking_id: int
    practitioner_id: str
    location_id: str
    start: datetime
    minutes: int
    type_id: str
    patient_id: str
    patient: PatientDetails
    note: str = field(repr=False)
    is_new_patient: bool
    withdraw_within: timedelta
    reason: str = field(default="", repr=False)
    comments: str = field(default="", repr=False)
    telehealth_url: str = field(default="", repr=False)
    details: str = field(default="", repr=False)

    @property
    def reference(self) -> str:
        """
        The mark that the inserted row carries.
        """
        return reference_text(self.booking_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """
    The booking is in the PMS, by this call or an earlier one.

    Attributes:
        shares_time: Found later, and somebody else's appointment is there too: whoever put ours in died before looking again.
    """

    appointment_ids: tuple[str, ...]
    patient_id: str
    already_there: bool = False
    shares_time: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFree:
    """
    The time cannot be booked; nothing of ours is in the PMS.
    """

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlapped:
    """
    Ours is in and somebody else's is too, and it is too late to take ours back: a person decides.
    """

    appointment_ids: tuple[str, ...]
    patient_id: str


BookResult = Booked | NotFree | Overlapped


@dataclass(frozen=True, slots=True, kw_only=True)
class NotThere:
    """
    The PMS answered, under the booking's own lock: this booking is not in it.
    """


FoundBooking = Booked | NotThere
"""What `find_booked` answers; *unknown* is an `OutcomeUnknown` error, so that it can never be read as *not there*."""


class CancelResult(StrEnum):
    """
    What became of a wish to cancel an appointment in the PMS.
    """

    CANCELLED = "cancelled"
    ALREADY = "already"  # it was cancelled or deleted before
    CHANGED = "changed"  # another patient's, arrived, past or otherwise not as expected: a person decides


class Reply(StrEnum):
    """
    What Healthengine is to be told about a booking that cannot be inserted.
    """

    REJECT = "reject"
    TASK = "task"


def age(booking: Booking, healthengine_now: datetime) -> timedelta:
    """
    Return how long the patient has been waiting, by Healthengine's own clock.
    """
    return healthengine_now - booking.booked_at


def refusal(booking: Booking, healthengine_now: datetime) -> Reply:
    """
    Decide whether no may still be said; after 15 s Healthengine may have told the patient yes.
    """
    return Reply.REJECT if age(booking, healthengine_now) < REJECT_WITHIN else Reply.TASK


def with_reference(note: str, reference: str, limit: int) -> str:
    """
    Return *note* followed by *reference*, with the note cut so that the whole has at most *limit* characters.

    What a patient wrote that looks like a reference is made into none: it would be taken for another booking's once staff have
    shortened the note.
    """
    note = REFERENCE.sub(r"HE \1", note)
    room = limit - len(reference) - 1
    if room <= 0:
        return reference
    text = note if len(note) <= room else note[: max(0, room - 1)].rstrip() + "…"
    return f"{text} {reference}" if text else reference
