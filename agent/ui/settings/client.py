"""
What the window of the settings has done for it, by processes of the command line.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Protocol

import msgspec

from agent.domain.changing import ChangeOutcome, PracticeChange
from agent.domain.setting_up import SetUpProblem
from agent.ui.command_process import CommandProcess

LIMIT_SECONDS = 60.0
"""Longer than a change takes, and a look at the keys in a slow store."""


class SettingsClient(Protocol):
    """
    Shows and changes settings. It blocks, so it is never used on the thread of the windows; it raises nothing.
    """

    def show(self) -> ChangeOutcome:
        """
        Return the settings, or why they cannot be shown.
        """

    def change(self, change: PracticeChange) -> ChangeOutcome:
        """
        Change a practice's settings, and return them as they are then; or why not, and nothing has been changed.
        """

    def stop(self) -> None:
        """
        End what is under way, from another thread; safe to call at any time.
        """


class CommandLine:
    """
    A `SettingsClient` over `frontdesk settings`.
    """

    def __init__(self, home: Path) -> None:
        self._process = CommandProcess(home)

    def show(self) -> ChangeOutcome:
        """
        Ask `frontdesk settings show`.
        """
        return self._ask("show", b"")

    def change(self, change: PracticeChange) -> ChangeOutcome:
        """
        Ask `frontdesk settings change`.
        """
        return self._ask("change", msgspec.json.encode(change))

    def stop(self) -> None:
        """
        End the process, if there is one.
        """
        self._process.stop()

    def _ask(self, action: str, given: bytes) -> ChangeOutcome:
        try:
            said = self._process.run(["settings", action], limit_seconds=LIMIT_SECONDS, given=given)
            return msgspec.json.decode(said, type=ChangeOutcome)
        except (OSError, subprocess.TimeoutExpired, msgspec.MsgspecError):
            return no_answer()


def no_answer() -> ChangeOutcome:
    """
    Return the outcome of a command that could not be run to its end.
    """
    problem = SetUpProblem(
        code="ui-settings",
        message="The program 'frontdesk' gave no answer.",
        remedy="Try again. If it stays so, tell your IT support.",
    )
    return ChangeOutcome(problem=problem)
