"""
Many bookings at the same moment: they go into the PMS several in one transaction.

Every wait for the PMS, for its disk and for ours is then shared, and while some are put in and answered, those behind them are
matched. Only what nothing speaks against goes together. Whatever was in the way shows again, and costs
that booking alone, when they are entered one by one: the ledger knows how far each of them came.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple, Protocol

from agent.domain.booking import Booked, Booking, BookingState, BookRequest, BookResult
from agent.domain.ordering import at_once
from agent.domain.placing import Placement, Unplaceable, place
from agent.domain.rules import RuleBook
from agent.ports.ledger import LedgerBooking
from agent.ports.pms import BookingWay
from agent.sync import by_hand
from agent.sync.answers import Answers
from agent.sync.context import Context
from agent.sync.first_seen import entry_of
from agent.sync.outcomes import Outcomes
from agent.sync.patients import Whose, whose
from agent.sync.rules import objection_to

log = logging.getLogger(__name__)

S = BookingState


class NotIn(NamedTuple):
    """
    A booking that the PMS did not simply put in, and what it said.
    """

    booking: Booking
    entry: LedgerBooking
    result: BookResult


PutIn = Callable[[], Sequence[NotIn]]
Aside = Callable[[PutIn], "Future[Sequence[NotIn]]"]
"""Runs a call beside the caller's thread; one call at a time."""

Tried = Callable[[Callable[[], None]], bool]
"""Makes a call, keeps what went wrong for the report, and returns whether nothing did."""


def at_once_here(call: PutIn) -> Future[Sequence[NotIn]]:
    """
    Make a call on the caller's own thread.
    """
    done: Future[Sequence[NotIn]] = Future()
    try:
        done.set_result(call())
    except Exception as error:  # noqa: BLE001 - handed on
        done.set_exception(error)
    return done


class Entering(Protocol):
    """
    What a burst needs of whoever enters bookings one by one.
    """

    def enter(self, booking: Booking) -> None:
        """
        Bring one booking as far as it will go.
        """

    def rules(self) -> RuleBook:
        """
        Return the practice's rules as they are now.
        """

    def request(self, booking: Booking, placement: Placement, patient: Whose) -> BookRequest:
        """
        Return what the PMS is asked.
        """


class _Ready(NamedTuple):
    # A booking that nothing speaks against, as far as is known before the PMS is asked.

    booking: Booking
    entry: LedgerBooking
    placement: Placement


class _Group(NamedTuple):
    bookings: tuple[Booking, ...]
    not_in: Future[Sequence[NotIn]]


