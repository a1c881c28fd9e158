"""
Time that moves only when it is told to.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


class JumpingClock:
    """
    The agent's clock (`agent.ports.clock.Clock`) in a simulated year.

    Attributes:
        is_waking: The machine slept: what passes now has passed in real time too.
    """

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._now = start.astimezone(UTC)
        self.is_waking = False

    def now(self) -> datetime:
        """
        Return the simulated instant, aware UTC.
        """
        return self._now

    def monotonic(self) -> float:
        """
        Return simulated seconds since the start.
        """
        return (self._now - self._start).total_seconds()

    def real_seconds(self, span: timedelta) -> float:
        """
        Return the simulated seconds of *span* to who wakes up; nobody else ever waits.
        """
        return span.total_seconds() if self.is_waking else 0.0

    def local(self, zone: ZoneInfo) -> datetime:
        """
        Return the wall time in *zone*, naive.
        """
        return self._now.astimezone(zone).replace(tzinfo=None)

    def advance_to(self, instant: datetime) -> None:
        """
        Let time pass; it never goes back.
        """
        self._now = max(self._now, instant)

    def advance(self, seconds: float) -> None:
        """
        Let so many seconds pass.
        """
        self._now += timedelta(seconds=seconds)
