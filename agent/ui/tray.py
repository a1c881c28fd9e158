"""
The icon in the notification area, with its menu and its notifications.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from agent.ui.board import Picture, translate
from agent.ui.commands import PAUSES, RESUME, RESYNCS
from agent.ui.icons import state_icon
from agent.ui.notifying import Notification, Place

RETRY_MS = 2000
"""How often to look for a notification area that is not there yet, or not any more."""

NOTIFICATION_MS = 10_000
"""How long a notification stays, where the system does not decide that itself."""


class Tray(QObject):
    """
    Shows a `Picture` as an icon. Works without a notification area: then it keeps looking for one.

    Attributes:
        wanted: The `Command` that the user asked for.
        open_window: The user asked for the window, at a `Place`.
        settings, set_up, diagnostics, about, close_tray: The user asked for it.
    """

    wanted = Signal(object)
    open_window = Signal(object)
    settings = Signal()
    set_up = Signal()
    diagnostics = Signal()
    about = Signal()
    close_tray = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icon = QSystemTrayIcon(self)
        self._icon.activated.connect(self._activated)
        self._icon.messageClicked.connect(self._message_clicked)
        self._message_place = Place.WINDOW
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
        self.to_do_action.setText(self.tr("Needs attention ({count})").format(count=view.to_do))
        self.to_do_action.setVisible(bool(view.to_do))
        self.resync_menu.setEnabled(view.can_resync)
        self.pause_menu.setEnabled(view.can_pause)
        self.pause_menu.menuAction().setVisible(not view.can_resume)
        self.resume_action.setVisible(view.can_resume)

    def notify(self, notification: Notification) -> None:
        """
        Show a notification, where there is a place for it; a click on it opens the window.
        """
        self._message_place = notification.place
        if self.visible and QSystemTrayIcon.supportsMessages():
            self._icon.showMessage(notification.title, notification.text, self._icon.icon(), NOTIFICATION_MS)

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
        self.to_do_action = self.menu.addAction("")
        self.to_do_action.triggered.connect(self._open_to_do)
        self.menu.addSeparator()
        self.resync_menu = self.menu.addMenu(self.tr("Resync now"))
        for words, command in RESYNCS:
            self.resync_menu.addAction(translate(words)).setData(command)
        self.resync_menu.triggered.connect(self._want)
        self.pause_menu = self.menu.addMenu(self.tr("Pause"))
        for words, command in PAUSES:
            self.pause_menu.addAction(translate(words)).setData(command)
        self.pause_menu.triggered.connect(self._want)
        self.resume_action = self.menu.addAction(self.tr("Resume"))
        self.resume_action.triggered.connect(self._resume)
        self.menu.addSeparator()
        self.settings_action = self.menu.addAction(self.tr("Settings"))
        self.settings_action.triggered.connect(self._settings)
        self.set_up_action = self.menu.addAction(self.tr("Set-up (for administrators)"))
        self.set_up_action.triggered.connect(self._set_up)
        self.diagnostics_action = self.menu.addAction(self.tr("Diagnostics"))
        self.diagnostics_action.triggered.connect(self._diagnostics)
        self.about_action = self.menu.addAction(self.tr("About Frontdesk"))
        self.about_action.triggered.connect(self._about)
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
            self._open()

    def _message_clicked(self) -> None:
        self.open_window.emit(self._message_place)

    def _open(self) -> None:
        self.open_window.emit(Place.WINDOW)

    def _open_to_do(self) -> None:
        self.open_window.emit(Place.TO_DO)

    def _want(self, action: QAction) -> None:
        self.wanted.emit(action.data())

    def _resume(self) -> None:
        self.wanted.emit(RESUME)

    def _settings(self) -> None:
        self.settings.emit()

    def _set_up(self) -> None:
        self.set_up.emit()

    def _diagnostics(self) -> None:
        self.diagnostics.emit()

    def _about(self) -> None:
        self.about.emit()

    def _close(self) -> None:
        self.close_tray.emit()
