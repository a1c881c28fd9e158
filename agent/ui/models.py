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
MOST_LETTERS = 40
"""How wide one long text may make its column."""

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
    def marked(self) -> int:
        """
        The column that carries the mark.
        """
        return self._marked

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
        changed = [place for place, (before, after) in enumerate(zip(old, new, strict=True)) if before != after]
        for first, end in _runs(changed):
            self.dataChanged.emit(self.index(first, 0), self.index(end, last))

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


def _runs(places: Sequence[int]) -> list[tuple[int, int]]:
    """
    Return first and last of each unbroken run in *places*, which ascend.
    """
    runs: list[tuple[int, int]] = []
    for place in places:
        if runs and runs[-1][1] == place - 1:
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    return runs


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
        wraps: Long texts take several lines, and the columns are always as wide as they need. Every cell has to be laid out for
            that: not for hundreds of lines.
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
        self._wraps = wraps
        self._stretched = stretched % len(columns)
        if wraps:
            header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        else:
            self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            self.verticalHeader().setDefaultSectionSize(max(LEAST.height(), self.fontMetrics().height() + ROOM.height()))
        header.setSectionResizeMode(self._stretched, QHeaderView.ResizeMode.Stretch)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """
        Show other rows; the chosen line stays chosen if it is still there.
        """
        chosen = self._chosen_key()
        self.rows_model.set_rows(rows)
        if not self._wraps:
            self._fit_columns()
        if chosen and not self._chosen_key():
            place = next((n for n, row in enumerate(rows) if row.key == chosen), None)
            if place is not None:
                self.selectRow(place)

    def _fit_columns(self) -> None:
        """
        Make the columns as wide as the texts of the first lines and the titles, by the font alone.
        """
        measured = self.rows_model.rows[:MEASURED_ROWS]
        header, metrics = self.horizontalHeader(), self.fontMetrics()
        for column in range(self.rows_model.columnCount()):
            if column == self._stretched:
                continue
            mark = self.iconSize().width() + ROOM.width() // 2 if column == self.rows_model.marked else 0
            widest = max((metrics.horizontalAdvance(row.cells[column]) for row in measured), default=0)
            widest = min(widest, MOST_LETTERS * metrics.averageCharWidth())  # a tool tip has the rest
            width = max(widest + mark + ROOM.width(), header.sectionSizeHint(column))
            if width != header.sectionSize(column):
                header.resizeSection(column, width)

    def _chosen_key(self) -> str:
        current = self.selectionModel().currentIndex()
        return self.rows_model.rows[current.row()].key if current.isValid() else ""
