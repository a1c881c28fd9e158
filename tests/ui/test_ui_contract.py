"""
The window and its client against a real engine process, from the first status to the engine's end: what the fakes promise holds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from agent.sandbox.installation import API_KEY, PRACTICE_ID, Installation
from agent.ui.booking_rows import BOOKING_COLUMNS, STATE_COLUMN
from agent.ui.connection import connector
from agent.ui.helpdesk import Helpdesk
from agent.ui.main import TrayProgram
from agent.ui.window import StatusWindow

LIMIT_MS = 30_000
PATIENT = BOOKING_COLUMNS.index("Patient")
PERSON = {"firstname": "Wilhelmina", "lastname": "Featherstone", "dob": "01-02-1990"}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """
    An engine that has been started a moment ago; the check, a process of this one's, finds its keys too.
    """
    with Installation.create(tmp_path / "sandbox", scale=6, carrier="sqlite", patients=50, horizon_days=7) as made:
        monkeypatch.setenv("FRONTDESK_API_KEY", API_KEY)
        monkeypatch.setenv(f"FRONTDESK_PRACTICE_KEY_{PRACTICE_ID}", made.practice_key)
        made.start_engine()
        yield made


@pytest.fixture
def program(qtbot: QtBot, installation: Installation, tmp_path: Path) -> Iterator[TrayProgram]:
    """
    A tray with its window open on that engine.
    """
    connect = connector(installation.home)
    settings = QSettings(str(tmp_path / "tray.ini"), QSettings.Format.IniFormat)
    helpdesk = Helpdesk(connect, home=installation.home, logs=tmp_path, saved_in=tmp_path, show=lambda url: None)
    made = TrayProgram(connect, settings, helpdesk=helpdesk, open_at_start=True)
    qtbot.addWidget(made.window)
    made.start()
    yield made
    made.stop()


def cells(window: StatusWindow, column: int) -> list[str]:
    return [row.cells[column] for row in window.bookings.table.rows_model.rows]


def written(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_the_window_and_a_real_engine_understand_each_other(
    program: TrayProgram, installation: Installation, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    """
    Status, bookings with a name, resync, pause, diagnostics and the loss of the engine; the name is written down nowhere.
    """
    caplog.set_level(logging.DEBUG)
    window, simulator = program.window, installation.simulator

    def until(condition: Callable[[], object]) -> None:
        qtbot.waitUntil(lambda: bool(condition()), timeout=LIMIT_MS)

    def click_on(words: str) -> None:
        until(lambda: window.top.action.text() == words and window.top.action.isEnabled())
        QTest.mouseClick(window.top.action, Qt.MouseButton.LeftButton)

    until(lambda: window.top.sentence.text() == "Online bookings are working." and simulator.openings())
    opening = simulator.openings()[-1]
    number = simulator.book_opening(opening, PERSON)
    window._show_tab("bookings")
    until(lambda: cells(window, STATE_COLUMN) == ["Confirmed"] and "Featherstone" in cells(window, PATIENT)[0])
    assert [str(number)] == cells(window, BOOKING_COLUMNS.index("Booking"))

    window._show_tab("connections")
    assert ["…"] == cells(window, PATIENT)

    click_on("&Resync now")
    until(lambda: window.top.result.text().startswith("Resync finished"))
    window.connections.pause_button.menu().actions()[0].trigger()
    until(lambda: window.top.sentence.text().startswith("Paused until"))
    click_on("R&esume")
    until(lambda: window.top.sentence.text() == "Online bookings are working.")

    window._show_tab("sent")
    until(lambda: window.sent.map.model().rowCount())

    program.helpdesk.show_diagnostics()
    diagnostics = program.helpdesk.diagnostics
    assert diagnostics is not None
    until(diagnostics.progress.isHidden)
    diagnostics.copy()
    report = QApplication.clipboard().text()
    assert "Appointment program: patients\tOK" in report
    assert f"Healthengine: practice {PRACTICE_ID}\tOK" in report
    assert "Featherstone" not in report

    installation.kill_engine()
    until(lambda: window.top.sentence.text() == "Frontdesk is not running: online bookings wait.")
    assert "&Start Frontdesk" == window.top.action.text()
    assert b"Featherstone" not in written(installation.home)
    assert "Featherstone" not in caplog.text
