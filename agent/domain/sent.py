"""
What Healthengine shows of the free time, as a person looks at it: every day of every practitioner, and one day in full.

Times are minutes of the local day at the resource's place. Of appointments only the time is known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby, pairwise

from agent.domain.availability import OpenRange
from agent.domain.days import MINUTES_PER_DAY, Span, clock_minute, merge
from agent.domain.terms import Cause

NOT_ACKNOWLEDGED = -1
"""Instead of a day's minutes: Healthengine has not acknowledged what is free now."""

REFUSED = -2
"""Instead of a day's minutes: Healthengine refused them."""

SUSPICIOUS_DAYS = 30
"""Published for so many days and never booked: perhaps nobody has linked it at Healthengine."""

_RANGE = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentResource:
    """
    One line of the map.

    Attributes:
        minutes: For each day how many free minutes Healthengine has acknowledged, or `NOT_ACKNOWLEDGED` or `REFUSED`.
        never_booked: Published for `SUSPICIOUS_DAYS` and still, and nobody has ever booked it.
    """

    id: str
    name: str
    minutes: tuple[int, ...]
    never_booked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMap:
    """
    What Healthengine shows of one practice, from *first* on.

    Attributes:
        is_stopped: A person has stopped its online bookings.
    """

    practice_id: str
    name: str
    first: date
    resources: tuple[SentResource, ...]
    is_stopped: bool = False


class InDiary(StrEnum):
    """
    What a stretch of a day is in the PMS.
    """

    FREE = "free"
    APPOINTMENT = "appointment"
    OFF = "off"  # nobody works, or the PMS does not say what takes the time


@dataclass(frozen=True, slots=True, kw_only=True)
class DayStretch:
    """
    A part of a day in which nothing changes.

    Attributes:
        is_offered: Healthengine has acknowledged it as free.
        is_due: By diary and rules it belongs there now. Where the two differ, the next sending puts it right.
        cause: The rule that withholds it.
    """

    start: int
    end: int
    diary: InDiary
    is_offered: bool = False
    is_due: bool = False
    cause: Cause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentDayReport:
    """
    One resource's day: what Healthengine shows beside what the PMS says.

    Attributes:
        acknowledged_at: When Healthengine last acknowledged what it shows, aware UTC; None: it has not.
        refused: Why Healthengine refused the last statement; empty: it did not.
        is_stopped: A person has stopped online bookings.
    """

    practice_id: str
    resource_id: str
    name: str
    date: date
    stretches: tuple[DayStretch, ...]
    acknowledged_at: datetime | None = None
    refused: str = ""
    is_stopped: bool = False


def kept_spans(ranges: str) -> list[Span]:
    """
    Read free time as the history keeps it (`09:00-12:00/15[3,4] ...`); what overlaps or touches is joined.
    """
    return merge(Span(clock_minute(start), _end(clock_minute(end))) for start, end in _RANGE.findall(ranges))


def free_minutes(ranges: str) -> int:
    """
    Return how many minutes free time as the history keeps it has.
    """
    return sum(span.end - span.start for span in kept_spans(ranges))


def day_stretches(
    *,
    working: Iterable[Span],
    taken: Sequence[Span],
    offered: Iterable[Span],
    due: Iterable[Span],
    withheld: Iterable[tuple[OpenRange, Cause]],
) -> tuple[DayStretch, ...]:
    """
    Lay what the PMS says and what Healthengine shows side by side; what is neither worked nor offered is left out.

    Args:
        working: The sessions, or the PMS's own free time.
        taken: The appointments; each gets a stretch of its own.
        due: What is published by diary and rules, now.
        withheld: What a rule keeps back; of several the first is named.
    """
    sessions, shown, wanted = list(working), list(offered), list(due)
    kept = [(Span(opening.start, opening.end), cause) for opening, cause in withheld]
    edges = sorted({edge for span in (*sessions, *taken, *shown, *wanted, *(span for span, _ in kept)) for edge in span})

    def at(minute: int) -> tuple[int, DayStretch]:
        """
        Return which appointment there is (-1: none), and everything else, with no length yet.
        """
        appointment = next((n for n, span in enumerate(taken) if span.start <= minute < span.end), -1)
        works, is_due = _covers(sessions, minute), _covers(wanted, minute)
        diary = InDiary.APPOINTMENT if appointment >= 0 else InDiary.FREE if works else InDiary.OFF
        causes = (cause for span, cause in kept if span.start <= minute < span.end)
        cause = next(causes, None) if diary is InDiary.FREE and not is_due else None
        return appointment, DayStretch(start=0, end=0, diary=diary, is_offered=_covers(shown, minute), is_due=is_due, cause=cause)

    stretches: list[DayStretch] = []
    for (_, kind), group in groupby(pairwise(edges), key=lambda pair: at(pair[0])):
        pairs = list(group)
        if kind.diary is not InDiary.OFF or kind.is_offered:
            stretches.append(replace(kind, start=pairs[0][0], end=pairs[-1][1]))
    return tuple(stretches)


def _covers(spans: Iterable[Span], minute: int) -> bool:
    return any(span.start <= minute < span.end for span in spans)


def _end(minute: int) -> int:
    """
    Healthengine's last minute of the day stands for its end.
    """
    return MINUTES_PER_DAY if minute == MINUTES_PER_DAY - 1 else minute
