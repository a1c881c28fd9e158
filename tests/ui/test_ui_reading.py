"""
What a screen reader finds and where the Tab key really goes, in every state, on every tab and in every dialog.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLineEdit,
    QMessageBox,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot
from ui_scenes import Scene, states, tab_names, tabs
from ui_values import FakeClient, make_status

from agent.domain.tasks import TaskAction
from agent.ui.helpdesk import Helpdesk
from agent.ui.window import StatusWindow

CONTROLS = {
    QAccessible.Role.Button,
    QAccessible.Role.ButtonMenu,
    QAccessible.Role.CheckBox,
    QAccessible.Role.ComboBox,
    QAccessible.Role.EditableText,
    QAccessible.Role.List,
    QAccessible.Role.MenuItem,
    QAccessible.Role.PageTab,
    QAccessible.Role.ProgressBar,
    QAccessible.Role.Table,
    QAccessible.Role.Tree,
}
PARTS = {"QScrollBar", "QHeaderView", "QTableCornerButton", "QSplitterHandle", "QLineEditIconButton", "ScrollLeftButton"}
"""Parts of other controls, which Qt names or leaves out itself."""

STOPS = (QAbstractButton, QAbstractItemView, QComboBox, QLineEdit, QTabBar)


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory, qapp: QApplication) -> list[str]:
    """
    The words of the tabs.
    """
    made = Scene(name="any", status=make_status()).window(tmp_path_factory.mktemp("user"))
    found = tab_names(made)
    made.close()
    return found


def walk(interface: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    """
    Return an interface and everything in it that can be seen; the cells of a table speak for themselves.
    """
    if not interface.isValid() or interface.state().invisible:
        return
    yield interface
    if interface.role() in {QAccessible.Role.Table, QAccessible.Role.Tree, QAccessible.Role.ComboBox}:
        return
    for number in range(interface.childCount()):
        child = interface.child(number)
        if child is not None:
            yield from walk(child)


def nameless(widget: QWidget) -> list[str]:
    """
    Return the controls of a window that have no name.
    """
    found = [each for each in walk(QAccessible.queryAccessibleInterface(widget)) if each.role() in CONTROLS]
    assert found
    return [str(each.object()) for each in found if not each.text(QAccessible.Text.Name)]


def stops_of(window: QWidget) -> set[QWidget]:
    """
    Return what somebody without a mouse has to get to.
    """
    found = {widget for kind in STOPS for widget in window.findChildren(kind) if widget.isVisible() and widget.isEnabled()}
    return {widget for widget in found if type(widget).__name__ not in PARTS and not isinstance(widget.parent(), QComboBox)}


def reached(window: QWidget, qtbot: QtBot) -> set[QWidget]:
    """
    Return what the Tab key comes to, all the way round.
    """
    with qtbot.waitActive(window):
        window.activateWindow()
    found: list[QWidget] = []
    while True:
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        if now is None or now in found:
            return set(found)
        found.append(now)


def unreachable(window: StatusWindow, qtbot: QtBot) -> list[str]:
    """
    Return the controls that the Tab key does not come to.
    """
    missed = stops_of(window) - reached(window, qtbot)
    return [f"{type(widget).__name__} {widget.accessibleName()} {getattr(widget, 'text', str)()}" for widget in missed]


@pytest.mark.parametrize("scene", list(states()), ids=lambda scene: scene.name)
def test_in_every_state_everything_has_a_name(scene: Scene, qtbot: QtBot, tmp_path: Path) -> None:
    """
    Whatever is wrong, a screen reader finds its way.
    """
    window = scene.window(tmp_path)
    qtbot.addWidget(window)

    assert [] == nameless(window)
    assert [] == unreachable(window, qtbot)


def test_on_every_tab_everything_has_a_name(names: list[str], qtbot: QtBot, tmp_path: Path) -> None:
    """
    So it does on each of the tabs, full as they can be, and with the keyboard alone.
    """
    wrong: dict[str, list[str]] = {}
    for scene in tabs(names):
        window = scene.window(tmp_path)
        qtbot.addWidget(window)
        wrong[scene.tab] = nameless(window) + unreachable(window, qtbot)
        window.close()

    assert {name: [] for name in names} == wrong


def cancelling(window: StatusWindow) -> QMessageBox | None:
    window.to_do._act(TaskAction.CANCEL_BOOKING)
    return window.to_do.box


def adopting(window: StatusWindow) -> QMessageBox | None:
    window.uptime._want_to_adopt()
    return window.uptime.box


@pytest.mark.parametrize(("tab", "opened"), [("To do", cancelling), ("Uptime", adopting)], ids=["cancel", "adopt"])
def test_the_dialogs_have_names_and_a_harmless_default(
    tab: str, opened: Callable[[StatusWindow], QMessageBox | None], qtbot: QtBot, tmp_path: Path
) -> None:
    """
    Each asks in words, can be answered by keyboard, and Enter alone does nothing that cannot be undone.
    """
    (scene,) = tabs([tab])
    window = scene.window(tmp_path)
    qtbot.addWidget(window)
    box = opened(window)

    assert box is not None
    assert box.text()
    assert QMessageBox.ButtonRole.RejectRole is box.buttonRole(box.defaultButton())
    assert [] == nameless(box)
    assert stops_of(box) <= reached(box, qtbot)


def test_what_the_helpdesk_says_can_be_read_and_closed(qtbot: QtBot, tmp_path: Path) -> None:
    """
    Its messages are text with one button.
    """
    desk = Helpdesk(FakeClient, home=tmp_path, logs=tmp_path, saved_in=tmp_path)
    desk.show_about("0.1.0", "Sample Software")
    assert desk.box is not None

    assert "Run by Sample Software." in desk.box.text()
    assert [] == nameless(desk.box)
    assert stops_of(desk.box) <= reached(desk.box, qtbot)
    desk.box.close()


def test_a_control_without_a_name_would_be_found(qtbot: QtBot) -> None:
    """
    The walk itself can fail.
    """
    bare = QLineEdit()
    qtbot.addWidget(bare)
    bare.show()

    assert 1 == len(nameless(bare))
