"""
A fake engine behind a real IPC server, and what a command leaves behind.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.cli.main import main
from agent.domain.status import (
    BookingLine,
    ChannelState,
    ChannelStatus,
    Condition,
    EngineState,
    EngineStatus,
    PracticeStatus,
    PublishedCounts,
    Severity,
    TaskLine,
    WorkerStatus,
)
from agent.ipc.address import address_of
from agent.ipc.messages import Command, Done, Reply
from agent.ipc.peers import Peer
from agent.ipc.server import IpcServer

NOW = datetime(2026, 3, 31, 1, 0, tzinfo=UTC)


def status_of(state: EngineState = EngineState.ONLINE) -> EngineStatus:
    """
    A status with something in every part of it.
    """
    return EngineStatus(
        state=state,
        at=NOW,
        since=NOW,
        version="0.1.0",
        pid=4711,
        profile="sandbox",
        carrier="odbc",
        practices=(
            PracticeStatus(
                id="1001",
                name="Sample Practice",
                live_now=True,
                liveness="Mon-Fri 08:00-18:00",
                published=PublishedCounts(resources=3, types=4, days=180, failed=2),
            ),
        ),
        channels=(ChannelStatus(practice_id="1001", name="requests", state=ChannelState.OK, last_success=NOW, detail="none"),),
        conditions=(
            Condition(
                area="pms", code="pms-connect", severity=Severity.WARNING, message="It is away.", remedy="Wait.", since=NOW
            ),
        ),
        bookings=(
            BookingLine(
                practice_id="1001",
                booking_id=77,
                state="confirmed",
                resource_id="5@1",
                start=datetime(2026, 4, 1, 9, 30),
                minutes=15,
                seen_at=NOW,
                updated_at=NOW,
                answer_seconds=2.25,
            ),
        ),
        booking_counts={"confirmed": 1},
        tasks=(TaskLine(id=9, practice_id="1001", kind="conflict", booking_id=78, why="the time is taken", since=NOW),),
        workers=(WorkerStatus(name="read", pid=4712, state="ready"),),
    )


@dataclass
class FakeEngine:
    """
    Answers commands as it is told to, on the server's own threads.
    """

    folder: Path
    commands: list[Command] = field(default_factory=list)
    answer: Callable[[Command], Reply] = lambda _: Done(text="It is done.")
    given: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.server = IpcServer(address_of(self.folder), self, program="frontdesk 0.1.0")

    def handle(self, command: Command, peer: Peer) -> Reply:
        self.commands.append(command)
        reply = self.answer(command)
        self.given.set()
        return reply


@dataclass(frozen=True)
class Ran:
    """
    What a command left behind.
    """

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Cli:
    """
    Runs `frontdesk --home HOME ...` in this process.
    """

    home: Path
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str) -> Ran:
        code = main(["--home", str(self.home), *arguments])
        captured = self.capsys.readouterr()
        return Ran(code, captured.out, captured.err)
