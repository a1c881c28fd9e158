"""
One engine per home folder.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import IO, Self

from agent.domain.errors import Misconfigured

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

NAME = "engine.lock"

_LOCKED_BYTE = 1 << 20
"""Windows keeps others from reading what is locked, so the lock lies beyond the number that they should read."""


class EngineLock:
    """
    The operating system's own lock on a file in the home folder: whoever holds it is the engine.

    It goes with the process, however that ends, and the file stays: removing it would let two engines lock two files.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / NAME
        self._file: IO[bytes] | None = None

    def acquire(self) -> None:
        """
        Become the engine of this home folder.

        Raises:
            Misconfigured: `engine-already-runs`.
        """
        # neither truncated nor replaced before it is ours
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        file = os.fdopen(descriptor, "r+b", buffering=0)
        try:
            _lock(file)
        except OSError:
            file.close()
            pid = self.holder()
            raise Misconfigured(
                "engine-already-runs",
                f"An engine is already running for this home folder{f' (process {pid})' if pid else ''}.",
                remedy="Use the one that runs, or stop it first.",
            ) from None
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()).encode())
        self._file = file

    def holder(self) -> int:
        """
        Return the process that holds the lock, or held it last, as it wrote itself down; 0: not known.
        """
        try:
            return int(self._path.read_bytes())
        except (OSError, ValueError):
            return 0

    def release(self) -> None:
        """
        Let another process become the engine.
        """
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def _lock(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        file.seek(_LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
