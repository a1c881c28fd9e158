"""
One tray for each user session and home; a second start only brings the first one's window up.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QDir, QLockFile, QObject, QStandardPaths, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

RAISE_MS = 2000
"""How long a second start waits for the first one to hear it."""


class SingleTray(QObject):
    """
    The claim to be the only tray of this session and home.

    Attributes:
        raised: Another start asked for the window.
    """

    raised = Signal()

    def __init__(self, name: str, *, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._lock = QLockFile(str((folder or _session_folder()) / f"{name}.lock"))
        self._lock.setStaleLockTime(0)  # held for days; a dead owner is found by its process id
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._heard)

    def claim(self) -> bool:
        """
        Return whether this process is the only one; if not, the other one has been asked to show its window.
        """
        if not self._lock.tryLock(0):
            socket = QLocalSocket()
            socket.connectToServer(self._name)
            socket.waitForConnected(RAISE_MS)
            socket.abort()
            return False
        QLocalServer.removeServer(self._name)  # left behind by a crash
        self._server.listen(self._name)
        return True

    def release(self) -> None:
        """
        Give the claim up.
        """
        self._server.close()
        self._lock.unlock()

    def _heard(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.abort()
            socket.deleteLater()
            self.raised.emit()


def session_name(home_key: str, *, environ: Mapping[str, str] | None = None) -> str:
    """
    Return a name that is the same for one user, session and home, and differs otherwise.
    """
    names = os.environ if environ is None else environ
    parts = (getpass.getuser(), home_key, _session(names))
    return f"frontdesk-tray-{hashlib.blake2b('/'.join(parts).encode(), digest_size=8).hexdigest()}"


def _session_folder() -> Path:
    """
    Return the folder of what lasts as long as the user's session; no other user may write there.
    """
    if sys.platform == "win32":
        return Path(QDir.tempPath())  # each user's own, on a terminal server each session's
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.RuntimeLocation) or QDir.tempPath())


def _session(environ: Mapping[str, str]) -> str:
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - used on Windows alone

        session = ctypes.c_ulong()
        ctypes.windll.kernel32.ProcessIdToSessionId(os.getpid(), ctypes.byref(session))
        return str(session.value)
    return environ.get("WAYLAND_DISPLAY", "") + environ.get("DISPLAY", "")
