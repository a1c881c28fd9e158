"""
The window's tables: a model of display rows, and the view that shows one.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from agent.ui.board import translate
from agent.ui.icons import state_icon
from agent.ui.presenters import IconKey
from agent.ui.rows import Row, Tone

MARKS = {Tone.GOOD: IconKey.ONLINE, Tone.BUSY: IconKey.WORKING, Tone.BAD: IconKey.ATTENTION}
"""A line's mark differs by shape as well as by colour."""

AnyIndex = QModelIndex | QPersistentModelIndex
ROOM = QSize(18, 8)
LEAST = QSize(0, 26)
MEASURED_ROWS = 100
"""How many lines decide how wide a column is."""

NOWHERE = QModelIndex()


class RowsModel(QAbstractTableModel):
    """
    Shows rows as they are.

    Args:
        columns: The titles.
        marked: The column that carries the mark of a row's tone.
    """

    def __init__(self, columns: Sequence[str], *, marked: int = 0, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._marked = marked
        self._rows: tuple[Row, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """
        What is shown.
        """
        return self._rows

    def set_rows(self, rows: Sequence[Row]) -> None:
        """
        Show other rows. Where the same lines stay, only those that changed are drawn again.
        """
        new = tuple(rows)
        old = self._rows
        if [row.key for row in new] != [row.key for row in old]:
            self.beginResetModel()
            self._rows = new
            self.endResetModel()
            return
        self._rows = new
        last = len(self._columns) - 1
        for place, (before, after) in enumerate(zip(old, new, strict=True)):
            if before != after:
                self.dataChanged.emit(self.index(place, 0), self.index(place, last))

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        """
        Return how many rows there are.
        """
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:
        """
        Return how many columns there are.
        """
        return 0 if parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """
        Return a column's title.
        """
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return translate(self._columns[section])
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """
        Return a cell's text, or the mark of its row.
        """
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
            return row.cells[index.column()]
        if role == Qt.ItemDataRole.DecorationRole and index.column() == self._marked and row.tone in MARKS:
            return state_icon(MARKS[row.tone])
        return None


class _Roomy(QStyledItemDelegate):
    """
    Cells with room around the text.
    """

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return (super().sizeHint(option, index) + ROOM).expandedTo(LEAST)


class RowsTable(QTableView):
    """
    A read-only table of whole lines. Tab leaves it, the arrow keys move in it, and a reset keeps the chosen line.

    Args:
        name: For screen readers.
        wraps: Long texts take several lines. Every line has to be measured then: not for thousands of them.
    """

    def __init__(
        self,
        columns: Sequence[str],
        name: str,
        *,
        marked: int = 0,
        stretched: int = -1,
        wraps: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.rows_model = RowsModel(columns, marked=marked, parent=self)
        self.setModel(self.rows_model)
        self.setItemDelegate(_Roomy(self))
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(wraps)
        self.setIconSize(QSize(16, 16))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(stretched % len(columns), QHeaderView.ResizeMode.Stretch)
        header.setResizeContentsPrecision(MEASURED_ROWS)
        if wraps:
            self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        else:
            self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            self.verticalHeader().setDefaultSectionSize(max(LEAST.height(), self.fontMetrics().height() + ROOM.height()))

    def show_rows(self, rows: Sequence[Row]) -> None:
        """
        Show other rows; the chosen line stays chosen if it is still there.
        """
        chosen = self._chosen_key()
        self.rows_model.set_rows(rows)
        if chosen and not self._chosen_key():
            place = next((n for n, row in enumerate(rows) if row.key == chosen), None)
            if place is not None:
                self.selectRow(place)

    def _chosen_key(self) -> str:
        current = self.selectionModel().currentIndex()
        return self.rows_model.rows[current.row()].key if current.isValid() else ""
