"""
Work for a dialog that takes longer than a window may wait: on a thread, and by processes of the command line, which can be ended.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from PySide6.QtCore import QObject, Signal

from agent.ui.starting import command_line

T = TypeVar("T")

LIMIT_SECONDS = 180.0
"""Longer than a command may take: a large diary is read over a slow link, or a service starts."""

STOP_SECONDS = 2.0
"""How long closing waits for a thread, whose process has been ended."""

NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""Windows would else open a console for the command line."""


class Ran(NamedTuple):
    """
    What a command answered.
    """

    code: int
    said: bytes


class CommandProcess:
    """
    Runs the command line for a home, one command at a time. What is secret goes through a pipe, never into arguments or files.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, arguments: Sequence[str], given: bytes = b"") -> Ran:
        """
        Run one command to its end.

        Args:
            given: Its standard input.

        Raises:
            OSError: if it cannot be started.
            subprocess.TimeoutExpired: if it took longer than `LIMIT_SECONDS`; it has been ended.
        """
        process = subprocess.Popen(
            [*command_line(), "--home", str(self._home), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=NO_WINDOW,
        )
        with self._lock:
            self._process = process
        try:
            said, _ = process.communicate(given, LIMIT_SECONDS)
            return Ran(process.returncode, said)
        finally:
            process.kill()
            process.wait()

    def stop(self) -> None:
        """
        End the process, if there is one; from any thread, at any time.
        """
        with self._lock:
            if self._process is not None:
                self._process.kill()


class Background(QObject):
    """
    Has one job after the other done on a thread of its own. Only what came of the last one arrives.

    Args:
        end: Ends the job that is under way, from another thread; safe to call at any time.
    """

    _ended = Signal(int, object)

    def __init__(self, end: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._end = end
        self._number = 0
        self._thread: threading.Thread | None = None
        self._then: Callable[..., None] = _nobody
        self._ended.connect(self._pass_on)

    def begin(self, job: Callable[[], T], then: Callable[[T], None], *, name: str) -> None:
        """
        Begin a job that raises nothing; one that is under way is ended first. Returns at once.

        Args:
            then: Called with what came of it, on the thread of the windows.
            name: Of the thread.
        """
        self.stop()
        self._then = then
        number = self._number
        self._thread = threading.Thread(target=lambda: self._tell(number, job()), name=name, daemon=True)
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
