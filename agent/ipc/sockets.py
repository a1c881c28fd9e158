"""
The way over a Unix socket.
"""

from __future__ import annotations

import os
import pwd
import select
import socket
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

from agent.domain.errors import Misconfigured
from agent.ipc.address import Address
from agent.ipc.messages import Role
from agent.ipc.peers import Peer

assert sys.platform == "linux"  # noqa: S101 - tells the type checker, which runs everywhere, what this module is for

_CREDENTIALS = struct.Struct("3i")  # struct ucred: pid, uid, gid
_BACKLOG = 64


class SocketConnection:
    """
    `agent.ipc.frames.Connection` over a connected socket.
    """

    def __init__(self, connected: socket.socket) -> None:
        connected.setblocking(False)
        self._socket = connected

    def receive(self, limit: int, timeout: float | None) -> bytes:
        """
        Return up to *limit* bytes, at least one, or none at the end of the stream.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            try:
                return self._socket.recv(limit)
            except BlockingIOError:
                self._wait(select.POLLIN, deadline)

    def send(self, data: bytes, timeout: float) -> None:
        """
        Send all of *data*.
        """
        deadline = time.monotonic() + timeout
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[self._socket.send(rest) :]
            except BlockingIOError:
                self._wait(select.POLLOUT, deadline)

    def close(self) -> None:
        """
        End the stream. The descriptor itself is freed with the object: another thread may still be polling it.
        """
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def abort(self) -> None:
        """
        End the stream for the other side too, at once; `close` does that already.
        """
        self.close()

    def release(self) -> None:
        """
        Free the descriptor, once nobody waits any more.
        """
        self._socket.close()

    def peer(self) -> Peer:
        """
        Return who is at the other end: root and the engine's own account are administrators.
        """
        pid, uid = self._credentials()
        role = Role.ADMINISTRATOR if uid in (0, os.geteuid()) else Role.USER
        return Peer(user=_user_name(uid), role=role, pid=pid)

    def refuse_impostor(self, home: Path) -> None:
        """
        Make sure that the other end is an engine to be trusted with a password.

        Raises:
            Misconfigured: `ipc-impostor` unless it runs as root, as ourselves or as the owner of *home*.
        """
        _, uid = self._credentials()
        if uid not in (0, os.geteuid(), home.stat().st_uid):
            raise Misconfigured(
                "ipc-impostor",
                "Another user's program answers in the place of the engine.",
                remedy="Ask whoever looks after this computer: the engine's folder must belong to its own account.",
            )

    def _credentials(self) -> tuple[int, int]:
        data = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        pid, uid, _ = _CREDENTIALS.unpack(data)
        return pid, uid

    def _wait(self, events: int, deadline: float | None) -> None:
        poll = select.poll()
        poll.register(self._socket, events)
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        if not poll.poll(None if left is None else left * 1000):
            raise TimeoutError


class SocketListener:
    """
    The engine's socket, open to every user of the machine.

    Raises:
        Misconfigured: `engine-already-runs` if somebody answers there already.
    """

    def __init__(self, address: Address) -> None:
        self._path = Path(address.path)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.parent.chmod(0o755)
        self._closed = Event()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with _short(self._path) as short:
                _refuse_second(short)
                self._path.unlink(missing_ok=True)  # left behind by an engine that was killed
                self._socket.bind(short)
            self._path.chmod(0o666)
            self._socket.listen(_BACKLOG)
        except BaseException:
            self._socket.close()
            raise
        self._inode = self._path.stat().st_ino

    def accept(self) -> SocketConnection | None:
        """
        Wait for the next client; None once the listener is closed.
        """
        try:
            connected, _ = self._socket.accept()
        except OSError:
            if self._closed.is_set():
                return None
            raise
        return SocketConnection(connected)

    def close(self) -> None:
        """
        Stop listening and remove the socket.
        """
        self._closed.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes `accept`; close alone does not
        self._socket.close()
        with suppress(OSError):
            if self._path.stat().st_ino == self._inode:
                self._path.unlink()


def connect(address: Address, timeout: float) -> SocketConnection:
    """
    Connect to the engine.

    Raises:
        OSError: if nobody listens.
        TimeoutError: if nobody takes the connection.
        Misconfigured: `ipc-impostor`.
    """
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connected.settimeout(timeout)
        with _short(Path(address.path)) as short:
            connected.connect(short)
        connection = SocketConnection(connected)
        connection.refuse_impostor(address.home)
    except BaseException:
        connected.close()
        raise
    return connection


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """
    Give a name for a socket that fits into the 107 bytes the kernel allows, however deep the home folder lies.
    """
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def _refuse_second(path: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(path)
        except (TimeoutError, BlockingIOError):
            pass  # its queue is full: alive
        except OSError:
            return
    raise Misconfigured(
        "engine-already-runs",
        "An engine is already running for this home folder.",
        remedy="Use the one that runs, or stop it first.",
    )


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
