"""
The window for those who do not see it or use no mouse: a walk through everything it can show.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeGuard

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot
from settings_scenes import SettingsScene, settings_scenes
from ui_scenes import Scene, scenes

AnyScene = Scene | SettingsScene

WORKED = (QPushButton, QComboBox, QLineEdit, QAbstractItemView, QCheckBox, QAbstractSpinBox)
CONTROLS = (*WORKED, QProgressBar, QScrollArea)
WORKED_BY_KEY = (*WORKED, QTabBar)


@pytest.fixture(scope="module")
def all_scenes(qapp: object, tmp_path_factory: pytest.TempPathFactory) -> list[AnyScene]:
    """
    Every state and every tab of the window, and every page of the settings.
    """
    return [*scenes(tmp_path_factory.mktemp("user")), *settings_scenes()]


def shown(window: QWidget, kinds: tuple[type[QWidget], ...]) -> list[QWidget]:
    return [
        widget
        for widget in window.findChildren(QWidget)
        if isinstance(widget, kinds) and not isinstance(widget, QHeaderView) and widget.isVisible() and not is_part(widget)
    ]


def is_part(widget: QWidget) -> bool:
    """
    Return whether it is what another control is made of.
    """
    return isinstance(widget.parent(), (QAbstractSpinBox, QComboBox))


def is_worked_by_letter(widget: QWidget) -> TypeGuard[QPushButton | QCheckBox | QLabel]:
    return isinstance(widget, (QPushButton, QCheckBox)) or (isinstance(widget, QLabel) and widget.buddy() is not None)


def test_every_control_has_a_name_and_can_be_reached_by_key(all_scenes: list[AnyScene], qtbot: QtBot, tmp_path: Path) -> None:
    """
    A screen reader says what each is, and Tab or a key reaches whatever can be worked.
    """
    nameless: set[str] = set()
    unreachable: set[str] = set()
    seen: set[str] = set()
    for scene in all_scenes:
        window = scene.window(tmp_path)
        qtbot.addWidget(window)
        for widget in shown(window, CONTROLS):
            name = QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
            seen.add(name)
            if not name:
                nameless.add(f"{scene.name}: {type(widget).__name__}")
        for widget in shown(window, WORKED_BY_KEY):
            if not widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
                unreachable.add(f"{scene.name}: {type(widget).__name__} {widget.accessibleName()}")
        window.close()

    assert set() == nameless
    assert set() == unreachable
    assert {"Start Frontdesk", "Who it may be", "It is right: send it", "More", "Planned closures", "First day"} <= seen


def test_no_two_keys_are_the_same(all_scenes: list[AnyScene], qtbot: QtBot, tmp_path: Path) -> None:
    """
    With Alt and its letter each button and tab on the screen can be told from all others.
    """
    clashes: list[str] = []
    for scene in all_scenes:
        window = scene.window(tmp_path)
        qtbot.addWidget(window)
        tabs = [window.tabs.tabText(n) for n in range(window.tabs.count())]
        words = [
            *tabs,
            *(widget.text() for widget in shown(window, (QPushButton, QCheckBox, QLabel)) if is_worked_by_letter(widget)),
        ]
        letters = [text[text.index("&") + 1].lower() for text in words if "&" in text]
        clashes += [f"{scene.name}: {letter}" for letter in set(letters) if letters.count(letter) > 1]
        window.close()

    assert [] == clashes
