"""
The list of what is wrong: the chosen line, its remedy, and the button that answers it.
"""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from ui_values import NOW, ago, condition, make_status

from agent.domain.status import Condition, Severity
from agent.ui.commands import RELEASE, START_BOOKINGS, TRY_AGAIN, Command, CommandKind
from agent.ui.health_view import HealthView
from agent.ui.remedies import DECIDE
from agent.ui.rows import Row, condition_rows


def rows(*conditions: Condition) -> list[Row]:
    return condition_rows(make_status(conditions=conditions), NOW)


@pytest.fixture
def view(qtbot: QtBot) -> HealthView:
    """
    On the screen, with nothing in it.
    """
    made = HealthView()
    qtbot.addWidget(made)
    made.show()
    return made


def test_nothing_wrong_is_said(view: HealthView) -> None:
    """
    An empty list is no blank page, and offers nothing.
    """
    assert (True, False) == (view.well.isVisible(), view.table.isVisible())
    assert [] == [kind for kind, button in view.buttons.items() if button.isVisible()]


@pytest.mark.parametrize(("code", "command"), [("pms-connect", TRY_AGAIN), ("bookings-stopped", START_BOOKINGS)])
def test_the_most_urgent_is_chosen_and_one_click_answers_it(view: HealthView, qtbot: QtBot, code: str, command: Command) -> None:
    """
    Its words stand below the list in full, and only the button that helps is there.
    """
    view.show_rows(rows(condition(Severity.WARNING, since=ago(hours=9)), condition(code=code)), can_ask=True)
    offered = [kind for kind, button in view.buttons.items() if button.isVisible()]
    with qtbot.waitSignal(view.wanted) as wanted:
        QTest.mouseClick(view.buttons[command.kind], Qt.MouseButton.LeftButton)

    assert condition().message == view.chosen.text()
    assert ([command.kind], [command]) == (offered, wanted.args)


@pytest.mark.parametrize(("answer", "asked"), [("&Send it", [RELEASE]), ("&Wait", [])], ids=["yes", "no"])
def test_a_held_change_is_sent_only_after_a_second_look(
    view: HealthView, qtbot: QtBot, answer: str, asked: list[Command]
) -> None:
    """
    Patients are told of it, so the click is asked about once, and the safe answer is the one that Enter gives.
    """
    wanted: list[Command] = []
    view.wanted.connect(wanted.append)
    view.show_rows(rows(condition(code="brake-bookings")), can_ask=True)
    QTest.mouseClick(view.buttons[CommandKind.RELEASE], Qt.MouseButton.LeftButton)
    assert view.box is not None
    before = list(wanted)
    default = view.box.defaultButton().text()
    next(button for button in view.box.buttons() if button.text() == answer).click()

    assert ([], "&Wait", asked) == (before, default, wanted)


def test_a_held_change_says_what_to_look_at(view: HealthView) -> None:
    """
    The words name the button below them, not a command to type.
    """
    view.show_rows(rows(condition(code="brake-closings", remedy="run `frontdesk release`")), can_ask=True)

    assert DECIDE == view.remedy.text()


def test_without_an_engine_nothing_can_be_clicked(view: HealthView) -> None:
    """
    What is wrong can still be read.
    """
    view.show_rows(rows(condition()), can_ask=False)

    assert not view.buttons[CommandKind.TRY_AGAIN].isEnabled()
    assert view.chosen.text()


def test_the_chosen_line_stays_when_another_heals(view: HealthView) -> None:
    """
    Reading is not disturbed by what goes on elsewhere.
    """
    other = condition(Severity.WARNING, code="pms-slow", message="The PMS is slow.")
    view.show_rows(rows(condition(), other), can_ask=True)
    view.table.selectRow(1)
    view.show_rows(rows(other), can_ask=True)

    assert "The PMS is slow." == view.chosen.text()
