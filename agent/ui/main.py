"""
The tray program: `frontdesk-tray`. It shows how the engine is doing and passes on what the user asks; it does no work itself.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
from PySide6.QtCore import QCoreApplication, QObject, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from agent import __version__
from agent.release import full_version
from agent.settings.paths import find_home
from agent.ui.board import Picture, StatusBoard, local_now, translate
from agent.ui.collecting import Collector
from agent.ui.commands import Command, Connect, EngineClient, Reply
from agent.ui.diagnostics import install_hooks, log_to
from agent.ui.helpdesk import Helpdesk
from agent.ui.link import EngineLink
from agent.ui.muting import muted
from agent.ui.notifying import Memory, Place, Seen, look
from agent.ui.single import SingleTray, session_name
from agent.ui.top import TopAction
from agent.ui.tray import Tray

if TYPE_CHECKING:
    from agent.ui.errands import Errands
    from agent.ui.window import StatusWindow

log = logging.getLogger(__name__)

APP_ID = "Frontdesk.Tray"
"""Under this name Windows groups the task bar's buttons; the shortcut carries it too."""

TRAY_PATIENCE_MS = 20_000
"""After this long without a notification area the window opens, so that there is something to see."""

LOOK_MS = 15_000
"""How often to ask whether there is something to tell of; changes are looked at when they come."""


class TrayProgram(QObject):
    """
    Wires link, board, tray and window together, on the thread of the windows. The window is built when it is first wanted: the
    icon is there sooner, and a tray at rest is lighter.
    """

    def __init__(
        self,
        connect: Connect,
        settings: QSettings,
        *,
        helpdesk: Helpdesk,
        open_at_start: bool,
        now: Callable[[], datetime] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._connect = connect
        self._settings = settings
        self._open_at_start = open_at_start
        self._now = now or local_now
        self.helpdesk = helpdesk
        self._memory = Memory.at_start(self._now())
        self._seen = Seen()
        self.link = EngineLink(connect, parent=self)
        self.board = StatusBoard(now=self._now, parent=self)
        self.tray = Tray(self)
        self._window: StatusWindow | None = None
        self._errands: tuple[Errands, ...] = ()
        self.link.status_changed.connect(self.board.set_status)
        self.link.unreachable.connect(self.board.set_unreachable)
        self.link.replied.connect(self._replied)
        self.board.changed.connect(self._show)
        self.tray.wanted.connect(self._ask)
        self.tray.open_window.connect(self.open_window)
        self.tray.settings.connect(self.helpdesk.open_settings)
        self.tray.set_up.connect(self.helpdesk.open_set_up)
        self.tray.diagnostics.connect(self.helpdesk.show_diagnostics)
        self.tray.about.connect(self._about)
        self.tray.close_tray.connect(self._quit)
        self._looks = QTimer(self)
        self._looks.setInterval(LOOK_MS)
        self._looks.timeout.connect(self._look)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._open_without_tray)

    @property
    def window(self) -> StatusWindow:
        """
        The status window; built now, if it was not yet.
        """
        if self._window is None:
            self._window = self._build_window()
        return self._window

    def start(self) -> None:
        """
        Show what there is to show and begin to connect.
        """
        self._show(self.board.picture)
        self._looks.start()
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
        self._looks.stop()
        self.tray.stop()
        if self._window is not None:
            self._window.close()
        self.helpdesk.stop()
        self.link.stop()
        for errands in self._errands:
            errands.stop()

    def open_window(self, place: Place = Place.WINDOW) -> None:
        """
        Bring the window to the front.
        """
        if place is Place.TO_DO:
            self.window.show_to_do()
        self.window.showNormal()
        self.window.raise_()
        self.window.activateWindow()

    def _build_window(self) -> StatusWindow:
        from agent.ui.errands import Lookups, TaskErrands  # noqa: PLC0415 - as the class says
        from agent.ui.window import StatusWindow  # noqa: PLC0415 - as the class says

        window = StatusWindow(self._settings)
        tasks, lookups = TaskErrands(self._connect, parent=self), Lookups(self._connect, parent=self)
        window.wanted.connect(self._ask)
        window.needed.connect(self._need)
        window.about.connect(self._about)
        window.to_do.asked.connect(tasks.ask)
        tasks.answered.connect(window.to_do.show_answer)
        window.asked.connect(lookups.ask)
        lookups.answered.connect(window.show_finding)
        window.closed.connect(self._window_closed)
        self._errands = (tasks, lookups)
        for errands in self._errands:
            errands.start()
        window.show_picture(self.board.picture)
        return window

    def _show(self, picture: Picture) -> None:
        self.tray.show_picture(picture)
        if self._window is not None:
            self._window.show_picture(picture)
        self._seen = picture.seen
        self._look()

    def _look(self) -> None:
        """
        Tell of what has changed, if it is time to.
        """
        self._memory, notification = look(self._memory, self._seen, self._now(), translate, muted=muted(self._settings))
        if notification is not None:
            self.tray.notify(notification)

    def _ask(self, command: Command) -> None:
        if self._window is not None:
            self._window.show_asked(command)
        self.link.send(command)

    def _need(self, action: TopAction) -> None:
        match action:
            case TopAction.START_ENGINE:
                self.window.show_notice(self.tr("Starting Frontdesk…"))
                self.helpdesk.start_engine()
            case TopAction.SET_UP:
                self.helpdesk.open_set_up()
            case TopAction.SHOW_SETTINGS:
                self.helpdesk.open_settings()
            case TopAction.SHOW_DIAGNOSTICS:
                self.helpdesk.show_diagnostics()
            case TopAction.SAVE_DIAGNOSTICS:
                self.helpdesk.save_diagnostics()

    def _replied(self, reply: Reply) -> None:
        if self._window is not None:
            self._window.show_reply(reply)

    def _about(self) -> None:
        picture = self.board.picture
        self.helpdesk.show_about(picture.version, picture.vendor)

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
    logs = platformdirs.user_log_path("Frontdesk", appauthor=False)
    log_to(logs)
    install_hooks()
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - used on Windows alone

        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID(APP_ID)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Python would hear it only when something happens in a window
    app = QApplication.instance() or QApplication(sys.argv[:1])
    QApplication.setApplicationName("Frontdesk")
    QApplication.setApplicationDisplayName("Frontdesk")
    QApplication.setQuitOnLastWindowClosed(False)
    Collector(app)
    settings = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "Frontdesk", "tray")
    connect = _connector(home.folder)
    if options.set_up:
        return _set_up(app, home.folder, connect, settings)
    saved_in = platformdirs.user_documents_path()
    if options.settings:
        return _settings(app, Helpdesk(connect, home=home.folder, logs=logs, saved_in=saved_in))
    single = SingleTray(session_name(home.key))
    if not single.claim():
        log.info("another tray of this session is already there")
        return 0
    helpdesk = Helpdesk(connect, home=home.folder, logs=logs, saved_in=saved_in, user=settings)
    program = TrayProgram(connect, settings, helpdesk=helpdesk, open_at_start=options.window)
    single.raised.connect(program.open_window)
    program.start()
    log.info("tray %s started", __version__)
    try:
        return app.exec()
    finally:
        program.stop()
        single.release()


