"""
What the wizard has done for it: each step by a process of the command line, which can be ended when a driver hangs.
"""

from __future__ import annotations

import logging
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import msgspec
from PySide6.QtCore import QObject, Signal

from agent.domain.masked import Secret
from agent.domain.setting_up import Answers, SetUpOutcome, SetUpProblem, Step
from agent.ui.starting import command_line

log = logging.getLogger(__name__)

LIMIT_SECONDS = 180.0
"""Longer than a step may take: a large diary is read over a slow link, or a service starts."""

STOP_SECONDS = 2.0
"""How long closing waits for a thread, whose process has been ended."""

NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""Windows would else open a console for the command line."""


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
        self._home = home
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def do(self, step: Step, answers: Answers | None, secrets: Mapping[str, Secret]) -> SetUpOutcome:
        """
        Run the step in a process of its own.
        """
        asked = {"answers": answers, "secrets": {name: secret.reveal() for name, secret in secrets.items()}}
        try:
            process = subprocess.Popen(
                [*command_line(), "--home", str(self._home), "set-up", step.value],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=NO_WINDOW,
            )
        except OSError:
            return _failed("The program 'frontdesk' cannot be started.", "Install Frontdesk again.")
        with self._lock:
            self._process = process
        try:
            said, _ = process.communicate(msgspec.json.encode(asked), LIMIT_SECONDS)
            return msgspec.json.decode(said, type=SetUpOutcome)
        except subprocess.TimeoutExpired:
            return _failed("There was no answer in three minutes.", "Look whether the database's server is up, and try again.")
        except (msgspec.MsgspecError, BrokenPipeError):
            return _failed("The step ended without an answer.", "Try again. If it stays so, tell your IT support.")
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


class Work(QObject):
    """
    Has one step after the other carried out on a thread of its own. Only the answer to the last question arrives.
    """

    _ended = Signal(int, object)

    def __init__(self, client: SetUpClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self._number = 0
        self._thread: threading.Thread | None = None
        self._then: Callable[[SetUpOutcome], None] = _nobody
        self._ended.connect(self._pass_on)

    def ask(
        self, step: Step, answers: Answers | None, secrets: Mapping[str, Secret], then: Callable[[SetUpOutcome], None]
    ) -> None:
        """
        Begin a step; one that is under way is ended first. Returns at once.

        Args:
            then: Called with what came of it, on the thread of the windows.
        """
        self.stop()
        self._then = then
        number, given = self._number, dict(secrets)
        self._thread = threading.Thread(
            target=lambda: self._tell(number, self._outcome(step, answers, given)), name=f"set-up-{step}", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """
        End what is under way; nothing of it arrives any more.
        """
        self._number += 1
        self._client.stop()

    def close(self) -> None:
        """
        End what is under way and its thread, within a few seconds: it must not outlive what it would tell.
        """
        self.stop()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)

    def _tell(self, number: int, outcome: SetUpOutcome) -> None:
        if number == self._number:
            self._ended.emit(number, outcome)

    def _outcome(self, step: Step, answers: Answers | None, secrets: Mapping[str, Secret]) -> SetUpOutcome:
        try:
            return self._client.do(step, answers, secrets)
        except Exception as error:  # noqa: BLE001 - whatever it is, the wizard must not wait for ever
            log.error("step %s failed: %s", step, type(error).__name__)  # noqa: TRY400 - its text may name a key
            return _failed("An unexpected error; the log says more.", "Try again.")

    def _pass_on(self, number: int, outcome: SetUpOutcome) -> None:
        if number == self._number:
            self._then(outcome)


def _nobody(_outcome: SetUpOutcome) -> None:
    """
    Nobody has asked for anything yet.
    """


def _failed(message: str, remedy: str) -> SetUpOutcome:
    return SetUpOutcome(problem=SetUpProblem(code="ui-set-up", message=message, remedy=remedy))
