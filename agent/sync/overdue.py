"""
Bookings that would stay unanswered because the PMS stays away (rule 3: nothing for ten minutes).

While the PMS is away for long nothing is polled. What Healthengine listed last is settled all the same: it is cancelled there,
and reception has a task. What may be in the PMS is asked about when the PMS is back, and taken out again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from agent.domain.booking import Booking, BookingState
from agent.domain.errors import FrontdeskError
from agent.ports.ledger import LedgerBooking
from agent.ports.tasks import TaskKind
from agent.sync.answers import Answers
from agent.sync.cancellations import UNSURE, take_out
from agent.sync.context import Context

log = logging.getLogger(__name__)

NOTHING_UNANSWERED = timedelta(minutes=9)
"""From this age on a booking that only a person can settle is cancelled with Healthengine, so that the patient is told."""

NOT_REACHED = "the PMS could not be reached in time"
TAKEN_OUT = "nothing of it is in the PMS, or a person looks"

S = BookingState


class Overdue:
    """
    Settles what waits too long in one practice; never while a poll is under way.
    """

    def __init__(self, context: Context, answers: Answers) -> None:
        self._context = context
        self._answers = answers
        self._waiting: Mapping[int, datetime] = {}

    def listed(self, bookings: Iterable[Booking]) -> None:
        """
        Remember what Healthengine waits for: of anything else nobody knows whether it still does.
        """
        self._waiting = {booking.id: booking.booked_at for booking in bookings}

    def waits(self, booking_id: int) -> bool:
        """
        Return whether Healthengine listed that booking last time.
        """
        return booking_id in self._waiting

    def settle(self) -> None:
        """
        Cancel with Healthengine what it has waited for too long, without asking the PMS.

        Raises:
            FrontdeskError: of the state file; the next call goes on.
        """
        now = self._context.healthengine_time.now()
        for booking_id, booked_at in self._waiting.items():
            if now - booked_at < NOTHING_UNANSWERED or self._answers.is_under_way(booking_id):
                continue
            entry = self._context.ledger.booking(self._context.practice.id, booking_id)
            if entry is None or entry.answered_at is not None:
                continue
            if entry.state in (S.REQUESTED, S.INSERTING):
                entry = self._give_up(entry)
            if entry.state is S.TASK:
                self._answers.cancel(entry)

    def take_back(self) -> None:
        """
        Take out of the PMS what turns out to be there of bookings that were given up without asking it.
        """
        context = self._context
        for entry in context.ledger.bookings(context.practice.id, states=(S.TASK,)):
            if entry.reason != UNSURE:
                continue
            try:
                take_out(context, entry)
            except FrontdeskError as error:
                log.info("booking %s: the PMS does not say whether it has it (%s)", entry.booking_id, error.code)
                continue
            context.step(entry, S.TASK, reason=TAKEN_OUT)

    def _give_up(self, entry: LedgerBooking) -> LedgerBooking:
        context = self._context
        context.tasks.open(
            context.practice.id,
            TaskKind.NOT_ENTERED,
            entry.booking_id,
            f"Booking {entry.booking_id} for {entry.start:%d/%m %H:%M}: {NOT_REACHED}. Healthengine shows it as cancelled: "
            "phone the patient.",
            context.clock.now(),
        )
        return context.step(entry, S.TASK, reason=UNSURE if entry.state is S.INSERTING else NOT_REACHED)
