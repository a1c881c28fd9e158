"""
Putting bookings into the PMS and answering Healthengine (rules 1-3; life cycle *Booking*).

Bookings are entered by one thread, in their order. Every step is in the ledger before it is taken; whatever is interrupted is
taken up again by `resume`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

from agent.domain.booking import (
    REJECT_WITHIN,
    Booking,
    BookingState,
    BookRequest,
    NotThere,
    Reply,
    age,
    refusal,
)
from agent.domain.by_hand import Doubtful, Recognised
from agent.domain.errors import FrontdeskError, OutcomeUnknown
from agent.domain.placing import Placement, Unplaceable, place
from agent.domain.practice import Practice, Unanswered
from agent.domain.resources import Catalogue
from agent.domain.rules import RuleBook
from agent.ports.ledger import LedgerBooking
from agent.ports.pms import MAY_NOT_WRITE, BookingWay
from agent.ports.tasks import TaskKind
from agent.sync import by_hand
from agent.sync.answers import Answers
from agent.sync.bursts import Aside, Bursts, Tried, at_once_here
from agent.sync.cancellations import take_out
from agent.sync.context import Context
from agent.sync.first_seen import entry_of
from agent.sync.outcomes import Outcomes
from agent.sync.overdue import Overdue
from agent.sync.patients import Whose, ask, whose
from agent.sync.rules import book_of, objection_to

log = logging.getLogger(__name__)

TURN_S = REJECT_WITHIN.total_seconds()
"""How long bookings are entered before Healthengine is polled again."""

ANSWERS_WITHIN_S = 2.0
"""How long, in real seconds, what comes after the bookings waits for their answers."""

HEADLINE = "Booked online with Healthengine"
"""How the note of every appointment of ours begins."""

S = BookingState

ENTER_IT = "enter it in the PMS, which takes no bookings from Frontdesk."
"""What reception is asked to do."""

UNFINISHED = (S.INSERTING, S.INSERTED, S.CONFIRMING, S.REJECTING)
"""What `resume` takes up."""


class BookingDesk:
    """
    Enters the bookings of one practice.

    Args:
        answers: Runs the sending of an answer, at once or on a thread of its own.
        aside: Runs a long call to the PMS, so that others can be looked at meanwhile.

    Attributes:
        overdue: Settles what waits while the PMS stays away.
        has_more: Not all that wait have had their turn: poll again at once.
    """

    def __init__(self, context: Context, answers: Callable[[Callable[[], None]], object], aside: Aside = at_once_here) -> None:
        self._context = context
        self._answers = Answers(context, answers)
        self.overdue = Overdue(context, self._answers)
        self.has_more = False
        self._had_a_turn: frozenset[int] = frozenset()
        self._rule_book: tuple[Practice, Catalogue, RuleBook] | None = None
        self._outcomes = Outcomes(context, self._answers)
        self._bursts = Bursts(context, self, self._outcomes, self._answers, aside)

    def enter(self, booking: Booking) -> None:
        """
        Bring one waiting booking as far as it will go.

        Raises:
            FrontdeskError: if the PMS did not take it; the booking stays where it is and is asked for again.
        """
        entry = entry_of(self._context, booking)
        if self._answers.is_under_way(booking.id):
            return
        match entry.state:
            case S.REQUESTED:
                self._decide(booking, entry)
            case S.INSERTING:
                self._ask_pms_first(booking, entry)
            case S.INSERTED | S.CONFIRMING | S.CONFIRMED | S.GONE | S.DID_NOT_ATTEND if entry.appointment_ids:
                # Our answer was lost on the way: the same answer with the same ids (R11).
                self._answers.confirm(entry)
            case S.BY_HAND:
                self._wait_for_reception(booking, entry)
            case S.REJECTING if refusal(booking, self._context.healthengine_time.now()) is Reply.TASK:
                self._outcomes.to_task(entry, TaskKind.CONFLICT, "It was declined, but Healthengine did not hear of it in time.")
            case S.REJECTING | S.REJECTED | S.CANCELLED:
                self._answers.reject(entry, entry.reason or "cancelled")
            case _:
                self._outcomes.settle_before_ten_minutes(booking, entry)

    def enter_all(self, bookings: Sequence[Booking], tried: Tried) -> int:
        """
        Bring waiting bookings as far as they will go, in their order; returns with how many that succeeded.

        When it takes long, the rest is left to the next poll, and then comes first: neither polls nor whoever is behind a
        booking that takes long every time may wait for all of them.
        """
        waiting = sorted(bookings, key=lambda booking: booking.id in self._had_a_turn)
        succeeded, done = self._bursts.enter_all(waiting, tried, until=self._context.clock.monotonic() + TURN_S)
        self.has_more = done < len(waiting)
        self._had_a_turn = self._had_a_turn | {booking.id for booking in waiting[:done]} if self.has_more else frozenset()
        return succeeded

    def wait_for_answers(self) -> None:
        """
        Let the answers to bookings arrive before what may depend on them is acted on (R3), unless the link is slow.
        """
        self._answers.wait(ANSWERS_WITHIN_S)

    def drop(self, booking: Booking) -> None:
        """
        A booking that its patient cancelled before it was answered: nothing of it stays in the PMS, and Healthengine gets
        its answer.

        Raises:
            FrontdeskError: if the PMS cannot say whether it has it; the booking is asked for again.
        """
        entry = entry_of(self._context, booking)
        if self._answers.is_under_way(booking.id):
            return
        if entry.state is S.TASK and (entry.answered_at is not None or entry.reason == by_hand.NOT_ENTERED):
            # It was we who cancelled it: whoever has to phone about it still has to.
            self._answers.reject(entry, entry.reason)
            return
        if entry.state not in (S.CANCELLED, S.REJECTED):
            # Nobody has to phone about it any more.
            self._context.tasks.close_for(self._context.practice.id, booking.id, self._context.clock.now())
            if entry.state is S.BY_HAND:
                entry = by_hand.withdraw(self._context, entry)
            take_out(self._context, entry)
            entry = self._context.step(entry, S.CANCELLED, reason="cancelled by the patient before it was answered")
        self._answers.reject(entry, "cancelled by the patient before it was answered")

    def resume(self) -> int:
        """
        Take up what was interrupted; returns how many bookings that were. Called after every poll, so also at start.

        What is decided is sent again. Whether something is in the PMS only the PMS can say; a booking that is not waits for
        Healthengine to list it again, because only Healthengine has its details.
        """
        entries = [
            entry
            for entry in self._context.ledger.bookings(self._context.practice.id, states=(*UNFINISHED, S.BY_HAND))
            if not self._answers.is_under_way(entry.booking_id) and (entry.state is not S.BY_HAND or _is_to_be_told(entry))
        ]
        for entry in entries:
            match entry.state:
                case S.REJECTING if self._may_reject(entry):
                    self._answers.reject(entry, entry.reason)
                case S.REJECTING if self.overdue.waits(entry.booking_id):
                    pass  # listed when nothing had been said, or not heard: the next list tells which, and may make it a task
                case S.REJECTING:
                    self._context.step(entry, S.REJECTED)  # it was heard, or Healthengine would list it
                case S.INSERTING:
                    self._look_for(entry)
                case _:
                    self._answers.confirm(entry)
        self.overdue.take_back()
        return len(entries)

    def _look_for(self, entry: LedgerBooking) -> None:
        try:
            found = self._context.pms.find_booked(entry.booking_id)
        except FrontdeskError as error:
            log.info("booking %s: the PMS does not say whether it has it (%s)", entry.booking_id, error.code)
            return
        if isinstance(found, NotThere):
            self._context.step(entry, S.REQUESTED)
        elif not (found.shares_time and self._may_reject(entry)):  # else Healthengine lists it again, and `enter` takes it back
            self._outcomes.taken_up(entry, found)

    def _may_reject(self, entry: LedgerBooking) -> bool:
        return self._context.healthengine_time.now() - entry.booked_at < REJECT_WITHIN

    def _decide(self, booking: Booking, entry: LedgerBooking) -> None:
        context = self._context
        placement = place(booking, context.catalogue, context.local_now_of(booking.resource_id))
        if isinstance(placement, Unplaceable):
            self._outcomes.refuse(booking, entry, placement.code, placement.why, past=placement.is_past)
            return
        try:
            objection = objection_to(context, booking, self.rules())
            if objection is not None and not objection.is_held:
                kind = objection.cause.kind  # no more than that: a rule's own words are for the practice's people
                why = f"The practice's rules do not allow it ({kind.replace('_', ' ')})."
                self._outcomes.refuse(booking, entry, f"rule-{kind}", why)
                return
            if objection is not None or context.pms.capabilities.booking is BookingWay.NONE:
                self._to_reception(booking, entry, placement, f"{objection.cause}." if objection else ENTER_IT)
                return
            taken = by_hand.why_withheld(context, placement, but=booking.id)
            if taken:
                self._outcomes.refuse(booking, entry, "not-free", f"The time is taken: {taken}.")
                return
            (patient,) = whose(context, [booking])
            if patient.is_for_reception:
                self._to_reception(booking, entry, placement, patient.doubt)
                return
            ask(context, entry, patient)
            entry = context.step(entry, S.INSERTING)
            result = context.pms.book(self.request(booking, placement, patient))
        except OutcomeUnknown:
            raise  # stays `inserting`: the PMS is asked before anything else happens
        except FrontdeskError as error:
            if error.code in MAY_NOT_WRITE:
                entry = self._context.step(entry, S.REQUESTED)
                self._to_reception(booking, entry, placement, ENTER_IT)
                return
            self._outcomes.pms_away(booking, entry, error)
            raise
        # From here on it may be in the PMS: an error leaves it `inserting`.
        self._outcomes.booked_or_not(booking, entry, result)

    def rules(self) -> RuleBook:
        """
        Return the practice's rules; worked out anew when settings or catalogue are others.
        """
        practice, catalogue = self._context.practice, self._context.catalogue
        known = self._rule_book
        if known is None or known[0] is not practice or known[1] is not catalogue:
            self._rule_book = known = (practice, catalogue, book_of(self._context, catalogue))
        return known[2]

    def _to_reception(self, booking: Booking, entry: LedgerBooking, placement: Placement, why: str) -> None:
        """
        Reception enters it: withhold its time, unless it is there already or nobody could enter it.
        """
        context = self._context
        diary = by_hand.read_day(context, entry)
        found = by_hand.sight(context, entry, booking, diary.appointments)
        if isinstance(found, Recognised):
            self._answers.confirm(by_hand.adopt(context, context.step(entry, S.BY_HAND), found))
            return
        taken = by_hand.why_not_free(context, placement, diary, but=booking.id)
        if taken:
            self._outcomes.refuse(booking, entry, "not-free", f"It cannot be entered: {taken}.")
            return
        others = found.appointment_ids if isinstance(found, Doubtful) else ()
        by_hand.leave_to_reception(context, booking, entry, why, others)

    def _wait_for_reception(self, booking: Booking, entry: LedgerBooking) -> None:
        """
        Confirm it if reception has entered it; answer it in any case before ten minutes are over.

        Raises:
            FrontdeskError: if the PMS does not say; what is due has been answered all the same.
        """
        context = self._context
        context.at_reception.remember(booking)
        trouble: FrontdeskError | None = None
        try:
            entry = by_hand.look(context, entry)
        except FrontdeskError as error:
            trouble = error
        if entry.state is not S.BY_HAND or entry.own_ids:
            self._answers.confirm(entry)
        elif by_hand.is_due(context, booking.booked_at, context.healthengine_time.now()):
            if context.practice.unanswered is Unanswered.OWN_IDS:
                self._answers.confirm(context.step(entry, S.BY_HAND, own_ids=True))
            else:
                self._answers.cancel(by_hand.give_up(context, entry))
        if trouble is not None:
            raise trouble

    def _ask_pms_first(self, booking: Booking, entry: LedgerBooking) -> None:
        """
        We do not know whether it was inserted: only the PMS can say.
        """
        found = self._context.pms.find_booked(booking.id)
        if isinstance(found, NotThere):
            self._decide(booking, self._context.step(entry, S.REQUESTED))
            return
        placement = place(booking, self._context.catalogue, self._context.local_now_of(booking.resource_id))
        if found.shares_time and self._may_reject(entry) and isinstance(placement, Placement):
            # It is not put in again: the PMS looks once more who else is there, and ours is taken back.
            self._outcomes.booked_or_not(
                booking, entry, self._context.pms.book(self.request(booking, placement, Whose(patient_id=found.patient_id)))
            )
        else:
            self._outcomes.taken_up(entry, found)

    def request(self, booking: Booking, placement: Placement, patient: Whose) -> BookRequest:
        """
        Return what the PMS is asked.
        """
        context = self._context
        left = REJECT_WITHIN - age(booking, context.healthengine_time.now())
        return BookRequest(
            booking_id=booking.id,
            practitioner_id=placement.practitioner_id,
            location_id=placement.location_id,
            start=placement.start,
            minutes=placement.minutes,
            type_id=placement.type_id,
            patient_id=patient.patient_id,
            patient=booking.patient,
            note=HEADLINE,
            is_new_patient=booking.is_new_patient,
            reason=booking.reason,
            comments=booking.comments,
            telehealth_url=booking.telehealth_url,
            details=patient.details,
            withdraw_within=timedelta(seconds=context.clock.real_seconds(left)),
        )


def _is_to_be_told(entry: LedgerBooking) -> bool:
    """
    Return whether a yes with ids of our own is on its way, perhaps already there.
    """
    return entry.own_ids and entry.answered_at is None
