# ruff: noqa: INP001, T201 - a script, and it prints what it has made
"""
Builds the frozen programs into `dist/frontdesk`, starts both, and says how large and how quick they are.

    python installer/build.py [--dist FOLDER] [--work FOLDER]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUFFIX = ".exe" if sys.platform == "win32" else ""
START_LIMIT_SECONDS = 60


def main(argv: Sequence[str] | None = None) -> int:
    """
    Build, and return 0 if what was built starts.
    """
    parser = argparse.ArgumentParser(description="Build the frozen programs.")
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", help="where the folder 'frontdesk' is made")
    parser.add_argument("--work", type=Path, default=ROOT / "build", help="where intermediate files go")
    options = parser.parse_args(argv)
    began = time.monotonic()
    subprocess.run(build_command(options.dist, options.work), check=True, cwd=ROOT)
    print(f"built in {time.monotonic() - began:.0f} s")
    folder = options.dist / "frontdesk"
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    print(f"{sum(path.stat().st_size for path in files) / 1e6:.0f} MB in {len(files)} files")
    for name in ("frontdesk", "frontdesk-tray"):
        began = time.monotonic()
        done = subprocess.run([str(folder / f"{name}{SUFFIX}"), "--version"], check=False, timeout=START_LIMIT_SECONDS)
        print(f"{name} --version: exit code {done.returncode}, {time.monotonic() - began:.2f} s")
        if done.returncode:
            return 1
    return 0


def build_command(dist: Path, work: Path) -> list[str]:
    """
    Return the command that builds, for the Python that runs this.
    """
    options = ["--noconfirm", "--log-level", "WARN", "--distpath", str(dist), "--workpath", str(work)]
    return [sys.executable, "-m", "PyInstaller", *options, str(ROOT / "build.spec")]


if __name__ == "__main__":
    sys.exit(main())
