"""
Makes the Windows icon of the programs and the installer, `assets/frontdesk.ico`, from the product's mark.

With `--sheet` it draws every state of the tray at every size on a light and on a dark ground instead, to be looked at.

    python tools/icons.py
    python tools/icons.py --sheet build/icons.png
"""

from __future__ import annotations

import argparse
import struct
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage, QPainter

from agent.ui.icons import draw, render
from agent.ui.presenters import IconKey

MARK = Path(__file__).resolve().parent.parent / "assets" / "frontdesk.svg"
ICON = MARK.with_suffix(".ico")
SIZES = (16, 20, 24, 32, 40, 48, 64, 128, 256)
SHEET_SIZES = (16, 20, 24, 32, 48, 64)
SHEET_GAP = 12
TASK_BARS = ("#f3f3f3", "#202020")
HEADER = struct.Struct("<HHH")
ENTRY = struct.Struct("<BBBBHHII")


def png(svg: bytes, size: int) -> bytes:
    """
    Return the picture as a PNG of *size* pixels.
    """
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    draw(svg, size).save(buffer, "PNG")  # type: ignore[call-overload]  # the stub wants bytes, which PySide refuses
    buffer.close()
    return bytes(data.data())


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


def sheet() -> QImage:
    """
    Return all states of the tray: a row for each, from 16 to 64 pixels, on the colours of a light and of a dark task bar.
    """
    width = sum(SHEET_SIZES) + SHEET_GAP * (len(SHEET_SIZES) + 1)
    height = max(SHEET_SIZES) + SHEET_GAP
    image = QImage(width * len(TASK_BARS), height * len(IconKey), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    for column, ground in enumerate(TASK_BARS):
        painter.fillRect(column * width, 0, width, image.height(), QColor(ground))
        for row, key in enumerate(IconKey):
            left = column * width + SHEET_GAP
            for size in SHEET_SIZES:
                painter.drawImage(left, row * height + (height - size) // 2, render(key.value, size))
                left += size + SHEET_GAP
    painter.end()
    return image


def main() -> None:
    """
    Write the icon, or the sheet that was asked for.
    """
    parser = argparse.ArgumentParser(description="Makes the product's icon from its drawing.")
    parser.add_argument("--sheet", type=Path, help="draw the tray's states into this PNG file instead")
    sheet_file = parser.parse_args().sheet
    if sheet_file is None:
        ICON.write_bytes(ico(MARK.read_bytes()))
    else:
        sheet_file.parent.mkdir(parents=True, exist_ok=True)
        sheet().save(str(sheet_file))


if __name__ == "__main__":
    main()
