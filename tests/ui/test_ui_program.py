"""
The tray program put together, with a fake engine; and what it writes down when something goes wrong.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QMessageLogContext, QSettings, Qt, QtMsgType
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from ui_values import NOW, FakeClient, ago, make_status, task

from agent.domain.errors import Transient
from agent.domain.status import EngineState
from agent.ui import diagnostics
from agent.ui.commands import RESYNC, EngineClient
from agent.ui.helpdesk import Helpdesk
from agent.ui.main import TrayProgram
from agent.ui.notifying import Notification


class FakeEngine:
    """
    Connects to one listener and one sender.
    """

    def __init__(self) -> None:
        self.listener = FakeClient()
        self.sender = FakeClient(answer="Resync started.")
        self.listener.statuses.put(make_status())

    def connect(self) -> EngineClient:
        if threading.current_thread().name == "engine-commands":
            return self.sender
        if self.listener.closed.is_set():
            raise Transient("ipc-no-engine", "The engine is not running.")
        return self.listener


@pytest.fixture
def engine() -> FakeEngine:
    """
    An engine that is there.
    """
    return FakeEngine()


class Clock:
    """
    Stands still until it is set.
    """

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """
    The program's clock.
    """
    return Clock()


@pytest.fixture
def program(qtbot: QtBot, engine: FakeEngine, clock: Clock, tmp_path: Path) -> Iterator[TrayProgram]:
    """
    A program that runs, its window open.
    """
    settings = QSettings(str(tmp_path / "tray.ini"), QSettings.Format.IniFormat)
    helpdesk = Helpdesk(
        engine.connect,
        home=tmp_path,
        logs=tmp_path,
        saved_in=tmp_path,
        show=lambda url: None,
        start=lambda: "There is no service here.",
    )
    made = TrayProgram(engine.connect, settings, helpdesk=helpdesk, open_at_start=True, now=clock)
    qtbot.addWidget(made.window)
    made.start()
    yield made
    made.stop()


def test_a_resync_goes_through_the_whole_program(program: TrayProgram, engine: FakeEngine, qtbot: QtBot) -> None:
    """
    From the click in the window to the engine, and its answer back into the window.
    """
    qtbot.waitUntil(program.window.top.action.isEnabled)
    QTest.mouseClick(program.window.top.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: program.window.top.result.text() == "Resync started.")

    assert [RESYNC] == engine.sender.commands


def test_a_missing_engine_is_started_from_the_window(program: TrayProgram, engine: FakeEngine, qtbot: QtBot) -> None:
    """
    The one button starts it; why that does not work is said in the command's own words.
    """
    engine.listener.statuses.put(Transient("ipc-no-engine", "The engine is not running."))
    qtbot.waitUntil(lambda: program.window.top.action.text() == "&Start Frontdesk")
    QTest.mouseClick(program.window.top.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: program.helpdesk.box is not None)

    assert program.helpdesk.box is not None
    assert "Frontdesk could not be started. There is no service here." == program.helpdesk.box.text()


def test_window_and_menu_always_agree(program: TrayProgram, engine: FakeEngine, qtbot: QtBot) -> None:
    """
    A new status, and the loss of the engine, are shown in both.
    """
    engine.listener.statuses.put(make_status(EngineState.PAUSED))
    qtbot.waitUntil(lambda: program.window.top.sentence.text().startswith("Paused until you resume"))
    paused = program.tray.status_action.text()
    engine.listener.statuses.put(Transient("ipc-no-engine", "The engine is not running."))
    qtbot.waitUntil(lambda: program.window.top.sentence.text().startswith("Frontdesk is not running"))

    assert ("Paused until you resume", "Frontdesk does not answer") == (paused, program.tray.status_action.text())


def test_a_new_task_is_told_and_a_click_opens_the_list(
    program: TrayProgram, engine: FakeEngine, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The notification comes with the status, and its click brings the tasks to the front.
    """
    told: list[Notification] = []
    monkeypatch.setattr(program.tray, "notify", told.append)
    engine.listener.statuses.put(make_status(EngineState.ATTENTION, tasks=(task(),)))
    qtbot.waitUntil(lambda: bool(told))
    program.window.tabs.setCurrentIndex(0)
    program.tray.open_window.emit(told[0].place)

    assert "1 task is waiting for somebody." == told[0].text
    assert "&To do (1)" == program.window.tabs.tabText(program.window.tabs.currentIndex())


def test_an_engine_that_says_nothing_new_counts_as_hung(
    program: TrayProgram, engine: FakeEngine, clock: Clock, qtbot: QtBot
) -> None:
    """
    The same old status again is no proof; a new one is.
    """
    qtbot.waitUntil(lambda: program.window.top.sentence.text() == "Online bookings are working.")
    clock.now = NOW + timedelta(minutes=4)
    engine.listener.statuses.put(make_status())
    qtbot.waitUntil(
        lambda: program.window.top.sentence.text().startswith("Frontdesk is running but does not answer (nothing new")
    )
    engine.listener.statuses.put(make_status(at=ago(minutes=-4)))
    qtbot.waitUntil(lambda: program.window.top.sentence.text() == "Online bookings are working.")

    assert program.window.top.action.isEnabled()


def test_closing_the_window_ends_the_program_where_no_icon_is_left(program: TrayProgram, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Without a notification area nothing would be left to see the program by, so it ends; with one it goes on.
    """
    ended: list[bool] = []
    monkeypatch.setattr(QApplication, "quit", lambda: ended.append(program.tray.visible))
    program.window.close()
    monkeypatch.setattr(type(program.tray), "visible", True)
    program.open_window()
    program.window.close()

    assert [False] == ended


def test_uncaught_errors_reach_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """
    Neither the main thread's nor another thread's errors vanish, nor what Qt complains about.
    """
    error = ValueError("made up")
    diagnostics._uncaught(ValueError, error, None)
    diagnostics._uncaught_in_thread(threading.ExceptHookArgs((ValueError, error, None, None)))
    diagnostics._qt_message(QtMsgType.QtWarningMsg, QMessageLogContext(), "odd")

    assert [logging.CRITICAL, logging.CRITICAL, logging.WARNING] == [record.levelno for record in caplog.records]


def test_a_tray_at_rest_has_no_window(engine: FakeEngine, qtbot: QtBot, tmp_path: Path) -> None:
    """
    It is built when somebody opens it, and shows at once what is known by then; what it is made of is not loaded before.
    """
    settings = QSettings(str(tmp_path / "tray.ini"), QSettings.Format.IniFormat)
    helpdesk = Helpdesk(engine.connect, home=tmp_path, logs=tmp_path, saved_in=tmp_path)
    program = TrayProgram(engine.connect, settings, helpdesk=helpdesk, open_at_start=False)
    program.start()
    qtbot.waitUntil(lambda: program.board.picture.can_ask)
    at_rest = program._window
    program.open_window()
    qtbot.addWidget(program.window)
    sentence = program.window.top.sentence.text()
    program.stop()
    look = "import sys, agent.ui.main; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True).stdout.split()

    assert at_rest is None
    assert "Online bookings are working." == sentence
    assert "agent.ui.tray" in loaded
    assert not {"agent.ui.window", "agent.ui.connection", "agent.ui.wizard", "agent.domain.reports"} & set(loaded)
