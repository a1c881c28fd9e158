"""
The tab *What we sent*: the map of what Healthengine shows, and the chosen day beside the appointment book.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from PySide6.QtCore import QModelIndex, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from agent.domain.sent import SentDayReport, SentMap
from agent.ui.board import local_now, translate
from agent.ui.models import RowsTable
from agent.ui.questions import Finding, SentDayQuestion, SentQuestion
from agent.ui.sent_map import LEAST_HEIGHT, SentTable
from agent.ui.sent_rows import DAY_COLUMNS, LEGEND, day_line, day_rows, day_text, map_line, suspicion_lines

PRACTICE = "sent/practice"
LOOK_AGAIN_MS = 30_000
STILL_MS = 150
"""A day is asked for when the choice has rested for so long: arrow keys pass over many."""


class SentView(QWidget):
    """
    Shows what was sent and asks for it, while it is in sight.

    Args:
        settings: Where the chosen practice is remembered.

    Attributes:
        asked: A `SentQuestion` or `SentDayQuestion`.
    """

    asked = Signal(object)

    def __init__(self, settings: QSettings, *, now: Callable[[], datetime] = local_now, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._now = now
        self._maps: tuple[SentMap, ...] = ()
        self._chosen: SentDayQuestion | None = None
        self._build()
        self._clear_day()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_AGAIN_MS)
        self._timer.timeout.connect(self._look)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(STILL_MS)
        self._rest.timeout.connect(self._ask_day)

    def show_finding(self, finding: Finding) -> None:
        """
        Show what the engine said, if it is about this tab.
        """
        if isinstance(finding.question, SentQuestion):
            if isinstance(finding.found, tuple):
                self._show_maps(tuple(found for found in finding.found if isinstance(found, SentMap)))
            else:
                self.line.setText(finding.text)
                self.line.show()
        elif finding.question == self._chosen:
            if isinstance(finding.found, SentDayReport):
                self._show_day(finding.found)
            else:
                self.day_line.setText(finding.text)

    def showEvent(self, event: QShowEvent) -> None:
        """
        Ask, now and every half a minute.
        """
        super().showEvent(event)
        self._look()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """
        Ask no more.
        """
        self._timer.stop()
        self._rest.stop()
        super().hideEvent(event)

    def _build(self) -> None:
        self.practice = QComboBox(self)
        self.practice_label = QLabel(self.tr("Pract&ice"), self)
        self.practice_label.setBuddy(self.practice)
        self.practice.activated.connect(self._practice_chosen)
        self.line = QLabel(self.tr("Asking Frontdesk…"), self)
        self.legend = QLabel(translate(LEGEND), self)
        self.suspicion = QLabel(self)
        self.suspicion.setAccessibleName(self.tr("Never booked"))
        self.map = SentTable(self.tr("Free time at Healthengine, practitioners down and days across"))
        self.map.selectionModel().currentChanged.connect(self._cell_chosen)
        top = QHBoxLayout()
        top.addWidget(self.practice_label)
        top.addWidget(self.practice)
        top.addWidget(self.line, stretch=1)
        upper, lower = QWidget(), QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(8, 8, 8, 0)
        column.addLayout(top)
        column.addWidget(self.map, stretch=1)
        column.addWidget(self.legend)
        column.addWidget(self.suspicion)
        self.day_title, self.day_line = QLabel(lower), QLabel(lower)
        font = QFont(self.day_title.font())
        font.setBold(True)
        self.day_title.setFont(font)
        self.day = RowsTable(DAY_COLUMNS, self.tr("The chosen day"), marked=2)
        self.day.setMinimumHeight(LEAST_HEIGHT)
        below = QVBoxLayout(lower)
        below.setContentsMargins(8, 0, 8, 8)
        for part in (self.day_title, self.day_line, self.day):
            below.addWidget(part)
        for label in (self.line, self.legend, self.suspicion, self.day_title, self.day_line):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        parts = QSplitter(Qt.Orientation.Vertical, self)
        parts.setChildrenCollapsible(False)
        parts.addWidget(upper)
        parts.addWidget(lower)
        parts.setStretchFactor(0, 3)
        parts.setStretchFactor(1, 2)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(parts)
        self._show_practices()

    def _show_maps(self, maps: tuple[SentMap, ...]) -> None:
        self._maps = maps
        self._show_practices()
        self._show_map()

    def _show_practices(self) -> None:
        wanted = self.practice.currentData() or str(self._settings.value(PRACTICE, ""))
        self.practice.clear()
        for shown in self._maps:
            self.practice.addItem(shown.name or shown.practice_id, shown.practice_id)
        self.practice.setCurrentIndex(max(self.practice.findData(wanted), 0) if self._maps else -1)
        for widget in (self.practice, self.practice_label):
            widget.setVisible(len(self._maps) > 1)

    def _show_map(self) -> None:
        shown = next((m for m in self._maps if m.practice_id == self.practice.currentData()), None)
        self.map.sent.show(shown)
        text = map_line(shown, translate)
        self.line.setText(text)
        self.line.setVisible(bool(text))
        doubts = suspicion_lines(shown, translate) if shown else ()
        self.suspicion.setText("\n".join(doubts))
        self.suspicion.setVisible(bool(doubts))
        if self._chosen is not None and not self.map.currentIndex().isValid():
            self.map.setCurrentIndex(self.map.sent.place_of(self._chosen.resource_id, self._chosen.day))

    def _practice_chosen(self) -> None:
        self._settings.setValue(PRACTICE, self.practice.currentData())
        self._chosen = None
        self._clear_day()
        self._show_map()

    def _cell_chosen(self, current: QModelIndex) -> None:
        if not current.isValid():
            return
        resource, day = self.map.sent.at(current)
        question = SentDayQuestion(practice_id=str(self.practice.currentData()), resource_id=resource.id, day=day)
        if question != self._chosen:
            self._chosen = question
            self._clear_day()
            self._name_day(resource.name, day)
            self.day_line.setText(self.tr("Asking Frontdesk…"))
            self._rest.start()

    def _ask_day(self) -> None:
        if self._chosen is not None:
            self.asked.emit(self._chosen)

    def _look(self) -> None:
        self.asked.emit(SentQuestion())
        if self._chosen is not None:
            self.asked.emit(self._chosen)

    def _clear_day(self) -> None:
        self.day_title.hide()
        self.day_line.setText(self.tr("Choose a day to see it beside your appointment book."))
        self.day.show_rows(())

    def _name_day(self, name: str, day: date) -> None:
        self.day_title.setText(f"{name}, {day_text(day)}")
        self.day_title.show()

    def _show_day(self, report: SentDayReport) -> None:
        self._name_day(report.name, report.date)
        self.day_line.setText(day_line(report, self._now(), translate))
        self.day.show_rows(day_rows(report, translate))
