"""
What is remembered of the live hours, and where a question about them is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from agent.domain.liveness import LivenessContract
from agent.domain.practice import LiveHours
from agent.domain.status import Condition
from agent.domain.uptime import Learned, UpInterval


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownHours:
    """
    A practice's learned live hours.

    Attributes:
        contract: In force, closures not yet taken out.
        learned: What uptime last taught, and from which days.
        learned_at: Aware UTC.
        kept: Hours that uptime would take away and a person wants to keep.
        answered_at: When a person last adopted narrower hours or kept the wider ones; aware UTC.
        answered_by: Who that was.
        instead_of: The set hours in whose place a person wants these; None: they were learned for hours that are not set.
    """

    contract: LivenessContract
    learned: Learned
    learned_at: datetime
    kept: LiveHours | None = None
    answered_at: datetime | None = None
    answered_by: str = ""
    instead_of: LivenessContract | None = None


class LiveHoursMemory(Protocol):
    """
    The learned live hours of every practice. Safe to call from several threads; committed when the call returns.
    """

    def known(self, practice_id: str) -> KnownHours | None:
        """
        Return what is known, or None before the first learning.
        """

    def remember(self, practice_id: str, hours: KnownHours) -> None:
        """
        Replace what is known.
        """


class UptimeRecord(Protocol):
    """
    When this machine was up: the engine running, the PMS read, Healthengine reached, not paused.
    """

    def intervals(self, since: datetime) -> Sequence[UpInterval]:
        """
        Return the intervals that ended at *since* or later, oldest first, whole.
        """


class ConditionBoard(Protocol):
    """
    Where conditions are shown.
    """

    def raise_condition(self, condition: Condition) -> Condition:
        """
        Open a condition, or count once more the one that is open already, and return it as it now is.
        """

    def clear_condition(self, area: str, code: str = "") -> int:
        """
        End a condition, or with *code* empty all of an area, and return how many were open.
        """
