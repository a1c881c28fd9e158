"""
What the tray and the window may ask of the engine, and the protocol of the client that carries it. Plain Python: no Qt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from agent.domain.status import EngineStatus


class CommandKind(StrEnum):
    """
    What may be asked.
    """

    RESYNC = "resync"  # send everything to Healthengine again
    PAUSE = "pause"
    RESUME = "resume"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """
    One thing asked of the engine.

    Attributes:
        minutes: How long to pause; 0: until somebody resumes.
    """

    kind: CommandKind
    minutes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """
    The engine's answer to a command, or why there is none, in plain words.
    """

    command: Command
    ok: bool
    message: str


RESYNC = Command(kind=CommandKind.RESYNC)
RESUME = Command(kind=CommandKind.RESUME)

PAUSES = (
    ("For 30 minutes", Command(kind=CommandKind.PAUSE, minutes=30)),
    ("For 1 hour", Command(kind=CommandKind.PAUSE, minutes=60)),
    ("Until I resume", Command(kind=CommandKind.PAUSE)),
)
"""The pauses on offer, in the order of the menus."""


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

    def close(self) -> None:
        """
        Let go of the connection; safe to call twice and from another thread.
        """


Connect = Callable[[], EngineClient]
"""Opens a connection, within a few seconds or with an error."""
