"""
One command of the command line at a time, in a process of its own, which can be ended when a driver hangs.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from agent.ui.starting import command_line

NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""Windows would else open a console for the command line."""


class CommandProcess:
    """
    Runs `frontdesk --home HOME ...`. `run` blocks, so it is never used on the thread of the windows; `stop` may be, on any.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, arguments: Sequence[str], *, limit_seconds: float, given: bytes = b"") -> bytes:
        """
        Return what the command printed, whatever its exit code; the process is gone then.

        Args:
            given: What it reads on its standard input.

        Raises:
            OSError: if it cannot be started, or ended before it had read everything.
            subprocess.TimeoutExpired: if it took longer than *limit_seconds*.
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
            said, _ = process.communicate(given, limit_seconds)
            return said
        finally:
            process.kill()
            process.wait()

    def stop(self) -> None:
        """
        End the process, if there is one.
        """
        with self._lock:
            if self._process is not None:
                self._process.kill()
