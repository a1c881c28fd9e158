"""
What the wizard has done for it: each step by a process of the command line, which can be ended when a driver hangs.
"""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import msgspec
from PySide6.QtCore import QObject

from agent.domain.masked import Secret
from agent.domain.setting_up import Answers, SetUpOutcome, SetUpProblem, Step
from agent.ui.background import Background
from agent.ui.command_process import CommandProcess

log = logging.getLogger(__name__)

LIMIT_SECONDS = 180.0
"""Longer than a step may take: a large diary is read over a slow link, or a service starts."""


class SetUpClient(Protocol):
    """
    Carries out steps. It blocks, so it is never used on the thread of the windows.
    """

    def do(self, step: Step, answers: Answers | None, secrets: Mapping[str, Secret]) -> SetUpOutcome:
        """
        Carry out a step; what is wrong is in the outcome. *answers* None: those of the settings that there are.
        """

    def stop(self) -> None:
        """
        End the step that is under way, from another thread; safe to call at any time.
        """


class CommandLine:
    """
    A `SetUpClient` over `frontdesk set-up STEP`. Keys and passwords go through a pipe, never into arguments or files.
    """

    def __init__(self, home: Path) -> None:
        self._process = CommandProcess(home)

    def do(self, step: Step, answers: Answers | None, secrets: Mapping[str, Secret]) -> SetUpOutcome:
        """
        Run the step in a process of its own.
        """
        asked = {"answers": answers, "secrets": {name: secret.reveal() for name, secret in secrets.items()}}
        try:
            said = self._process.run(["set-up", step.value], limit_seconds=LIMIT_SECONDS, given=msgspec.json.encode(asked))
            return msgspec.json.decode(said, type=SetUpOutcome)
        except subprocess.TimeoutExpired:
            return _failed("There was no answer in three minutes.", "Look whether the database's server is up, and try again.")
        except (msgspec.MsgspecError, BrokenPipeError):
            return _failed("The step ended without an answer.", "Try again. If it stays so, tell your IT support.")
        except OSError:
            return _failed("The program 'frontdesk' cannot be started.", "Install Frontdesk again.")

    def stop(self) -> None:
        """
        End the process, if there is one.
        """
        self._process.stop()


class Work(Background):
    """
    Has one step after the other carried out on a thread of its own. Only the answer to the last question arrives.
    """

    def __init__(self, client: SetUpClient, parent: QObject | None = None) -> None:
        super().__init__(client.stop, parent)
        self._client = client

    def ask(
        self, step: Step, answers: Answers | None, secrets: Mapping[str, Secret], then: Callable[[SetUpOutcome], None]
    ) -> None:
        """
        Begin a step; one that is under way is ended first. Returns at once.

        Args:
            then: Called with what came of it, on the thread of the windows.
        """
        given = dict(secrets)
        self.begin(lambda: self._outcome(step, answers, given), then, f"set-up-{step}")

    def _outcome(self, step: Step, answers: Answers | None, secrets: Mapping[str, Secret]) -> SetUpOutcome:
        try:
            return self._client.do(step, answers, secrets)
        except Exception as error:  # noqa: BLE001 - whatever it is, the wizard must not wait for ever
            log.error("step %s failed: %s", step, type(error).__name__)  # noqa: TRY400 - its text may name a key
            return _failed("An unexpected error; the log says more.", "Try again.")


def _failed(message: str, remedy: str) -> SetUpOutcome:
    return SetUpOutcome(problem=SetUpProblem(code="ui-set-up", message=message, remedy=remedy))
