"""
What the brake remembers and where it shows what it holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from agent.domain.availability import OpenRange
from agent.domain.brake import DayId
from agent.domain.status import Condition


class AcceptedFree(Protocol):
    """
    The free time last accepted from the PMS, before the practice's own rules. Committed when the call returns; safe to call
    from several threads.
    """

    def ranges(self, practice_id: str, first: date, end: date) -> Mapping[DayId, tuple[OpenRange, ...]]:
        """
        Return what was accepted from *first* up to, not including, *end*; a day that was never looked at is left out.
        """

    def openings(self, practice_id: str, first: date, end: date) -> int:
        """
        Return how many openings that is.
        """

    def accept(self, practice_id: str, days: Mapping[DayId, Sequence[OpenRange]]) -> None:
        """
        Replace these days.
        """

    def drop_before(self, practice_id: str, day: date) -> None:
        """
        Delete what is past.
        """


class Notices(Protocol):
    """
    Where conditions are shown.
    """

    def raise_condition(self, condition: Condition) -> Condition:
        """
        Open a condition, or count once more the one that is open already.
        """

    def clear_condition(self, area: str, code: str = "") -> int:
        """
        End a condition.
        """
