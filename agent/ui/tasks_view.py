"""
The list of tasks with the one that is chosen beside it: what to do, whom to phone, and the buttons that end it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QFont, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from agent.domain.tasks import TaskAction
from agent.ui.board import local_now, translate
from agent.ui.candidates_view import CandidatesView
from agent.ui.commands import TaskAnswer, TaskQuestion
from agent.ui.models import RowsTable
from agent.ui.rows import TASK_COLUMNS, Row
from agent.ui.task_card import ACTION_WORDS, TaskCard, locations_of, rows_at, task_card

LOCATION = "tasks/location"


class TasksView(QWidget):
    """
    Shows tasks and asks about the one that is chosen. What it is told of a patient is dropped when it is hidden.

    Args:
        settings: Where the chosen location is remembered.

    Attributes:
        asked: A `TaskQuestion`.
    """

    asked = Signal(object)

    def __init__(self, settings: QSettings, *, now: Callable[[], datetime] = local_now, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._now = now
        self._rows: tuple[Row, ...] = ()
        self._task_id = 0
        self._in_sight = False
        self.box: QMessageBox | None = None
        self._build()
        self._clear()

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        """
        Show other tasks; one whose line changed is asked for anew, and one that is gone stays, so that it can be undone.
        """
        before = next((row for row in self._rows if row.key == str(self._task_id)), None)
        after = next((row for row in rows if row.key == str(self._task_id)), None)
        self._rows = rows
        self._show_locations()
        self._show_table()
        if after is not None and before is not None and before != after:
            self._look()

    def show_answer(self, answer: TaskAnswer) -> None:
        """
        Show what the engine said, unless another task is chosen by now or nobody looks.
        """
        if answer.question.task_id != self._task_id or not self._in_sight:
            return
        self.said.setText(answer.text)
        self.said.setVisible(bool(answer.text))
        if answer.report is not None:
            self._show_card(task_card(answer.report, self._now(), translate))
            return
        for button in self.buttons.values():
            button.setEnabled(True)
        if not self.title.text():
            self.advice.setText(self.tr("Frontdesk could not show this task. Choose it again to try once more."))

    def showEvent(self, event: QShowEvent) -> None:
        """
        Ask for the chosen task.
        """
        super().showEvent(event)
        self._in_sight = True
        self._look()

    def hideEvent(self, event: QHideEvent) -> None:
        """
        Forget what was told of a patient.
        """
        self._in_sight = False
        if self.box is not None:
            self.box.close()
        self._clear()
        super().hideEvent(event)

    def _build(self) -> None:
        self.location = QComboBox(self)
        self.location_label = QLabel(self.tr("L&ocation"), self)
        self.location_label.setBuddy(self.location)
        self.location.addItem(self.tr("All locations"), "")
        remembered = str(self._settings.value(LOCATION, ""))
        if remembered:
            self._add_location(remembered)
            self.location.setCurrentIndex(1)
        self.location.activated.connect(self._location_chosen)
        self.table = RowsTable(TASK_COLUMNS, self.tr("Tasks"), marked=1, stretched=3)
        self.table.selectionModel().currentRowChanged.connect(self._chosen)
        choice = QHBoxLayout()
        choice.addWidget(self.location_label)
        choice.addWidget(self.location)
        choice.addStretch(1)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(choice)
        column.addWidget(self.table)
        parts = QSplitter(Qt.Orientation.Horizontal, self)
        parts.setChildrenCollapsible(False)
        parts.addWidget(left)
        parts.addWidget(self._build_card())
        parts.setStretchFactor(0, 3)
        parts.setStretchFactor(1, 2)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(parts)
        self._show_locations()

    def _build_card(self) -> QScrollArea:
        card = QWidget()
        column = QVBoxLayout(card)
        self.title, self.advice, self.details, self.warning, self.said = (QLabel(card) for _ in range(5))
        font = QFont(self.title.font())
        font.setBold(True)
        for label in (self.title, self.warning):
            label.setFont(font)
        for label in (self.title, self.advice, self.details, self.warning, self.said):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            column.addWidget(label)
        self.details.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.details.setAccessibleName(self.tr("What is known of the task"))
        self.candidates = CandidatesView(card)
        self.candidates.said.connect(self._say)
        column.addWidget(self.candidates)
        self.appointment = QLineEdit(card)
        self.appointment.setMaxLength(64)
        self.appointment_label = QLabel(self.tr("A&ppointment number, if you know it"), card)
        self.appointment_label.setBuddy(self.appointment)
        column.addWidget(self.appointment_label)
        column.addWidget(self.appointment)
        self.buttons: dict[TaskAction, QPushButton] = {}
        for action, words in ACTION_WORDS.items():
            button = QPushButton(translate(words), card)
            button.clicked.connect(lambda _checked=False, action=action: self._act(action))
            self.buttons[action] = button
            column.addWidget(button)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidget(card)
        area.setWidgetResizable(True)
        area.setMinimumWidth(300)
        area.setAccessibleName(self.tr("The chosen task"))
        return area

    def _add_location(self, location_id: str) -> None:
        self.location.addItem(self.tr("Location {location}").format(location=location_id), location_id)

    def _show_locations(self) -> None:
        for location_id in locations_of(self._rows):
            if self.location.findData(location_id) < 0:
                self._add_location(location_id)
        is_needed = len(locations_of(self._rows)) > 1 or bool(self.location.currentData())
        self.location.setVisible(is_needed)
        self.location_label.setVisible(is_needed)

    def _show_table(self) -> None:
        self.table.show_rows(rows_at(self._rows, self.location.currentData()))

    def _location_chosen(self) -> None:
        self._settings.setValue(LOCATION, self.location.currentData())
        self._show_table()

    def _chosen(self) -> None:
        current = self.table.currentIndex()
        task_id = int(self.table.rows_model.rows[current.row()].key) if current.isValid() else 0
        if task_id and task_id != self._task_id:
            self._task_id = task_id
            self._clear()
            self._look()

    def _look(self) -> None:
        if self._task_id and self._in_sight:
            if not self.title.text():
                self.advice.setText(self.tr("Asking Frontdesk…"))
            self.asked.emit(TaskQuestion(task_id=self._task_id))

    def _clear(self) -> None:
        for label in (self.title, self.details, self.warning, self.said):
            label.clear()
            label.hide()
        self.candidates.show_choices(())
        self.advice.setText(self.tr("Choose a task to see what to do."))
        self.appointment.clear()
        self._offer(())

    def _show_card(self, card: TaskCard) -> None:
        for label, text in (
            (self.title, card.title),
            (self.advice, card.advice),
            (self.details, "\n".join(card.lines)),
            (self.warning, card.warning),
        ):
            label.setText(text)
            label.setVisible(bool(text))
        self.candidates.show_choices(card.choices)
        self._offer(card.offered)

    def _say(self, words: str) -> None:
        self.said.setText(words)
        self.said.show()

    def _offer(self, offered: tuple[TaskAction, ...]) -> None:
        for action, button in self.buttons.items():
            button.setVisible(action in offered)
            button.setEnabled(True)
        for widget in (self.appointment_label, self.appointment):
            widget.setVisible(TaskAction.ENTERED in offered)

    def _act(self, action: TaskAction) -> None:
        if action is not TaskAction.CANCEL_BOOKING:
            self._send(action)
            return
        self.box = QMessageBox(self)
        self.box.setIcon(QMessageBox.Icon.Warning)
        self.box.setTextFormat(Qt.TextFormat.PlainText)
        self.box.setText(self.tr("Tell Healthengine that the practice cancelled this booking? It cannot be undone."))
        self.box.setInformativeText(self.warning.text())
        yes = self.box.addButton(self.tr("&Cancel the booking"), QMessageBox.ButtonRole.DestructiveRole)
        keep = self.box.addButton(self.tr("&Keep it"), QMessageBox.ButtonRole.RejectRole)
        self.box.setDefaultButton(keep)
        self.box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        task_id = self._task_id
        yes.clicked.connect(lambda: self._send(action) if task_id == self._task_id else None)
        self.box.destroyed.connect(self._box_gone)
        self.box.open()

    def _box_gone(self) -> None:
        self.box = None

    def _send(self, action: TaskAction) -> None:
        for button in self.buttons.values():
            button.setEnabled(False)
        self._say(self.tr("Asking Frontdesk…"))
        number = self.appointment.text().strip() if action is TaskAction.ENTERED else ""
        self.asked.emit(TaskQuestion(task_id=self._task_id, action=action, appointment_id=number))
