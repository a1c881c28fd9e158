"""
A second and third try of a harmless question, within seconds.

Only reads are tried again here. What changes something is sent again by the use cases, which know what was meant; between
runs the schedule waits. So there are never two loops, one inside the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from agent.domain.errors import Cancelled, Transient

T = TypeVar("T")

WAITS = (0.2, 0.6)
"""Seconds before the second and the third try, before jitter."""

IN_ALL = 4.0
"""No try begins later than this many seconds after the first."""

_WORTH_ANOTHER_TRY = frozenset({"he-link-lost", "he-server", "he-unreachable"})


class QuickRetry:
    """
    Tries a read up to three times. Holds no state of a call, so threads may share it.

    Args:
        pause: Waits so many seconds and returns whether the engine is stopping, as `threading.Event.wait` does.
        random: Returns a number from 0 up to 1.
        monotonic: The machine's own seconds.
    """

    def __init__(self, *, pause: Callable[[float], bool], random: Callable[[], float], monotonic: Callable[[], float]) -> None:
        self._pause = pause
        self._random = random
        self._monotonic = monotonic

    def run(self, attempt: Callable[[], T]) -> T:
        """
        Return what *attempt* returns.

        An error that another second cannot heal, or that says itself how long to wait, is passed on at once.

        Raises:
            Cancelled: if the engine stops during a wait.
        """
        began = self._monotonic()
        for wait in WAITS:
            try:
                return attempt()
            except Transient as error:
                seconds = wait * (0.5 + self._random())
                if (
                    error.code not in _WORTH_ANOTHER_TRY
                    or error.retry_after is not None
                    or self._monotonic() - began + seconds > IN_ALL
                ):
                    raise
            if self._pause(seconds):
                raise Cancelled("he-stopping", "The engine is stopping")
        return attempt()
