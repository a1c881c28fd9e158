"""
Ranges of dates and of minutes within a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

MINUTES_PER_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class DateRange:
    """
    The dates from *first* up to, not including, *end*.
    """

    first: date
    end: date

    @classmethod
    def of_days(cls, first: date, days: int) -> DateRange:
        """
        Return the range of *days* dates that begins with *first*.
        """
        return cls(first, first + timedelta(days=days))

    @classmethod
    def covering(cls, dates: Iterable[date]) -> DateRange:
        """
        Return the shortest range that has all *dates* (at least one) in it.
        """
        known = sorted(dates)
        return cls(known[0], known[-1] + timedelta(days=1))

    def __iter__(self) -> Iterator[date]:
        day = self.first
        while day < self.end:
            yield day
            day += timedelta(days=1)

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day < self.end

    def __len__(self) -> int:
        return max(0, (self.end - self.first).days)


class Span(NamedTuple):
    """
    Minutes of one local day, half-open; `end` may be 1440 (midnight).
    """

    start: int
    end: int


def merge(spans: Iterable[Span]) -> list[Span]:
    """
    Return *spans* sorted, with those that touch or overlap joined and empty ones left out.
    """
    merged: list[Span] = []
    for span in sorted(spans):
        if span.end <= span.start:
            continue
        if merged and span.start <= merged[-1].end:
            if span.end > merged[-1].end:
                merged[-1] = Span(merged[-1].start, span.end)
        else:
            merged.append(span)
    return merged


def subtract(span: Span, busy: Iterable[Span]) -> list[Span]:
    """
    Return the parts of *span* that none of *busy* covers.

    Args:
        busy: Sorted by start; may overlap one another and reach beyond *span*.
    """
    return [Span(start, end) for start, end in gaps(span.start, span.end, busy)]


def gaps(start: int, end: int, busy: Iterable[Span]) -> list[tuple[int, int]]:
    """
    Do what `subtract` does, with plain pairs: it runs for every resource and day, and making a `Span` costs more than the rest.
    """
    free: list[tuple[int, int]] = []
    for b_start, b_end in busy:
        if b_end <= start or b_end <= b_start:
            continue
        if b_start >= end:
            break
        if b_start > start:
            free.append((start, b_start))
        start = b_end
    if start < end:
        free.append((start, end))
    return free


def clock_text(minute: int) -> str:
    """
    Return a minute of the day as `HH:MM`; midnight at the end of the day is `23:59`.

    Healthengine reads `23:59` as the end of the day (acceptance, *where the definition is silent*).
    """
    return "23:59" if minute >= MINUTES_PER_DAY else f"{minute // 60:02d}:{minute % 60:02d}"


def clock_minute(text: str) -> int:
    """
    Return the minute of the day that `HH:MM` names; `24:00` and `23:59` are kept as written.

    Raises:
        ValueError: if *text* is no time of the day.
    """
    hours, colon, minutes = text.partition(":")
    if not (text.isascii() and colon and hours.isdigit() and minutes.isdigit() and len(minutes) == 2 and len(hours) <= 2):
        raise ValueError(f"{text!r} is not a time of the form HH:MM")
    minute = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or minute > MINUTES_PER_DAY:
        raise ValueError(f"{text!r} is not a time of the form HH:MM")
    return minute


def missing_minutes(day: date, zone: ZoneInfo) -> list[Span]:
    """
    Return the minutes of *day* that the clocks in *zone* jump over, when daylight saving begins.
    """
    if zone.utcoffset(datetime(day.year, day.month, day.day)) == zone.utcoffset(
        datetime(day.year, day.month, day.day) + timedelta(days=1)
    ):
        return []
    midnight = datetime(day.year, day.month, day.day)
    return merge(
        Span(minute, minute + 30)
        for minute in range(0, MINUTES_PER_DAY, 30)
        if not exists(midnight + timedelta(minutes=minute), zone)
    )


def later(local: datetime, span: timedelta, zone: ZoneInfo) -> datetime:
    """
    Return what the clocks in *zone* show when *span* has passed since they showed the naive *local* time (its `fold` counts):
    when they change in between, that is not the sum of the two.
    """
    return (local.replace(tzinfo=zone).astimezone(UTC) + span).astimezone(zone).replace(tzinfo=None)


def exists(local: datetime, zone: ZoneInfo) -> bool:
    """
    Return whether the naive *local* time is ever shown by the clocks in *zone*.
    """
    there = local.replace(tzinfo=zone)
    return there.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local
