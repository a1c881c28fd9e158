"""
What has to be sent so that Healthengine shows what is free.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import TypeVar

from agent.domain.availability import DayAvailability
from agent.domain.days import DateRange

T = TypeVar("T")

BATCH = 100
"""The most snapshots one call may carry (API: `POST /availability/snapshots`)."""

CHUNK_DAYS = 31
"""The most days read from the PMS at once, so that no reading is long and memory stays bounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleDays:
    """
    Which dates of the horizon have to be looked at again, and why.

    Attributes:
        read: Their marker changed or is not known, or somebody asked: read them from the PMS.
        trim: Unchanged in the PMS, but time has moved on: the notice period may have swallowed a slot.
    """

    read: tuple[date, ...]
    trim: tuple[date, ...]


def horizon(today: date, days: int) -> DateRange:
    """
    Return the dates that are published, today first.
    """
    return DateRange.of_days(today, days)


def stale_days(
    window: DateRange,
    *,
    markers: Mapping[date, str],
    known: Mapping[date, str],
    asked: Collection[date],
    in_hand: Collection[date],
    earliest: datetime,
) -> StaleDays:
    """
    Decide which dates must be read again.

    Args:
        window: The horizon.
        markers: As the PMS gives them now.
        known: Under which each date was last acknowledged.
        asked: Dates that somebody wants again.
        in_hand: Dates whose free time before the notice period is still in memory.
        earliest: The first local minute that may be published.
    """
    read: list[date] = []
    trim: list[date] = []
    for day in window:
        if day in asked or day not in known or markers.get(day, "") != known[day]:
            read.append(day)
        elif day <= earliest.date():
            (trim if day in in_hand else read).append(day)
    return StaleDays(read=tuple(read), trim=tuple(trim))


def chunks(days: Sequence[date]) -> Iterator[DateRange]:
    """
    Cover *days* (sorted) by few ranges of at most 31 dates; gaps of up to a week are read along.
    """
    start = 0
    for i in range(1, len(days) + 1):
        if i == len(days) or days[i] - days[i - 1] > timedelta(days=7) or days[i] - days[start] >= timedelta(days=CHUNK_DAYS):
            yield DateRange(days[start], days[i - 1] + timedelta(days=1))
            start = i


@dataclass(frozen=True, slots=True)
class Asked:
    """
    What has to be sent even if it did not change.

    Attributes:
        days: Dates, each with the resource that is meant; an empty resource means all.
        everything: Every day of every resource.
        by_hand: A person asked, and nothing is held back.
    """

    days: frozenset[tuple[str, date]] = frozenset()
    everything: bool = False
    by_hand: bool = False

    def __contains__(self, day: object) -> bool:
        if self.everything:
            return True
        return isinstance(day, DayAvailability) and ((day.resource_id, day.date) in self.days or ("", day.date) in self.days)

    @property
    def dates(self) -> frozenset[date]:
        """
        The dates named one by one.
        """
        return frozenset(day for _, day in self.days)


def changed(
    desired: Iterable[DayAvailability], acknowledged: Mapping[tuple[str, date], str], *, asked: Asked
) -> list[DayAvailability]:
    """
    Return what differs from what Healthengine acknowledged, and everything that is *asked* for.

    Args:
        acknowledged: Fingerprints by resource and date; one that is missing or empty was not acknowledged.
    """
    return [day for day in desired if day in asked or acknowledged.get((day.resource_id, day.date)) != day.fingerprint()]


def batches(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """
    Cut *items* into lists of at most *size*.
    """
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
