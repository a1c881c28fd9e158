"""
The tray program as the user meets it: a real process on a virtual screen, talking to a real IPC server.
"""

from __future__ import annotations

import os
import queue
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TypeVar

import pytest
from ui_values import ago, booking, make_status

from agent.domain.status import EngineState, ResyncStatus
from agent.ipc.address import address_of
from agent.ipc.messages import Command, Done, Reply, Resync
from agent.ipc.peers import Peer
from agent.ipc.server import IpcServer

TOOLS = ("Xvfb", "openbox", "trayer", "dbus-run-session", "xdotool", "import")
SCREENSHOT = "FRONTDESK_SCREENSHOT"
"""Names the file to put a screenshot in."""

T = TypeVar("T")

pytestmark = [
    pytest.mark.screen,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the virtual screen is an X server"),
    pytest.mark.skipif(
        any(shutil.which(tool) is None for tool in TOOLS),
        reason=f"needs {', '.join(tool for tool in TOOLS if shutil.which(tool) is None)}",
    ),
]


class Recorder:
    """
    Carries out nothing, and remembers what was asked.
    """

    def __init__(self) -> None:
        self.commands: queue.SimpleQueue[Command] = queue.SimpleQueue()

    def handle(self, command: Command, peer: Peer) -> Reply:
        self.commands.put(command)
        return Done(id=command.id, text="The resync has started.")


class Screen:
    """
    A virtual screen with a window manager and a notification area.
    """

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack = stack
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("QT_")},
            "QT_QPA_PLATFORM": "xcb",
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "XDG_RUNTIME_DIR": str(folder),
        }
        self.environment.pop("WAYLAND_DISPLAY", None)
        reader, writer = os.pipe()
        self.start(
            "Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset", pass_fds=(writer,)
        )
        os.close(writer)
        with os.fdopen(reader) as told:
            self.environment["DISPLAY"] = f":{told.readline().strip()}"
        self.start("openbox")
        wait_for(lambda: self.tool("xdotool", "get_num_desktops"), "the window manager")
        self.start(
            "trayer", "--edge", "top", "--align", "right", "--widthtype", "request", "--height", "32", "--SetDockType", "true"
        )
        wait_for(lambda: self.windows("--class", "trayer"), "the notification area")

    def start(self, *command: str, pass_fds: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
        output = self._stack.enter_context((self.folder / f"{Path(command[0]).name}.out").open("wb"))
        process = subprocess.Popen(
            command, env=self.environment, stdout=output, stderr=subprocess.STDOUT, pass_fds=pass_fds, start_new_session=True
        )
        self._stack.callback(end, process)
        return process

    def tool(self, *command: str) -> str:
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=20)
        return done.stdout.strip()

    def windows(self, *search: str) -> list[str]:
        return self.tool("xdotool", "search", *search).split()

    def place(self, window: str) -> tuple[int, int, int, int]:
        text = self.tool("xdotool", "getwindowgeometry", "--shell", window)
        numbers = {name: int(value) for name, value in re.findall(r"^(X|Y|WIDTH|HEIGHT)=(-?\d+)$", text, re.MULTILINE)}
        return numbers["X"], numbers["Y"], numbers["WIDTH"], numbers["HEIGHT"]

    def log(self) -> str:
        return "".join(path.read_text(encoding="utf-8") for path in self.folder.rglob("tray.log"))

    def click(self, window: str) -> None:
        x, y, width, height = self.place(window)
        self.tool("xdotool", "mousemove", "--sync", str(x + width // 2), str(y + height // 2), "sleep", "0.3", "click", "1")

    def screenshot(self) -> None:
        if os.environ.get(SCREENSHOT):
            self.tool("import", "-window", "root", os.environ[SCREENSHOT])


def embedded_icon(screen: Screen) -> str:
    """
    Return the icon's window once the notification area has taken it in, else nothing.
    """
    return next((w for w in screen.windows("--class", "^Frontdesk$") if screen.place(w)[2] > 10), "")


def main_window(screen: Screen) -> str:
    """
    Return the status window once it is on the screen, else nothing.
    """
    return next((w for w in screen.windows("--onlyvisible", "--class", "^Frontdesk$") if screen.place(w)[2] > 600), "")


def wait_for(look: Callable[[], T], what: str, limit_seconds: float = 20) -> T:
    """
    Return the first answer of *look* that is true.
    """
    deadline = time.monotonic() + limit_seconds
    pause = time.sleep  # between looks at another process, which has no way to tell us
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what} did not come within {limit_seconds} s"
        pause(0.1)
    return found


def end(process: subprocess.Popen[bytes]) -> None:
    """
    Stop a process that this test started.
    """
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)
    process.kill()
    process.wait(5)


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
    icon = wait_for(lambda: embedded_icon(screen), "the icon")
    screen.click(icon)
    window = wait_for(lambda: main_window(screen), "the window")
    wait_for(lambda: screen.tool("xdotool", "getactivewindow") == window, "the window in front")
    screen.tool("xdotool", "key", "alt+r")
    command = handler.commands.get(timeout=20)
    server.publish(
        make_status(
            EngineState.WORKING,
            bookings=tuple(booking(88100 + n) for n in range(6)),
            resync=ResyncStatus(scope="all", requested_at=ago(seconds=2), requested_by="test"),
        )
    )
    wait_for(lambda: server.clients == 1, "the end of the command's own connection")
    screen.screenshot()

    assert isinstance(command, Resync)
    assert "ERROR" not in screen.log()
    assert "CRITICAL" not in screen.log()
