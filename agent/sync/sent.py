"""
What Healthengine shows, for people to look at: the map of all days out of what is remembered, and one day beside the PMS.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from agent.domain.availability import taken_at
from agent.domain.days import DateRange, Span
from agent.domain.diary import Diary
from agent.domain.errors import FrontdeskError
from agent.domain.publishing import horizon
from agent.domain.resources import Resource
from agent.domain.sent import (
    NOT_ACKNOWLEDGED,
    REFUSED,
    SUSPICIOUS_DAYS,
    SentDayReport,
    SentMap,
    SentResource,
    day_stretches,
    free_minutes,
    kept_spans,
)
from agent.ports.history import SentDay, SentOutcome
from agent.ports.ledger import DayKey
from agent.sync.configuration import read_whole
from agent.sync.context import Context
from agent.sync.preview import preview_of
from agent.sync.rules import book_of, own_bookings, times_by_hand, zones_of


def sent_map(context: Context) -> SentMap:
    """
    Return what Healthengine has acknowledged of every published day. The PMS is not asked.
    """
    practice, history = context.practice, context.history
    resources = context.catalogue.resources if context.has_catalogue else ()
    today = context.local_now().date()
    window = horizon(today, book_of(context, context.catalogue).horizon_days if resources else 0)
    known = context.published.days(practice.id, window.first, window.end)
    shown = history.shown(practice.id, window) if history else {}
    since = history.first_days(practice.id, [r.id for r in resources]) if history else {}
    booked = history.booked_resources(practice.id) if history else ()
    length = _Lengths()

    def minutes(resource_id: str, day: date) -> int:
        state = known.get(DayKey(resource_id=resource_id, date=day))
        ranges = shown.get((resource_id, day))
        if state is not None and state.failed:
            return REFUSED
        return NOT_ACKNOWLEDGED if ranges is None else length[ranges]

    def line(resource: Resource) -> SentResource:
        days = tuple(minutes(resource.id, day) for day in window)
        is_old = resource.id in since and (today - since[resource.id]).days >= SUSPICIOUS_DAYS
        return SentResource(
            id=resource.id,
            name=resource.name,
            minutes=days,
            never_booked=is_old and resource.id not in booked and any(day > 0 for day in days),
        )

    return SentMap(
        practice_id=practice.id,
        name=practice.name,
        first=window.first,
        resources=tuple(map(line, resources)),
        is_stopped=context.stop() is not None,
    )


def sent_day(context: Context, resource_id: str, day: date) -> SentDayReport:
    """
    Return one day as Healthengine shows it beside the PMS, which is read for it.

    Raises:
        FrontdeskError: if there is no such resource (`resource-unknown`), or the PMS cannot be read.
    """
    practice = context.practice
    window = DateRange.of_days(day, 1)
    whole = read_whole(practice, context.pms)
    resource = whole.resource(resource_id)
    if resource is None:
        raise FrontdeskError("resource-unknown", "The PMS no longer names this practitioner.", remedy="Open the list again.")
    diary = context.pms.diary(window)
    found = preview_of(
        practice,
        whole,
        diary,
        window=window,
        now=context.local_now(),
        is_holiday=lambda date_: context.is_holiday(date_, practice.zone),
        known=context.approvals.known(practice.id) if context.approvals else {},
        own=own_bookings(context.ledger, practice.id, day),
        by_hand=lambda catalogue: times_by_hand(context.ledger, practice, catalogue, day),
    )
    is_stopped = context.stop() is not None
    due = [part for item in found.days if item.resource_id == resource_id for part in item.ranges]
    known = context.published.days(practice.id, window.first, window.end).get(DayKey(resource_id=resource_id, date=day))
    shown = _shown(context, resource_id, day, known.fingerprint if known else "")
    return SentDayReport(
        practice_id=practice.id,
        resource_id=resource_id,
        name=resource.name,
        date=day,
        stretches=day_stretches(
            working=_worked(diary, resource, day),
            taken=_taken(context, diary, resource, window).get((resource.practitioner_id, day), ()),
            offered=kept_spans(shown.ranges) if shown else (),
            due=() if is_stopped else (Span(part.start, part.end) for part in due),
            withheld=((line.opening, line.cause) for line in found.withheld if line.resource_id == resource_id),
        ),
        acknowledged_at=shown.last_at if shown else None,
        refused=known.failed if known else "",
        is_stopped=is_stopped,
    )


class _Lengths(dict[str, int]):
    """
    The free minutes of each distinct text once: most days are like others.
    """

    def __missing__(self, ranges: str) -> int:
        self[ranges] = minutes = free_minutes(ranges)
        return minutes


def _shown(context: Context, resource_id: str, day: date, fingerprint: str) -> SentDay | None:
    """
    Return the newest acknowledged statement of what Healthengine shows.
    """
    if context.history is None or not fingerprint:
        return None
    sent = reversed(context.history.of_day(context.practice.id, resource_id, day))
    return next((s for s in sent if s.fingerprint == fingerprint and s.outcome is SentOutcome.ACKNOWLEDGED), None)


def _worked(diary: Diary, resource: Resource, day: date) -> list[Span]:
    return [
        Span(session.start, session.end)
        for session in diary.sessions
        if (session.practitioner_id, session.location_id, session.date) == (resource.practitioner_id, resource.location_id, day)
    ]


def _taken(context: Context, diary: Diary, resource: Resource, window: DateRange) -> Mapping[tuple[str, date], list[Span]]:
    return taken_at(resource.location_id, diary, window, context.practice.zone, zones_of(context.practice))
