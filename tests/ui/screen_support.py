"""
A virtual screen with a window manager and a notification area, and a user who clicks on it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TypeVar

import pytest

import agent.ui.icons
from agent.ui.presenters import IconKey

TOOLS = ("Xvfb", "openbox", "trayer", "dbus-run-session", "xdotool", "import", "display")
PICTURES = "FRONTDESK_PICTURES"
"""Names the folder to put pictures of the screen in; by default there are none."""

BACKGROUND = "#3b6ea5"
CLOSE_TO = 6
"""Shades by which two pixels of one colour may differ."""

PART_FILLED = 12
"""At the size of a notification area half of a picture is edges, whose colours are mixed."""

T = TypeVar("T")

needs_screen = [
    pytest.mark.screen,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the virtual screen is an X server"),
    pytest.mark.skipif(
        any(shutil.which(tool) is None for tool in TOOLS),
        reason=f"needs {', '.join(tool for tool in TOOLS if shutil.which(tool) is None)}",
    ),
]


class Screen:
    """
    A virtual screen, with a notification area or, at first, without one. Everything that is started on it ends with *stack*.
    """

    def __init__(self, stack: ExitStack, folder: Path, size: str = "1280x800", *, area: bool = True) -> None:
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
            "Xvfb", "-displayfd", str(writer), "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset", pass_fds=(writer,)
        )
        os.close(writer)
        with os.fdopen(reader) as told:
            self.environment["DISPLAY"] = f":{told.readline().strip()}"
        self.start("openbox")
        wait_for(lambda: self.tool("xdotool", "get_num_desktops"), "the window manager")
        self.tool("display", "-size", size, "-window", "root", f"xc:{BACKGROUND}")
        if area:
            self.start_area()

    def start_area(self) -> subprocess.Popen[bytes]:
        """
        Start a notification area, as a task bar has one.
        """
        area = self.start(
            "trayer", "--edge", "bottom", "--align", "right", "--widthtype", "request", "--height", "32", "--SetDockType", "true",
            "--SetPartialStrut", "true", "--transparent", "true", "--alpha", "0", "--tint", "0xe8e8e8",
        )  # fmt: skip
        wait_for(lambda: self.windows("--class", "trayer"), "the notification area")
        return area

    def start(self, *command: str, pass_fds: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
        """
        Start a program on this screen.
        """
        output = self._stack.enter_context((self.folder / f"{Path(command[0]).name}.out").open("wb"))
        process = subprocess.Popen(
            command, env=self.environment, stdout=output, stderr=subprocess.STDOUT, pass_fds=pass_fds, start_new_session=True
        )
        self._stack.callback(end, process)
        return process

    def tool(self, *command: str) -> str:
        """
        Run a program on this screen to its end and return what it printed.
        """
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=20)
        return done.stdout.strip()

    def windows(self, *search: str) -> list[str]:
        """
        Return the windows that `xdotool search` finds.
        """
        return self.tool("xdotool", "search", *search).split()

    def place(self, window: str) -> tuple[int, int, int, int]:
        """
        Return a window's size and, where it has no frame, place on the screen; zeros if it has gone.
        """
        text = self.tool("xdotool", "getwindowgeometry", "--shell", window)
        numbers = {name: int(value) for name, value in re.findall(r"^(X|Y|WIDTH|HEIGHT)=(-?\d+)$", text, re.MULTILINE)}
        return numbers.get("X", 0), numbers.get("Y", 0), numbers.get("WIDTH", 0), numbers.get("HEIGHT", 0)

    def icon(self) -> str:
        """
        Return the icon's window once the notification area has taken it in, else nothing.
        """
        return next((w for w in self.windows("--class", "^Frontdesk$") if 10 < self.place(w)[2] < 100), "")

    def window(self) -> str:
        """
        Return the status window once it is on the screen, else nothing.
        """
        return next((w for w in self.windows("--onlyvisible", "--class", "^Frontdesk$") if self.place(w)[2] > 600), "")

    def menu(self) -> str:
        """
        Return the icon's open menu, else nothing.
        """
        shown = self.windows("--onlyvisible", "--class", "^Frontdesk$")
        return next((w for w in shown if 100 < self.place(w)[2] < 600 and self.place(w)[3] > 100), "")

    def notification(self) -> str:
        """
        Return the notification that is shown, else nothing.
        """
        shown = self.windows("--onlyvisible", "--class", "^Frontdesk$")
        return next((w for w in shown if 100 < self.place(w)[2] < 600 and 30 < self.place(w)[3]), "")

    def click(self, window: str, *, button: int = 1, at: tuple[int, int] | None = None) -> None:
        """
        Click on a window: in its middle, or *at* a place in it.
        """
        _, _, width, height = self.place(window)
        right, down = at or (width // 2, height // 2)
        there = ("--sync", "--window", window, str(right), str(down))
        away = ("mousemove", "1", "1")  # --sync waits 15 s for a pointer that is there already
        self.tool("xdotool", *away, "mousemove", *there, "sleep", "0.3", "click", str(button))

    def keys(self, *names: str) -> None:
        """
        Press keys, one after the other.
        """
        self.tool("xdotool", "key", "--delay", "150", *names)

    def shows(self, key: IconKey, window: str) -> bool:
        """
        Return whether *window* is filled, as far as a picture goes, with the colour of that state's picture.
        """
        svg = (Path(agent.ui.icons.__file__).parent / f"{key.value}.svg").read_text(encoding="utf-8")
        found = re.search(r'fill="#([0-9a-f]{6})"', svg)
        assert found is not None
        wanted = bytes.fromhex(found.group(1))
        x, y, width, height = self.place(window)
        done = subprocess.run(
            ["import", "-window", "root", "-crop", f"{width}x{height}+{x}+{y}", "-depth", "8", "rgb:-"],
            env=self.environment,
            capture_output=True,
            check=False,
            timeout=20,
        )
        pixels = (done.stdout[at : at + 3] for at in range(0, len(done.stdout), 3))
        alike = sum(all(abs(a - b) <= CLOSE_TO for a, b in zip(pixel, wanted, strict=True)) for pixel in pixels)
        return alike > width * height // PART_FILLED

    def log(self) -> str:
        """
        Return what the tray has written down.
        """
        return "".join(path.read_text(encoding="utf-8") for path in self.folder.rglob("tray.log"))

    def picture(self, name: str, part: str = "") -> None:
        """
        Keep what is on the screen, where somebody wants it; *part* of it as `WIDTHxHEIGHT+X+Y`.
        """
        if os.environ.get(PICTURES):
            folder = Path(os.environ[PICTURES])
            folder.mkdir(parents=True, exist_ok=True)
            cut = ("-crop", part, "+repage") if part else ()
            self.tool("import", "-window", "root", *cut, "-strip", str(folder / f"{name}.png"))


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
