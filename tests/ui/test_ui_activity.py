"""
The tab that shows what happened.
"""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from ui_values import NOW, activity_lines

from agent.ui.activity_rows import KIND_WORDS, ActivityKind, copied, filtered, kind_of
from agent.ui.activity_view import ActivityView
from agent.ui.questions import ActivityQuestion, Finding


@pytest.fixture
def view(qtbot: QtBot) -> ActivityView:
    """
    The tab, in sight, with a line of every kind.
    """
    made = ActivityView(now=lambda: NOW)
    qtbot.addWidget(made)
    made.show()
    made.show_finding(Finding(question=ActivityQuestion(), found=activity_lines()))
    return made


@pytest.mark.parametrize(
    ("kind", "text", "codes"),
    [
        (ActivityKind.ALL, "", 7),
        (ActivityKind.PEOPLE, "", ["task-claim", "resync"]),
        (ActivityKind.BOOKINGS, "", ["task-claim", "booking-gone"]),
        (ActivityKind.TIMES, "", ["resync-done", "resync", "live-hours-learned"]),
        (ActivityKind.ENGINE, "", ["woke-up", "engine-started"]),
        (ActivityKind.ALL, " ANNA ", ["task-claim", "resync"]),
        (ActivityKind.TIMES, "360 of", ["resync-done"]),
        (ActivityKind.ALL, "nobody wrote this", []),
    ],
    ids=["all", "people", "bookings", "times", "engine", "name", "kind-and-text", "nothing"],
)
def test_what_a_filter_leaves(kind: ActivityKind, text: str, codes: list[str] | int) -> None:
    """
    By what it is about, by who did it, and by any part of the text.
    """
    found = [line.code for line in filtered(activity_lines(), kind, text)]

    assert codes == (found if isinstance(codes, list) else len(found))


def test_every_line_has_one_kind() -> None:
    """
    What is about nothing else is about the program itself, and every kind has words.
    """
    assert set(ActivityKind) == set(KIND_WORDS)
    assert {ActivityKind.BOOKINGS, ActivityKind.TIMES, ActivityKind.ENGINE} == {kind_of(line) for line in activity_lines()}


def test_the_window_filters_as_one_types(view: ActivityView) -> None:
    """
    The text narrows the lines, the choice of a kind does too, and the count says so.
    """
    QTest.keyClicks(view.text, "resync")
    typed = view.table.rows_model.rowCount()
    view.kind.setCurrentIndex(view.kind.findData(ActivityKind.PEOPLE))
    view.kind.activated.emit(1)

    assert (2, 1, "1 of the last 7") == (typed, view.table.rows_model.rowCount(), view.line.text())


def test_the_copy_has_ids_and_no_names(view: ActivityView) -> None:
    """
    What goes to support says what and when, and not who.
    """
    view.copy()
    everything = QApplication.clipboard().text()
    view.table.selectRow(1)
    QTest.keyClick(view.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert copied(activity_lines(), NOW) == everything
    assert "anna" not in everything
    assert "2026-11-23 13:48:00\tresync-done\tResync of all: 360 of 360 days acknowledged" == QApplication.clipboard().text()


def test_a_lost_engine_leaves_the_lines(view: ActivityView) -> None:
    """
    The reason stands below them.
    """
    view.show_finding(Finding(question=ActivityQuestion(), text="The engine does not answer."))

    assert ("The engine does not answer.", 7) == (view.line.text(), view.table.rows_model.rowCount())
