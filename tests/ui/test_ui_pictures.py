"""
The command that takes the pictures, and the documents that show them.
"""

from __future__ import annotations

import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SMALL_ENOUGH = 50_000
"""Bytes for one picture of a window: with few colours it takes less."""


def size_of(png: Path) -> tuple[int, int]:
    width, height = struct.unpack(">II", png.read_bytes()[16:24])
    return width, height


@pytest.mark.slow
def test_every_look_of_a_state_is_taken(tmp_path: Path) -> None:
    """
    Light and dark differ, and at 200 % there are twice as many pixels.
    """
    command = [sys.executable, str(ROOT / "tools" / "pictures.py"), str(tmp_path), "--only", "state-online"]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    taken = {folder.name: folder / "state-online.png" for folder in tmp_path.iterdir()}
    (width, height), large = size_of(taken["light-100"]), size_of(taken["light-200"])

    assert {"light-100", "light-200", "dark-100", "dark-200"} == set(taken)
    assert (2 * width, 2 * height) == large
    assert taken["light-100"].read_bytes() != taken["dark-100"].read_bytes()


def test_every_picture_of_the_documents_is_there_and_small() -> None:
    """
    Nothing that a page shows is missing, nothing is kept that no page shows, and none is heavy.
    """
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    shown = {name for page in pages for name in re.findall(r"images/([\w-]+\.png)", page.read_text(encoding="utf-8"))}
    kept = {path.name: path.stat().st_size for path in (ROOT / "docs" / "images").iterdir()}

    assert shown == set(kept)
    assert {} == {name: size for name, size in kept.items() if size > SMALL_ENOUGH}
