"""
The map of free time: a model of one practice's days, and the painter of its cells.
"""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from agent.domain.sent import NOT_ACKNOWLEDGED, REFUSED, SentMap, SentResource
from agent.ui.board import translate
from agent.ui.models import NOWHERE, AnyIndex
from agent.ui.sent_rows import cell_text, cell_words, dates_of, heat

HEAT = QColor("#2e7d32")
TROUBLE = QColor("#c62828")
CELL = QSize(34, 26)
LEAST_HEIGHT = 60
EQUALLY_READABLE = 0.18
"""The luminance on which black and white stand out alike (WCAG 2)."""


class SentModel(QAbstractTableModel):
    """
    Practitioners down, days across; a cell's value is its free minutes, or a sign of `agent.domain.sent`.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._resources: tuple[SentResource, ...] = ()
        self._days: tuple[date, ...] = ()

    def show(self, shown: SentMap | None) -> None:
        """
        Show another map. Where the same lines and days stay, only the lines that changed are drawn again.
        """
        resources, days = (shown.resources, dates_of(shown)) if shown else ((), ())
        before = self._resources
        if days != self._days or [(r.id, len(r.minutes)) for r in resources] != [(r.id, len(r.minutes)) for r in before]:
            self.beginResetModel()
            self._resources, self._days = resources, days
            self.endResetModel()
            return
        self._resources = resources
        for row, (old, new) in enumerate(zip(before, resources, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(days) - 1))
                self.headerDataChanged.emit(Qt.Orientation.Vertical, row, row)

    def at(self, index: AnyIndex) -> tuple[SentResource, date]:
        """
        Return whose day a cell is, and which.
        """
        return self._resources[index.row()], self._days[index.column()]

    def place_of(self, resource_id: str, day: date) -> QModelIndex:
        """
        Return the cell of a resource's day; an invalid one if it is not shown.
        """
        row = next((n for n, resource in enumerate(self._resources) if resource.id == resource_id), -1)
        return self.index(row, self._days.index(day)) if row >= 0 and day in self._days else QModelIndex()

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        """
        Return how many practitioners there are.
        """
        return 0 if parent.isValid() else len(self._resources)

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:
        """
        Return how many days there are.
        """
        return 0 if parent.isValid() else len(self._days)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """
        Return a day, or a practitioner's name with a mark if it was never booked.
        """
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation is Qt.Orientation.Vertical:
            resource = self._resources[section]
            return f"{resource.name}  ?" if resource.never_booked else resource.name
        day = self._days[section]
        return f"{day:%a}\n{day.day}\n{day:%b}" if section == 0 or day.day == 1 else f"{day:%a}\n{day.day}\n"

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """
        Return a day's text, its minutes (`UserRole`), or a sentence about it.
        """
        if not index.isValid():
            return None
        resource = self._resources[index.row()]
        minutes = resource.minutes[index.column()]
        if role == Qt.ItemDataRole.UserRole:
            return minutes
        if role == Qt.ItemDataRole.DisplayRole:
            return cell_text(minutes)
        if role in {Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole}:
            return cell_words(resource, self._days[index.column()], minutes, translate)
        return None


class HeatPainter(QStyledItemDelegate):
    """
    Paints a cell: the more is free the stronger, what is refused framed, what is not acknowledged hatched.
    """

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """
        Paint one cell.
        """
        minutes = int(index.data(Qt.ItemDataRole.UserRole))
        palette = option.palette
        base = palette.color(QPalette.ColorRole.Base)
        warmth = heat(minutes)
        cell = option.rect.adjusted(1, 1, -1, -1)
        painter.save()
        fill = mixed(base, HEAT, warmth)
        painter.fillRect(cell, fill)
        pen = readable_on(fill)
        if minutes == NOT_ACKNOWLEDGED:
            painter.fillRect(cell, QBrush(palette.color(QPalette.ColorRole.Mid), Qt.BrushStyle.BDiagPattern))
        elif minutes == REFUSED:
            painter.setPen(QPen(TROUBLE, 2))
            painter.drawRect(cell.adjusted(1, 1, -1, -1))
        elif minutes == 0:
            pen = palette.color(QPalette.ColorRole.PlaceholderText)
        painter.setPen(pen)
        painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, cell_text(minutes))
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Highlight), 3))
            painter.drawRect(cell.adjusted(1, 1, -1, -1))
        painter.restore()

    def sizeHint(self, _option: QStyleOptionViewItem, _index: AnyIndex) -> QSize:
        """
        Return the size that all cells have.
        """
        return CELL


class SentTable(QTableView):
    """
    The map. Tab leaves it, the arrow keys move in it.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sent = SentModel(self)
        self.setModel(self.sent)
        self.setItemDelegate(HeatPainter(self))
        self.setAccessibleName(name)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setMinimumHeight(LEAST_HEIGHT)
        self.setShowGrid(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setHighlightSections(False)
            header.setSectionsClickable(False)
        room = self.fontMetrics()
        self.horizontalHeader().setDefaultSectionSize(max(CELL.width(), room.horizontalAdvance("Wed") + 8))
        self.verticalHeader().setDefaultSectionSize(max(CELL.height(), room.height() + 8))


def mixed(base: QColor, colour: QColor, share: float) -> QColor:
    """
    Return *share* (0 to 1) of a colour over another.
    """
    return QColor.fromRgbF(
        base.redF() + (colour.redF() - base.redF()) * share,
        base.greenF() + (colour.greenF() - base.greenF()) * share,
        base.blueF() + (colour.blueF() - base.blueF()) * share,
    )


def readable_on(fill: QColor) -> QColor:
    """
    Return black or white, whichever stands out more.
    """
    light = 0.2126 * fill.redF() ** 2.2 + 0.7152 * fill.greenF() ** 2.2 + 0.0722 * fill.blueF() ** 2.2
    return QColor("white") if light < EQUALLY_READABLE else QColor("black")
