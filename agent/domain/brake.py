"""
The brake: large sudden changes are held until they have been looked at again (rule 8).

What is compared is free time as the PMS has it, before the practice's own rules and before the notice period, so that neither
a changed setting nor the passing of time is ever a change. A day that was never looked at before is no change either: the first
publication, and the days that a horizon gains.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeAlias, TypeVar

from agent.domain.availability import OpenRange
from agent.domain.days import Span, merge, subtract

LEAST_OPENINGS = 20
"""Fewer openings than this that come or go at once are no mass change, however small the practice."""

LOOK_AGAIN_AFTER = timedelta(seconds=60)
"""How long a change is held before a second reading, on a fresh connection, may release it."""

MOST_VANISHED = 3
"""More of our bookings than this that are gone at once are held; fewer too if they are over a tenth, but never a single one."""

USUAL_SLOT = 15
"""Minutes of one opening where the PMS leaves the length open."""

_SAME = 0.9
"""How much of what was held a second reading must show again to agree: the desk goes on working meanwhile."""

_PERSON_AFTER = timedelta(minutes=5)
"""From here on something that still waits for an agreeing second reading is a person's business."""

DayId: TypeAlias = tuple[str, date]
"""Resource id and date."""


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


Item = TypeVar("Item", bound=_HasId)


class Way(StrEnum):
    """
    In which direction much changes.
    """

    OPENINGS = "openings"
    CLOSINGS = "closings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """
    How one cycle's free time differs from what was last accepted, in openings.

    Attributes:
        published: What was accepted so far, over the whole horizon.
        days: By direction, the resource-days that change that way, each with a fingerprint of what it would become.
        counts: By direction, how many openings that is.
    """

    published: int
    days: Mapping[Way, Mapping[DayId, str]]
    counts: Mapping[Way, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """
    What a closing needs besides a second reading: an empty answer must not look like a day without work.

    Attributes:
        rosters: The people whose days close are on the roster of those days.
        resources: No resource and no type has disappeared.
        identity: It is the practice's own database.
    """

    rosters: bool
    resources: bool
    identity: bool

    @property
    def is_whole(self) -> bool:
        """
        Whether nothing is missing.
        """
        return self.rosters and self.resources and self.identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """
    One direction that is held.

    Attributes:
        since: When it was first seen; aware UTC.
        looked: When it was last seen differently, so that a second reading has to wait from there; aware UTC.
        days: What was seen then, and what a second reading has to show again.
        count: Openings.
        needs_person: Waiting alone will not release it.
    """

    since: datetime
    looked: datetime
    days: Mapping[DayId, str]
    count: int
    needs_person: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakeState:
    """
    What is held now.
    """

    held: Mapping[Way, Held] = field(default_factory=dict)

    def blocks(self, change: Change) -> frozenset[DayId]:
        """
        Return the resource-days of *change* that must not be sent.
        """
        return frozenset(day for way in self.held for day in change.days.get(way, ()))

    def wants_fresh_look(self, now: datetime) -> bool:
        """
        Return whether the next reading should be a second one, on a fresh connection.
        """
        return any(now - held.looked >= LOOK_AGAIN_AFTER for held in self.held.values())


RELEASED = BrakeState()
"""Nothing is held."""


def openings(ranges: Iterable[OpenRange]) -> int:
    """
    Return how many appointments fit.
    """
    return sum((r.end - r.start) // (r.slot_minutes or USUAL_SLOT) for r in ranges)


def opened(before: Sequence[OpenRange], after: Sequence[OpenRange], covered: Iterable[Span] = ()) -> int:
    """
    Return how many openings *after* has that neither *before* nor *covered* has. Turned round it counts closings; *covered*
    is then leave, which explains them.
    """
    known = merge([*(Span(r.start, r.end) for r in before), *covered])
    return sum(
        -(-(end - start) // (r.slot_minutes or USUAL_SLOT)) for r in after for start, end in subtract(Span(r.start, r.end), known)
    )


def is_mass(count: int, published: int) -> bool:
    """
    Return whether *count* openings coming or going at once are too many to be believed at first sight.
    """
    return count >= LEAST_OPENINGS and 2 * count >= published


def judge(
    state: BrakeState, change: Change, now: datetime, *, is_fresh: bool, proof: Proof, released: bool = False
) -> BrakeState:
    """
    Return what is held after one cycle's reading.

    Args:
        state: What was held before.
        is_fresh: The reading was made on a connection of its own.
        released: A person said that the change is right, or asked for everything to be sent.
    """
    if released:
        return RELEASED
    held: dict[Way, Held] = {}
    for way in Way:
        count, days = change.counts.get(way, 0), change.days.get(way, {})
        if not is_mass(count, change.published):
            continue
        before = state.held.get(way)
        if before is None:
            held[way] = Held(since=now, looked=now, days=days, count=count)
            continue
        found = replace(before, count=count, needs_person=before.needs_person or now - before.since >= _PERSON_AFTER)
        if is_fresh and now - before.looked >= LOOK_AGAIN_AFTER:
            agrees = _agree(before.days, days)
            if agrees and (way is Way.OPENINGS or proof.is_whole):
                continue
            found = replace(found, looked=now, days=days, needs_person=found.needs_person or agrees)
        held[way] = found
    return BrakeState(held=held)


def _agree(before: Mapping[DayId, str], now: Mapping[DayId, str]) -> bool:
    same = sum(1 for day, fingerprint in now.items() if before.get(day) == fingerprint)
    return same >= _SAME * max(len(before), len(now))


def is_mass_vanishing(vanished: int, watched: int) -> bool:
    """
    Return whether so many of the *watched* bookings of ours having no row any more is held for a person.

    A row that says *cancelled* has not vanished: somebody at the desk said so.
    """
    return vanished > MOST_VANISHED or (vanished > 1 and 10 * vanished > watched)


def missing(before: Iterable[Item], now: Iterable[Item], released: Collection[str] = ()) -> tuple[Item, ...]:
    """
    Return the resources or types of *before* that are not in *now* and that nobody has let go.
    """
    present = {item.id for item in now}
    return tuple(item for item in before if item.id not in present and item.id not in released)
