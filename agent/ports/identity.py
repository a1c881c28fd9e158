"""
What is remembered of the machine and the database.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from agent.domain.identity import Identity


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
