"""
What the tray and the window may ask of the engine, and the protocol of the client that carries it. Plain Python: no Qt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from agent.domain.status import EngineStatus
from agent.domain.tasks import TaskAction, TaskReport

if TYPE_CHECKING:  # a tray at rest needs none of what the tabs ask
    from agent.ui.questions import Found, Question


class CommandKind(StrEnum):
    """
    What may be asked.
    """

    RESYNC = "resync"  # send to Healthengine again
    PAUSE = "pause"
    RESUME = "resume"
    TRY_AGAIN = "try_again"  # at once, whatever has failed
    RELEASE = "release"  # the large sudden changes that are held are right
    START_BOOKINGS = "start_bookings"  # end what somebody stopped, in every practice


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """
    One thing asked of the engine.

    Attributes:
        scope: What a resync sends again: `all`, `configuration` or `availability`.
        minutes: How long to pause; 0: until somebody resumes.
        until_tomorrow: Pause until the next midnight, instead of for *minutes*.
    """

    kind: CommandKind
    scope: str = "all"
    minutes: int = 0
    until_tomorrow: bool = False

    def pause_minutes(self, now: datetime) -> int:
        """
        Return how long to pause when it is *now* (local time, aware); 0: until somebody resumes.
        """
        return minutes_to_midnight(now) if self.until_tomorrow else self.minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """
    The engine's answer to a command, or why there is none, in plain words.
    """

    command: Command
    ok: bool
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskQuestion:
    """
    What is asked about a task; *action* None: only what it is. A task is shown again after each action.

    Attributes:
        appointment_id: Which appointment of the PMS was entered, if the person says so.
    """

    task_id: int
    action: TaskAction | None = None
    appointment_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAnswer:
    """
    The engine's answer about a task.

    Attributes:
        text: What was done, or why something was not, in plain words; may be empty.
        report: None if it could not be had. A patient is in it.
    """

    question: TaskQuestion
    text: str
    report: TaskReport | None = None


def minutes_to_midnight(now: datetime) -> int:
    """
    Return the minutes from *now* (local time, aware) to the next midnight of its zone, rounded up; at least 1.
    """
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0) + timedelta(days=1)
    return -((now.astimezone(UTC) - midnight.astimezone(UTC)) // timedelta(minutes=1))


RESYNC = Command(kind=CommandKind.RESYNC)
RESUME = Command(kind=CommandKind.RESUME)
TRY_AGAIN = Command(kind=CommandKind.TRY_AGAIN)
RELEASE = Command(kind=CommandKind.RELEASE)
START_BOOKINGS = Command(kind=CommandKind.START_BOOKINGS)

PAUSES = (
    ("For 30 minutes", Command(kind=CommandKind.PAUSE, minutes=30)),
    ("For 1 hour", Command(kind=CommandKind.PAUSE, minutes=60)),
    ("Until tomorrow", Command(kind=CommandKind.PAUSE, until_tomorrow=True)),
    ("Until I resume", Command(kind=CommandKind.PAUSE)),
)
"""The pauses on offer, in the order of the menus."""

RESYNCS = (
    ("Everything", RESYNC),
    ("Practitioners and appointment types", Command(kind=CommandKind.RESYNC, scope="configuration")),
    ("Free times", Command(kind=CommandKind.RESYNC, scope="availability")),
)
"""What can be sent again, in the order of the menus."""


class EngineClient(Protocol):
    """
    A connection to the engine. It blocks, so it is never used on the thread of the windows.

    Every method raises `agent.domain.errors.FrontdeskError` when the engine cannot be reached or refuses.
    """

    def next_status(self, timeout_seconds: float) -> EngineStatus | None:
        """
        Wait for the next status that the engine pushes, the present one first; None when the time is up.
        """

    def send(self, command: Command) -> str:
        """
        Give a command and return the engine's answer in plain words.
        """

    def show_task(self, task_id: int) -> TaskReport:
        """
        Return one task with what can be done about it, and whom to phone; the PMS may be asked first.
        """

    def act_on_task(self, task_id: int, action: TaskAction, appointment_id: str) -> str:
        """
        Do something with a task and return what was done, in plain words.
        """

    def look_up(self, question: Question) -> Found:
        """
        Return what a tab shows; the PMS may be asked first.
        """

    def diagnostics(self) -> Mapping[str, str]:
        """
        Return the files of the support bundle by name.
        """

    def close(self) -> None:
        """
        Let go of the connection; safe to call twice and from another thread.
        """


Connect = Callable[[], EngineClient]
"""Opens a connection, within a few seconds or with an error."""
