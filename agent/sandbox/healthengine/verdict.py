"""
What can be said at the end of a run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from agent.sandbox.healthengine import timing
from agent.sandbox.healthengine.records import Answer, BookingRecord, Violation
from agent.sandbox.healthengine.state import PracticeState, World


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingCounts:
    """
    What became of the bookings.

    Attributes:
        unanswered: Still in `/requests/bookings`.
        cancelled: By their patients, before or after an answer.
        cancelled_by_practice, did_not_attend: As the agent said.
    """

    requested: int
    confirmed: int
    rejected: int
    unanswered: int
    cancelled: int
    cancelled_by_practice: int
    did_not_attend: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CancellationCounts:
    """
    What became of the patients' cancellations.
    """

    asked: int
    applied: int
    refused: int
    unanswered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTimes:
    """
    From booking to answer, in seconds of simulator time; None without any answer.
    """

    p50: float | None
    p99: float | None
    longest: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedCounts:
    """
    What stands published: resources, types, resource-days, and those with any time at all.
    """

    resources: int
    types: int
    days: int
    open_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Liveness:
    """
    How the marketplace saw the agent; gaps in seconds of simulator time, *hidden* why times are hidden now.
    """

    contract: bool
    hidden: tuple[str, ...]
    unhealthy_seconds: float
    polls: int
    largest_gap: float
    largest_live_gap: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeVerdict:
    """
    One practice's share.
    """

    practice_id: str
    bookings: BookingCounts
    cancellations: CancellationCounts
    answer_seconds: AnswerTimes
    published: PublishedCounts
    liveness: Liveness
    outstanding: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """
    Everything that a run has shown.
    """

    practices: tuple[PracticeVerdict, ...]
    violations: tuple[Violation, ...]
    calls: Mapping[str, int]

    @property
    def clean(self) -> bool:
        """
        Whether nothing was done wrong and nothing waits.
        """
        return not self.violations and not any(practice.outstanding for practice in self.practices)

    def of(self, practice_id: str) -> PracticeVerdict:
        """
        Return one practice's share.

        Raises:
            KeyError: if there is none with that id.
        """
        for practice in self.practices:
            if practice.practice_id == practice_id:
                return practice
        raise KeyError(practice_id)

    def to_dict(self) -> dict[str, Any]:
        """
        Return it as plain values, ready for JSON.
        """
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return {**plain, "clean": self.clean}


def judge(world: World) -> Verdict:
    """
    Take stock.
    """
    now = world.now()
    for practice in world.practices.values():
        timing.note_overdue(world, practice, now)
    return Verdict(
        practices=tuple(_of_practice(world, practice) for practice in world.practices.values()),
        violations=tuple(world.violations),
        calls=dict(sorted(world.calls.items())),
    )


def _of_practice(world: World, practice: PracticeState) -> PracticeVerdict:
    asked = [booking for booking in practice.bookings.values() if booking.asked]
    return PracticeVerdict(
        practice_id=practice.id,
        bookings=_bookings(asked),
        cancellations=_cancellations(practice),
        answer_seconds=_answer_times(asked),
        published=PublishedCounts(
            resources=len(practice.resources),
            types=len(practice.types),
            days=len(practice.published),
            open_days=sum(1 for day in practice.published.values() if day.ranges),
        ),
        liveness=Liveness(
            contract=practice.contract is not None,
            hidden=timing.health(world, practice, world.now()),
            unhealthy_seconds=round(practice.unhealthy_seconds, 3),
            polls=practice.polls,
            largest_gap=round(practice.largest_gap, 3),
            largest_live_gap=round(practice.largest_live_gap, 3),
        ),
        outstanding=len(practice.listed())
        + len(practice.pending_updates())
        + len(practice.availability_asks)
        + len(practice.change_asks)
        + practice.resources_wanted
        + practice.types_wanted,
    )


def _bookings(asked: Sequence[BookingRecord]) -> BookingCounts:
    return BookingCounts(
        requested=len(asked),
        confirmed=sum(1 for b in asked if b.answer is Answer.CONFIRMED),
        rejected=sum(1 for b in asked if b.answer is Answer.REJECTED),
        unanswered=sum(1 for b in asked if b.listed),
        cancelled=sum(1 for b in asked if b.cancelled_at),
        cancelled_by_practice=sum(1 for b in asked if b.practice_cancelled_at),
        did_not_attend=sum(1 for b in asked if b.did_not_attend_at),
    )


def _cancellations(practice: PracticeState) -> CancellationCounts:
    cancelled = [booking for booking in practice.bookings.values() if booking.cancelled_at]
    waiting = {update.booking_id for update in practice.pending_updates()} | {b.id for b in practice.listed()}
    said_no = {
        update.booking_id
        for update in practice.updates.values()
        if update.answer is Answer.REJECTED and update.status == "Cancelled"
    }
    unanswered = sum(1 for booking in cancelled if booking.id in waiting)
    refused = sum(1 for b in cancelled if b.id not in waiting and b.id in said_no and b.answer is Answer.CONFIRMED)
    return CancellationCounts(
        asked=len(cancelled), applied=len(cancelled) - unanswered - refused, refused=refused, unanswered=unanswered
    )


def _answer_times(asked: Sequence[BookingRecord]) -> AnswerTimes:
    seconds = sorted((b.answered_at - b.booked_at).total_seconds() for b in asked if b.answered_at is not None)
    if not seconds:
        return AnswerTimes(p50=None, p99=None, longest=None)
    return AnswerTimes(p50=_rank(seconds, 50), p99=_rank(seconds, 99), longest=round(seconds[-1], 3))


def _rank(ordered: Sequence[float], percent: int) -> float:
    return round(ordered[max(0, -(-len(ordered) * percent // 100) - 1)], 3)
