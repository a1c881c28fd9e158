"""
Something that takes its time, on a thread of its own, so that the windows do not wait for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

T = TypeVar("T")

STOP_SECONDS = 2.0
"""How long closing waits for a thread whose work has been ended."""


class Background(QObject):
    """
    Does one thing after the other. Only the answer to the last one arrives.

    Args:
        end: Ends what is under way, from another thread; safe to call at any time.
    """

    _ended = Signal(int, object)

    def __init__(self, end: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._end = end
        self._number = 0
        self._thread: threading.Thread | None = None
        self._then: Callable[[Any], None] = _nobody
        self._ended.connect(self._pass_on)

    def begin(self, work: Callable[[], T], then: Callable[[T], None], name: str) -> None:
        """
        Begin *work*; what is under way is ended first. Returns at once.

        Args:
            work: Must not raise: nobody would hear of it.
            then: Called with what came of it, on the thread of the windows.
            name: Of the thread.
        """
        self.stop()
        self._then = then
        number = self._number
        self._thread = threading.Thread(target=lambda: self._tell(number, work()), name=name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """
        End what is under way; nothing of it arrives any more.
        """
        self._number += 1
        self._end()

    def close(self) -> None:
        """
        End what is under way and its thread, within a few seconds: it must not outlive what it would tell.
        """
        self.stop()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)
        self._then = _nobody  # else a window and this would keep each other, until some thread collects them

    def _tell(self, number: int, outcome: object) -> None:
        if number == self._number:
            self._ended.emit(number, outcome)

    def _pass_on(self, number: int, outcome: object) -> None:
        if number == self._number:
            self._then(outcome)


def _nobody(_outcome: object) -> None:
    """
    Nobody has asked for anything yet.
    """
