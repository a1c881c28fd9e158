"""
What the tray offers besides the bookings: settings, set-up, diagnostics, starting the engine, and who made this.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox

from agent.release import full_version
from agent.ui.board import local_now
from agent.ui.bundle import save_bundle
from agent.ui.commands import Connect
from agent.ui.starting import start_for_administrator, start_service

if TYPE_CHECKING:  # a tray at rest is lighter without it
    from agent.ui.check_view import CheckView
    from agent.ui.checking import CheckClient
    from agent.ui.settings.client import SettingsClient
    from agent.ui.settings.dialog import SettingsDialog

log = logging.getLogger(__name__)


def check_process(home: Path) -> CheckClient:
    """
    Return what checks a home by the command line.
    """
    from agent.ui.checking import CheckProcess  # noqa: PLC0415 - as above

    return CheckProcess(home)


def settings_process(home: Path) -> SettingsClient:
    """
    Return what shows and changes the settings of a home by the command line.
    """
    from agent.ui.settings.client import CommandLine  # noqa: PLC0415 - as above

    return CommandLine(home)


class Helpdesk(QObject):
    """
    Looks at files and asks the engine on threads of its own, and shows the result on that of the windows.

    Args:
        home: The engine's home folder.
        logs: The folder of the tray's own log.
        saved_in: The user's folder that bundles are saved in.
        show: Opens a folder in the system's own program.
        start: Starts the engine; returns why it did not work, if it did not. Blocks.
        start_window: Opens a window for administrators in the same way, for a home, by its option.
        check: Returns what checks a home.
        settings: Returns what shows and changes the settings of a home.
        user: The user's own settings; None: this runs as somebody else, and does not offer them.

    Attributes:
        found: A folder to show and a sentence about it; either may be empty. From any thread.
        box: The message that was shown last.
        diagnostics, settings: The windows of these names, once they were asked for.
    """

    found = Signal(str, str)

    def __init__(
        self,
        connect: Connect,
        *,
        home: Path,
        logs: Path,
        saved_in: Path,
        show: Callable[[QUrl], object] = QDesktopServices.openUrl,
        start: Callable[[], str] = start_service,
        start_window: Callable[[Path, str], str] = start_for_administrator,
        check: Callable[[Path], CheckClient] = check_process,
        settings: Callable[[Path], SettingsClient] = settings_process,
        user: QSettings | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._connect = connect
        self._home = home
        self._logs = logs
        self._saved_in = saved_in
        self._show = show
        self._start = start
        self._start_window = start_window
        self._check = check
        self._settings = settings
        self._user = user
        self.box: QMessageBox | None = None
        self.diagnostics: CheckView | None = None
        self.settings: SettingsDialog | None = None
        self.found.connect(self._found)

    def open_settings(self) -> SettingsDialog:
        """
        Show the settings as they are now, and return their window.
        """
        from agent.ui.settings.dialog import SettingsDialog  # noqa: PLC0415 - as above

        if self.settings is None:
            self.settings = SettingsDialog(self._settings(self._home), self._user)
            self.settings.folder_wanted.connect(self.open_settings_folder)
            self.settings.administrator_wanted.connect(self.open_settings_as_administrator)
        if not (self.settings.isVisible() and self.settings.is_busy):  # a change would be broken off
            self.settings.look()
        self.settings.show()
        self.settings.raise_()
        self.settings.activateWindow()
        return self.settings

    def open_settings_folder(self) -> None:
        """
        Show the folder of the settings to those who may read it, and say where it is to the others.
        """
        self._run(self._look_for_settings, "settings")

    def open_settings_as_administrator(self) -> None:
        """
        Open the settings once more with an administrator's rights, and say why if they do not open.
        """
        self._run(self._open_as_administrator, "settings-administrator")

    def show_diagnostics(self) -> None:
        """
        Show what `frontdesk check` finds, checked now unless it is shown already.
        """
        from agent.ui.check_view import CheckView  # noqa: PLC0415 - as above

        if self.diagnostics is None:
            self.diagnostics = CheckView(self._check(self._home))
            self.diagnostics.save_wanted.connect(self.save_diagnostics)
        if not self.diagnostics.isVisible():
            self.diagnostics.check()
        self.diagnostics.show()
        self.diagnostics.raise_()
        self.diagnostics.activateWindow()

    def stop(self) -> None:
        """
        Close the windows, and end what is under way for them.
        """
        for window in (self.diagnostics, self.settings):
            if window is not None:
                window.close()

    def save_diagnostics(self) -> None:
        """
        Save the bundle for support and show where it is.
        """
        self._run(self._save_diagnostics, "diagnostics")

    def start_engine(self) -> None:
        """
        Start the engine, and say why if it does not start.
        """
        self._run(self._start_engine, "start")

    def open_set_up(self) -> None:
        """
        Open the set-up wizard, and say why if it does not open.
        """
        self._run(self._open_set_up, "set-up")

    def show_about(self, engine_version: str, vendor: str) -> None:
        """
        Say what this is, and what the engine says of itself: its version and who runs the integration, where they are known.
        """
        lines = [
            self.tr("Frontdesk {version}").format(version=full_version()),
            self.tr("The engine is version {version}.").format(version=engine_version)
            if engine_version
            else self.tr("The engine's version is not known yet."),
        ]
        if vendor:
            lines.append(self.tr("Run by {vendor}.").format(vendor=vendor))
        self._say("\n".join(lines))

    def _run(self, work: Callable[[], None], name: str) -> None:
        threading.Thread(target=work, name=name, daemon=True).start()

    def _look_for_settings(self) -> None:
        if os.access(self._home / "config.toml", os.R_OK):
            self.found.emit(str(self._home), "")
            return
        words = self.tr("The settings are for administrators of this computer. They are in {folder}.")
        self.found.emit("", words.format(folder=self._home))

    def _save_diagnostics(self) -> None:
        try:
            file = save_bundle(self._connect, tray_log=self._logs / "tray.log", folder=self._saved_in, now=local_now())
        except OSError as error:
            log.warning("the bundle cannot be saved: %s", type(error).__name__)
            self.found.emit("", self.tr("The diagnostics cannot be saved in {folder}.").format(folder=self._saved_in))
            return
        words = self.tr("{name} is saved. Send it to support. No patient's name is in it.").format(name=file.name)
        self.found.emit(str(file.parent), words)

    def _start_engine(self) -> None:
        why = self._start()
        if why:
            self.found.emit("", self.tr("Frontdesk could not be started. {why}").format(why=why))

    def _open_set_up(self) -> None:
        why = self._start_window(self._home, "--set-up")
        if why:
            self.found.emit("", self.tr("The set-up could not be opened. {why}").format(why=why))

    def _open_as_administrator(self) -> None:
        why = self._start_window(self._home, "--settings")
        if why:
            self.found.emit("", self.tr("The settings could not be opened. {why}").format(why=why))

    def _found(self, folder: str, words: str) -> None:
        if folder:
            self._show(QUrl.fromLocalFile(folder))
        if words:
            self._say(words)

    def _say(self, words: str) -> None:
        box = QMessageBox(QMessageBox.Icon.Information, self.tr("Frontdesk"), words)
        box.setTextFormat(Qt.TextFormat.PlainText)
        self.box = box  # replaces the one before, which closes
        box.open()
