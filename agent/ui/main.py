"""
The tray program: `frontdesk-tray`. It shows how the engine is doing and passes on what the user asks; it does no work itself.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import platformdirs
from PySide6.QtCore import QObject, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from agent import __version__
from agent.settings.paths import find_home
from agent.ui.board import StatusBoard
from agent.ui.commands import Command, Connect, Reply
from agent.ui.connection import connector
from agent.ui.diagnostics import install_hooks, log_to
from agent.ui.link import EngineLink
from agent.ui.single import SingleTray, session_name
from agent.ui.tray import Tray
from agent.ui.window import StatusWindow

log = logging.getLogger(__name__)

APP_ID = "Frontdesk.Tray"
"""Under this name Windows groups the task bar's buttons; the shortcut carries it too."""

TRAY_PATIENCE_MS = 20_000
"""After this long without a notification area the window opens, so that there is something to see."""


class TrayProgram(QObject):
    """
    Wires link, board, tray and window together, on the thread of the windows.
    """

    def __init__(self, connect: Connect, settings: QSettings, *, open_at_start: bool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open_at_start = open_at_start
        self.link = EngineLink(connect, parent=self)
        self.board = StatusBoard(parent=self)
        self.tray = Tray(self)
        self.window = StatusWindow(settings)
        self.link.status_changed.connect(self.board.set_status)
        self.link.unreachable.connect(self.board.set_unreachable)
        self.link.replied.connect(self._replied)
        self.board.changed.connect(self.tray.show_picture)
        self.board.changed.connect(self.window.show_picture)
        self.tray.wanted.connect(self._ask)
        self.window.wanted.connect(self._ask)
        self.tray.open_window.connect(self.open_window)
        self.tray.close_tray.connect(self._quit)
        self.window.closed.connect(self._window_closed)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._open_without_tray)

    def start(self) -> None:
        """
        Show what there is to show and begin to connect.
        """
        picture = self.board.picture
        self.tray.show_picture(picture)
        self.window.show_picture(picture)
        self.tray.start()
        self.link.start()
        if self._open_at_start:
            self.open_window()
        else:
            self._patience.start(TRAY_PATIENCE_MS)

    def stop(self) -> None:
        """
        Take everything away and let go of the engine, which goes on.
        """
        self.tray.stop()
        self.window.close()
        self.link.stop()

    def open_window(self) -> None:
        """
        Bring the window to the front.
        """
        self.window.showNormal()
        self.window.raise_()
        self.window.activateWindow()

    def _ask(self, command: Command) -> None:
        self.window.show_asked(command)
        self.link.send(command)

    def _replied(self, reply: Reply) -> None:
        self.window.show_reply(reply)

    def _open_without_tray(self) -> None:
        if not self.tray.visible:
            self.open_window()

    def _window_closed(self) -> None:
        if not self.tray.visible:
            self._quit()  # nothing would be left to see it by

    def _quit(self) -> None:
        log.info("closed by the user; the engine goes on")
        QApplication.quit()


def main(argv: Sequence[str] | None = None) -> int:
    """
    Run the tray until the user closes it. Returns the exit code; 0 also if another tray is already there.
    """
    options = _parser().parse_args(argv)
    home = find_home(options.home)
    log_to(platformdirs.user_log_path("Frontdesk", appauthor=False))
    install_hooks()
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - used on Windows alone

        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID(APP_ID)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Python would hear it only when something happens in a window
    app = QApplication.instance() or QApplication(sys.argv[:1])
    QApplication.setApplicationName("Frontdesk")
    QApplication.setApplicationDisplayName("Frontdesk")
    QApplication.setQuitOnLastWindowClosed(False)
    single = SingleTray(session_name(home.key))
    if not single.claim():
        log.info("another tray of this session is already there")
        return 0
    settings = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "Frontdesk", "tray")
    program = TrayProgram(connector(home.folder), settings, open_at_start=options.window)
    single.raised.connect(program.open_window)
    program.start()
    log.info("tray %s started", __version__)
    try:
        return app.exec()
    finally:
        program.stop()
        single.release()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="frontdesk-tray", description="Shows how the Frontdesk engine is doing.")
    parser.add_argument("--home", type=Path, help="the engine's home folder")
    parser.add_argument("--window", action="store_true", help="open the window at the start")
    parser.add_argument("--version", action="version", version=f"Frontdesk {__version__}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
