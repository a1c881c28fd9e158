"""
Where the frozen programs are that `python installer/build.py` makes.
"""

from __future__ import annotations

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "dist" / "frontdesk"
SUFFIX = ".exe" if sys.platform == "win32" else ""
ENGINE = FOLDER / f"frontdesk{SUFFIX}"
TRAY = FOLDER / f"frontdesk-tray{SUFFIX}"

WHY_NOT = "" if ENGINE.exists() else "there is no frozen build; python installer/build.py makes one"
