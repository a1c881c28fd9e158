"""
The Windows programs, built and run on Linux by a Windows Python under Wine: whether the spec is right, before a Windows computer
builds what is shipped.

It takes about ten minutes, so it runs only where it is asked for (`make windows`, `rig_support`). With `FRONTDESK_PICTURES`
naming a folder, a picture of the tray's window is left there.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from rig_support import BUILD_LIMIT, RIG, rig, why_not

from agent import __version__

PICTURES = "FRONTDESK_PICTURES"
TRAY_WINDOW = "^Wine System Tray"
"""Wine's own notification area, shown where the desktop has none and while there is an icon in it."""
LARGEST_MB = 110
ENOUGH_BOOKINGS = 20

WHY_NOT = why_not("Xvfb", "openbox", "xdotool", "import")

pytestmark = [
    pytest.mark.frozen,
    pytest.mark.slow,
    pytest.mark.timeout(BUILD_LIMIT + 300),
    pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-"),
]


@pytest.fixture
def screen(tmp_path: Path, windows_frozen: Path) -> Iterator[str]:
    """
    The name of a virtual screen with a window manager; Windows learns of it at its next start.
    """
    rig(windows_frozen, "stop", limit=60)
    with ExitStack() as stack:
        environment = dict(os.environ)

        def start(*command: str, pass_fds: tuple[int, ...] = ()) -> None:
            process = subprocess.Popen(
                command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=pass_fds
            )
            stack.callback(process.wait, 20)
            stack.callback(process.terminate)

        reader, writer = os.pipe()
        start(
            "Xvfb", "-displayfd", str(writer), "-screen", "0", "1024x700x24", "-nolisten", "tcp", "-noreset", pass_fds=(writer,)
        )
        os.close(writer)
        with os.fdopen(reader) as told:
            environment["DISPLAY"] = f":{told.readline().strip()}"
        start("openbox")
        yield environment["DISPLAY"]
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


def test_the_windows_tray_shows_what_the_demo_does(windows_frozen: Path, screen: str) -> None:
    """
    Icon and window come up before the demo's engine, and go with the demo.
    """
    environment = os.environ | {"DISPLAY": screen, "RIG_TIMEOUT": "240"}

    def tool(*command: str) -> str:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=20)
        return done.stdout.strip()

    demo = subprocess.Popen(
        [str(RIG), "wine", "frontdesk.exe", "demo", "--seconds", "70", "--json"],
        cwd=windows_frozen,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    seen = ""
    while not seen and demo.poll() is None:
        seen = tool("xdotool", "search", "--onlyvisible", "--name", "^Online bookings")
        time.sleep(0.5)  # another system's window cannot tell us
    window = seen.split()[0] if seen else ""
    icon = tool("xdotool", "search", "--onlyvisible", "--name", TRAY_WINDOW)
    tool("xdotool", "windowactivate", "--sync", window, "sleep", "15", "key", "alt+b", "sleep", "1")
    if os.environ.get(PICTURES):
        tool("import", "-window", "root", str(Path(os.environ[PICTURES]) / "windows.png"))
    said, _ = demo.communicate(timeout=240)
    left = tool("xdotool", "search", "--onlyvisible", "--name", "^Online bookings")

    assert window
    assert icon
    assert 0 == demo.returncode, said[-3000:]
    assert json.loads(said[said.index("{") :])["ok"]
    assert "" == left
