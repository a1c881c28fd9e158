"""
The frozen programs in `dist/`, as they would be installed; `python installer/build.py` makes them.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import pytest
from frozen_support import ENGINE, FOLDER, TRAY, WHY_NOT

from agent import __version__

LARGEST_MB = 220

pytestmark = [
    pytest.mark.frozen,
    pytest.mark.slow,
    pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-"),
]


def environment(folder: Path) -> dict[str, str]:
    """
    Return an environment in which a program writes into *folder* alone and finds nothing of this checkout.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "QT_", "XDG_", "FRONTDESK_"))}
    return kept | {
        "HOME": str(folder),
        "LOCALAPPDATA": str(folder),
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "QT_QPA_PLATFORM": "offscreen",
    }


def run(folder: Path, *command: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=environment(folder), capture_output=True, text=True, check=False, timeout=timeout
    )


def test_the_command_line_starts(tmp_path: Path) -> None:
    """
    The console program says its version, far from any Python.
    """
    done = run(tmp_path, str(ENGINE), "--version")

    assert (0, f"frontdesk {__version__} (unsigned build)") == (done.returncode, done.stdout.strip())


def test_the_engine_carries_no_qt() -> None:
    """
    The console program's own archive holds nothing of Qt, and nothing of the user interface.
    """
    readers = pytest.importorskip("PyInstaller.archive.readers")

    archive = readers.CArchiveReader(str(ENGINE))
    modules = set(archive.open_embedded_archive(next(name for name in archive.toc if name.startswith("PYZ"))).toc)

    assert "agent.cli.main" in modules
    assert set() == {name for name in modules if name.split(".")[0] in {"PySide6", "shiboken6"} or name.startswith("agent.ui")}


@pytest.mark.parametrize(
    "pattern",
    [
        "agent/store/migrations/*.sql",
        "agent/sandbox/practice/schema.sql",
        "agent/pms/sql/profiles/**/profile.toml",
        "agent/ui/icons/attention.svg",
        "tzdata/zoneinfo/Australia/Brisbane",
    ],
)
def test_package_data_is_there(pattern: str) -> None:
    """
    What the code reads beside itself has come along.
    """
    assert list((FOLDER / "_internal").glob(pattern))


def test_what_is_not_used_is_left_out() -> None:
    """
    No translations, software OpenGL or QML have crept in, and the size stays within bounds.
    """
    files = [path for path in FOLDER.rglob("*") if path.is_file() and not path.is_symlink()]
    unwanted = [p.name for p in files if p.suffix == ".qm" or any(w in p.name for w in ("opengl32sw", "Qt6Qml", "Qt6Quick"))]

    assert [] == unwanted
    assert sum(path.stat().st_size for path in files) / 1e6 < LARGEST_MB


def test_the_tray_starts_without_a_tray_or_an_engine(tmp_path: Path) -> None:
    """
    The windowed program comes up, finds its pictures, and says in its log that there is no engine.
    """
    process = subprocess.Popen(
        [str(TRAY), "--home", str(tmp_path / "home"), "--window"],
        env=environment(tmp_path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 30
        log = ""
        while "started" not in log or "cannot be reached" not in log:
            assert process.poll() is None
            assert time.monotonic() < deadline, log
            log = "".join(path.read_text(encoding="utf-8") for path in tmp_path.rglob("tray.log"))
            time.sleep(0.1)  # another process's log cannot tell us
    finally:
        process.terminate()
        process.wait(10)

    assert f"tray {__version__} started" in log
    assert "CRITICAL" not in log


@pytest.mark.timeout(180)
def test_the_demo_runs(tmp_path: Path) -> None:
    """
    Engine, workers, sample practice and simulator all work from the frozen folder.
    """
    done = run(tmp_path, str(ENGINE), "demo", "--headless", "--seconds", "20", "--json", timeout=150)

    assert 0 == done.returncode, done.stderr[-2000:]
    assert json.loads(done.stdout)["ok"]
