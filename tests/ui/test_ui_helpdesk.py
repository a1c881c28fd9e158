"""
Settings, diagnostics and *about*: what the tray's menu offers besides the bookings.
"""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from pytestqt.qtbot import QtBot
from settings_scenes import SHOWN, FakeSettings
from ui_values import FakeClient

from agent import __version__
from agent.domain.changing import ChangeOutcome
from agent.domain.errors import Transient
from agent.ui.helpdesk import Helpdesk

ABSENT = Transient("ipc-no-engine", "The engine is not running.")


class Desk:
    """
    A helpdesk over folders of its own, and what it showed.
    """

    def __init__(self, folder: Path, client: FakeClient) -> None:
        self.shown: list[QUrl] = []
        self.home, self.logs, self.saved_in = folder / "home", folder / "logs", folder / "documents"
        for made in (self.home, self.logs):
            made.mkdir()
        self.helpdesk = Helpdesk(lambda: client, home=self.home, logs=self.logs, saved_in=self.saved_in, show=self.shown.append)

    @property
    def said(self) -> str:
        """
        The text of the newest message.
        """
        return self.helpdesk.box.text() if self.helpdesk.box is not None else ""


@pytest.mark.parametrize(
    ("client", "names"),
    [(FakeClient(), {"engine.json", "tray.log"}), (FakeClient(answer=ABSENT), {"no-engine.txt", "tray.log"})],
    ids=["engine", "no engine"],
)
def test_the_bundle_is_saved_and_shown(qtbot: QtBot, tmp_path: Path, client: FakeClient, names: set[str]) -> None:
    """
    With the engine's files, or the reason why there are none; always with the tray's own log.
    """
    desk = Desk(tmp_path, client)
    (desk.logs / "tray.log").write_text("tray started\n", encoding="utf-8")
    with qtbot.waitSignal(desk.helpdesk.found):
        desk.helpdesk.save_diagnostics()
    qtbot.waitUntil(lambda: bool(desk.said))
    (file,) = desk.saved_in.iterdir()

    assert names == set(zipfile.ZipFile(file).namelist())
    assert [QUrl.fromLocalFile(str(desk.saved_in))] == desk.shown
    assert f"{file.name} is saved. Send it to support. No patient's name is in it." == desk.said


def test_a_folder_that_cannot_be_written_is_named(qtbot: QtBot, tmp_path: Path) -> None:
    """
    Nothing is shown then but a sentence.
    """
    desk = Desk(tmp_path, FakeClient())
    desk.saved_in.write_text("a file, not a folder")
    with qtbot.waitSignal(desk.helpdesk.found):
        desk.helpdesk.save_diagnostics()
    qtbot.waitUntil(lambda: bool(desk.said))

    assert [] == desk.shown
    assert f"The diagnostics cannot be saved in {desk.saved_in}." == desk.said


def test_the_folder_of_the_settings_is_shown_to_those_who_may_read_them(qtbot: QtBot, tmp_path: Path) -> None:
    """
    The others read where they are and for whom.
    """
    desk = Desk(tmp_path, FakeClient())
    with qtbot.waitSignal(desk.helpdesk.found):
        desk.helpdesk.open_settings_folder()
    qtbot.waitUntil(lambda: bool(desk.said))
    before = list(desk.shown)
    (desk.home / "config.toml").write_text("")
    with qtbot.waitSignal(desk.helpdesk.found):
        desk.helpdesk.open_settings_folder()
    qtbot.waitUntil(lambda: bool(desk.shown))

    assert [] == before
    assert f"The settings are for administrators of this computer. They are in {desk.home}." == desk.said
    assert [QUrl.fromLocalFile(str(desk.home))] == desk.shown


def test_about_says_versions_and_vendor(qtbot: QtBot, tmp_path: Path) -> None:
    """
    The tray's own, the engine's and who runs it; what is not known is said to be so.
    """
    desk = Desk(tmp_path, FakeClient())
    desk.helpdesk.show_about("9.9.9", "Example Health")
    known = desk.said
    desk.helpdesk.show_about("", "")

    assert f"Frontdesk {__version__}\nThe engine is version 9.9.9.\nRun by Example Health." == known
    assert f"Frontdesk {__version__}\nThe engine's version is not known yet." == desk.said


def test_the_settings_open_and_once_more_for_an_administrator(qtbot: QtBot, tmp_path: Path) -> None:
    """
    The second time as a program of its own, which the system asks the consent for; why it did not open is said.
    """
    started: list[tuple[Path, str]] = []

    def start(home: Path, what: str) -> str:
        started.append((home, what))
        return "Windows did not allow it."

    client = FakeSettings(ChangeOutcome(shown=replace(SHOWN, may_change=False)))
    desk = Helpdesk(FakeClient, home=tmp_path, logs=tmp_path, saved_in=tmp_path, start_window=start, settings=lambda home: client)
    window = desk.open_settings()
    qtbot.addWidget(window)
    qtbot.waitUntil(lambda: not window.is_busy)
    window.administrator.click()
    qtbot.waitUntil(lambda: desk.box is not None)
    desk.stop()

    assert [(tmp_path, "--settings")] == started
    assert desk.box is not None
    assert "The settings could not be opened. Windows did not allow it." == desk.box.text()
    assert not window.isVisible()
