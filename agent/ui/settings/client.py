"""
What the window of the settings has done for it, by processes of the command line.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from agent.domain.changing import ChangeOutcome, PracticeChange
from agent.domain.masked import Secret
from agent.domain.setting_up import SetUpProblem
from agent.ui.command_process import CommandProcess

LIMIT_SECONDS = 60.0
"""Longer than a change takes, or Healthengine to answer."""


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

    def replace_keys(self, practice_id: str, keys: Mapping[str, Secret]) -> ChangeOutcome:
        """
        Try keys with Healthengine, and store them if it accepts them; or why not, and nothing has been stored.
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

    def replace_keys(self, practice_id: str, keys: Mapping[str, Secret]) -> ChangeOutcome:
        """
        Ask `frontdesk settings keys`. The keys go through a pipe, never into arguments or files.
        """
        given = {"id": practice_id, "keys": {name: key.reveal() for name, key in keys.items()}}
        return self._ask("keys", msgspec.json.encode(given))

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
