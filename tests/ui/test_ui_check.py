"""
Diagnostics: what was tried in plain words, the text that is copied, and a check that ends when nobody wants it any more.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import ui_values  # noqa: F401 - draws without a screen
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QProgressBar, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from ui_values import FakeClient

from agent.domain.reports import CheckItem, CheckReport
from agent.ui.check_rows import ASK_AN_ADMINISTRATOR, check_rows, check_sentence, copied_check
from agent.ui.check_view import CheckView
from agent.ui.checking import CheckOutcome, CheckProcess
from agent.ui.helpdesk import Helpdesk
from agent.ui.models import RowsTable
from agent.ui.rows import Tone

AT = datetime(2026, 11, 20, 23, 5, tzinfo=UTC)
GOOD = CheckItem(area="pms", name="patients", ok=True, detail="52 rows")
BAD = CheckItem(area="credentials", name="api-key", ok=False, detail="it is not there\n[x]", remedy="Store it.")
BOTH = CheckReport(lines=(GOOD, BAD))


class FakeCheck:
    """
    A check whose outcome the test gives; *hangs* keeps it waiting until it is stopped.
    """

    def __init__(self, outcome: CheckOutcome | Exception, *, hangs: bool = False) -> None:
        self.outcome = outcome
        self.hangs = hangs
        self.threads: list[threading.Thread] = []
        self.stopped = threading.Event()

    def check(self) -> CheckOutcome:
        self.threads.append(threading.current_thread())
        if self.hangs:
            self.stopped.clear()
            self.stopped.wait(30)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def stop(self) -> None:
        self.stopped.set()


@pytest.fixture
def fake() -> FakeCheck:
    """
    A check that finds one thing well and one not.
    """
    return FakeCheck(CheckOutcome(report=BOTH))


@pytest.fixture
def view(qtbot: QtBot, fake: FakeCheck) -> Iterator[CheckView]:
    """
    The window, on the screen, before it has checked.
    """
    made = CheckView(fake, now=lambda: AT)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close()


def checked(view: CheckView, qtbot: QtBot) -> None:
    view.check()
    qtbot.waitUntil(view.progress.isHidden)


def cells(view: CheckView) -> list[tuple[str, ...]]:
    return [row.cells for row in view.table.rows_model.rows]


def test_each_line_says_what_was_tried_and_what_to_do() -> None:
    """
    In words, on one line each, and marked as well or not.
    """
    rows = check_rows(BOTH)

    assert ("Appointment program: patients", "OK", "52 rows", "") == rows[0].cells
    assert ("Keys and passwords: api-key", "Not OK", "it is not there / [x]", "Store it.") == rows[1].cells
    assert [Tone.GOOD, Tone.BAD] == [row.tone for row in rows]
    assert "Not OK: 1 of 2." == check_sentence(BOTH)
    assert "All is well (1 tried)." == check_sentence(CheckReport(lines=(GOOD,)))


def test_who_may_not_read_the_settings_is_sent_to_an_administrator() -> None:
    """
    What the engine's account has to be given is no advice for a receptionist.
    """
    line = CheckItem(area="settings", name="config.toml", ok=False, detail="no [settings-unreadable]", remedy="let the account")
    (row,) = check_rows(CheckReport(lines=(line,)))

    assert ASK_AN_ADMINISTRATOR == row.cells[-1]


def test_what_is_copied_is_the_report_alone() -> None:
    """
    With version and time, a line for each thing.
    """
    assert copied_check(BOTH, version="1.2.3", at=AT).splitlines() == [
        "Frontdesk 1.2.3, checked 2026-11-20 23:05 +0000",
        "Not OK: 1 of 2.",
        "Appointment program: patients\tOK\t52 rows",
        "Keys and passwords: api-key\tNot OK\tit is not there / [x]\tStore it.",
    ]


def test_it_checks_beside_the_windows_thread_and_is_copied(view: CheckView, fake: FakeCheck, qtbot: QtBot) -> None:
    """
    By the button and by the usual key; before there is a report there is nothing to copy.
    """
    before = view.copy_button.isEnabled()
    checked(view, qtbot)
    view.activateWindow()
    clipboard = QApplication.clipboard()
    clipboard.clear()
    QTest.mouseClick(view.copy_button, Qt.MouseButton.LeftButton)
    by_button = clipboard.text()
    clipboard.clear()
    view.table.setFocus()
    QTest.keySequence(view.table, QKeySequence(QKeySequence.StandardKey.Copy))

    assert not before
    assert ["Not OK: 1 of 2.", 2] == [view.sentence.text(), len(cells(view))]
    assert "Keys and passwords: api-key\tNot OK" in by_button
    assert by_button == clipboard.text()
    assert threading.current_thread() not in fake.threads


def test_without_a_report_it_says_why(view: CheckView, fake: FakeCheck, qtbot: QtBot) -> None:
    """
    Also where something is wrong with the check itself; the next one may go well.
    """
    fake.outcome = CheckOutcome(problem="It took too long.")
    checked(view, qtbot)
    too_long = view.sentence.text()
    fake.outcome = ValueError("odd")
    QTest.mouseClick(view.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.sentence.text() == "An unexpected error; the log says more.")
    nothing = view.copy_button.isEnabled()
    fake.outcome = CheckOutcome(report=BOTH)
    QTest.mouseClick(view.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(view.copy_button.isEnabled)

    assert ("It took too long.", False) == (too_long, nothing)


def test_closing_ends_a_check_that_hangs(view: CheckView, fake: FakeCheck, qtbot: QtBot) -> None:
    """
    Its process and its thread; by the keyboard alone.
    """
    fake.hangs = True
    view.check()
    qtbot.waitUntil(lambda: bool(fake.threads))
    QTest.keyClick(view, Qt.Key.Key_Escape)

    assert not view.isVisible()
    assert not fake.threads[0].is_alive()
    assert [] == cells(view)


def test_every_control_of_it_has_a_name_and_a_key(view: CheckView, qtbot: QtBot) -> None:
    """
    Under way and afterwards; no two have the same letter.
    """
    kinds = (QPushButton, RowsTable, QProgressBar)
    busy = [widget for widget in view.findChildren(QWidget) if isinstance(widget, kinds)]
    nameless = [w for w in busy if not QAccessible.queryAccessibleInterface(w).text(QAccessible.Text.Name)]
    buttons = view.findChildren(QPushButton)
    letters = [button.text()[button.text().index("&") + 1].lower() for button in buttons]

    assert [] == nameless
    assert (4, 4) == (len(buttons), len(set(letters)))
    assert all(w.focusPolicy() & Qt.FocusPolicy.TabFocus for w in busy if not isinstance(w, QProgressBar))
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in view.findChildren(QLabel))


def test_the_helpdesk_opens_one_and_saves_from_it(qtbot: QtBot, tmp_path: Path, fake: FakeCheck) -> None:
    """
    Asked for again it stays as it is; opened again it checks again; and it ends with the program.
    """
    helpdesk = Helpdesk(
        FakeClient, home=tmp_path, logs=tmp_path, saved_in=tmp_path / "saved", show=lambda url: None, check=lambda home: fake
    )
    helpdesk.show_diagnostics()
    shown = helpdesk.diagnostics
    assert shown is not None
    qtbot.addWidget(shown)
    qtbot.waitUntil(shown.copy_button.isEnabled)
    helpdesk.show_diagnostics()
    once = len(fake.threads)
    with qtbot.waitSignal(helpdesk.found):
        QTest.mouseClick(shown.save, Qt.MouseButton.LeftButton)
    shown.close()
    helpdesk.show_diagnostics()
    qtbot.waitUntil(lambda: len(fake.threads) == 2)
    helpdesk.stop()

    assert (1, shown) == (once, helpdesk.diagnostics)
    assert not shown.isVisible()
    assert 1 == len(list((tmp_path / "saved").iterdir()))


def test_the_command_line_answers_what_the_window_reads(tmp_path: Path) -> None:
    """
    A real process: here of a home without settings.
    """
    outcome = CheckProcess(tmp_path).check()

    assert outcome.report is not None
    assert [("settings", False)] == [(line.area, line.ok) for line in outcome.report.lines]


def test_a_process_that_says_something_else_is_no_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Nor is a program that is not there.
    """
    monkeypatch.setattr("agent.ui.command_process.command_line", lambda: ["echo"])
    strange = CheckProcess(tmp_path).check()
    monkeypatch.setattr("agent.ui.command_process.command_line", lambda: [str(tmp_path / "absent")])
    absent = CheckProcess(tmp_path).check()

    assert "The check ended without an answer. If it stays so, tell your IT support." == strange.problem
    assert "The program 'frontdesk' cannot be started. Install Frontdesk again." == absent.problem
