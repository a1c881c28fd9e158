"""
Write down the exact versions that are installed, as constraints for pip: requirements/run.txt and requirements/dev.txt.

Run it in an environment whose packages are known to work (`make pins` renews them first). What the project needs on
Windows alone is added at the newest version that has a wheel for it. Names and versions only: where packages come from
is the business of the machine that installs them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = "frontdesk-agent"
BUILD_TOOLS = {"pip", "setuptools", "wheel"}  # each Python brings its own
OLDEST = (3, 11)
FOLDER = Path(__file__).resolve().parent.parent / "requirements"
WINDOWS = {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows", "platform_machine": "AMD64"}
PLATFORMS: tuple[Mapping[str, str], ...] = ({}, WINDOWS)  # this machine, and the product's main platform


def needed(name: str, extras: frozenset[str], known: set[str]) -> None:
    """
    Add to *known* everything that *name* needs on either platform.
    """
    try:
        requirements = metadata.requires(name) or ()
    except metadata.PackageNotFoundError:
        return  # for another platform: what it needs in turn is unknown here, and so far nothing
    for text in requirements:
        requirement = Requirement(text)
        child = canonicalize_name(requirement.name)
        if child not in known and wanted(requirement, extras):
            known.add(child)
            needed(child, frozenset(requirement.extras), known)


def wanted(requirement: Requirement, extras: frozenset[str]) -> bool:
    """
    Return whether *requirement* applies on one of the platforms.
    """
    marker = requirement.marker
    return marker is None or any(
        marker.evaluate({**platform, "extra": extra}) for platform in PLATFORMS for extra in extras | {""}
    )


def pin(name: str) -> str:
    """
    Return the constraint for one package.
    """
    try:
        package = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return f"{name}=={newest_for_windows(name)}; sys_platform == 'win32'"
    return f"{package.name}=={package.version}"


def newest_for_windows(name: str) -> str:
    """
    Return the newest version that has a wheel for Windows.
    """
    with TemporaryDirectory() as target:
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--no-deps", "--only-binary=:all:"]
        command += ["--platform", "win_amd64", "--python-version", "3.11", "--target", target, "--report", "-", name]
        report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return str(report["install"][0]["metadata"]["version"])


def main() -> None:
    """
    Write both files.
    """
    if sys.version_info[:2] != OLDEST:
        sys.exit("Run this with Python 3.11: the oldest that is supported needs every package that a newer one does, and more.")
    run: set[str] = set()
    needed(PROJECT, frozenset(), run)
    everything: set[str] = set()
    needed(PROJECT, frozenset({"dev"}), everything)
    write("run.txt", "What the program runs with.", [], run)
    write("dev.txt", "What tests, checks and builds need beside it.", ["-c run.txt"], everything - run - BUILD_TOOLS)


def write(file: str, what: str, head: list[str], names: set[str]) -> None:
    """
    Write one file of constraints.
    """
    lines = [f"# {what} Written by tools/pin.py (make pins); used as: pip install -c requirements/{file}", *head]
    lines += sorted((pin(name) for name in names), key=str.lower)
    FOLDER.joinpath(file).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
