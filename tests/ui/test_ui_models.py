"""
The table of many lines: columns as wide as their texts, and one redraw for lines that changed together.
"""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QStyle
from pytestqt.qtbot import QtBot

from agent.ui.models import RowsModel, RowsTable
from agent.ui.rows import Row, Tone

LONG = "much longer than its title"


def test_a_table_of_many_lines_shows_its_texts_in_full(qtbot: QtBot) -> None:
    """
    Marks have room too; and a wider text that comes later widens its column.
    """
    table = RowsTable(("A", "B", "C"), "many", marked=1, wraps=False)
    qtbot.addWidget(table)
    table.show_rows([Row(key="1", cells=("x", LONG, ""), tone=Tone.GOOD)])
    before = [table.columnWidth(n) for n in (0, 1)]
    table.show_rows([Row(key="1", cells=(LONG, LONG, ""), tone=Tone.GOOD)])
    after = [table.columnWidth(n) for n in (0, 1)]
    text = table.fontMetrics().horizontalAdvance(LONG)
    margins = 2 * (table.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, None, table) + 1)

    assert before[0] < text
    assert after[0] >= text + margins
    assert after[1] >= text + margins + table.iconSize().width()


def test_one_very_long_text_does_not_push_the_others_out_of_sight(qtbot: QtBot) -> None:
    """
    It is cut, and its tool tip has the whole.
    """
    table = RowsTable(("A", "B"), "many", wraps=False)
    qtbot.addWidget(table)
    table.show_rows([Row(key="1", cells=("word " * 90, ""))])

    assert table.columnWidth(0) < table.fontMetrics().horizontalAdvance("word " * 20)


@pytest.mark.parametrize(
    ("changed", "runs"), [((), []), ((0, 1, 2), [(0, 2)]), ((0, 2, 3, 5), [(0, 0), (2, 3), (5, 5)])], ids=["none", "all", "some"]
)
def test_lines_that_changed_together_are_drawn_together(
    qtbot: QtBot, changed: tuple[int, ...], runs: list[tuple[int, int]]
) -> None:
    """
    One signal for each unbroken run of them.
    """
    model = RowsModel(("A",))
    model.set_rows([Row(key=str(n), cells=("old",)) for n in range(6)])
    drawn: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: drawn.append((first.row(), last.row())))
    model.set_rows([Row(key=str(n), cells=("new" if n in changed else "old",)) for n in range(6)])

    assert runs == drawn
