"""
Time, injected.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """
    The engine's time. It may run faster than the wall clock in a sandbox.
    """

    def now(self) -> datetime:
        """
        Return the current instant, aware UTC.
        """

    def monotonic(self) -> float:
        """
        Return seconds that never go backwards, in the same scale as `now`.
        """

    def real_seconds(self, span: timedelta) -> float:
        """
        Return how many seconds of the machine's own time *span* takes.
        """
