"""
The record of what Healthengine was told of each resource and day: free time without anything about patients.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from agent.domain.days import DateRange


class SentWhy(StrEnum):
    """
    Why a day was sent.
    """

    FIRST = "first"  # never sent before
    CHANGED = "changed"  # the diary, a rule or the passing of time changed it
    BOOKED = "booked"  # a booking of ours came or went, or an earlier answer was lost
    ASKED = "asked"  # Healthengine asked for it
    EVERYTHING = "everything"  # the daily statement of everything, a new link or a resync
    REFUSED = "refused_before"  # Healthengine refused the one before


class SentOutcome(StrEnum):
    """
    What Healthengine said.
    """

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"  # nobody knows whether it arrived


@dataclass(frozen=True, slots=True, kw_only=True)
class SentDay:
    """
    One statement of one resource's free time on one day.

    Attributes:
        fingerprint: Of the free time.
        ranges: The free time as `09:00-12:00/15`, with the types after the length where there are any; empty: none.
        detail: Why it was refused.
        at, last_at: When it was sent first and last in a row; aware UTC.
        times: How often in a row.
    """

    resource_id: str
    date: date
    fingerprint: str
    ranges: str
    generation: int
    why: SentWhy
    outcome: SentOutcome
    at: datetime
    last_at: datetime
    detail: str = ""
    times: int = 1


class History(Protocol):
    """
    Keeps what was sent. Safe to call from several threads; committed when the call returns.
    """

    def sent(self, practice_id: str, days: Sequence[SentDay]) -> None:
        """
        Add what was sent; the same statement with the same outcome again only counts on.
        """

    def of_day(self, practice_id: str, resource_id: str, day: date) -> Sequence[SentDay]:
        """
        Return everything that was sent of one resource and day, oldest first.
        """

    def shown(self, practice_id: str, window: DateRange) -> Mapping[tuple[str, date], str]:
        """
        Return the free time (as `SentDay.ranges`) that Healthengine has acknowledged and shows, by resource and date.
        """

    def first_days(self, practice_id: str, resource_ids: Iterable[str]) -> Mapping[str, date]:
        """
        Return the first day of which anything was sent, by resource; one of which nothing was is left out.
        """

    def booked_resources(self, practice_id: str) -> Collection[str]:
        """
        Return the resources that anybody has ever booked, as far as is kept.
        """

    def prune(self, before: datetime) -> int:
        """
        Delete what ended before *before* (aware UTC) and no rule needs any more; returns how many bookings and statements.
        """