class Bursts:
    """
    Enters the bookings of one practice, together where that can be done. For one thread.
    """

    def __init__(self, context: Context, desk: Entering, outcomes: Outcomes, answers: Answers, aside: Aside) -> None:
        self._context = context
        self._desk = desk
        self._outcomes = outcomes
        self._answers = answers
        self._aside = aside
        self._at_once = 1

    def enter_all(self, bookings: Sequence[Booking], tried: Tried, *, until: float) -> tuple[int, int]:
        """
        Bring waiting bookings as far as they will go, in their order; returns with how many that succeeded, and how many had
        their turn.

        Args:
            until: Begin with no other from then on, by the clock's `monotonic`.
        """
        clock = self._context.clock
        entered = done = 0
        group: _Group | None = None
        while group is not None or (done < len(bookings) and clock.monotonic() < until):
            ready = self._prepared(bookings[done : done + self._at_once])
            if group is not None:
                not_in = self._not_in(group)
                if not_in is None or clock.monotonic() >= until:
                    ready = []  # those that come first are entered first
                before, group = group, self._begin(ready)
                done += len(ready) if group else 0
                entered += self._settle(before, not_in, tried)
            elif (group := self._begin(ready)) is not None:
                done += len(ready)
            else:
                entered += self._singly(bookings[done : done + 1], tried)
                done += 1
        return entered, done

    def _prepared(self, bookings: Sequence[Booking]) -> list[tuple[_Ready, Whose]]:
        """
        Return those of *bookings*, from the first, that can go in together; none where it is only one.
        """
        context = self._context
        if len(bookings) < 2 or context.pms.capabilities.booking is not BookingWay.TRANSACTION:  # noqa: PLR2004 - one is not together
            return []
        try:
            ready = list(self._ready(bookings))
            people = whose(context, [one.booking for one in ready]) if ready else []
        except Exception as error:  # noqa: BLE001 - as the module says
            log.info("%d bookings are not looked at together (%s)", len(bookings), type(error).__name__)
            return []
        # A new patient is created before the next is matched, and a doubtful one is asked about.
        certain = next((number for number, one in enumerate(people) if not one.is_certain), len(people))
        return list(zip(ready[:certain], people, strict=False)) if certain > 1 else []

    def _ready(self, bookings: Sequence[Booking]) -> Iterator[_Ready]:
        context, rules = self._context, self._desk.rules()
        if rules.has_caps:
            return  # which count the bookings before each, that have to be in the ledger first
        is_withheld = bool(context.ledger.left_to_reception(context.local_now() - timedelta(days=1)))
        for booking in bookings:
            entry = entry_of(self._context, booking)
            placement = place(booking, context.catalogue, context.local_now_of(booking.resource_id))
            if (
                entry.state is not S.REQUESTED
                or self._answers.is_under_way(booking.id)
                or isinstance(placement, Unplaceable)
                or objection_to(context, booking, rules)
                or (is_withheld and by_hand.why_withheld(context, placement, but=booking.id))
            ):
                return
            yield _Ready(booking, entry, placement)

    def _begin(self, ready: Sequence[tuple[_Ready, Whose]]) -> _Group | None:
        if not ready:
            return None
        context = self._context
        try:
            entries = context.step_all([one.entry for one, _ in ready], S.INSERTING)
        except Exception as error:  # noqa: BLE001 - as the module says
            log.info("%d bookings are not put in together (%s)", len(ready), type(error).__name__)
            return None
        wanted = [self._desk.request(one.booking, one.placement, patient) for one, patient in ready]
        bookings = tuple(one.booking for one, _ in ready)
        return _Group(bookings, self._aside(lambda: self._put_in(wanted, list(zip(bookings, entries, strict=True)))))

    def _put_in(self, wanted: Sequence[BookRequest], asked: Sequence[tuple[Booking, LedgerBooking]]) -> Sequence[NotIn]:
        """
        Have the PMS put several in, and confirm them; returns with those that it did not.
        """
        context = self._context
        began = time.monotonic()
        results = context.pms.book_all(wanted)
        self._at_once = at_once(len(wanted), timedelta(seconds=time.monotonic() - began))
        booked: list[LedgerBooking] = []
        not_in: list[NotIn] = []
        for (booking, entry), result in zip(asked, results, strict=True):
            if isinstance(result, Booked):
                booked.append(replace(entry, appointment_ids=result.appointment_ids, patient_id=result.patient_id))
            else:
                not_in.append(NotIn(booking, entry, result))
        for entry in context.step_all(booked, S.INSERTED, S.CONFIRMING):
            context.time_taken_or_freed(entry.practitioner_id, entry.start, entry.minutes)
            self._answers.confirm(entry)
        return not_in

    def _not_in(self, group: _Group) -> Sequence[NotIn] | None:
        try:
            return group.not_in.result()
        except Exception as error:  # noqa: BLE001 - as the module says
            log.info("%d bookings could not be put in together (%s)", len(group.bookings), type(error).__name__)
            self._at_once = 1
            return None

    def _settle(self, group: _Group, not_in: Sequence[NotIn] | None, tried: Tried) -> int:
        if not_in is None:
            return self._singly(group.bookings, tried)
        try:
            for one in not_in:
                self._outcomes.booked_or_not(*one)
        except Exception as error:  # noqa: BLE001 - as the module says
            log.info("%d bookings are looked at one by one (%s)", len(group.bookings), type(error).__name__)
            return self._singly(group.bookings, tried)
        return len(group.bookings)

    def _singly(self, bookings: Sequence[Booking], tried: Tried) -> int:
        entered = 0
        for booking in bookings:
            began = time.monotonic()
            is_entered = tried(lambda: self._desk.enter(booking))  # noqa: B023 - called at once
            self._at_once = at_once(1, timedelta(seconds=time.monotonic() - began)) if is_entered else 1
            entered += is_entered
        return entered
