"""
The support bundle as a user of the tray saves it: what the engine tells, and the tray's own log. Plain Python: no Qt.
"""

from __future__ import annotations

import contextlib
import zipfile
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from agent.domain.errors import FrontdeskError
from agent.ui.commands import Connect

LOG_LINES = 2000


def save_bundle(connect: Connect, *, tray_log: Path, folder: Path, now: datetime) -> Path:
    """
    Write the bundle into *folder* and return the file. It is made also where the engine cannot be reached, and says so.

    Args:
        tray_log: This program's own log; it may be missing.
        now: Local time; the file is named by it.

    Raises:
        OSError: if it cannot be written.
    """
    files = dict(_of_engine(connect))
    with contextlib.suppress(OSError), tray_log.open(encoding="utf-8", errors="replace") as lines:
        files["tray.log"] = "".join(deque(lines, LOG_LINES))
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"frontdesk-{now:%Y%m%d-%H%M%S}.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, text in files.items():
            bundle.writestr(name, text)
    return file


def _of_engine(connect: Connect) -> Mapping[str, str]:
    try:
        with contextlib.closing(connect()) as client:
            return client.diagnostics()
    except FrontdeskError as error:
        return {"no-engine.txt": f"{error.code}: {error.message}\n"}
