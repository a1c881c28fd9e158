"""
Starting what came with this tray: the engine's service, by the command line, and windows for administrators.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LIMIT_SECONDS = 120
"""Longer than the system may take over a start."""

SHOWN = 32
"""Windows answers with a larger number when it has begun to start a program."""


def start_service() -> str:
    """
    Start the service; blocks until it runs or has been refused. Windows asks the user for an administrator's consent first, and
    is not waited for.

    Returns:
        Why it did not work, in the command's own words; empty: nothing is known to be wrong.
    """
    command = [*command_line(), "service", "start"]
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - used on Windows alone

        words = subprocess.list2cmdline(command[1:])
        answer = ctypes.windll.shell32.ShellExecuteW(None, "runas", command[0], words, None, 0)
        return "" if answer > SHOWN else "Windows did not allow it."
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return "The system did not start it in time."
    return "" if done.returncode == 0 else " ".join(done.stderr.split())


def start_for_administrator(home: Path, what: str) -> str:
    """
    Open the set-up wizard or the settings, a program of its own; on Windows with an administrator's consent. Blocks while that is
    asked for.

    Args:
        what: The option that says which, for example `--set-up`.

    Returns:
        Why it did not work; empty: it was begun.
    """
    frozen = bool(getattr(sys, "frozen", False))
    command = [sys.executable, *([] if frozen else ["-m", "agent.ui.main"]), "--home", str(home), what]
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - used on Windows alone

        words = subprocess.list2cmdline(command[1:])
        answer = ctypes.windll.shell32.ShellExecuteW(None, "runas", command[0], words, None, 1)
        return "" if answer > SHOWN else "Windows did not allow it."
    try:
        subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    except OSError:
        return "The program could not be started."
    return ""


def command_line() -> list[str]:
    """
    Return how the command line of this installation is started.
    """
    if getattr(sys, "frozen", False):
        here = Path(sys.executable)
        return [str(here.with_name(f"frontdesk{here.suffix}"))]
    return [sys.executable, "-m", "agent"]
