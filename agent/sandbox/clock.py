"""
Time that runs faster than the wall clock, shared by everything in a sandbox.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta


class SandboxClock:
    """
    A clock that starts at *origin* and runs *scale* times as fast as the machine's own.

    It keeps the promises of the engine's clock port, so that the engine and the simulator can share one object. Two
    processes agree on the time when both are given the same *scale*, *origin* and *origin_real*. Safe to call from
    several threads.

    Args:
        scale: Simulated seconds per real second; positive.
        origin: The simulated instant at the start, aware; by default what the machine's clock shows at *origin_real*.
        origin_real: The machine's own time (`time.time()`) at which it was *origin*; by default the present.
    """

    def __init__(self, scale: float = 1.0, origin: datetime | None = None, *, origin_real: float | None = None) -> None:
        if scale <= 0:
            raise ValueError("the scale of a clock must be positive")
        wall = time.time()
        self.scale = scale
        self.origin_real = wall if origin_real is None else origin_real
        self.origin = (datetime.fromtimestamp(self.origin_real, UTC) if origin is None else origin).astimezone(UTC)
        self._anchor = time.monotonic() - (wall - self.origin_real)
        self._skipped = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """
        Return the simulated instant, aware UTC.
        """
        return self.origin + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """
        Return the simulated seconds since the origin; they never go backwards.
        """
        with self._lock:
            return (time.monotonic() - self._anchor) * self.scale + self._skipped

    def real_seconds(self, span: timedelta) -> float:
        """
        Return how many seconds of the machine's own time *span* takes.
        """
        return span.total_seconds() / self.scale

    def advance(self, span: timedelta) -> None:
        """
        Let *span* pass at once.
        """
        if span < timedelta(0):
            raise ValueError("a clock is never put back")
        with self._lock:
            self._skipped += span.total_seconds()
