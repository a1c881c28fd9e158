"""
The tray program as the user meets it: a real process on a virtual screen, talking to a real IPC server.
"""

from __future__ import annotations

import queue
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from screen_support import Screen, end, needs_screen, wait_for
from ui_values import ago, booking, make_status, task

from agent.domain.status import EngineState, ResyncStatus
from agent.ipc.address import address_of
from agent.ipc.messages import Command, Done, Pause, Reply, Resync, Scope
from agent.ipc.peers import Peer
from agent.ipc.server import IpcServer
from agent.ui.presenters import IconKey

pytestmark = needs_screen


class Recorder:
    """
    Carries out nothing, and remembers what was asked.
    """

    def __init__(self) -> None:
        self.commands: queue.SimpleQueue[Command] = queue.SimpleQueue()

    def handle(self, command: Command, peer: Peer) -> Reply:
        self.commands.put(command)
        return Done(id=command.id, text="The resync has started.")


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    """
    A virtual screen, gone after the test.
    """
    with ExitStack() as stack:
        yield Screen(stack, tmp_path)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """
    An engine's home folder.
    """
    folder = tmp_path / "home"
    (folder / "run").mkdir(parents=True)
    return folder


@pytest.fixture
def handler() -> Recorder:
    """
    What the server does with commands.
    """
    return Recorder()


@pytest.fixture
def server(home: Path, handler: Recorder) -> Iterator[IpcServer]:
    """
    A running server with a status.
    """
    made = IpcServer(address_of(home), handler, program="frontdesk test")
    made.start()
    made.publish(make_status(bookings=tuple(booking(88100 + n) for n in range(6))))
    yield made
    made.stop()


def test_the_icon_waits_for_the_task_bar_and_returns_with_it(tmp_path: Path, home: Path, server: IpcServer) -> None:
    """
    It comes when a late notification area does, and again when that has gone and come back, as Explorer does.
    """
    with ExitStack() as stack:
        screen = Screen(stack, tmp_path, area=False)
        screen.start("dbus-run-session", "--", sys.executable, "-m", "agent.ui.main", "--home", str(home))
        wait_for(lambda: server.clients == 1, "the tray")
        before = screen.icon()
        first = screen.start_area()
        late = wait_for(screen.icon, "the icon in a late notification area")
        end(first)
        wait_for(lambda: not screen.windows("--class", "trayer"), "the end of the notification area")
        screen.start_area()
        again = wait_for(lambda: screen.shows(IconKey.ONLINE, screen.icon() or late), "the icon in the new notification area")

    assert ("", True, True) == (before, bool(late), again)


def test_the_menu_is_worked_by_keyboard(screen: Screen, home: Path, server: IpcServer, handler: Recorder) -> None:
    """
    A part is sent again, and it is paused until tomorrow, without a mouse but for opening the menu.
    """
    screen.start("dbus-run-session", "--", sys.executable, "-m", "agent.ui.main", "--home", str(home))
    icon = wait_for(screen.icon, "the icon")
    wait_for(lambda: screen.shows(IconKey.ONLINE, icon), "the green icon")
    asked = []
    for steps in (("Down", "Down", "Right", "Down", "Return"), ("Down", "Down", "Down", "Right", "Down", "Down", "Return")):
        screen.click(icon, button=3)
        wait_for(screen.menu, "the menu")
        screen.keys(*steps)
        asked.append(handler.commands.get(timeout=20))

    assert Resync(id=asked[0].id, scope=Scope.CONFIGURATION) == asked[0]
    assert isinstance(asked[1], Pause)
    assert asked[1].minutes is not None
    assert 1 <= asked[1].minutes <= 24 * 60


def test_the_set_up_is_opened_and_worked_by_keyboard(screen: Screen, home: Path) -> None:
    """
    From the button of a window where nothing is set up; what was entered is kept when it is closed, and nothing else is changed.
    """
    screen.start("dbus-run-session", "--", sys.executable, "-m", "agent.ui.main", "--home", str(home), "--window")
    window = wait_for(screen.window, "the window")
    wait_for(lambda: "Frontdesk is not set up yet" in screen.log(), "the reason")
    wait_for(lambda: screen.tool("xdotool", "getactivewindow") == window, "the window in front")
    screen.click(window, at=(screen.place(window)[2] - 70, 34))
    named = ("--onlyvisible", "--name")
    wait_for(lambda: screen.windows(*named, "^Set up online bookings"), "the wizard", 40)

    def second_page() -> list[str]:
        screen.keys("alt+n")
        return screen.windows(*named, "^The practice's appointment program")

    wait_for(second_page, "its second page", 40)
    screen.keys("alt+e")
    screen.tool("xdotool", "type", "DSN=Practice")
    screen.keys("Escape")
    wait_for(lambda: not screen.windows(*named, "^The practice's"), "the end of the wizard")
    kept = "".join(path.read_text(encoding="utf-8") for path in screen.folder.rglob("tray.ini"))

    assert "DSN=Practice" in kept
    assert not (home / "config.toml").exists()


def test_a_task_is_told_and_a_click_opens_the_list(screen: Screen, home: Path, server: IpcServer) -> None:
    """
    The notification stands on the screen, and a click on it opens the window.
    """
    screen.start("dbus-run-session", "--", sys.executable, "-m", "agent.ui.main", "--home", str(home))
    icon = wait_for(screen.icon, "the icon")
    wait_for(lambda: screen.shows(IconKey.ONLINE, icon), "the green icon")
    before = screen.notification()
    server.publish(make_status(EngineState.ATTENTION, tasks=(task(),)))
    notification = wait_for(screen.notification, "the notification")
    screen.click(notification)
    window = wait_for(screen.window, "the window")

    assert "" == before
    assert screen.shows(IconKey.ATTENTION, icon)
    assert window


def test_icon_window_and_resync_on_a_real_screen(screen: Screen, home: Path, server: IpcServer, handler: Recorder) -> None:
    """
    The icon is in the notification area, a click on it opens the window, and *Resync now* reaches the engine.
    """
    screen.start("dbus-run-session", "--", sys.executable, "-m", "agent.ui.main", "--home", str(home))
    icon = wait_for(screen.icon, "the icon")
    screen.click(icon)
    window = wait_for(screen.window, "the window")
    wait_for(lambda: screen.tool("xdotool", "getactivewindow") == window, "the window in front")
    screen.keys("alt+r")
    command = handler.commands.get(timeout=20)
    server.publish(
        make_status(
            EngineState.WORKING,
            bookings=tuple(booking(88100 + n) for n in range(6)),
            resync=ResyncStatus(scope="all", requested_at=ago(seconds=2), requested_by="test"),
        )
    )
    wait_for(lambda: server.clients == 1, "the end of the command's own connection")

    assert isinstance(command, Resync)
    assert "ERROR" not in screen.log()
    assert "CRITICAL" not in screen.log()
