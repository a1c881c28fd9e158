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
from screen_support import Screen, needs_screen, wait_for
from ui_values import ago, booking, make_status

from agent.domain.status import EngineState, ResyncStatus
from agent.ipc.address import address_of
from agent.ipc.messages import Command, Done, Reply, Resync
from agent.ipc.peers import Peer
from agent.ipc.server import IpcServer

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
