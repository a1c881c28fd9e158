"""
The Windows programs, built and run on Linux by a Windows Python under Wine: whether the spec is right, before a Windows computer
builds what is shipped.

It takes about ten minutes, so it runs only where it is asked for (`make windows`, `rig_support`). With `FRONTDESK_PICTURES`
naming a folder, a picture of the tray's window is left there.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from rig_support import BUILD_LIMIT, RIG, rig, why_not
from screen_support import Screen, wait_for

from agent import __version__

WINDOW = "^Online bookings"
TRAY_WINDOW = "^Wine System Tray"
"""Wine's own notification area, shown where the desktop has none and while there is an icon in it."""
LARGEST_MB = 110
ENOUGH_BOOKINGS = 20

WHY_NOT = why_not("Xvfb", "openbox", "xdotool", "import", "display")

pytestmark = [
    pytest.mark.frozen,
    pytest.mark.slow,
    pytest.mark.timeout(BUILD_LIMIT + 300),
    pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-"),
]


@pytest.fixture
def screen(tmp_path: Path, windows_frozen: Path) -> Iterator[Screen]:
    """
    A virtual screen with a window manager; Windows learns of it at its next start, and brings its own notification area.
    """
    rig(windows_frozen, "stop", limit=60)
    with ExitStack() as stack:
        made = Screen(stack, tmp_path, "1024x700", area=False)
        del made.environment["QT_QPA_PLATFORM"]  # that of Linux
        yield made
        rig(windows_frozen, "stop", limit=60)


def test_it_is_of_the_size_it_should_be(windows_frozen: Path) -> None:
    """
    Both programs are there, and nothing large has crept in.
    """
    files = [path for path in windows_frozen.rglob("*") if path.is_file()]

    assert {"frontdesk.exe", "frontdesk-tray.exe"} == {path.name for path in windows_frozen.glob("*.exe")}
    assert sum(path.stat().st_size for path in files) / 1e6 < LARGEST_MB


def test_the_windows_command_line_starts(windows_frozen: Path) -> None:
    """
    The console program says its version.
    """
    done = rig(windows_frozen, "wine", "frontdesk.exe", "--version", limit=120)

    assert (0, f"frontdesk {__version__} (unsigned build)") == (done.returncode, done.stdout.strip())


def test_the_windows_demo_runs(windows_frozen: Path) -> None:
    """
    Engine, workers, sample practice and simulator work, over whichever carrier can reach the sample practice there.
    """
    done = rig(windows_frozen, "wine", "frontdesk.exe", "demo", "--headless", "--seconds", "60", "--json", limit=240)
    outcome = json.loads(done.stdout[done.stdout.index("{") :])

    assert 0 == done.returncode, done.stdout[-3000:]
    assert outcome["ok"]
    assert outcome["bookings"]["confirmed"] >= ENOUGH_BOOKINGS


def test_the_windows_tray_shows_what_the_demo_does(windows_frozen: Path, screen: Screen) -> None:
    """
    Icon and window come up before the demo's engine, and go with the demo.
    """
    demo = subprocess.Popen(
        [str(RIG), "wine", "frontdesk.exe", "demo", "--seconds", "70", "--json"],
        cwd=windows_frozen,
        env=screen.environment | {"RIG_TIMEOUT": "240"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    window = wait_for(lambda: screen.windows("--onlyvisible", "--name", WINDOW), "the window", 120)[0]
    icon = screen.windows("--onlyvisible", "--name", TRAY_WINDOW)
    screen.tool("xdotool", "windowactivate", "--sync", window, "sleep", "15", "key", "alt+b", "sleep", "1")
    screen.picture("windows")
    said, _ = demo.communicate(timeout=240)

    assert icon
    assert 0 == demo.returncode, said[-3000:]
    assert json.loads(said[said.index("{") :])["ok"]
    assert [] == screen.windows("--onlyvisible", "--name", WINDOW)
