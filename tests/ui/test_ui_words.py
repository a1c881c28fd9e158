"""
The page for the receptionist speaks of what the screen says, in the same words.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot
from ui_values import NOW, make_status

from agent.domain.status import EngineState
from agent.domain.stopping import Stop
from agent.ui.booking_rows import BOOKING_STATES
from agent.ui.commands import PAUSES
from agent.ui.health_view import HealthView
from agent.ui.presenters import StatusView
from agent.ui.rows import TASK_KINDS
from agent.ui.top import ACTION_WORDS
from agent.ui.tray import Tray

PAGE = Path(__file__).resolve().parents[2] / "docs" / "receptionist.md"


@pytest.fixture(scope="module")
def page() -> str:
    """
    The page's text.
    """
    return PAGE.read_text(encoding="utf-8")


def test_every_headline_is_explained(page: str) -> None:
    """
    Whatever the icon can say is in the table.
    """
    said = {StatusView.from_status(make_status(state), NOW).headline for state in EngineState}
    said |= {StatusView.from_status(None, NOW, unreachable=reason).headline for reason in ("", "no engine")}
    (open_practice,) = make_status().practices
    stopped = replace(open_practice, stop=Stop(since=NOW))
    said |= {StatusView.from_status(make_status(practices=p), NOW).headline for p in ((stopped,), (stopped, open_practice))}

    assert set() == {words for words in said if words not in page}


def test_every_state_and_task_is_explained(page: str) -> None:
    """
    So is whatever the lists can say.
    """
    said = {words for words, _ in BOOKING_STATES.values()} | set(TASK_KINDS.values())

    assert set() == {words for words in said if words not in page}


def test_the_menu_is_explained(page: str, qtbot: QtBot) -> None:
    """
    What can be chosen has the name there that it has on the screen.
    """
    menu: QMenu = Tray().menu
    chosen = {action.text() for action in menu.actions() if action.isEnabled() and action.text()} - {"Open Frontdesk"}

    assert set() == {words for words in chosen | {words for words, _ in PAUSES} if words not in page}


def test_the_one_button_is_explained(page: str, qtbot: QtBot) -> None:
    """
    Whatever it can say, and what *Health* offers, is on the page.
    """
    view = HealthView()
    words = [*ACTION_WORDS.values(), *(button.text() for button in view.buttons.values())]

    assert [] == [said for said in (word.replace("&", "") for word in words) if said not in page]
