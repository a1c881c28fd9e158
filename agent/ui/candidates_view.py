"""
Who a booking may be for: one line for each, what to do if it is that one, and the number of its record for the clipboard.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QLabel, QListWidget, QPushButton, QVBoxLayout, QWidget

from agent.ui.task_card import Choice

LIST_HEIGHT = 120
"""So that the buttons below stay in sight; there are seldom more than two or three."""


class CandidatesView(QWidget):
    """
    Shows choices, and is out of sight while there are none. What is copied is a number alone: the clipboard may be kept.

    Attributes:
        said: What to do if it is the one that was chosen, or what was copied.
    """

    said = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: tuple[Choice, ...] = ()
        self.list = QListWidget(self)
        self.list.setWordWrap(True)
        self.list.setMaximumHeight(LIST_HEIGHT)
        self.list.setAccessibleName(self.tr("Who it may be"))
        self.list.currentRowChanged.connect(self._chosen)
        label = QLabel(self.tr("Who it ma&y be"), self)
        label.setBuddy(self.list)
        self.copy_button = QPushButton(self.tr("Copy the patient's numb&er"), self)
        self.copy_button.clicked.connect(self.copy)
        # Without it Qt would copy the whole line, with the name.
        QShortcut(QKeySequence.StandardKey.Copy, self.list, self.copy, context=Qt.ShortcutContext.WidgetShortcut)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (label, self.list, self.copy_button):
            column.addWidget(widget)

    def show_choices(self, choices: tuple[Choice, ...]) -> None:
        """
        Show other choices; the chosen one stays chosen where they are the same.
        """
        chosen = self.list.currentRow() if choices == self._choices else -1
        self._choices = choices
        self.list.clear()
        self.list.addItems([choice.text for choice in choices])
        self.list.setCurrentRow(chosen)
        self.copy_button.setEnabled(chosen >= 0)
        self.setVisible(bool(choices))

    def copy(self) -> None:
        """
        Put the chosen patient's number on the clipboard.
        """
        place = self.list.currentRow()
        if 0 <= place < len(self._choices):
            number = self._choices[place].patient_id
            QApplication.clipboard().setText(number)
            self.said.emit(self.tr("Copied: {number}").format(number=number))

    def _chosen(self, place: int) -> None:
        is_one = 0 <= place < len(self._choices)
        self.copy_button.setEnabled(is_one)
        if is_one:
            self.said.emit(self._choices[place].what_to_do)
