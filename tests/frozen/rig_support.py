"""
The Windows Python under Wine that the tests of the Windows build run in, where there is one.

It is looked for beside the project, in `shared/tools/windows-rig`; `RIG_HOME` names the folder where it keeps its Windows. What
is built there is tried, and never shipped.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RIG = ROOT.parent / "shared" / "tools" / "windows-rig" / "rig"
HOME = Path(os.environ.get("RIG_HOME") or Path.home() / ".cache" / "windows-rig")
DRIVE_C = HOME / "prefix" / "drive_c"
PACKAGES = DRIVE_C / "py311" / "Lib" / "site-packages"

ASKED = "FRONTDESK_WINDOWS_RIG"
"""Set to 1, it asks for these tests."""

GIVEN = "FRONTDESK_WINDOWS_FROZEN"
"""Names a folder with the frozen Windows programs, which are then tried instead of being built anew. Asks for the tests, too."""

BUILD_LIMIT = 1800.0

NEEDED_FOR_TESTS = ("hypothesis", "pyinstaller", "pytest", "pytest-qt", "pytest-timeout")
"""Of `requirements/dev.txt` what builds the programs and runs their tests; the rest is for checks that Linux does."""


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


def wine(folder: Path, *command: str, said: str, limit: float) -> subprocess.CompletedProcess[str]:
    """
    Run a Windows program that reads *said*, which `rig` has no way for; what it prints comes on one stream.
    """
    return subprocess.run(
        ["wine", *command],
        cwd=folder,
        env=wine_environment(),
        input=said,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=limit,
    )


def wine_environment() -> dict[str, str]:
    """
    Return the environment in which Wine finds the rig's Windows, and keeps its own remarks to itself.
    """
    own = {"WINEPREFIX": str(DRIVE_C.parent), "WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree=d;mshtml=d;mscms=n"}
    return os.environ | own


def use_pinned_packages(project: Path) -> None:
    """
    Give the Windows Python the packages of *project*'s requirements, each in the version that is pinned there.

    What it has in that version stays, so this costs a download only after a change.
    """
    pins = {name: pinned_in(project / "requirements" / f"{name}.txt") for name in ("run", "dev")}
    wanted = pins["run"] | {name: pins["dev"][name] for name in NEEDED_FOR_TESTS}
    missing = dict(wanted)
    for noted in PACKAGES.glob("*.dist-info"):
        name, version = noted.stem.rsplit("-", 1)
        if wanted.get(plain(name), version) != version:
            shutil.rmtree(noted)  # pip replaces the package in a folder that it is given, and not this note
        else:
            missing.pop(plain(name), None)
    if missing:
        others = [f"{name}=={version}" for name, version in missing.items()]
        done = rig(project, "setup", "--constraint", "requirements/dev.txt", *others, limit=600)
        assert 0 == done.returncode, done.stdout[-3000:]


def pinned_in(requirements: Path) -> dict[str, str]:
    """
    Return the version of each package that *requirements* names, also of those for one system alone.
    """
    pins = re.findall(r"^([\w.-]+)==([^\s;]+)", requirements.read_text(encoding="utf-8"), re.MULTILINE)
    return {plain(name): version for name, version in pins}


def plain(name: str) -> str:
    """
    Return a package's name in its one spelling.
    """
    return re.sub(r"[-_.]+", "-", name).lower()


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
