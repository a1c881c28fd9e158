# ruff: noqa: INP001 - a script, run by the build
"""
Makes the Windows icon of the programs and the installer from the product's mark.

    python installer/icon.py build/frontdesk.ico
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice

from agent.ui.icons import draw

MARK = Path(__file__).resolve().parent.parent / "assets" / "frontdesk.svg"
SIZES = (16, 20, 24, 32, 40, 48, 64, 128, 256)
HEADER = struct.Struct("<HHH")
ENTRY = struct.Struct("<BBBBHHII")


def png(svg: bytes, size: int) -> bytes:
    """
    Return the picture as a PNG of *size* pixels.
    """
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    draw(svg, size).save(buffer, "PNG")
    buffer.close()
    return data.data()


def ico(svg: bytes) -> bytes:
    """
    Return an icon with every size in it. Qt writes one size alone, so the container is packed here.
    """
    images = [(size, png(svg, size)) for size in SIZES]
    place = HEADER.size + ENTRY.size * len(images)
    entries = b""
    for size, data in images:
        side = size % 256  # 256 is written as 0
        entries += ENTRY.pack(side, side, 0, 0, 1, 32, len(data), place)
        place += len(data)
    return HEADER.pack(0, 1, len(images)) + entries + b"".join(data for _, data in images)


def write_icon(path: Path) -> Path:
    """
    Write the product's icon and return where.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(ico(MARK.read_bytes()))
    return path


if __name__ == "__main__":
    write_icon(Path(sys.argv[1]))
