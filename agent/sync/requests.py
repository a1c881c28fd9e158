"""
What Healthengine wants from us: fetch everything outstanding, then act on it in the right order (rule 2; R1-R6).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from agent.domain.booking import Booking, BookingState, BookingUpdate, ChangeRequest
from agent.domain.errors import FrontdeskError, Transient
from agent.domain.ordering import Held, order
from agent.domain.placing import Placement, place
from agent.domain.words import counted
from agent.ports.marketplace import AvailabilityRequest, RequestKind, Unreadable
from agent.ports.tasks import TaskKind
from agent.sync.bookings import BookingDesk
from agent.sync.cancellations import handle_update
from agent.sync.configuration import read_catalogue
from agent.sync.context import Context
from agent.sync.first_seen import note

log = logging.getLogger(__name__)

IN_THE_PMS = (
    BookingState.INSERTING,
    BookingState.INSERTED,
    BookingState.CONFIRMING,
    BookingState.CONFIRMED,
    BookingState.BY_HAND,
)
"""A booking in one of these states holds its time, or may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outstanding:
    """
    Everything that waits at Healthengine at one moment.
    """

    kinds: frozenset[RequestKind]
    bookings: tuple[Booking, ...] = ()
    updates: tuple[BookingUpdate, ...] = ()
    availability: tuple[AvailabilityRequest, ...] = ()
    changes: tuple[ChangeRequest, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()


@dataclass(kw_only=True)
class RequestsReport:
    """
    What one poll led to. *error* is the first thing that went wrong; the rest was still tried.
    """

    bookings: int = 0
    updates: int = 0
    other: int = 0
    error: FrontdeskError | None = None

    def __str__(self) -> str:
        parts = [counted(self.bookings, "booking")] if self.bookings else []
        parts += [counted(self.updates, "cancellation or change", "cancellations and changes")] if self.updates else []
        parts += [counted(self.other, "other request")] if self.other else []
        return ", ".join(parts) or "nothing waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherChannels:
    """
    Where everything goes that is neither a booking nor a change of one: each to its own channel's worker.
    """

    availability: Callable[[tuple[AvailabilityRequest, ...]], None]
    changes: Callable[[tuple[ChangeRequest, ...]], None]
    configuration: Callable[[], None]
    unknown_kinds: set[str] = field(default_factory=set)


def fetch(context: Context) -> Outstanding:
    """
    Poll, then fetch every list that has something in it, before anything is acted on.

    Updates are fetched whenever bookings are, and after them: a booking's cancellation may have come in between.
    """
    market = context.marketplace
    poll = market.outstanding()
    context.healthengine_time.seen(poll.at)
    kinds = frozenset(poll.items)
    unreadable = list(poll.unreadable)
    bookings: tuple[Booking, ...] = ()
    updates: tuple[BookingUpdate, ...] = ()
    availability: tuple[AvailabilityRequest, ...] = ()
    changes: tuple[ChangeRequest, ...] = ()
    if kinds & {RequestKind.BOOKINGS, RequestKind.BOOKING_UPDATES}:
        answer = market.booking_requests()
        context.healthengine_time.seen(answer.at)
        bookings = answer.items
        asked = market.booking_updates()
        updates = asked.items
        unreadable += [*answer.unreadable, *asked.unreadable]
    if RequestKind.AVAILABILITY in kinds:
        days = market.availability_requests()
        availability = days.items
        unreadable += days.unreadable
    if RequestKind.APPOINTMENT_CHANGES in kinds:
        questions = market.change_requests()
        changes = questions.items
        unreadable += questions.unreadable
    return Outstanding(
        kinds=kinds,
        bookings=bookings,
        updates=updates,
        availability=availability,
        changes=changes,
        unreadable=tuple(unreadable),
    )


def act(context: Context, desk: BookingDesk, others: OtherChannels, outstanding: Outstanding) -> RequestsReport:
    """
    Act on everything that was fetched. One poisoned request stops none of the others.
    """
    report = RequestsReport()
    desk.overdue.listed(outstanding.bookings)
    if outstanding.bookings or outstanding.updates:
        _bookings_and_updates(context, desk, outstanding, report)
    desk.resume()
    _report_unreadable(context, outstanding, others)
    if outstanding.availability:
        others.availability(outstanding.availability)
    if outstanding.changes:
        others.changes(outstanding.changes)
    if outstanding.kinds & {RequestKind.RESOURCES, RequestKind.TYPES}:
        others.configuration()
        report.other += 1
    report.other += len(outstanding.availability) + len(outstanding.changes)
    return report


def _bookings_and_updates(context: Context, desk: BookingDesk, outstanding: Outstanding, report: RequestsReport) -> None:
    if not context.has_catalogue and not _tried(report, lambda: context.learn(read_catalogue(context))):
        return
    plan = order(
        outstanding.bookings,
        outstanding.updates,
        held=_held(context),
        wanted=_wanted(context, outstanding.bookings),
    )
    if not _tried(report, lambda: note(context, (*plan.bookings, *plan.cancelled))):
        return
    for update in plan.first:
        report.updates += _tried(report, lambda u=update: handle_update(context, u))  # type: ignore[misc] # bound at once
    for booking in plan.cancelled:
        report.bookings += _tried(report, lambda b=booking: desk.drop(b))  # type: ignore[misc] # bound at once
    report.bookings += desk.enter_all(plan.bookings, lambda call: _tried(report, call))
    if plan.updates:
        desk.wait_for_answers()
    for update in plan.updates:
        report.updates += _tried(report, lambda u=update: handle_update(context, u))  # type: ignore[misc] # bound at once


def _tried(report: RequestsReport, call: Callable[[], object]) -> bool:
    try:
        call()
    except FrontdeskError as error:
        report.error = report.error or error
        return False
    except Exception:
        # A defect of ours costs one request, and not everything behind it, poll after poll.
        log.exception("a request failed in a way nobody foresaw")
        report.error = report.error or Transient(
            "unexpected", "Something went wrong that nobody foresaw.", remedy="Send the diagnostics to support."
        )
        return False
    return True


def _held(context: Context) -> dict[int, Held]:
    entries = context.ledger.bookings(context.practice.id, states=IN_THE_PMS, start_from=context.local_now())
    places = {entry.booking_id: entry.place for entry in entries}
    return {i: Held(practitioner_id=p.practitioner_id, start=p.start, minutes=p.minutes) for i, p in places.items()}


def _wanted(context: Context, bookings: tuple[Booking, ...]) -> dict[int, Held]:
    places = ((b.id, place(b, context.catalogue, context.local_now_of(b.resource_id))) for b in bookings)
    return {booking_id: found.held for booking_id, found in places if isinstance(found, Placement)}


def _report_unreadable(context: Context, outstanding: Outstanding, others: OtherChannels) -> None:
    """
    Something that cannot be understood is shown to a person, once, and blocks nothing.
    """
    for item in outstanding.unreadable:
        if item.id:
            context.tasks.open(
                context.practice.id,
                TaskKind.UNREADABLE,
                item.id,
                f"Healthengine's request {item.id} cannot be understood ({item.why}): look it up in Healthengine's portal.",
                context.clock.now(),
            )
        elif item.why not in others.unknown_kinds:
            others.unknown_kinds.add(item.why)
            log.warning("a request that is not understood: %s", item.why)
