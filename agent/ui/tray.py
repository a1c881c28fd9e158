"""
The icon in the notification area, with its menu.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from agent.ui.board import Picture, translate
from agent.ui.commands import PAUSES, RESUME, RESYNC
from agent.ui.icons import state_icon

RETRY_MS = 2000
"""How often to look for a notification area that is not there yet, or not any more."""


class Tray(QObject):
    """
    Shows a `Picture` as an icon. Works without a notification area: then it keeps looking for one.

    Attributes:
        wanted: The `Command` that the user asked for.
        open_window, close_tray: The user asked for it.
    """

    wanted = Signal(object)
    open_window = Signal()
    close_tray = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icon = QSystemTrayIcon(self)
        self._icon.activated.connect(self._activated)
        self.menu = QMenu()
        self._build_menu()
        self._icon.setContextMenu(self.menu)
        self._search = QTimer(self)
        self._search.setInterval(RETRY_MS)
        self._search.timeout.connect(self._look)

    @property
    def visible(self) -> bool:
        """
        Whether the user can see the icon, as far as Qt knows.
        """
        return QSystemTrayIcon.isSystemTrayAvailable() and self._icon.isVisible()

    def show_picture(self, picture: Picture) -> None:
        """
        Show how things are.
        """
        view = picture.view
        self._icon.setIcon(state_icon(view.icon))
        self._icon.setToolTip(view.tooltip)
        self.status_action.setText(view.menu_line)
        self.success_action.setText(view.last_success)
        words = self.tr("Open Frontdesk ({count} to do)").format(count=view.to_do) if view.to_do else self.tr("Open Frontdesk")
        self.open_action.setText(words)
        self.resync_action.setEnabled(view.can_resync)
        self.pause_menu.setEnabled(view.can_pause)
        self.pause_menu.menuAction().setVisible(not view.can_resume)
        self.resume_action.setVisible(view.can_resume)

    def start(self) -> None:
        """
        Show the icon as soon as there is a place for it. Call after the first `show_picture`.
        """
        self._look()
        self._search.start()

    def stop(self) -> None:
        """
        Take the icon away.
        """
        self._search.stop()
        self._icon.hide()

    def _build_menu(self) -> None:
        self.status_action = self.menu.addAction("")
        self.success_action = self.menu.addAction("")
        for action in (self.status_action, self.success_action):
            action.setEnabled(False)
        self.menu.addSeparator()
        self.open_action = self.menu.addAction(self.tr("Open Frontdesk"))
        self.open_action.triggered.connect(self._open)
        self.menu.setDefaultAction(self.open_action)
        self.resync_action = self.menu.addAction(self.tr("Resync now"))
        self.resync_action.triggered.connect(self._resync)
        self.pause_menu = self.menu.addMenu(self.tr("Pause"))
        for words, command in PAUSES:
            self.pause_menu.addAction(translate(words)).setData(command)
        self.pause_menu.triggered.connect(self._pause)
        self.resume_action = self.menu.addAction(self.tr("Resume"))
        self.resume_action.triggered.connect(self._resume)
        self.menu.addSeparator()
        self.close_action = self.menu.addAction(self.tr("Close this icon (online bookings go on)"))
        self.close_action.triggered.connect(self._close)

    def _look(self) -> None:
        if QSystemTrayIcon.isSystemTrayAvailable() and not self._icon.isVisible():
            self._icon.show()
        elif not QSystemTrayIcon.isSystemTrayAvailable() and self._icon.isVisible():
            self._icon.hide()  # the task bar went away: show again once it is back

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in {QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick}:
            self.open_window.emit()

    def _open(self) -> None:
        self.open_window.emit()

    def _resync(self) -> None:
        self.wanted.emit(RESYNC)

    def _resume(self) -> None:
        self.wanted.emit(RESUME)

    def _pause(self, action: QAction) -> None:
        self.wanted.emit(action.data())

    def _close(self) -> None:
        self.close_tray.emit()
