"""
One client, as the engine serves it.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread
from typing import Protocol

import msgspec

from agent.domain.errors import FrontdeskError
from agent.ipc.frames import FrameReader, FrameTooLarge, framed
from agent.ipc.messages import (
    PROTOCOL,
    Command,
    GetStatus,
    Hello,
    Message,
    Refused,
    Reply,
    Role,
    Subscribe,
    Unreadable,
    Welcome,
    decode_from_client,
    encode,
)
from agent.ipc.outbox import Outbox
from agent.ipc.peers import ClientConnection, Peer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """
    What the engine allows a client. Times are in seconds.

    Attributes:
        hello: Until the hello is complete.
        frame: From a frame's first byte to its last.
        send: Until a client has taken one frame.
        frame_bytes: The largest frame a client may send.
        queue: How many frames wait for one client.
        burst, per_second: How many commands at once, and how many on average.
        clients, clients_per_user: How many at the same time.
    """

    hello: float = 2.0
    frame: float = 5.0
    send: float = 10.0
    frame_bytes: int = 1 << 20
    queue: int = 16
    burst: int = 20
    per_second: float = 10.0
    clients: int = 128
    clients_per_user: int = 64


class Handler(Protocol):
    """
    Carries out commands. Called from several threads, one for each client.
    """

    def handle(self, command: Command, peer: Peer) -> Reply:
        """
        Carry out a command that *peer* is allowed to give; never `GetStatus` or `Subscribe`, which the server answers.

        Raises:
            FrontdeskError: told to the client as a refusal.
        """


class Host(Protocol):
    """
    What a session needs of the server that it belongs to.
    """

    handler: Handler
    program: str
    limits: Limits

    def admit(self, session: Session) -> bool:
        """
        Return whether this user may have one more client.
        """

    def status_for(self, session: Session, command: GetStatus | Subscribe) -> None:
        """
        Answer with the newest status; for `Subscribe` nothing newer may overtake the answer.
        """

    def forget(self, session: Session) -> None:
        """
        Take notice that the session is over.
        """


class Session:
    """
    Receives in one thread and sends in another, so that a client which does not read keeps nobody waiting.
    """

    def __init__(self, connection: ClientConnection, host: Host) -> None:
        self.peer: Peer | None = None
        self.subscribed = False
        self._connection = connection
        self._host = host
        self._outbox = Outbox(host.limits.queue)
        self._rate = _Rate(host.limits)
        self._sender = Thread(target=self._send, name="ipc-send", daemon=True)
        self._receiver = Thread(target=self._serve, name="ipc-receive", daemon=True)

    def start(self) -> None:
        """
        Begin to serve.
        """
        self._sender.start()
        self._receiver.start()

    def push(self, frame: bytes) -> None:
        """
        Queue a status, already framed.
        """
        self._outbox.put_status(frame)

    def say(self, message: Message) -> None:
        """
        Queue an answer; a client that has left too many unread is cut off.
        """
        if not self._outbox.put_reply(framed(encode(message))):
            self.cut()

    def finish(self) -> None:
        """
        End the session once what waits has been sent. Returns at once.
        """
        self._outbox.end()

    def cut(self) -> None:
        """
        End the session now. Returns at once.
        """
        self._outbox.drop()
        self._connection.abort()

    def join(self, timeout: float) -> None:
        """
        Wait until the session is over.
        """
        self._receiver.join(timeout)

    def _serve(self) -> None:
        limits = self._host.limits
        reader = FrameReader(limits.frame_bytes)
        try:
            if self._welcome(reader.read(self._connection, idle=limits.hello, whole=limits.hello)):
                while True:
                    self._answer(reader.read(self._connection, idle=None, whole=limits.frame))
        except FrameTooLarge:
            self.say(Refused(code="ipc-too-large", message="The message is too large."))
        except (EOFError, OSError):  # gone, broken or too slow; nothing of it is worth more than a word in the log
            log.debug("a client's connection ended")
        finally:
            self._outbox.end()
            self._sender.join()
            self._connection.close()
            self._connection.release()
            self._host.forget(self)

    def _send(self) -> None:
        try:
            while (frame := self._outbox.next()) is not None:
                self._connection.send(frame, self._host.limits.send)
            self._connection.close()
        except OSError:  # a time limit is one too
            log.debug("a client does not read")
            self.cut()

    def _welcome(self, frame: bytes) -> bool:
        try:
            hello = decode_from_client(frame)
        except Unreadable as error:
            self.say(error.refused)
            return False
        if not isinstance(hello, Hello):
            self.say(Refused(id=hello.id, code="ipc-no-hello", message="A client has to say hello first."))
            return False
        if hello.version != PROTOCOL:
            self.say(_other_version(hello))
            return False
        self.peer = self._connection.peer()
        if not self._host.admit(self):
            self.say(Refused(id=hello.id, code="ipc-too-many", message="Too many windows of this program are open."))
            return False
        log.info("client %.60r connected, process %d, %s", hello.program, self.peer.pid, self.peer.role)
        self.say(Welcome(id=hello.id, program=self._host.program, pid=os.getpid(), user=self.peer.user, role=self.peer.role))
        return True

    def _answer(self, frame: bytes) -> None:
        try:
            command = decode_from_client(frame)
        except Unreadable as error:
            refused = error.refused if self._rate.allows() else _too_fast(error.refused.id)
            self.say(refused)
            return
        if not self._rate.allows():
            self.say(_too_fast(command.id))
        elif isinstance(command, Hello):
            self.say(Refused(id=command.id, code="ipc-bad-message", message="Hello is said once."))
        elif isinstance(command, GetStatus | Subscribe):
            self._host.status_for(self, command)
        else:
            self.say(self._carry_out(command))

    def _carry_out(self, command: Command) -> Reply:
        peer = self.peer
        if peer is None or (command.administrator and peer.role is not Role.ADMINISTRATOR):
            return Refused(
                id=command.id,
                code="ipc-not-administrator",
                message="Only an administrator of this computer may do that.",
                remedy="Ask whoever looks after this computer, or start the program as administrator.",
            )
        try:
            reply = self._host.handler.handle(command, peer)
        except FrontdeskError as error:
            return Refused(id=command.id, code=error.code, message=error.message, remedy=error.remedy)
        except Exception as error:  # noqa: BLE001 - a client must get an answer; the text may quote data, so only its kind is kept
            log.error("command %s failed: %s", type(command).__name__, type(error).__name__)  # noqa: TRY400 - as above
            return Refused(id=command.id, code="ipc-failed", message="The engine could not do that because of a mistake in it.")
        return _with_id(reply, command.id)


class _Rate:
    """
    How often one client may ask: a burst that fills up again with time.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst = float(limits.burst)
        self._per_second = limits.per_second
        self._clock = clock
        self._left = self._burst
        self._at = clock()

    def allows(self) -> bool:
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def _with_id(reply: Reply, message_id: str) -> Reply:
    return msgspec.structs.replace(reply, id=message_id)


def _too_fast(message_id: str) -> Refused:
    return Refused(id=message_id, code="ipc-too-fast", message="Too many commands at once.", remedy="Wait a few seconds.")


def _other_version(hello: Hello) -> Refused:
    return Refused(
        id=hello.id,
        code="ipc-version",
        message=f"This program speaks version {hello.version}, the engine version {PROTOCOL}.",
        remedy="Close this program and start it again; if that does not help, install the same version of both.",
    )
