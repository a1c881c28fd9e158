"""
The window of the settings, worked by keyboard and mouse, with settings that the test gives; and once with the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QDate, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from settings_scenes import CHRISTMAS, PRACTICE, SHOWN, FakeSettings

from agent.domain.changing import ChangeOutcome, PracticeChange
from agent.domain.rule import Closure
from agent.domain.setting_up import SetUpProblem
from agent.settings.config import load_settings
from agent.ui.muting import muted
from agent.ui.notifying import Topic
from agent.ui.settings.client import CommandLine, SettingsClient
from agent.ui.settings.dialog import SettingsDialog
from agent.ui.settings.notifications_page import NotificationsPage

Open = Callable[[SettingsClient], SettingsDialog]
LIMIT_MS = 60_000

CONFIG = """\
[vendor]
name = "Frontdesk"
email = "support@example.com"

[pms]
profile = "sandbox"
connection = 'DSN=Practice'

[[practices]]
id = "1001" # at the harbour
name = "Sample Practice"
timezone = "Australia/Sydney"
live_hours = "auto"
"""


@pytest.fixture
def opened(qtbot: QtBot) -> Iterator[Open]:
    """
    Open the window, its settings shown. It is closed in good order, before Qt takes it away.
    """
    kept: list[SettingsDialog] = []

    def made(client: SettingsClient) -> SettingsDialog:
        kept.append(SettingsDialog(client))
        qtbot.addWidget(kept[-1])
        kept[-1].show()
        kept[-1].look()
        qtbot.waitUntil(lambda: not kept[-1].is_busy, timeout=LIMIT_MS)
        return kept[-1]

    yield made
    for shown in kept:
        shown.close()


def test_a_practice_is_shown_and_another_can_be_chosen(opened: Open) -> None:
    """
    Where there are several.
    """
    window = opened(FakeSettings())
    first = (window.practice.hours.text(), window.practice.learns.isChecked(), window.closures.list.count())
    window.choice.setCurrentIndex(1)

    assert (PRACTICE.live_hours, False, 2) == first
    assert ("", True, 0) == (window.practice.hours.text(), window.practice.learns.isChecked(), window.closures.list.count())
    assert "Beach Practice (id 1002)" == window.practice.name.text()


def test_a_closure_is_added_and_taken_out(opened: Open, qtbot: QtBot) -> None:
    """
    With its first and last day; the last is never before the first.
    """
    client = FakeSettings()
    window = opened(client)
    window.tabs.setCurrentWidget(window.closures)
    window.closures.last.setDate(QDate(2035, 1, 1))
    window.closures.first.setDate(QDate(2035, 3, 5))
    window.closures.reason.setText("Painters")
    QTest.mouseClick(window.closures.add, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.is_busy)
    window.closures.list.setCurrentRow(1)
    QTest.mouseClick(window.closures.remove, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.is_busy)
    painters = Closure(first=date(2035, 3, 5), last=date(2035, 3, 5), reason="Painters")

    assert [PracticeChange(id="1001", close=painters), PracticeChange(id="1001", reopen=CHRISTMAS)] == client.changes
    assert "The settings are changed." == window.message.text()


def test_only_what_differs_is_asked_for(opened: Open, qtbot: QtBot) -> None:
    """
    What the file leaves to its default stays so.
    """
    client = FakeSettings()
    window = opened(client)
    window.tabs.setCurrentWidget(window.rules)
    window.rules.notice.setValue(120)
    QTest.mouseClick(window.rules.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.is_busy)

    assert [PracticeChange(id="1001", minimum_notice_minutes=120)] == client.changes
    assert list(PRACTICE.rules) == [window.rules.list.item(row).text() for row in range(window.rules.list.count())]


def test_what_is_typed_stays_when_another_page_changes_something(opened: Open, qtbot: QtBot) -> None:
    """
    Also when the change is refused, which is said with its remedy.
    """
    problem = SetUpProblem(
        code="settings-invalid", message="line 9, practices[1].live_hours: 'x' has no time", remedy="write hours"
    )
    shorter = replace(SHOWN, practices=(replace(PRACTICE, closures=()), SHOWN.practices[1]))
    client = FakeSettings(changed=ChangeOutcome(shown=shorter))
    window = opened(client)
    window.practice.hours.setText("x")
    window.tabs.setCurrentWidget(window.closures)
    QTest.mouseClick(window.closures.remove, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.closures.list.count())
    client.changed = ChangeOutcome(problem=problem)
    window.tabs.setCurrentWidget(window.practice)
    QTest.mouseClick(window.practice.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.is_busy)

    assert "Line 9, practices[1].live_hours: 'x' has no time. Write hours." == window.message.text()
    assert "x" == window.practice.hours.text()
    assert PracticeChange(id="1001", live_hours="x") == client.changes[-1]


def test_others_than_administrators_see_and_are_told_why_they_cannot_change(opened: Open, qtbot: QtBot) -> None:
    """
    Each control says so, and a button opens the window once more for an administrator.
    """
    window = opened(FakeSettings(ChangeOutcome(shown=replace(SHOWN, may_change=False))))
    why = "Only an administrator of this computer changes these settings."
    controls = [control for page in (window.practice, window.closures, window.rules, window.keys) for control in page.controls]

    assert why == window.message.text()
    assert {(False, why, why)} == {(c.isEnabled(), c.toolTip(), c.accessibleDescription()) for c in controls}
    assert window.closures.list.isEnabled()
    with qtbot.waitSignal(window.administrator_wanted):
        QTest.mouseClick(window.administrator, Qt.MouseButton.LeftButton)


def test_settings_that_one_may_not_read_are_said_to_be_so(opened: Open) -> None:
    """
    Not that a file lacks rights, which nobody at the desk would mend.
    """
    problem = SetUpProblem(code="settings-unreadable", message="the file cannot be read", remedy="let the account read it")
    window = opened(FakeSettings(ChangeOutcome(problem=problem)))

    assert "Only administrators of this computer see and change these settings." == window.message.text()
    assert window.administrator.isVisible()
    assert not window.closures.add.isEnabled()


def test_keys_are_tried_and_stored_and_never_shown(opened: Open, qtbot: QtBot) -> None:
    """
    One that is refused can be mended; one that is stored is taken away from the screen.
    """
    problem = SetUpProblem(code="keys-refused", message="nothing is stored: Healthengine refuses it", remedy="copy it again")
    client = FakeSettings(changed=ChangeOutcome(problem=problem))
    window = opened(client)
    window.tabs.setCurrentWidget(window.keys)
    hints = (window.keys.vendor_key.placeholderText(), window.keys.practice_key.placeholderText())
    window.choice.setCurrentIndex(1)
    hint = window.keys.practice_key.placeholderText()
    QTest.keyClicks(window.keys.practice_key, "wrong")
    QTest.mouseClick(window.keys.store, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.is_busy)
    refused = (window.message.text(), window.keys.practice_key.text())
    window.keys.practice_key.setText("right")
    client.changed = ChangeOutcome(shown=SHOWN, said="It is stored.")
    QTest.mouseClick(window.keys.store, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.is_busy)

    assert ("stored; empty: keep it", "stored; empty: keep it") == hints
    assert "not stored yet" == hint
    assert ("Nothing is stored: Healthengine refuses it. Copy it again.", "wrong") == refused
    assert [("1002", {"practice-key:1002": "wrong"}), ("1002", {"practice-key:1002": "right"})] == client.keys
    assert ("", "It is stored.") == (window.keys.practice_key.text(), window.message.text())
    assert {QLineEdit.EchoMode.Password} == {line.echoMode() for line in (window.keys.vendor_key, window.keys.practice_key)}


def test_notifications_are_the_users_own(qtbot: QtBot, tmp_path: Path) -> None:
    """
    Everybody chooses, also where the settings cannot be read; the choice is kept.
    """
    user = QSettings(str(tmp_path / "tray.ini"), QSettings.Format.IniFormat)
    problem = SetUpProblem(code="settings-unreadable", message="the file cannot be read")
    window = SettingsDialog(FakeSettings(ChangeOutcome(problem=problem)), user)
    qtbot.addWidget(window)
    window.show()
    window.look()
    qtbot.waitUntil(lambda: not window.is_busy)
    assert window.notifications is not None
    window.tabs.setCurrentWidget(window.notifications)
    before = muted(user)
    window.notifications.choices[Topic.CONNECTION].click()
    user.sync()
    window.close()
    again = QSettings(str(tmp_path / "tray.ini"), QSettings.Format.IniFormat)
    page = NotificationsPage(again)
    qtbot.addWidget(page)

    assert frozenset() == before
    assert frozenset({Topic.CONNECTION}) == muted(again)
    assert {Topic.PROBLEM: True, Topic.CONNECTION: False} == {topic: choice.isChecked() for topic, choice in page.choices.items()}


def test_closing_ends_what_hangs(opened: Open, qtbot: QtBot) -> None:
    """
    And the next look shows what there is.
    """
    client = FakeSettings()
    window = opened(client)
    client.hangs = True
    window.look()
    window.close()
    ended = client.stopped.is_set()
    client.hangs = False
    window.show()
    window.look()
    qtbot.waitUntil(lambda: not window.is_busy)

    assert ended
    assert window.closures.add.isEnabled()


def test_a_closure_goes_by_the_command_line_into_the_file(opened: Open, qtbot: QtBot, tmp_path: Path) -> None:
    """
    Everything real: what is clicked is what the engine reads, comments stay, and what cannot be is told by key and line.
    """
    config = tmp_path / "config.toml"
    config.write_text(CONFIG)
    config.chmod(0o600)
    window = opened(CommandLine(tmp_path))
    window.closures.first.setDate(QDate(2035, 3, 5))
    window.closures.last.setDate(QDate(2035, 3, 9))
    window.closures.add.click()
    qtbot.waitUntil(lambda: not window.is_busy, timeout=LIMIT_MS)
    listed = window.closures.list.item(0).text()
    said = window.message.text()
    window.practice.learns.setChecked(False)
    window.practice.hours.setText("always")
    window.practice.save.click()
    qtbot.waitUntil(lambda: not window.is_busy, timeout=LIMIT_MS)

    assert (Closure(first=date(2035, 3, 5), last=date(2035, 3, 9)),) == load_settings(config).practices[0].closures
    assert "# at the harbour" in config.read_text()
    assert "Mon 05/03/2035 to Fri 09/03/2035" == listed
    assert said.startswith("The settings are changed.")
    assert window.message.text().startswith("Line 13, practices[1].live_hours: 'always' has no stretch of time")
