"""
The tab *Bookings*: today's online bookings and those to come, with the patients' names while somebody looks.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from agent.domain.coming import MOST_NAMED, BookingKey, BookingPatient, ComingBooking, ComingBookings
from agent.ui.board import local_now, translate
from agent.ui.booking_rows import BOOKING_COLUMNS, STATE_COLUMN, booking_rows, bookings_line
from agent.ui.models import RowsTable
from agent.ui.questions import BookingsQuestion, Finding, PatientsQuestion

REST_MS = 250
"""So long nothing has to happen before names are asked for: scrolling passes many lines."""

AGAIN_MS = 1000
"""What there is is asked for no more often: changes come in bursts."""

NOTHING_YET = ComingBookings(bookings=(), count=0, today=0)


class BookingsView(QWidget):
    """
    Shows bookings while it is in sight, and asks for the names of those on the screen. What it was told of patients is dropped
    when it is hidden.

    Attributes:
        asked: A `BookingsQuestion` or a `PatientsQuestion`.
    """

    asked = Signal(object)

    def __init__(self, *, now: Callable[[], datetime] = local_now, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._now = now
        self._coming = NOTHING_YET
        self._names: dict[BookingKey, str] = {}
        self._trouble = ""
        self._in_sight = False
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(self._ask)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._ask_names)
        self.line = QLabel(self)
        self.line.setWordWrap(True)
        self.line.setAccessibleName(self.tr("How many bookings there are"))
        self.table = RowsTable(BOOKING_COLUMNS, self.tr("Bookings"), marked=STATE_COLUMN, wraps=False)
        self.table.verticalScrollBar().valueChanged.connect(self._scrolled)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(8, 8, 8, 8)
        outer.addWidget(self.line)
        outer.addWidget(self.table)

    def look_again(self) -> None:
        """
        Ask before long what there is now, if somebody looks.
        """
        if self._in_sight and not self._again.isActive():
            self._again.start()

    def show_finding(self, finding: Finding) -> None:
        """
        Show the engine's answer, if it is about this tab and somebody looks.
        """
        if not self._in_sight:
            return
        if isinstance(finding.found, ComingBookings):
            self._show_coming(finding.found)
        elif isinstance(finding.question, PatientsQuestion) and isinstance(finding.found, tuple):
            self._names |= {(p.practice_id, p.booking_id): p.name for p in finding.found if isinstance(p, BookingPatient)}
            self._show()
        elif isinstance(finding.question, PatientsQuestion):
            self._trouble = self.tr("The patients' names cannot be shown: {why}").format(why=finding.text)
            self._show_line()
        elif isinstance(finding.question, BookingsQuestion):
            self.line.setText(finding.text)

    def showEvent(self, event: QShowEvent) -> None:
        """
        Ask what there is.
        """
        super().showEvent(event)
        self._in_sight = True
        if not self._coming.bookings:
            self.line.setText(self.tr("Asking Frontdesk…"))
        self._ask()

    def hideEvent(self, event: QHideEvent) -> None:
        """
        Forget the names.
        """
        self._in_sight = False
        for timer in (self._again, self._rest):
            timer.stop()
        self._names.clear()
        self._trouble = ""
        self._show()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """
        Ask for the names of the lines that came into sight.
        """
        super().resizeEvent(event)
        self._scrolled()

    def _show_coming(self, coming: ComingBookings) -> None:
        before = {booking.key: booking for booking in self._coming.bookings}
        for booking in coming.bookings:
            if before.get(booking.key) != booking:
                self._names.pop(booking.key, None)  # it may be somebody else's now
        self._coming = coming
        self._show_line()
        self.table.setColumnHidden(0, len({booking.line.practice_id for booking in coming.bookings}) <= 1)
        self._show()
        if not self._trouble:
            self._rest.start()

    def _show(self) -> None:
        self.table.show_rows(booking_rows(self._coming, self._names, self._now(), translate))

    def _show_line(self) -> None:
        self.line.setText(" ".join(filter(None, (bookings_line(self._coming, translate), self._trouble))))

    def _scrolled(self) -> None:
        if self._in_sight:
            self._trouble = ""
            self._rest.start()

    def _ask(self) -> None:
        self.asked.emit(BookingsQuestion())

    def _ask_names(self) -> None:
        wanted = [b.key for b in self._on_screen() if b.has_patient and b.key not in self._names]
        if wanted:
            self.asked.emit(PatientsQuestion(bookings=tuple(wanted[:MOST_NAMED])))

    def _on_screen(self) -> tuple[ComingBooking, ...]:
        first = max(self.table.rowAt(0), 0)
        last = self.table.rowAt(self.table.viewport().height() - 1)
        return self._coming.bookings[first : last + 1 if last >= 0 else None]
