"""
Which practices are linked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from agent.domain.practice import Practice


class LinkedPractices(Protocol):
    """
    The practices that Healthengine shows times of because of us, each with its last settings; those that have left the settings
    while no engine ran are among them. Committed when the call returns; safe to call from several threads.
    """

    def all(self) -> Sequence[Practice]:
        """
        Return them, by id.
        """

    def remember(self, practice: Practice) -> None:
        """
        Add one, or replace its settings.
        """

    def forget(self, practice_id: str) -> None:
        """
        Remove one.
        """
