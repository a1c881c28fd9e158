"""
Trying everything that the engine needs, by a process of the command line.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from agent.domain.reports import CheckReport
from agent.ui.command_process import CommandProcess

LIMIT_SECONDS = 180.0
"""Longer than a check may take: every query of a large database is tried, over a slow link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOutcome:
    """
    What came of a check.

    Attributes:
        report: None if there is none.
        problem: Why there is none, in plain words.
    """

    report: CheckReport | None = None
    problem: str = ""


class CheckClient(Protocol):
    """
    Checks. It blocks, so it is never used on the thread of the windows.
    """

    def check(self) -> CheckOutcome:
        """
        Try everything; changes nothing, and what is wrong is in the outcome.
        """

    def stop(self) -> None:
        """
        End the check that is under way, from another thread; safe to call at any time.
        """


class CheckProcess:
    """
    A `CheckClient` over `frontdesk check --json`.
    """

    def __init__(self, home: Path) -> None:
        self._process = CommandProcess(home)

    def check(self) -> CheckOutcome:
        """
        Run the check in a process of its own.
        """
        try:
            said = self._process.run(["check", "--json"], limit_seconds=LIMIT_SECONDS)
            return CheckOutcome(report=msgspec.json.decode(said, type=CheckReport))
        except subprocess.TimeoutExpired:
            return CheckOutcome(problem="There was no answer in three minutes. Look whether the database's server is up.")
        except (msgspec.MsgspecError, BrokenPipeError):
            return CheckOutcome(problem="The check ended without an answer. If it stays so, tell your IT support.")
        except OSError:
            return CheckOutcome(problem="The program 'frontdesk' cannot be started. Install Frontdesk again.")

    def stop(self) -> None:
        """
        End the process, if there is one.
        """
        self._process.stop()
