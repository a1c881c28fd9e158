"""
A status, a handler and clients for the tests of the talk between engine and tray.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Self

from agent.domain.errors import Misconfigured
from agent.domain.status import Condition, EngineState, EngineStatus, Severity
from agent.ipc.address import Address
from agent.ipc.frames import FrameReader, framed
from agent.ipc.messages import (
    Command,
    Done,
    Hello,
    Message,
    Pause,
    Refused,
    Reply,
    Resume,
    Stop,
    Welcome,
    decode_from_engine,
    encode,
)
from agent.ipc.peers import Peer
from agent.ipc.session import Limits
from agent.ipc.transport import connect

AT = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)

STATUS = EngineStatus(
    state=EngineState.ONLINE,
    at=AT,
    since=AT - timedelta(hours=1),
    version="0.1.0",
    pid=42,
    profile="sample",
    carrier="odbc",
    conditions=(Condition(area="pms", code="pms-connect", severity=Severity.WARNING, message="No answer.", remedy="", since=AT),),
    booking_counts={"confirmed": 3},
)

LIMITS = Limits(hello=0.5, frame=0.5, send=5.0, queue=4, burst=10_000)


def status_number(number: int, *, padding: int = 0) -> EngineStatus:
    return replace(STATUS, pid=number, profile="x" * padding)


class RecordingHandler:
    """
    Answers in several ways and remembers what was asked by whom.
    """

    def __init__(self) -> None:
        self.seen: list[tuple[Command, Peer]] = []
        self.entered = threading.Event()
        self.go_on = threading.Event()

    def handle(self, command: Command, peer: Peer) -> Reply:
        self.seen.append((command, peer))
        match command:
            case Pause(minutes=5):
                raise Misconfigured("no-pause", "Cannot pause.", remedy="Do not.")
            case Pause(minutes=6):
                raise KeyError("Zoë O'Brien")
            case Pause(minutes=7):
                self.entered.set()
                self.go_on.wait(20)
                return Done(text="late")
            case Resume():
                return Refused(code="not-paused", message="It is not paused.")
            case Stop():
                return Done(text="Stopping.", data={"seconds": 3})
        return Done(text="done")


class Statuses:
    """
    Collects statuses as a tray would, and lets a test wait for one.
    """

    def __init__(self) -> None:
        self.all: list[EngineStatus] = []
        self._changed = threading.Condition()

    def __call__(self, status: EngineStatus) -> None:
        with self._changed:
            self.all.append(status)
            self._changed.notify_all()

    def wait_for(self, wanted: Callable[[EngineStatus], bool], timeout: float = 10.0) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: any(wanted(status) for status in self.all), timeout)


class Raw:
    """
    A client that says what a test wants, byte by byte.
    """

    def __init__(self, address: Address) -> None:
        self._connection = connect(address, 5.0)
        self._reader = FrameReader(64 << 20)

    def send(self, data: bytes) -> None:
        self._connection.send(data, 5.0)

    def say(self, message: Message) -> None:
        self.send(framed(encode(message)))

    def hear(self, timeout: float = 10.0) -> Message | None:
        return decode_from_engine(self._reader.read(self._connection, idle=timeout, whole=timeout))

    def welcomed(self) -> Self:
        self.say(Hello(program="raw"))
        assert isinstance(self.hear(), Welcome)
        return self

    def ended(self, timeout: float = 10.0) -> bool:
        """
        Wait for the end of the stream, past whatever still comes.
        """
        try:
            while True:
                self.hear(timeout)
        except TimeoutError:
            return False
        except (EOFError, OSError):
            return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._connection.release()
