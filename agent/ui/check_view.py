"""
Diagnostics: what `frontdesk check` finds, to be copied, and the bundle for support.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QHeaderView, QLabel, QProgressBar, QPushButton, QVBoxLayout

from agent.domain.reports import CheckReport
from agent.release import full_version
from agent.ui.background import Background
from agent.ui.board import local_now, translate
from agent.ui.check_rows import CHECK_COLUMNS, check_rows, check_sentence, copied_check
from agent.ui.checking import CheckClient, CheckOutcome
from agent.ui.models import RowsTable

log = logging.getLogger(__name__)

FIRST_SIZE = QSize(900, 480)
FOUND, TO_DO = CHECK_COLUMNS.index("Found"), CHECK_COLUMNS.index("What to do")


class CheckView(QDialog):
    """
    Checks when it is opened and when it is asked to, and ends the check when it is closed. It needs no engine.

    Attributes:
        save_wanted: The user asked for the bundle.
    """

    save_wanted = Signal()

    def __init__(self, client: CheckClient, *, now: Callable[[], datetime] = local_now) -> None:
        super().__init__()
        self._client = client
        self._now = now
        self._background = Background(client.stop, self)
        self._report: CheckReport | None = None
        self._checked_at = now()
        self._build()

    def check(self) -> None:
        """
        Check; what is under way is ended first. Returns at once.
        """
        self._report = None
        self.sentence.setText(self.tr("Trying settings, database and Healthengine. Nothing is changed…"))
        self.table.show_rows(())
        self._show_busy(is_busy=True)
        self._background.begin(self._outcome, self._show, "check")

    def copy(self) -> None:
        """
        Put the report on the clipboard, if there is one.
        """
        if self._report is not None:
            text = copied_check(self._report, version=full_version(), at=self._checked_at, tr=translate)
            QApplication.clipboard().setText(text)
            self.said.setText(self.tr("Copied. No patient is in it."))

    def done(self, result: int) -> None:
        """
        End the check and close.
        """
        self._background.close()
        super().done(result)

    def _build(self) -> None:
        self.setWindowTitle(self.tr("Diagnostics"))
        self.sentence = QLabel(self)
        self.sentence.setWordWrap(True)
        self.progress = QProgressBar(self)
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(self.tr("Under way"))
        self.table = RowsTable(CHECK_COLUMNS, self.tr("What was tried"), stretched=FOUND)
        self.table.horizontalHeader().setSectionResizeMode(TO_DO, QHeaderView.ResizeMode.Stretch)
        QShortcut(QKeySequence.StandardKey.Copy, self.table, self.copy)
        self.said = QLabel(self)
        for label in (self.sentence, self.said):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.again = QPushButton(self.tr("Check a&gain"), self)
        self.again.clicked.connect(self.check)
        self.copy_button = QPushButton(self.tr("&Copy"), self)
        self.copy_button.setToolTip(self.tr("Copies the report for an e-mail: ids and counts, no patient."))
        self.copy_button.clicked.connect(self.copy)
        self.copy_button.setEnabled(False)
        self.save = QPushButton(self.tr("&Save for support"), self)
        self.save.clicked.connect(self.save_wanted)
        close = QPushButton(self.tr("C&lose"), self)
        close.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(self.said, stretch=1)
        for button in (self.again, self.copy_button, self.save, close):
            button.setAutoDefault(False)  # Return in the table must not press one
            row.addWidget(button)
        outer = QVBoxLayout(self)
        for widget in (self.sentence, self.progress):
            outer.addWidget(widget)
        outer.addWidget(self.table, stretch=1)
        outer.addLayout(row)
        self.resize(FIRST_SIZE.boundedTo(self.screen().availableSize()))

    def _outcome(self) -> CheckOutcome:
        try:
            return self._client.check()
        except Exception:
            log.exception("the check failed")
            return CheckOutcome(problem=self.tr("An unexpected error; the log says more."))

    def _show(self, outcome: CheckOutcome) -> None:
        self._report, self._checked_at = outcome.report, self._now()
        if outcome.report is None:
            self.sentence.setText(outcome.problem)
        else:
            self.sentence.setText(check_sentence(outcome.report, translate))
            self.table.show_rows(check_rows(outcome.report, translate))
        self._show_busy(is_busy=False)

    def _show_busy(self, *, is_busy: bool) -> None:
        self.progress.setVisible(is_busy)
        self.said.clear()
        self.again.setEnabled(not is_busy)
        self.copy_button.setEnabled(self._report is not None)
