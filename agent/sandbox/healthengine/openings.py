"""
What a patient can book: published ranges cut into slots, less what is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from msgspec import UNSET

from agent.sandbox.healthengine import timing
from agent.sandbox.healthengine.config import Adjoining, BookingLength
from agent.sandbox.healthengine.state import PracticeState, World
from agent.sandbox.healthengine.wire import PmsAppointmentType, Range, minute_of

MINUTE = 60
"""Seconds. A `slotLength` below this means Healthengine's own length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """
    A time that a patient is offered. *start* is local and naive; *type_id* None: the practice sent no types.
    """

    practice_id: str
    resource_id: str
    start: datetime
    seconds: int
    type_id: str | None


def openings(
    world: World, practice: PracticeState, *, resource_id: str | None = None, day: date | None = None
) -> Iterator[Opening]:
    """
    Go through everything that is offered now; nothing while the practice is unhealthy.
    """
    now = world.now()
    if timing.health(world, practice, now):
        return
    local_now = practice.local(now)
    for (resource, date_), published in practice.published.items():
        if (resource_id is not None and resource != resource_id) or (day is not None and date_ != day):
            continue
        if date_ < local_now.date() or not _linked(practice, resource):
            continue
        yield from _of_day(world, practice, resource, date_, published.ranges, local_now=local_now)


def is_open(world: World, practice: PracticeState, opening: Opening) -> bool:
    """
    Return whether *opening* is still offered.
    """
    return opening in openings(world, practice, resource_id=opening.resource_id, day=opening.start.date())


def _linked(practice: PracticeState, resource: str) -> bool:
    linked = practice.account.linked_resources
    return resource in practice.resources and (linked is None or resource in linked)


def _of_day(
    world: World, practice: PracticeState, resource: str, day: date, ranges: tuple[Range, ...], *, local_now: datetime
) -> Iterator[Opening]:
    taken = [(b.start, b.end) for b in practice.by_resource.get(resource, ()) if b.stands and _touches(b.start, b.end, day)]
    taken += practice.blocked.get((resource, day), [])
    midnight = datetime(day.year, day.month, day.day)
    spans = [(minute_of(r.start), timing.end_minute(r.end, world.config.last_minute), r) for r in ranges]
    spans.sort(key=lambda span: span[0])
    for index, (first, last, row) in enumerate(spans):
        slot = row.slotLength if row.slotLength >= MINUTE else int(world.config.own_length.total_seconds())
        reach = _reach(world, spans, index)
        range_end = midnight + timedelta(minutes=last)
        end = midnight + timedelta(minutes=reach)
        start = midnight + timedelta(minutes=first)
        while start < range_end:
            if start > local_now:
                for type_id, seconds in _choices(world, practice, resource, row, slot):
                    stop = start + timedelta(seconds=seconds)
                    if stop <= end and not any(b < stop and start < e for b, e in taken):
                        yield Opening(
                            practice_id=practice.id, resource_id=resource, start=start, seconds=seconds, type_id=type_id
                        )
            start += timedelta(seconds=slot)


def _reach(world: World, spans: list[tuple[int, int, Range]], index: int) -> int:
    """
    Return up to which minute a booking that begins in this range may last.
    """
    _, reach, row = spans[index]
    if world.config.adjoining is Adjoining.SEPARATE:
        return reach
    for first, last, following in spans[index + 1 :]:
        if first <= reach < last and set(following.pmsAppointmentTypeIds) == set(row.pmsAppointmentTypeIds):
            reach = last
    return reach


def _choices(world: World, practice: PracticeState, resource: str, row: Range, slot: int) -> Iterator[tuple[str | None, int]]:
    if not practice.types:
        yield None, slot
    for type_id, kind in practice.types.items():
        if row.pmsAppointmentTypeIds and type_id not in row.pmsAppointmentTypeIds:
            continue
        if kind.pmsResourceId is UNSET or kind.pmsResourceId == resource:
            yield type_id, length_of(world, kind, slot)


def length_of(world: World, kind: PmsAppointmentType | None, slot: int) -> int:
    """
    Return the length, in seconds, of a booking of that type on a slot of that length.
    """
    if kind is None or world.config.booking_length is BookingLength.SLOT:
        return slot
    minutes = kind.pmsAppointmentLength
    return minutes * MINUTE if isinstance(minutes, int) and minutes else slot


def _touches(start: datetime, end: datetime, day: date) -> bool:
    return start.date() <= day <= end.date()
