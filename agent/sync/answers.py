"""
What Healthengine is told about a booking: confirmed, rejected, cancelled.

Answers go out side by side, so that a burst does not queue behind the link. What to say is in the ledger before it is said;
an answer that does not get through is said again by `agent.sync.bookings.BookingDesk.resume`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable

from agent.domain.booking import REJECT_WITHIN, BookingState
from agent.domain.carrying import NO_LINKS, AppointmentLinks
from agent.domain.errors import FrontdeskError, RecordRejected
from agent.ports.ledger import LedgerBooking
from agent.sync.context import Context
from agent.sync.gathering import Gathering
from agent.sync.patients import settle

log = logging.getLogger(__name__)

S = BookingState


class Answers:
    """
    The answers of one practice. Its methods may be called from any thread.

    Args:
        run: Runs a call, at once or on a thread of its own.
    """

    def __init__(self, context: Context, run: Callable[[Callable[[], None]], object]) -> None:
        self._context = context
        self._run = run
        self._under_way: set[int] = set()
        self._lock = threading.Condition()
        self._confirmed = Gathering(self._note_confirmed)

    def is_under_way(self, booking_id: int) -> bool:
        """
        Return whether an answer about that booking is being sent: nobody else touches the booking meanwhile.
        """
        with self._lock:
            return booking_id in self._under_way

    def wait(self, seconds: float) -> None:
        """
        Wait until no answer is being sent, *seconds* of real time at most.
        """
        with self._lock:
            self._lock.wait_for(lambda: not self._under_way, seconds)

    def confirm(self, entry: LedgerBooking) -> None:
        """
        Say yes, with the ids that the ledger has; once more if it was said before.
        """
        if entry.state in (S.INSERTED, S.CONFIRMED):
            entry = self._context.step(entry, S.CONFIRMING)
        is_in_pms = entry.state in (S.CONFIRMING, S.GONE, S.DID_NOT_ATTEND)
        if is_in_pms or (entry.state is S.BY_HAND and entry.own_ids):  # else cancelled meanwhile, which has its own answer
            self._send(entry, self._send_confirm)

    def reject(self, entry: LedgerBooking, why: str) -> None:
        """
        Say no. *why* is for Healthengine's people; patients do not see it.
        """
        settle(self._context, entry.booking_id)
        self._send(entry, lambda e: self._send_reject(e, why))

    def cancel(self, entry: LedgerBooking) -> None:
        """
        Cancel a booking that only a person can settle, so that its patient is told; the task stays.
        """
        self._send(entry, self._send_cancel)

    def _send_confirm(self, entry: LedgerBooking) -> bool:
        context = self._context
        final = S.CONFIRMED if entry.state is S.CONFIRMING else entry.state
        reason = ""
        try:
            context.marketplace.confirm_booking(
                entry.booking_id,
                appointment_ids=entry.told_ids,
                patient_id=entry.told_patient_id,
                links=self._links(entry),
            )
        except RecordRejected as error:
            # "Already handled" has many faces (acceptance: answering twice). The appointment is in the PMS; were it not
            # settled on the other side, Healthengine would list it again.
            reason = f"he-{error.status}"
            log.warning("booking %s: Healthengine answered %s to a confirmation", entry.booking_id, error.status)
        if entry.state is S.CONFIRMING and not reason:
            self._confirmed.bring(entry)  # so that nobody waits for the disk while there are answers to send
            return False
        context.step(entry, final, answered=True, reason=reason)
        return True

    def _note_confirmed(self, entries: list[LedgerBooking]) -> None:
        try:
            self._context.step_all(entries, S.CONFIRMED, answered=True)
        except FrontdeskError as error:
            log.warning("%d confirmations could not be noted and are sent again (%s)", len(entries), error.code)
        finally:
            self._over(entries)

    def _links(self, entry: LedgerBooking) -> AppointmentLinks:
        """
        Return where a telehealth appointment takes place; a patient who waits is not kept waiting for a link.
        """
        pms = self._context.pms
        if not pms.capabilities.links or not entry.appointment_ids:
            return NO_LINKS
        try:
            return pms.links(entry.appointment_ids)
        except FrontdeskError as error:
            log.warning("booking %s: confirmed without its links (%s)", entry.booking_id, error.code)
            return NO_LINKS

    def _send_reject(self, entry: LedgerBooking, why: str) -> bool:
        context = self._context
        if entry.state is S.REJECTING and context.healthengine_time.now() - entry.booked_at >= REJECT_WITHIN:
            log.warning("booking %s: the way to Healthengine was too long to say no in time", entry.booking_id)
            return True  # it is listed again, and then a person's
        try:
            context.marketplace.reject_booking(entry.booking_id, reason=why)
        except RecordRejected as error:
            log.warning("booking %s: Healthengine answered %s to a rejection", entry.booking_id, error.status)
        final = S.CANCELLED if entry.state is S.CANCELLED else S.REJECTED
        context.step(entry, final, answered=True)
        if final is S.REJECTED:
            context.availability_wanted()
        return True

    def _send_cancel(self, entry: LedgerBooking) -> bool:
        context = self._context
        try:
            context.marketplace.cancel_booking(entry.booking_id, reason="the practice could not enter this booking")
        except RecordRejected as error:
            log.warning("booking %s: Healthengine did not take the cancellation (%s)", entry.booking_id, error.status)
        context.step(entry, S.TASK, answered=True)
        return True

    def _send(self, entry: LedgerBooking, call: Callable[[LedgerBooking], bool]) -> None:
        """
        Make *call*, which returns whether all is over then, or noted by somebody else soon after.
        """
        with self._lock:
            if entry.booking_id in self._under_way:
                return
            self._under_way.add(entry.booking_id)

        def answer() -> None:
            is_over = True
            try:
                is_over = call(entry)
            except FrontdeskError as error:
                # The state says what to do: `resume` sends it again after the next poll.
                log.warning("booking %s: the answer did not get through (%s)", entry.booking_id, error.code)
            finally:
                if is_over:
                    self._over([entry])

        self._run(answer)

    def _over(self, entries: Iterable[LedgerBooking]) -> None:
        with self._lock:
            self._under_way.difference_update(entry.booking_id for entry in entries)
            if not self._under_way:
                self._lock.notify_all()
