"""
What is wrong, with what to do about it and the button that answers it.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QLabel, QMessageBox, QPushButton, QVBoxLayout, QWidget

from agent.ui.commands import RELEASE, CommandKind
from agent.ui.models import RowsTable
from agent.ui.remedies import answer_to
from agent.ui.rows import CONDITION_COLUMNS, Row

MESSAGE, REMEDY, _, CODE = range(len(CONDITION_COLUMNS))


class HealthView(QWidget):
    """
    Shows conditions, and asks for what can be done about the one that is chosen: at first the most urgent.

    Attributes:
        wanted: The `Command` that the user asked for.
    """

    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._can_ask = False
        self.box: QMessageBox | None = None
        self.table = RowsTable(CONDITION_COLUMNS, self.tr("What is wrong"))
        for column in (MESSAGE, REMEDY):
            self.table.horizontalHeader().setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setSectionResizeMode(CODE, QHeaderView.ResizeMode.ResizeToContents)
        self.table.selectionModel().currentRowChanged.connect(self._show_chosen)
        self.well = QLabel(self.tr("Nothing is wrong."), self)
        self.well.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.chosen, self.remedy = (QLabel(self) for _ in range(2))
        self.chosen.setAccessibleName(self.tr("What is wrong"))
        self.remedy.setAccessibleName(self.tr("What to do"))
        for label in (self.well, self.chosen, self.remedy):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        for label in (self.chosen, self.remedy):
            label.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
        font = self.chosen.font()
        font.setBold(True)
        self.chosen.setFont(font)
        words = {
            CommandKind.TRY_AGAIN: self.tr("Try a&gain"),
            CommandKind.RELEASE: self.tr("It is ri&ght: send it"),
            CommandKind.START_BOOKINGS: self.tr("Start online bookin&gs"),
        }
        self.buttons = {kind: QPushButton(text, self) for kind, text in words.items()}
        row = QHBoxLayout()
        for button in self.buttons.values():
            button.clicked.connect(self._ask)
            row.addWidget(button)
        row.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(8, 8, 8, 8)
        for widget in (self.well, self.table, self.chosen, self.remedy):
            outer.addWidget(widget)
        outer.addLayout(row)
        self.show_rows((), can_ask=False)

    def show_rows(self, rows: Sequence[Row], *, can_ask: bool) -> None:
        """
        Show other conditions; not *can_ask*: the engine cannot be asked for anything now.
        """
        self._can_ask = can_ask
        self.table.show_rows(rows)
        self.table.setVisible(bool(rows))
        self.well.setVisible(not rows)
        if rows and not self.table.currentIndex().isValid():
            self.table.selectRow(0)
        self._show_chosen()

    def _chosen_row(self) -> Row | None:
        current = self.table.currentIndex()
        return self.table.rows_model.rows[current.row()] if current.isValid() else None

    def _show_chosen(self) -> None:
        row = self._chosen_row()
        self.chosen.setText(row.cells[MESSAGE] if row else "")
        self.remedy.setText(row.cells[REMEDY] if row else "")
        answer = answer_to(row.cells[CODE]) if row else None
        for kind, button in self.buttons.items():
            button.setVisible(answer is not None and answer.kind is kind)
            button.setEnabled(self._can_ask)

    def _ask(self) -> None:
        row = self._chosen_row()
        answer = answer_to(row.cells[CODE]) if row is not None else None
        if row is None or answer is None:
            return
        if answer != RELEASE:
            self.wanted.emit(answer)
            return
        self.box = QMessageBox(QMessageBox.Icon.Warning, self.windowTitle(), row.cells[MESSAGE], parent=self)
        self.box.setTextFormat(Qt.TextFormat.PlainText)
        self.box.setInformativeText(self.tr("All that is held is sent to Healthengine, and patients see it. Have you looked?"))
        yes = self.box.addButton(self.tr("&Send it"), QMessageBox.ButtonRole.AcceptRole)
        self.box.setDefaultButton(self.box.addButton(self.tr("&Wait"), QMessageBox.ButtonRole.RejectRole))
        yes.clicked.connect(self._release)
        self.box.open()

    def _release(self) -> None:
        self.wanted.emit(RELEASE)
