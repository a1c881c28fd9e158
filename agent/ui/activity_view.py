"""
The tab *Activity*: what happened, newest first.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QApplication, QComboBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from agent.domain.activity import ActivityLine
from agent.ui.activity_rows import ACTIVITY_COLUMNS, KIND_WORDS, ActivityKind, activity_rows, copied, filtered
from agent.ui.board import local_now, translate
from agent.ui.models import RowsTable
from agent.ui.questions import ActivityQuestion, Finding

LOOK_AGAIN_MS = 10_000


class ActivityView(QWidget):
    """
    Shows the timeline and asks for it, while it is in sight.

    Attributes:
        asked: An `ActivityQuestion`.
    """

    asked = Signal(object)

    def __init__(self, *, now: Callable[[], datetime] = local_now, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._now = now
        self._lines: tuple[ActivityLine, ...] = ()
        self._shown: list[ActivityLine] = []
        self._build()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_AGAIN_MS)
        self._timer.timeout.connect(self._look)

    def show_finding(self, finding: Finding) -> None:
        """
        Show the engine's answer, if it is about this tab.
        """
        if not isinstance(finding.question, ActivityQuestion):
            return
        if isinstance(finding.found, tuple):
            self._lines = tuple(line for line in finding.found if isinstance(line, ActivityLine))
            self._show()
        else:
            self.line.setText(finding.text)

    def showEvent(self, event: QShowEvent) -> None:
        """
        Ask, now and every few seconds.
        """
        super().showEvent(event)
        self._look()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """
        Ask no more.
        """
        self._timer.stop()
        super().hideEvent(event)

    def copy(self) -> None:
        """
        Put the chosen lines on the clipboard; none chosen: all that are shown.
        """
        rows = sorted({index.row() for index in self.table.selectionModel().selectedRows()}) or range(len(self._shown))
        QApplication.clipboard().setText(copied((self._shown[row] for row in rows), self._now()))
        self.line.setText(self.tr("Copied: {count} lines").format(count=len(rows)))

    def _build(self) -> None:
        self.kind = QComboBox(self)
        for kind, words in KIND_WORDS.items():
            self.kind.addItem(translate(words), kind)
        self.kind.setAccessibleName(self.tr("Kind of activity"))
        self.kind.activated.connect(self._show)
        self.text = QLineEdit(self)
        self.text.setClearButtonEnabled(True)
        self.text.textChanged.connect(self._show)
        label = QLabel(self.tr("&Find"), self)
        label.setBuddy(self.text)
        self.copy_button = QPushButton(self.tr("C&opy"), self)
        self.copy_button.setToolTip(self.tr("Copies the chosen lines, or all: ids and counts, no names."))
        self.copy_button.clicked.connect(self.copy)
        self.line = QLabel(self.tr("Asking Frontdesk…"), self)
        self.table = RowsTable(ACTIVITY_COLUMNS, self.tr("Activity"), marked=-1, stretched=1, wraps=False)
        self.table.setSelectionMode(RowsTable.SelectionMode.ExtendedSelection)
        QShortcut(QKeySequence.StandardKey.Copy, self.table, self.copy)
        top = QHBoxLayout()
        top.addWidget(self.kind)
        top.addWidget(label)
        top.addWidget(self.text, stretch=1)
        top.addWidget(self.copy_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addLayout(top)
        column.addWidget(self.table, stretch=1)
        column.addWidget(self.line)

    def _look(self) -> None:
        self.asked.emit(ActivityQuestion())

    def _show(self) -> None:
        self._shown = filtered(self._lines, ActivityKind(self.kind.currentData()), self.text.text())
        self.table.show_rows(activity_rows(self._shown, self._now(), translate))
        words = self.tr("{shown} of the last {count}").format(shown=len(self._shown), count=len(self._lines))
        self.line.setText(words)
