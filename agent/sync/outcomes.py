"""
What follows from the PMS's answer to a booking: a yes or a no to Healthengine while one may still be said, else a task.
"""

from __future__ import annotations

from datetime import timedelta

from agent.domain.booking import (
    REJECT_WITHIN,
    Booked,
    Booking,
    BookingState,
    BookResult,
    NotFree,
    Overlapped,
    Reply,
    age,
    refusal,
)
from agent.domain.errors import FrontdeskError
from agent.ports.ledger import LedgerBooking
from agent.ports.tasks import TaskKind
from agent.sync.answers import Answers
from agent.sync.context import Context
from agent.sync.overdue import NOTHING_UNANSWERED

GIVE_UP_WAITING = timedelta(seconds=5)
"""From this age on a PMS that does not answer means no: the next try comes with the next poll and may hang in its turn, and
its end would be too late for the patient."""

S = BookingState


class Outcomes:
    """
    The outcomes of one practice's bookings; for the thread that enters them.
    """

    def __init__(self, context: Context, answers: Answers) -> None:
        self._context = context
        self._answers = answers

    def booked_or_not(self, booking: Booking, entry: LedgerBooking, result: BookResult) -> None:
        """
        Go on after the PMS has taken a booking, or has not.
        """
        match result:
            case Booked():
                self._inserted(entry, result.appointment_ids, result.patient_id)
            case NotFree():
                self.refuse(booking, entry, "not-free", f"The time is taken: {result.why}")
            case Overlapped():
                self._overlaps(entry)
                self._inserted(entry, result.appointment_ids, result.patient_id)

    def taken_up(self, entry: LedgerBooking, found: Booked) -> None:
        """
        Go on with a booking that was found in the PMS after an interruption.
        """
        if found.shares_time:
            self._overlaps(entry)
        self._inserted(entry, found.appointment_ids, found.patient_id)

    def pms_away(self, booking: Booking, entry: LedgerBooking, error: FrontdeskError) -> None:
        """
        The PMS did not take it and surely has not got it: wait, or say no while no may still be said.
        """
        if entry.state is S.INSERTING:
            entry = self._context.step(entry, S.REQUESTED)
        waited = age(booking, self._context.healthengine_time.now())
        if GIVE_UP_WAITING <= waited < REJECT_WITHIN:
            self._answers.reject(self._context.step(entry, S.REJECTING, reason=error.code), error.code)
        elif waited >= NOTHING_UNANSWERED:
            self.to_task(entry, TaskKind.NOT_ENTERED, "The PMS could not be reached in time.")

    def refuse(self, booking: Booking, entry: LedgerBooking, code: str, why: str, *, past: bool = False) -> None:
        """
        Say no; where it is too late for that, somebody has to phone the patient.
        """
        if refusal(booking, self._context.healthengine_time.now()) is Reply.REJECT:
            self._answers.reject(self._context.step(entry, S.REJECTING, reason=code), why)
            return
        self.to_task(entry, TaskKind.PAST if past else TaskKind.CONFLICT, why)

    def to_task(self, entry: LedgerBooking, kind: TaskKind, why: str) -> None:
        """
        Leave a booking that its patient believes in to a person.
        """
        what = f"{why} The patient believes it stands: phone the patient."
        self._context.step(entry, S.TASK, reason=why)
        self._open_task(entry, kind, f"Booking {entry.booking_id} for {entry.start:%d/%m %H:%M}: {what}")

    def settle_before_ten_minutes(self, booking: Booking, entry: LedgerBooking) -> None:
        """
        Only a person can settle it, and nobody has: tell Healthengine in time, and leave the task to reception.
        """
        if entry.answered_at is None and age(booking, self._context.healthengine_time.now()) >= NOTHING_UNANSWERED:
            self._answers.cancel(entry)

    def _inserted(self, entry: LedgerBooking, appointment_ids: tuple[str, ...], patient_id: str) -> None:
        entry = self._context.step(entry, S.INSERTED, S.CONFIRMING, appointment_ids=appointment_ids, patient_id=patient_id)
        self._context.time_taken_or_freed(entry.practitioner_id, entry.start, entry.minutes)
        self._answers.confirm(entry)

    def _overlaps(self, entry: LedgerBooking) -> None:
        why = f"Booking {entry.booking_id} and another appointment share {entry.start:%d/%m %H:%M}: move one of them."
        self._open_task(entry, TaskKind.CONFLICT, why)

    def _open_task(self, entry: LedgerBooking, kind: TaskKind, why: str) -> None:
        context = self._context
        context.tasks.open(context.practice.id, kind, entry.booking_id, why, context.clock.now())
