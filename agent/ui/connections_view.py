"""
The connections with what each did last, and the buttons that send again, pause and resume.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from agent.ui.board import Picture, translate
from agent.ui.commands import PAUSES, RESUME, RESYNCS, Command
from agent.ui.models import RowsTable
from agent.ui.rows import CHANNEL_COLUMNS


class ConnectionsView(QWidget):
    """
    Shows the channels of a `Picture`.

    Attributes:
        wanted: The `Command` that the user asked for.
    """

    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.resync_button = self._menu_button(
            self.tr("Se&nd again"),
            RESYNCS,
            self.tr("Sends to Healthengine again. Use it when the portal shows other times than your book."),
        )
        self.pause_button = self._menu_button(
            self.tr("&Pause"), PAUSES, self.tr("While it is paused, online bookings wait and Healthengine may hide your times.")
        )
        self.resume_button = QPushButton(self.tr("Re&sume"), self)
        self.resume_button.clicked.connect(self._resume)
        self.table = RowsTable(CHANNEL_COLUMNS, self.tr("Connections"), marked=2)
        row = QHBoxLayout()
        row.setContentsMargins(8, 8, 8, 0)
        for button in (self.resync_button, self.pause_button, self.resume_button):
            row.addWidget(button)
        row.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addLayout(row)
        outer.addWidget(self.table)

    def show_picture(self, picture: Picture, *, is_free: bool) -> None:
        """
        Show the channels, and what can be asked for; not *is_free*: something was asked for and is not answered yet.
        """
        view = picture.view
        self.table.show_rows(picture.channels)
        self.table.setColumnHidden(0, len(picture.practices) <= 1)
        self.resync_button.setEnabled(view.can_resync and is_free)
        self.pause_button.setEnabled(view.can_pause and is_free)
        self.pause_button.setVisible(not view.can_resume)
        self.resume_button.setEnabled(view.can_resume and is_free)
        self.resume_button.setVisible(view.can_resume)

    def _menu_button(self, words: str, choices: tuple[tuple[str, Command], ...], tip: str) -> QPushButton:
        button = QPushButton(words, self)
        button.setToolTip(tip)
        menu = QMenu(button)
        for text, command in choices:
            menu.addAction(translate(text)).setData(command)
        menu.triggered.connect(self._chosen)
        button.setMenu(menu)
        return button

    def _chosen(self, action: QAction) -> None:
        self.wanted.emit(action.data())

    def _resume(self) -> None:
        self.wanted.emit(RESUME)
