"""
The days of this machine as painted bars, and what their signs mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QAbstractTableModel, QObject, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from agent.domain.days import MINUTES_PER_DAY, Span
from agent.ui.board import translate
from agent.ui.models import NOWHERE, AnyIndex
from agent.ui.sent_map import mixed
from agent.ui.uptime_rows import LEGEND, UPTIME_COLUMNS, DayBar

UP = QColor("#2e7d32")
MISSED = QColor("#c62828")
BAR_COLUMN = 1
BAR = QSize(360, 22)
HOURS_MARKED = (6, 12, 18)
SWATCH = 28
GAP = 8


class UptimeModel(QAbstractTableModel):
    """
    A line for each day; the bar's column has the `DayBar` itself (`UserRole`).
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bars: tuple[DayBar, ...] = ()

    def show(self, bars: Iterable[DayBar]) -> None:
        """
        Show other days.
        """
        new = tuple(bars)
        if new != self._bars:
            self.beginResetModel()
            self._bars = new
            self.endResetModel()

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        """
        Return how many days there are.
        """
        return 0 if parent.isValid() else len(self._bars)

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:
        """
        Return how many columns there are.
        """
        return 0 if parent.isValid() else len(UPTIME_COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """
        Return a column's title.
        """
        is_title = orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return translate(UPTIME_COLUMNS[section]) if is_title else None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """
        Return a cell's text; of the bar the day itself.
        """
        if not index.isValid():
            return None
        bar = self._bars[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return bar
        if role == Qt.ItemDataRole.DisplayRole:
            return (bar.day, "", bar.words)[index.column()]
        if role in {Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole}:
            return f"{bar.day}: {bar.words}"
        return None


class BarPainter(QStyledItemDelegate):
    """
    Paints a day from midnight to midnight.
    """

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """
        Paint one day.
        """
        super().paint(painter, option, index)
        paint_bar(painter, option.rect.adjusted(4, 4, -4, -4), index.data(Qt.ItemDataRole.UserRole), option.palette)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: AnyIndex) -> QSize:
        """
        Return the least that shows a quarter of an hour.
        """
        return BAR


class LegendRow(QWidget):
    """
    What the signs of a bar mean, each painted as it is there.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = tuple(map(translate, LEGEND))
        self.setAccessibleName(", ".join(self._words))
        room = self.fontMetrics()
        width = sum(SWATCH + GAP + room.horizontalAdvance(words) + 2 * GAP for words in self._words)
        self.setFixedHeight(room.height() + GAP)
        self.setMinimumWidth(width)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """
        Paint the signs with their words.
        """
        whole = (Span(0, MINUTES_PER_DAY),)
        signs = (
            DayBar(day="", up=whole, live=(), missed=(), unknown=(), words=""),
            DayBar(day="", up=(), live=whole, missed=(), unknown=(), words=""),
            DayBar(day="", up=(), live=whole, missed=whole, unknown=(), words=""),
            DayBar(day="", up=(), live=(), missed=(), unknown=whole, words=""),
        )
        painter = QPainter(self)
        left, height = 0, self.height()
        for sign, words in zip(signs, self._words, strict=True):
            paint_bar(painter, QRect(left, 3, SWATCH, height - 7), sign, self.palette(), hours=())
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            left += SWATCH + GAP
            width = self.fontMetrics().horizontalAdvance(words)
            painter.drawText(QRect(left, 0, width + GAP, height), Qt.AlignmentFlag.AlignVCenter, words)
            left += width + 2 * GAP
        painter.end()


def paint_bar(painter: QPainter, place: QRect, bar: DayBar, palette: QPalette, hours: Sequence[int] = HOURS_MARKED) -> None:
    """
    Paint a day: up filled, live hours framed, live hours that were missed hatched, unknown dotted.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    painter.fillRect(place, palette.color(QPalette.ColorRole.Base))
    dots = QBrush(palette.color(QPalette.ColorRole.PlaceholderText), Qt.BrushStyle.Dense6Pattern)
    for spans, brush in (
        (bar.unknown, dots),
        (bar.up, QBrush(UP)),
        (bar.missed, QBrush(mixed(palette.color(QPalette.ColorRole.Base), MISSED, 0.3))),
        (bar.missed, QBrush(MISSED.lighter(120), Qt.BrushStyle.BDiagPattern)),
    ):
        for span in spans:
            painter.fillRect(_part(place, span), brush)
    painter.setPen(QPen(palette.color(QPalette.ColorRole.Text), 1))
    for span in bar.live:
        painter.drawRect(_part(place, span).adjusted(0, -2, 0, 2))
    painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1, Qt.PenStyle.DotLine))
    for hour in hours:
        right = _part(place, Span(0, hour * 60)).right()
        painter.drawLine(int(right), place.top(), int(right), place.bottom())
    painter.restore()


def _part(place: QRect, span: Span) -> QRectF:
    minute = place.width() / MINUTES_PER_DAY
    return QRectF(place.left() + span.start * minute, place.top(), (span.end - span.start) * minute, place.height())
