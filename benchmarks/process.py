"""
A helper process that says one line when it is ready and ends when its standard input does.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Child:
    """
    A module of this package, run by itself.
    """

    def __init__(self, module: str, *arguments: str) -> None:
        self._command = [sys.executable, "-m", module, *arguments]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> str:
        """
        Start it and return its first line.
        """
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            raise RuntimeError(f"{self._command[2]} did not start")
        return line

    def stop(self) -> None:
        """
        End it.
        """
        if self._process is not None:
            self._process.communicate(timeout=10)
            self._process = None
