"""
Which machine this is, and what is remembered of the machine and the database.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from agent.domain.identity import Identity


class MachineId(Protocol):
    """
    The machine's own identity.
    """

    def __call__(self) -> str:
        """
        Return a text that stays the same for the life of the installed system and differs from every other's; empty where the
        system has none.
        """


class HomeIdentity(Protocol):
    """
    To whom this home belongs. Committed when the call returns; safe to call from several threads.
    """

    def known(self) -> Identity | None:
        """
        Return it, or None for a new home.
        """

    def remember(self, identity: Identity, at: datetime) -> None:
        """
        Replace it.
        """