def _connector(home: Path) -> Connect:
    """
    Return what connects to the engine; its modules are loaded by the first thread that does, while the icon is there already.
    """

    def connect() -> EngineClient:
        from agent.ui.connection import connector  # noqa: PLC0415 - as above

        return connector(home)()

    return connect


def _set_up(app: QCoreApplication, home: Path, connect: Connect, settings: QSettings) -> int:
    """
    Show the wizard until it is closed.
    """
    from agent.ui.wizard.wizard import SetUpWizard  # noqa: PLC0415 - a tray at rest is lighter without it
    from agent.ui.wizard.work import CommandLine  # noqa: PLC0415 - as above

    wizard = SetUpWizard(CommandLine(home), connect, settings)
    wizard.finished.connect(app.quit)
    wizard.show()
    return app.exec()


def _settings(app: QCoreApplication, helpdesk: Helpdesk) -> int:
    """
    Show the settings until they are closed.
    """
    helpdesk.open_settings().finished.connect(app.quit)
    return app.exec()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="frontdesk-tray", description="Shows how the Frontdesk engine is doing.")
    parser.add_argument("--home", type=Path, help="the engine's home folder")
    parser.add_argument("--window", action="store_true", help="open the window at the start")
    parser.add_argument("--set-up", action="store_true", help="open the set-up wizard instead")
    parser.add_argument("--settings", action="store_true", help="open the settings instead")
    parser.add_argument("--version", action="version", version=f"Frontdesk {full_version()}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
