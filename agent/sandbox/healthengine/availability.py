"""
The operations under `/availability`: what the agent publishes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from agent.sandbox.healthengine.calls import Call, Reply, acknowledged, refused
from agent.sandbox.healthengine.config import ExistingMeans, WholeDayClosedBy
from agent.sandbox.healthengine.records import PublishedDay, ViolationKind
from agent.sandbox.healthengine.timing import end_minute
from agent.sandbox.healthengine.wire import (
    MAX_SNAPSHOTS,
    MINUTES_PER_DAY,
    AvailabilitySnapshot,
    BreachError,
    Range,
    checked,
    minute_of,
)

_encoder = msgspec.json.Encoder()


def send_one(call: Call) -> Reply:
    """
    Take one snapshot.
    """
    try:
        _accept(call, checked(call.content, AvailabilitySnapshot))
    except BreachError as error:
        call.violate(ViolationKind.DEFINITION, str(error))
        return refused(400, str(error))
    call.world.touch()
    return acknowledged()


def send_many(call: Call) -> Reply:
    """
    Take up to a hundred snapshots; one that is wrong does not hold up the others.
    """
    if not isinstance(call.content, list) or len(call.content) > MAX_SNAPSHOTS:
        call.violate(ViolationKind.DEFINITION, "not a list of at most 100 snapshots")
        return refused(400, "expected a list of at most 100 snapshots")
    outcome: dict[str, list[Any]] = {"created": [], "existing": [], "failed": []}
    errors: list[dict[str, str]] = []
    seen: set[str] = set()
    for index, content in enumerate(call.content):
        name = _name(content, index)
        try:
            _note_name(name, seen)
            outcome[_accept(call, checked(content, AvailabilitySnapshot))].append(name)
        except BreachError as error:
            call.violate(ViolationKind.DEFINITION, str(error))
            outcome["failed"].append(name)
            errors.append({"snapshot": name, "error": str(error)})
    call.world.touch()
    return Reply(content={**outcome, "errors": errors} if errors else outcome)


def _name(content: Any, index: int) -> str:
    given = content.get("id") if isinstance(content, dict) else None
    return given if isinstance(given, str) and given else str(index)


def _note_name(name: str, seen: set[str]) -> None:
    if name in seen:
        raise BreachError("the snapshot's id is not unique")
    seen.add(name)


def _accept(call: Call, snapshot: AvailabilitySnapshot) -> str:
    practice = call.practice
    resource = snapshot.pmsResourceId
    _check_ids(call, snapshot)
    _check_clock(call, snapshot)
    key = (resource, snapshot.date)
    digest = hashlib.blake2b(_encoder.encode(snapshot.availability), digest_size=12).hexdigest()
    recent = practice.recent.setdefault(key, {})
    standing = practice.published.get(key)
    last_sent = recent.get(digest)
    recently = last_sent is not None and call.now - last_sent <= call.world.config.recent
    if call.world.config.existing_means is ExistingMeans.SAME_AS_LAST:
        existing = recently and standing is not None and standing.digest == digest
    else:
        existing = recently
    recent[digest] = call.now
    if not existing:
        practice.published[key] = PublishedDay(ranges=snapshot.availability, digest=digest, at=call.now)
    practice.blocked.pop(key, None)
    _close_asks(call, resource, snapshot.date)
    return "existing" if existing else "created"


def _check_ids(call: Call, snapshot: AvailabilitySnapshot) -> None:
    if snapshot.pmsResourceId not in call.practice.resources:
        raise BreachError("pmsResourceId is not a known resource")
    for row in snapshot.availability:
        for type_id in row.pmsAppointmentTypeIds:
            kind = call.practice.types.get(type_id)
            if kind is None:
                raise BreachError("pmsAppointmentTypeIds has an unknown type")
            if kind.pmsResourceId not in (UNSET, snapshot.pmsResourceId):
                raise BreachError("pmsAppointmentTypeIds has a type of another resource")


def _check_clock(call: Call, snapshot: AvailabilitySnapshot) -> None:
    missing = _missing(call.practice.account.zone, snapshot.date)
    if missing and _reaches(call, snapshot.availability, missing):
        call.violate(ViolationKind.MISSING_TIME, f"{snapshot.date} has times that daylight saving leaves out")


def _reaches(call: Call, rows: Sequence[Range], missing: tuple[int, int]) -> bool:
    reading = call.world.config.last_minute
    return any(minute_of(row.start) < missing[1] and missing[0] < end_minute(row.end, reading) for row in rows)


@lru_cache(maxsize=4096)
def _missing(zone: ZoneInfo, day: date) -> tuple[int, int] | None:
    """
    Return the minutes of *day* over which the clocks are put forward.
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    if midnight.utcoffset() == (midnight + timedelta(days=1)).utcoffset():
        return None
    gone = [
        minute
        for minute in range(MINUTES_PER_DAY)
        if (midnight + timedelta(minutes=minute)).astimezone(UTC).astimezone(zone).replace(tzinfo=None)
        != (midnight + timedelta(minutes=minute)).replace(tzinfo=None)
    ]
    return (gone[0], gone[-1] + 1) if gone else None


def _close_asks(call: Call, resource: str, day: date) -> None:
    left = []
    for ask in call.practice.availability_asks:
        if ask.day == day and ask.resource_id is None:
            ask.waiting.discard(resource)
            if call.world.config.whole_day_closed_by is WholeDayClosedBy.ANY_RESOURCE:
                ask.waiting.clear()
            if ask.waiting:
                left.append(ask)
        elif ask.day != day or ask.resource_id != resource:
            left.append(ask)
    call.practice.availability_asks[:] = left
