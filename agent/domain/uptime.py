"""
What the hours in which this machine really was up teach about the live hours.

Everything is counted in local wall time on a grid of quarters of an hour, day by day, so that a weekday's hours stay the same
when the clocks change. A quarter counts as up only if the machine was up all through it, twice where the clocks show it twice; a
quarter that the clocks jump over says nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from agent.domain.days import MINUTES_PER_DAY, Span, gaps, merge
from agent.domain.liveness import LivenessContract
from agent.domain.practice import WEEKDAYS, LiveHours

GRID_MINUTES = 15
JOIN_BELOW_MINUTES = 30
"""Hours that lie less than this apart are one stretch."""

DAYS_LOOKED_AT = 4
"""How many days of each kind are looked at: one of them may have been an outage."""

DAYS_NEEDED = 2
"""From how many days on a kind of day is known."""

LOOK_BACK = timedelta(days=400)
"""Long enough for last year's public holidays."""

PUBLIC_HOLIDAY = len(WEEKDAYS)
"""The place of public holidays behind the seven weekdays."""

_CELLS = MINUTES_PER_DAY // GRID_MINUTES
_QUARTER = timedelta(minutes=GRID_MINUTES)


@dataclass(frozen=True, slots=True)
class UpInterval:
    """
    From *start* up to, not including, *end*; both aware UTC.
    """

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedDay:
    """
    What one kind of day has taught.

    Attributes:
        spans: Sorted and apart from each other.
        dates: The days that it was learned from, oldest first; too few of them teach nothing.
    """

    spans: tuple[Span, ...] = ()
    dates: tuple[date, ...] = ()

    @property
    def is_known(self) -> bool:
        """
        Whether enough days were lived through.
        """
        return len(self.dates) >= DAYS_NEEDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """
    What was learned, Monday first, public holidays last.
    """

    days: tuple[LearnedDay, ...] = (LearnedDay(),) * (PUBLIC_HOLIDAY + 1)


def learn(
    intervals: Iterable[UpInterval],
    *,
    zone: ZoneInfo,
    today: date,
    is_holiday: Callable[[date], bool],
    is_closed: Callable[[date], bool],
) -> Learned:
    """
    Learn from the whole days before *today*.

    The day on which the first interval begins is left out: before it nobody looked. A public holiday is no example of its
    weekday, and a planned closure of nothing at all.

    Args:
        intervals: In any order; may overlap, as they do after a clock was put back.
    """
    known = _joined(intervals)
    kinds: list[list[date]] = [[] for _ in range(PUBLIC_HOLIDAY + 1)]
    if known:
        first = max(known[0].start.astimezone(zone).date() + timedelta(days=1), today - LOOK_BACK)
        for back in range(1, (today - first).days + 1):
            day = today - timedelta(days=back)
            kind = kinds[PUBLIC_HOLIDAY if is_holiday(day) else day.weekday()]
            if len(kind) < DAYS_LOOKED_AT and not is_closed(day):
                kind.insert(0, day)
    return Learned(days=tuple(_learned_day(dates, known, zone) for dates in kinds))


def wished(learned: Learned, rosters: LiveHours) -> LivenessContract:
    """
    Return the contract that uptime asks for; a kind of day that is not known yet has the rosters' hours.
    """
    days = tuple(
        day.spans if day.is_known else spans
        for day, spans in zip(learned.days, (*rosters.days, rosters.public_holidays), strict=True)
    )
    return LivenessContract(days=days[:PUBLIC_HOLIDAY], public_holidays=days[PUBLIC_HOLIDAY])


def disagreement(contract: LivenessContract, learned: Learned) -> LiveHours:
    """
    Return the hours inside *contract* in which this machine is usually not up: there Healthengine hides the practice's times.

    What is shorter than a quarter of an hour is below what can be learned.
    """
    found = tuple(
        without(spans, day.spans) if day.is_known else ()
        for spans, day in zip((*contract.days, contract.public_holidays), learned.days, strict=True)
    )
    return LiveHours(days=found[:PUBLIC_HOLIDAY], public_holidays=found[PUBLIC_HOLIDAY])


