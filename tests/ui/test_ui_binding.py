"""
The binding to Qt takes and gives back what it is lent: a tray runs for months.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

CALLS = 500


WIDGET_CALLS: dict[str, Callable[[QWidget], object]] = {
    "turning the loop": lambda _widget: QApplication.processEvents(),
    "setting a title": lambda widget: widget.setWindowTitle("a"),
    "asking for a repaint": lambda widget: widget.update(),
    "raising": lambda widget: widget.raise_(),
}


@pytest.mark.parametrize("name", WIDGET_CALLS)
def test_a_call_without_an_answer_costs_no_none(name: str, qtbot: QtBot) -> None:
    """
    Before Python 3.12 `None` is counted like everything else, and whoever loses count ends the program.
    """
    widget, call = QWidget(), WIDGET_CALLS[name]
    qtbot.addWidget(widget)
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        call(widget)

    assert sys.getrefcount(None) > before - CALLS // 2
