"""
The Windows Python under Wine that the tests of the Windows build run in, where there is one.

It is looked for beside the project, in `shared/tools/windows-rig`; `RIG_HOME` names the folder where it keeps its Windows. What
is built there is tried, and never shipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RIG = ROOT.parent / "shared" / "tools" / "windows-rig" / "rig"
HOME = Path(os.environ.get("RIG_HOME") or Path.home() / ".cache" / "windows-rig")
DRIVE_C = HOME / "prefix" / "drive_c"

ASKED = "FRONTDESK_WINDOWS_RIG"
"""Set to 1, it asks for these tests."""

GIVEN = "FRONTDESK_WINDOWS_FROZEN"
"""Names a folder with the frozen Windows programs, which are then tried instead of being built anew. Asks for the tests, too."""

BUILD_LIMIT = 1800.0


def why_not(*tools: str) -> str:
    """
    Return why nothing can be tried here, or nothing.

    Args:
        tools: Programs that are needed besides.
    """
    if sys.platform != "linux":
        return "Wine is for Linux; on Windows test_frozen_build.py tries the real thing"
    if not os.environ.get(ASKED) and not os.environ.get(GIVEN):
        return f"takes minutes; {ASKED}=1 asks for it"
    if not RIG.exists():
        return f"there is no Windows Python beside the project ({RIG.parent.relative_to(ROOT.parent)})"
    if not (HOME / "ready").exists():
        return "the Windows Python has not been prepared; `rig setup` does"
    missing = [tool for tool in ("git", "wine", *tools) if shutil.which(tool) is None]
    return f"needs {', '.join(missing)}" if missing else ""


def rig(folder: Path, *command: str, limit: float, **environment: str) -> subprocess.CompletedProcess[str]:
    """
    Run something in the Windows of the rig; what it prints comes on one stream.
    """
    return subprocess.run(
        [str(RIG), *command],
        cwd=folder,
        env=os.environ | {"RIG_TIMEOUT": f"{limit:.0f}"} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=limit + 60,
    )


def windows_path(path: Path) -> str:
    """
    Return how Windows programs call *path*.
    """
    return "Z:" + str(path).replace("/", "\\")


def last_commit(folder: Path) -> Path:
    """
    Copy what was last committed into a folder of its own below *folder*.
    """
    archive = folder / "project.tar"
    subprocess.run(["git", "archive", "--output", str(archive), "HEAD"], cwd=ROOT, check=True)
    with tarfile.open(archive) as files:
        files.extractall(folder / "project", filter="data")
    return folder / "project"


def freeze(project: Path) -> Path:
    """
    Build the Windows programs of *project* and return their folder.
    """
    options = ["--noconfirm", "--log-level", "ERROR", "build.spec"]
    done = rig(project, "python", "-m", "PyInstaller", *options, limit=BUILD_LIMIT)
    assert 0 == done.returncode, done.stdout[-3000:]
    return project / "dist" / "frontdesk"
