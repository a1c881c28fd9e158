"""
The engine's clock: the machine's own, or one that runs faster in a sandbox.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    """
    The machine's clock, scaled.

    With *scale* 1 it is the wall clock. In a sandbox (loopback only) it shows *start* at the machine's own time *origin*
    (both in epoch seconds) and *scale* seconds pass in each second from there, so that several processes agree.
    """

    def __init__(self, *, scale: float = 1.0, origin: float | None = None, start: float | None = None) -> None:
        self.scale = scale
        self._origin = time.time() if origin is None else origin
        self._start = self._origin if start is None else start

    def now(self) -> datetime:
        """
        Return the current instant, aware UTC.
        """
        real = time.time()
        return datetime.fromtimestamp(self._start + (real - self._origin) * self.scale, UTC)

    def monotonic(self) -> float:
        """
        Return seconds that never go backwards, in the same scale as `now`.
        """
        return time.monotonic() * self.scale

    def real_seconds(self, span: timedelta) -> float:
        """
        Return how many seconds of the machine's own time *span* takes.
        """
        return span.total_seconds() / self.scale