def beyond(hours: LiveHours, known: LiveHours) -> LiveHours:
    """
    Return what of *hours* is not in *known*, kind of day by kind of day.
    """
    found = tuple(
        without(spans, taken)
        for spans, taken in zip((*hours.days, hours.public_holidays), (*known.days, known.public_holidays), strict=True)
    )
    return LiveHours(days=found[:PUBLIC_HOLIDAY], public_holidays=found[PUBLIC_HOLIDAY])


def adopted(contract: LivenessContract, learned: Learned) -> LivenessContract:
    """
    Return *contract* with the learned hours on every kind of day that is known, for a person who wants it so.
    """
    days = tuple(
        day.spans if day.is_known else spans
        for spans, day in zip((*contract.days, contract.public_holidays), learned.days, strict=True)
    )
    return LivenessContract(days=days[:PUBLIC_HOLIDAY], public_holidays=days[PUBLIC_HOLIDAY])


def without(spans: Iterable[Span], taken: Sequence[Span]) -> tuple[Span, ...]:
    """
    Return what is left of *spans* outside *taken* (sorted), where it is a quarter of an hour or longer.
    """
    left = (Span(*rest) for span in spans for rest in gaps(span.start, span.end, taken))
    return tuple(span for span in left if span.end - span.start >= GRID_MINUTES)


def up_quarters(day: date, zone: ZoneInfo, intervals: Sequence[UpInterval]) -> list[bool | None]:
    """
    Return for each quarter of an hour of a local *day* whether the machine was up; None: the clocks jumped over it.

    Args:
        intervals: Sorted and apart from each other.
    """
    starts = [interval.start for interval in intervals]
    cells: list[bool | None] = [None] * _CELLS
    instant = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    while (local := instant.astimezone(zone)).date() == day:
        index = bisect_right(starts, instant) - 1
        is_up = index >= 0 and intervals[index].end >= instant + _QUARTER
        cell = (local.hour * 60 + local.minute) // GRID_MINUTES
        cells[cell] = is_up and cells[cell] is not False
        instant += _QUARTER
    return cells


def up_spans(day: date, zone: ZoneInfo, intervals: Iterable[UpInterval]) -> tuple[Span, ...]:
    """
    Return when the machine was up on a local *day*, in whole quarters of an hour.

    Args:
        intervals: In any order; may overlap.
    """
    cells = up_quarters(day, zone, _joined(intervals))
    quarters = (Span(n * GRID_MINUTES, (n + 1) * GRID_MINUTES) for n, is_up in enumerate(cells) if is_up)
    return tuple(merge(quarters))


def _learned_day(dates: Sequence[date], intervals: Sequence[UpInterval], zone: ZoneInfo) -> LearnedDay:
    if len(dates) < DAYS_NEEDED:
        return LearnedDay(dates=tuple(dates))
    votes = zip(*(up_quarters(day, zone, intervals) for day in dates), strict=True)
    is_in = [_wins([vote for vote in cell if vote is not None]) for cell in votes]
    return LearnedDay(spans=_spans(is_in), dates=tuple(dates))


def _wins(votes: Sequence[bool]) -> bool:
    """
    Two of two, two of three, three of four: all but one, and never fewer than two.
    """
    return sum(votes) >= max(DAYS_NEEDED, len(votes) - 1)


def _spans(cells: Sequence[bool]) -> tuple[Span, ...]:
    spans: list[Span] = []
    for index, is_in in enumerate(cells):
        if not is_in:
            continue
        start, end = index * GRID_MINUTES, (index + 1) * GRID_MINUTES
        if spans and start - spans[-1].end < JOIN_BELOW_MINUTES:
            spans[-1] = Span(spans[-1].start, end)
        else:
            spans.append(Span(start, end))
    return tuple(spans)


def _joined(intervals: Iterable[UpInterval]) -> list[UpInterval]:
    joined: list[UpInterval] = []
    for interval in sorted(intervals, key=lambda i: (i.start, i.end)):
        if joined and interval.start <= joined[-1].end:
            joined[-1] = UpInterval(joined[-1].start, max(joined[-1].end, interval.end))
        else:
            joined.append(interval)
    return joined
