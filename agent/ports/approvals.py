"""
Which doctors and appointment types have been seen, and which of them wait for a tick.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from agent.domain.newcomers import Item, Newcomer, NewItem


class Approvals(Protocol):
    """
    What was seen in the PMS. Safe to call from several threads; committed when the call returns.
    """

    def known(self, practice_id: str) -> Mapping[Item, bool]:
        """
        Return everything seen so far, each with whether it is approved.
        """

    def add(self, practice_id: str, items: Iterable[NewItem], at: datetime) -> None:
        """
        Remember what turned up. One that is known becomes approved if it is now, and otherwise stays as it is.
        """

    def waiting(self) -> Sequence[Newcomer]:
        """
        Return what waits for a tick, in the order in which it turned up.
        """

    def approve(self, ids: Iterable[int], *, by: str, at: datetime) -> Sequence[Newcomer]:
        """
        Tick some off; returns those that waited until now. An unknown number is passed over.
        """
