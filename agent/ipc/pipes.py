"""
The way over a Windows named pipe.

Everything is overlapped: on an ordinary handle Windows makes a write wait until the read of another thread is over.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import ntsecuritycon
import pywintypes
import win32api
import win32con
import win32event
import win32file
import win32pipe
import win32security
import winerror

from agent.domain.errors import Misconfigured
from agent.ipc.address import Address
from agent.ipc.lock import NAME as LOCK_NAME
from agent.ipc.messages import Role
from agent.ipc.peers import Peer

assert sys.platform == "win32"  # noqa: S101 - tells the type checker, which runs everywhere, what this module is for

_BUFFER = 64 * 1024
_REJECT_REMOTE_CLIENTS = 0x8
_FIRST_INSTANCE = 0x00080000
_SQOS_IDENTIFICATION = 0x00100000 | 0x00010000  # the engine may learn who we are, but not act as us
_READ_AND_WRITE = 0x0012019B  # generic read and write without the right to make further instances of the pipe
_OPENED_BY_SERVICES = "S-1-5-80-"  # accounts that only the service control manager gives out
_GONE = frozenset({winerror.ERROR_BROKEN_PIPE, winerror.ERROR_NO_DATA, winerror.ERROR_PIPE_NOT_CONNECTED})


class PipeConnection:
    """
    `agent.ipc.frames.Connection` over one end of a pipe.
    """

    def __init__(self, handle: Any, *, is_server: bool) -> None:
        self._handle = handle
        self._is_server = is_server
        self._ending = Lock()
        self._closed = win32event.CreateEvent(None, True, False, None)

    def receive(self, limit: int, timeout: float | None) -> bytes:
        """
        Return up to *limit* bytes, at least one, or none at the end of the stream.
        """
        buffer = win32file.AllocateReadBuffer(limit)
        try:
            with _translated():
                size = self._finished(partial(win32file.ReadFile, self._handle, buffer), timeout)
        except ConnectionError:
            return b""
        return bytes(buffer[:size])

    def send(self, data: bytes, timeout: float) -> None:
        """
        Send all of *data*.
        """
        deadline = time.monotonic() + timeout
        rest = data
        while rest:
            left = max(0.0, deadline - time.monotonic())
            piece = rest[:_BUFFER]
            with _translated():
                sent = self._finished(partial(win32file.WriteFile, self._handle, piece), left)
            rest = rest[sent:]

    def close(self) -> None:
        """
        End the stream; the handle itself is freed by `release`, for another thread may be waiting on it.
        """
        win32event.SetEvent(self._closed)

    def abort(self) -> None:
        """
        End the stream for the other side too, at once, even while a thread of ours is busy elsewhere.
        """
        self.close()
        with self._ending, suppress(pywintypes.error):
            if self._is_server:
                win32pipe.DisconnectNamedPipe(self._handle)

    def release(self) -> None:
        """
        Free the handle, once nobody waits any more. What was sent can still be read at the other end.
        """
        with self._ending, suppress(pywintypes.error):
            self._handle.Close()

    def peer(self) -> Peer:
        """
        Return who is at the other end: administrators of this computer and the engine's own account are administrators.
        """
        with _translated():
            pid = win32pipe.GetNamedPipeClientProcessId(self._handle)
            win32security.ImpersonateNamedPipeClient(self._handle)
            try:
                token = win32security.OpenThreadToken(win32api.GetCurrentThread(), win32con.TOKEN_QUERY, True)
                sid = win32security.GetTokenInformation(token, ntsecuritycon.TokenUser)[0]
                administrator = win32security.CheckTokenMembership(None, _administrators())
            finally:
                win32security.RevertToSelf()
            known = administrator or sid == _own_sid()
            return Peer(user=_user_name(sid), role=Role.ADMINISTRATOR if known else Role.USER, pid=pid)

    def refuse_impostor(self, home: Path) -> None:
        """
        Make sure that the other end is an engine to be trusted with a password.

        Raises:
            Misconfigured: `ipc-impostor` unless the pipe belongs to the system, to administrators, to a service, to
                ourselves, or to whoever owns *home* or the engine's lock in it.
        """
        with _translated():
            owner = win32security.GetSecurityInfo(
                self._handle, win32security.SE_KERNEL_OBJECT, win32security.OWNER_SECURITY_INFORMATION
            ).GetSecurityDescriptorOwner()
            trusted = [
                win32security.CreateWellKnownSid(win32security.WinLocalSystemSid),
                win32security.CreateWellKnownSid(win32security.WinLocalServiceSid),
                win32security.CreateWellKnownSid(win32security.WinNetworkServiceSid),
                _administrators(),
                _own_sid(),
                *_owners(home, home / LOCK_NAME),
            ]
            if owner in trusted or win32security.ConvertSidToStringSid(owner).startswith(_OPENED_BY_SERVICES):
                return
        raise Misconfigured(
            "ipc-impostor",
            "Another user's program answers in the place of the engine.",
            remedy="Ask whoever looks after this computer: the engine's folder must belong to its own account.",
        )

    def _finished(self, begin: Callable[[Any], object], timeout: float | None) -> int:
        """
        Begin an operation and wait for it, the end of the connection or the time; return how many bytes went through.
        """
        overlapped = pywintypes.OVERLAPPED()
        overlapped.hEvent = win32event.CreateEvent(None, True, False, None)
        if win32event.WaitForSingleObject(self._closed, 0) == win32event.WAIT_OBJECT_0:
            raise ConnectionAbortedError
        begin(overlapped)
        happened = _wait(overlapped.hEvent, self._closed, timeout)
        if happened != win32event.WAIT_OBJECT_0:
            win32file.CancelIo(self._handle)  # of this thread's own operations
        try:
            size: int = win32file.GetOverlappedResult(self._handle, overlapped, True)
        except pywintypes.error as error:
            if error.winerror != winerror.ERROR_OPERATION_ABORTED:
                raise
            if happened == win32event.WAIT_TIMEOUT:
                raise TimeoutError from None
            raise ConnectionAbortedError from None
        return size


class PipeListener:
    """
    The engine's pipe, open to everybody who is logged on at this machine, closed to the network.

    One instance is always waiting, so that no client finds nothing in between.

    Raises:
        Misconfigured: `engine-already-runs` if somebody has a pipe of that name.
    """

    def __init__(self, address: Address) -> None:
        self._path = address.path
        self._closed = win32event.CreateEvent(None, True, False, None)
        with _translated():
            self._attributes = _for_local_users()
        if _exists(self._path):
            raise _already_runs()
        try:
            with _translated():
                self._waiting = self._instance(first=True)
        except PermissionError:  # it appeared in between
            raise _already_runs() from None

    def accept(self) -> PipeConnection | None:
        """
        Wait for the next client; None once the listener is closed.
        """
        with _translated():
            if not self._connected():
                self._waiting.Close()
                return None
            taken, self._waiting = self._waiting, self._instance(first=False)
            return PipeConnection(taken, is_server=True)

    def close(self) -> None:
        """
        Stop listening.
        """
        win32event.SetEvent(self._closed)

    def _connected(self) -> bool:
        overlapped = pywintypes.OVERLAPPED()
        overlapped.hEvent = win32event.CreateEvent(None, True, False, None)
        if win32pipe.ConnectNamedPipe(self._waiting, overlapped) == winerror.ERROR_PIPE_CONNECTED:
            return True  # it came before we asked
        if _wait(overlapped.hEvent, self._closed, None) == win32event.WAIT_OBJECT_0:
            return True
        win32file.CancelIo(self._waiting)
        return False

    def _instance(self, *, first: bool) -> Any:
        return win32pipe.CreateNamedPipe(
            self._path,
            win32pipe.PIPE_ACCESS_DUPLEX | win32file.FILE_FLAG_OVERLAPPED | (_FIRST_INSTANCE if first else 0),
            win32pipe.PIPE_TYPE_BYTE | win32pipe.PIPE_READMODE_BYTE | win32pipe.PIPE_WAIT | _REJECT_REMOTE_CLIENTS,
            win32pipe.PIPE_UNLIMITED_INSTANCES,
            _BUFFER,
            _BUFFER,
            0,
            self._attributes,
        )


def connect(address: Address, timeout: float) -> PipeConnection:
    """
    Connect to the engine.

    Raises:
        OSError: if nobody listens.
        TimeoutError: if nobody takes the connection.
        Misconfigured: `ipc-impostor`.
    """
    deadline = time.monotonic() + timeout
    while (handle := _open(address.path)) is None:  # every instance is taken: the next one is on its way
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        with suppress(pywintypes.error):
            win32pipe.WaitNamedPipe(address.path, max(1, int(left * 1000)))
    connection = PipeConnection(handle, is_server=False)
    try:
        connection.refuse_impostor(address.home)
    except BaseException:
        connection.release()
        raise
    return connection


def _open(path: str) -> Any:
    try:
        return win32file.CreateFile(
            path, _READ_AND_WRITE, 0, None, win32file.OPEN_EXISTING, win32file.FILE_FLAG_OVERLAPPED | _SQOS_IDENTIFICATION, None
        )
    except pywintypes.error as error:
        if error.winerror == winerror.ERROR_PIPE_BUSY:
            return None
        raise _as_os_error(error) from None


def _exists(path: str) -> bool:
    try:
        win32pipe.WaitNamedPipe(path, 1)
    except pywintypes.error as error:
        return bool(error.winerror == winerror.ERROR_SEM_TIMEOUT)  # there, and busy
    return True


def _already_runs() -> Misconfigured:
    return Misconfigured(
        "engine-already-runs",
        "An engine is already running for this home folder.",
        remedy="Use the one that runs, or stop it first.",
    )


def _for_local_users() -> Any:
    """
    Full access for the system, administrators and our own account; talking for whoever is logged on here.

    The owner is what clients know the engine by: it is named, because what Windows would take is a matter of policy.
    """
    own = win32security.ConvertSidToStringSid(_own_sid())
    owner = "BA" if win32security.CheckTokenMembership(None, _administrators()) else own
    rules = f"O:{owner}D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;{own})(A;;{_READ_AND_WRITE:#x};;;IU)"
    attributes = win32security.SECURITY_ATTRIBUTES()
    attributes.SECURITY_DESCRIPTOR = win32security.ConvertStringSecurityDescriptorToSecurityDescriptor(
        rules, win32security.SDDL_REVISION_1
    )
    return attributes


def _wait(done: Any, closed: Any, timeout: float | None) -> int:
    milliseconds = win32event.INFINITE if timeout is None else max(0, int(timeout * 1000))
    happened: int = win32event.WaitForMultipleObjects([done, closed], False, milliseconds)
    return happened


def _own_sid() -> Any:
    token = win32security.OpenProcessToken(win32api.GetCurrentProcess(), win32con.TOKEN_QUERY)
    return win32security.GetTokenInformation(token, ntsecuritycon.TokenUser)[0]


def _administrators() -> Any:
    return win32security.CreateWellKnownSid(win32security.WinBuiltinAdministratorsSid)


def _owners(*paths: Path) -> Iterator[Any]:
    for path in paths:
        with suppress(pywintypes.error):
            descriptor = win32security.GetFileSecurity(str(path), win32security.OWNER_SECURITY_INFORMATION)
            yield descriptor.GetSecurityDescriptorOwner()


def _user_name(sid: Any) -> str:
    try:
        name, domain, _ = win32security.LookupAccountSid(None, sid)
    except pywintypes.error:
        return str(win32security.ConvertSidToStringSid(sid))
    return f"{domain}\\{name}"


@contextmanager
def _translated() -> Iterator[None]:
    """
    Turn pywin32's error, which is no `OSError`, into one.
    """
    try:
        yield
    except pywintypes.error as error:
        raise _as_os_error(error) from None


def _as_os_error(error: Any) -> OSError:
    if error.winerror in _GONE:
        return ConnectionAbortedError()
    return OSError(None, str(error.strerror), None, error.winerror)  # becomes PermissionError and the like by itself
