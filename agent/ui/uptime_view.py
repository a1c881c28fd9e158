"""
The tab *Uptime*: four weeks of when this machine was really up, against the live hours.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMessageBox,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from agent.domain.reports import UptimeReport
from agent.ui.board import local_now, translate
from agent.ui.questions import AdoptHours, Finding, UptimeQuestion
from agent.ui.uptime_bars import BAR, BAR_COLUMN, BarPainter, LegendRow, UptimeModel
from agent.ui.uptime_rows import adopt_line, day_bars, hours_line

PRACTICE = "uptime/practice"


class UptimeView(QWidget):
    """
    Shows when this machine was up, asks for it when it comes into sight, and offers what was learned.

    Args:
        settings: Where the chosen practice is remembered.

    Attributes:
        asked: A `UptimeQuestion` or `AdoptHours`.
    """

    asked = Signal(object)

    def __init__(self, settings: QSettings, *, now: Callable[[], datetime] = local_now, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._now = now
        self._reports: tuple[UptimeReport, ...] = ()
        self.box: QMessageBox | None = None
        self._build()
        self._show()

    def show_finding(self, finding: Finding) -> None:
        """
        Show the engine's answer, if it is about this tab.
        """
        if isinstance(finding.question, AdoptHours):
            self.said.setText(finding.text if finding.found is None else str(finding.found))
            self.said.show()
            self.asked.emit(UptimeQuestion())
        elif isinstance(finding.question, UptimeQuestion):
            if isinstance(finding.found, tuple):
                self._reports = tuple(report for report in finding.found if isinstance(report, UptimeReport))
                self._show_practices()
                self._show()
            else:
                self.hours.setText(finding.text)

    def showEvent(self, event: QShowEvent) -> None:
        """
        Ask.
        """
        super().showEvent(event)
        self.said.hide()
        self.asked.emit(UptimeQuestion())

    def _build(self) -> None:
        self.practice = QComboBox(self)
        self.practice_label = QLabel(self.tr("Pract&ice"), self)
        self.practice_label.setBuddy(self.practice)
        self.practice.activated.connect(self._practice_chosen)
        self.hours, self.learned, self.said = QLabel(self), QLabel(self), QLabel(self)
        for label in (self.hours, self.learned, self.said):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.adopt = QPushButton(self.tr("A&dopt what was learned…"), self)
        self.adopt.clicked.connect(self._want_to_adopt)
        self.days = QTableView(self)
        self.bars = UptimeModel(self)
        self.days.setModel(self.bars)
        self.days.setItemDelegateForColumn(BAR_COLUMN, BarPainter(self.days))
        self.days.setAccessibleName(self.tr("When this machine was up, by day"))
        self.days.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.days.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.days.setTabKeyNavigation(False)
        self.days.setShowGrid(False)
        self.days.verticalHeader().hide()
        self.days.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.days.verticalHeader().setDefaultSectionSize(max(BAR.height(), self.fontMetrics().height() + 8))
        header = self.days.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(BAR_COLUMN, QHeaderView.ResizeMode.Stretch)
        top = QHBoxLayout()
        top.addWidget(self.practice_label)
        top.addWidget(self.practice)
        top.addWidget(self.hours, stretch=1)
        offer = QHBoxLayout()
        offer.addWidget(self.learned, stretch=1)
        offer.addWidget(self.adopt)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(8, 8, 8, 8)
        outer.addLayout(top)
        outer.addLayout(offer)
        outer.addWidget(self.said)
        outer.addWidget(self.days, stretch=1)
        outer.addWidget(LegendRow(self))
        self._show_practices()

    @property
    def _report(self) -> UptimeReport | None:
        wanted = self.practice.currentData()
        return next((report for report in self._reports if report.practice_id == wanted), None)

    def _show_practices(self) -> None:
        wanted = self.practice.currentData() or str(self._settings.value(PRACTICE, ""))
        self.practice.clear()
        for report in self._reports:
            self.practice.addItem(report.name or report.practice_id, report.practice_id)
        self.practice.setCurrentIndex(max(self.practice.findData(wanted), 0) if self._reports else -1)
        for widget in (self.practice, self.practice_label):
            widget.setVisible(len(self._reports) > 1)

    def _practice_chosen(self) -> None:
        self._settings.setValue(PRACTICE, self.practice.currentData())
        self.said.hide()
        self._show()

    def _show(self) -> None:
        report = self._report
        self.bars.show(day_bars(report, translate) if report else ())
        self.hours.setText(hours_line(report, self._now(), translate) if report else self.tr("Asking Frontdesk…"))
        offer = adopt_line(report, translate) if report else ""
        self.learned.setText(offer)
        for widget in (self.learned, self.adopt):
            widget.setVisible(bool(offer))

    def _want_to_adopt(self) -> None:
        report = self._report
        if report is None:
            return
        self.box = QMessageBox(self)
        self.box.setIcon(QMessageBox.Icon.Question)
        self.box.setTextFormat(Qt.TextFormat.PlainText)
        self.box.setText(self.tr("Make these the live hours: {hours}?").format(hours=report.adoptable))
        self.box.setInformativeText(
            self.tr("Outside the live hours online bookings wait until this computer is up; patients are not told at once.")
        )
        yes = self.box.addButton(self.tr("&Adopt them"), QMessageBox.ButtonRole.AcceptRole)
        keep = self.box.addButton(self.tr("&Keep the hours"), QMessageBox.ButtonRole.RejectRole)
        self.box.setDefaultButton(keep)
        self.box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        practice_id = report.practice_id
        yes.clicked.connect(lambda: self.asked.emit(AdoptHours(practice_id=practice_id)))
        self.box.destroyed.connect(self._box_gone)
        self.box.open()

    def _box_gone(self) -> None:
        self.box = None
