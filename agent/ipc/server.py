"""
The engine's side: takes clients in, answers them, and tells them what has changed.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from threading import Event, Lock, Thread

from agent.domain.errors import Misconfigured
from agent.domain.status import EngineStatus
from agent.ipc.address import Address
from agent.ipc.frames import framed
from agent.ipc.messages import Done, GetStatus, StatusPush, Subscribe, encode
from agent.ipc.peers import ClientConnection
from agent.ipc.session import Handler, Limits, Session
from agent.ipc.transport import Listener

log = logging.getLogger(__name__)


class IpcServer:
    """
    Serves every client in threads of its own, so that none can keep the others or the engine waiting.

    All methods may be called from any thread.
    """

    def __init__(self, address: Address, handler: Handler, *, program: str, limits: Limits | None = None) -> None:
        self.handler = handler
        self.program = program
        self.limits = limits or Limits()
        self._address = address
        self._lock = Lock()
        self._sessions: set[Session] = set()
        self._status: EngineStatus | None = None
        self._stopping = Event()
        self._listener: Listener | None = None
        self._accepting = Thread(target=self._accept, name="ipc-accept", daemon=True)

    def start(self) -> None:
        """
        Begin to listen.

        Raises:
            Misconfigured: `engine-already-runs` if another engine answers there, `ipc-address` if the place cannot be used.
        """
        try:
            self._listener = Listener(self._address)
        except OSError as error:
            raise Misconfigured(
                "ipc-address",
                f"The engine cannot listen for its windows ({type(error).__name__}).",
                remedy="Check that the agent's account may write to its home folder.",
            ) from None
        self._accepting.start()

    def publish(self, status: EngineStatus) -> None:
        """
        Make *status* the newest, and push it to those who subscribed if it says anything new. Never waits for a client.
        """
        with self._lock:
            known, self._status = self._status, status
            if known is not None and replace(status, at=known.at) == known:
                return
            subscribers = [session for session in self._sessions if session.subscribed]
            if subscribers:
                frame = framed(encode(StatusPush(status=status)))
                for session in subscribers:
                    session.push(frame)

    @property
    def clients(self) -> int:
        """
        How many clients are connected.
        """
        with self._lock:
            return len(self._sessions)

    def stop(self, timeout: float = 5.0) -> None:
        """
        Stop listening, send what waits, and let go of every client; returns within *timeout* seconds. May be called twice.
        """
        self._stopping.set()
        if self._listener is None:
            return
        self._listener.close()
        self._accepting.join(timeout / 2)
        with self._lock:
            sessions = list(self._sessions)
        for session in sessions:
            session.finish()
        deadline = time.monotonic() + timeout / 2
        for session in sessions:
            session.join(max(0.0, deadline - time.monotonic()))
            session.cut()
        deadline += timeout / 2
        for session in sessions:
            session.join(max(0.0, deadline - time.monotonic()))

    def admit(self, session: Session) -> bool:
        """
        Return whether this user may have one more client.
        """
        user = session.peer.user if session.peer else ""
        with self._lock:
            theirs = sum(1 for other in self._sessions if other.peer is not None and other.peer.user == user)
        return theirs <= self.limits.clients_per_user

    def status_for(self, session: Session, command: GetStatus | Subscribe) -> None:
        """
        Answer with the newest status. The lock keeps a newer one from overtaking the answer to `Subscribe`.
        """
        with self._lock:
            session.subscribed = session.subscribed or isinstance(command, Subscribe)
            session.say(Done(id=command.id, status=self._status))

    def forget(self, session: Session) -> None:
        """
        Take notice that the session is over.
        """
        with self._lock:
            self._sessions.discard(session)

    def _accept(self) -> None:
        listener = self._listener
        while listener is not None and not self._stopping.is_set():
            try:
                connection = listener.accept()
            except OSError as error:
                log.warning("a client could not be taken in: %s", type(error).__name__)
                self._stopping.wait(0.5)
                continue
            if connection is None:
                return
            self._take_in(connection)

    def _take_in(self, connection: ClientConnection) -> None:
        session = Session(connection, self)
        with self._lock:
            full = len(self._sessions) >= self.limits.clients or self._stopping.is_set()
            if not full:
                self._sessions.add(session)
        if full:
            connection.close()
            connection.release()
            return
        session.start()
