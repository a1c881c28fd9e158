"""
The side of the tray and the command line.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock, Thread, current_thread
from typing import Self, TypeVar

import msgspec

from agent.domain.errors import FrontdeskError, Misconfigured, Transient
from agent.domain.status import EngineStatus
from agent.ipc.address import Address
from agent.ipc.frames import Connection, FrameReader, FrameTooLarge, framed
from agent.ipc.messages import (
    PROTOCOL,
    Command,
    Done,
    GetStatus,
    Hello,
    Message,
    Refused,
    Reply,
    StatusPush,
    Subscribe,
    Unreadable,
    Welcome,
    decode_from_engine,
    encode,
)
from agent.ipc.transport import connect

log = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
CALL_SECONDS = 10.0
_FRAME_SECONDS = 10.0
_MAX_FRAME = 32 << 20

T = TypeVar("T")

StatusCallback = Callable[[EngineStatus], None]
LostCallback = Callable[[FrontdeskError], None]


@dataclass(slots=True)
class _Waiting:
    answered: Event = field(default_factory=Event)
    reply: Reply | None = None


class IpcClient:
    """
    A connection to the engine of a home folder. When it is lost, a new one has to be made.

    `call` blocks and may be called from any thread but the one that runs the callbacks of `subscribe`.
    """

    def __init__(self, connection: Connection, welcome: Welcome, reader: FrameReader) -> None:
        self.welcome = welcome
        self._connection = connection
        self._reader = reader
        self._numbers = itertools.count(1)
        self._sending = Lock()
        self._lock = Lock()
        self._waiting: dict[str, _Waiting] = {}
        self._subscription = ""
        self._on_status: StatusCallback | None = None
        self._on_lost: LostCallback | None = None
        self._lost: FrontdeskError | None = None
        self._closing = False
        self._receiver = Thread(target=self._receive, name="ipc-client", daemon=True)
        self._receiver.start()

    @classmethod
    def connect(cls, address: Address, *, program: str, timeout: float = CONNECT_SECONDS) -> Self:
        """
        Connect and say hello. *program* names the caller and its version, for the engine's log.

        Raises:
            Transient: `ipc-no-engine` if none runs, `ipc-engine-silent` if it does not answer within *timeout* seconds.
            Misconfigured: `ipc-version` if the two do not understand each other, `ipc-denied` or `ipc-impostor`.
        """
        try:
            connection = connect(address, timeout)
        except TimeoutError:
            raise _silent() from None
        except PermissionError:
            raise _denied() from None
        except OSError:
            raise _no_engine() from None
        try:
            return cls(connection, *_hello(connection, program, timeout))
        except BaseException:
            connection.close()
            connection.release()
            raise

    def call(self, command: Command, *, timeout: float = CALL_SECONDS) -> Reply:
        """
        Give a command and return the engine's answer. Refusals are returned, not raised.

        Raises:
            Transient: `ipc-no-engine` if the engine goes away, `ipc-engine-silent` if it does not answer in time;
                either way the command may have been carried out.
        """
        waiting = _Waiting()
        message_id = str(next(self._numbers))
        with self._lock:
            if self._lost is not None:
                raise self._lost
            self._waiting[message_id] = waiting
            if isinstance(command, Subscribe):
                self._subscription = message_id
        try:
            self._send(msgspec.structs.replace(command, id=message_id), timeout)
            if not waiting.answered.wait(timeout):
                raise _silent()
        finally:
            with self._lock:
                self._waiting.pop(message_id, None)
        if waiting.reply is None:
            raise _no_engine()
        return waiting.reply

    def status(self, *, timeout: float = CALL_SECONDS) -> EngineStatus:
        """
        Return the engine's newest status.

        Raises:
            Transient: as `call`, and `ipc-starting` if there is none yet.
        """
        reply = self.call(GetStatus(), timeout=timeout)
        if isinstance(reply, Refused):
            raise FrontdeskError(reply.code, reply.message, remedy=reply.remedy)
        if reply.status is None:
            raise Transient("ipc-starting", "The engine is starting.")
        return reply.status

    def subscribe(self, on_status: StatusCallback, on_lost: LostCallback | None = None) -> None:
        """
        Have *on_status* called with the status, now and whenever it changes, and *on_lost* when the connection is lost.

        Both are called from the client's own thread, one after the other; they must not call `call`.

        Raises:
            Transient: as `call`.
        """
        self._on_status, self._on_lost = on_status, on_lost
        reply = self.call(Subscribe())
        if isinstance(reply, Refused):
            raise FrontdeskError(reply.code, reply.message, remedy=reply.remedy)

    def close(self) -> None:
        """
        End the connection, without *on_lost*. May be called twice and from the callbacks.
        """
        self._closing = True
        self._connection.close()
        if current_thread() is not self._receiver:
            self._receiver.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send(self, message: Message, timeout: float) -> None:
        with self._sending:
            try:
                self._connection.send(framed(encode(message)), timeout)
            except TimeoutError:
                self._connection.close()  # half a frame may have gone
                raise _silent() from None
            except OSError:
                self._connection.close()
                raise _no_engine() from None

    def _receive(self) -> None:
        try:
            while True:
                self._take(decode_from_engine(self._reader.read(self._connection, idle=None, whole=_FRAME_SECONDS)))
        except (EOFError, OSError, FrameTooLarge):
            error: FrontdeskError = _no_engine()
        except Unreadable:
            error = _version()
        self._connection.close()
        with self._lock:
            self._lost = error
            waiting = list(self._waiting.values())
        for call in waiting:
            call.answered.set()
        with self._sending:  # nobody may be sending when the descriptor goes
            self._connection.release()
        if self._on_lost is not None and not self._closing:
            self._guarded(self._on_lost, error)

    def _take(self, message: Welcome | StatusPush | Done | Refused | None) -> None:
        if isinstance(message, StatusPush):
            self._show(message.status)
        elif isinstance(message, Done | Refused):
            with self._lock:
                waiting = self._waiting.get(message.id)
                subscribed = message.id == self._subscription
            if subscribed and isinstance(message, Done) and message.status is not None:
                self._show(message.status)
            if waiting is not None:
                waiting.reply = message
                waiting.answered.set()

    def _show(self, status: EngineStatus) -> None:
        if self._on_status is not None:
            self._guarded(self._on_status, status)

    @staticmethod
    def _guarded(callback: Callable[[T], None], value: T) -> None:
        try:
            callback(value)
        except Exception as error:  # noqa: BLE001 - a mistake in a window must not end the connection
            log.error("a callback failed: %s", type(error).__name__)  # noqa: TRY400 - its text may quote data


def _hello(connection: Connection, program: str, timeout: float) -> tuple[Welcome, FrameReader]:
    reader = FrameReader(_MAX_FRAME)
    try:
        connection.send(framed(encode(Hello(id="0", program=program))), timeout)
        answer = decode_from_engine(reader.read(connection, idle=timeout, whole=timeout))
    except TimeoutError:
        raise _silent() from None
    except (EOFError, OSError):
        raise _no_engine() from None
    except (Unreadable, FrameTooLarge):
        raise _version() from None
    if isinstance(answer, Refused):
        raise Misconfigured(answer.code, answer.message, remedy=answer.remedy)
    if not isinstance(answer, Welcome) or answer.version != PROTOCOL:
        raise _version()
    return answer, reader


def _no_engine() -> Transient:
    return Transient("ipc-no-engine", "The engine is not running.", remedy="Start it, or restart this computer.")


def _silent() -> Transient:
    return Transient(
        "ipc-engine-silent", "The engine does not answer.", remedy="Wait a minute; if it stays so, restart the engine."
    )


def _denied() -> Misconfigured:
    return Misconfigured(
        "ipc-denied",
        "This account may not talk to the engine.",
        remedy="Use the account that the engine runs under, or ask whoever looks after this computer.",
    )


def _version() -> Misconfigured:
    return Misconfigured(
        "ipc-version",
        "This program and the engine are of versions that do not understand each other.",
        remedy="Close this program and start it again; if that does not help, install the same version of both.",
    )
