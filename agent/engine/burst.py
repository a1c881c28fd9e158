"""
Joining what a burst of bookings wants into few runs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Self

from agent.ports.clock import Clock

LONGEST_S = timedelta(seconds=2).total_seconds()
"""How long the free time may lag behind while bookings are being entered."""


class Burst:
    """
    While it is entered, wishes are held back until it ends or two seconds have passed since the last that was not.

    Every booking changes the free time; computing it after each of two hundred would keep the next patients waiting.
    `holds_back` may be called from any thread.

    Args:
        wanted: Called at the end if anything was held back.
    """

    def __init__(self, clock: Clock, wanted: Callable[[], None]) -> None:
        self._clock = clock
        self._wanted = wanted
        self._lock = threading.Lock()
        self._since: float | None = None
        self._is_wanted = False

    def __enter__(self) -> Self:
        with self._lock:
            self._since = self._clock.monotonic()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._lock:
            self._since = None
            is_wanted, self._is_wanted = self._is_wanted, False
        if is_wanted:
            self._wanted()

    def holds_back(self) -> bool:
        """
        Return whether a wish made now has to wait; it is then remembered.
        """
        with self._lock:
            now = self._clock.monotonic()
            if self._since is None:
                return False
            if now - self._since >= LONGEST_S:
                self._since = now
                return False
            self._is_wanted = True
            return True
