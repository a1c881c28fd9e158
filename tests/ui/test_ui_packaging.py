"""
What the build makes and leaves out, as far as it can be told without building.
"""

from __future__ import annotations

import importlib.util
import struct
from pathlib import Path
from types import ModuleType

import pytest
import ui_values  # noqa: F401 - draws without a screen
from PySide6.QtGui import QImage

ROOT = Path(__file__).resolve().parents[2]


def script(path: str) -> ModuleType:
    """
    Return a script as a module.
    """
    spec = importlib.util.spec_from_file_location(f"script_{Path(path).stem}", ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("name", "is_unused"),
    [
        ("PySide6/Qt6Core.dll", False),
        ("PySide6\\plugins\\platforms\\qwindows.dll", False),
        ("PySide6/plugins/styles/qmodernwindowsstyle.dll", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", False),
        ("PySide6/Qt/lib/libQt6XcbQpa.so.6", False),
        ("PySide6/Qt/lib/libQt6Svg.so.6", False),
        ("PySide6\\opengl32sw.dll", True),
        ("PySide6/translations/qtbase_de.qm", True),
        ("PySide6/plugins/imageformats/qjpeg.dll", True),
        ("PySide6/plugins/tls/qopensslbackend.dll", True),
        ("PySide6/Qt/plugins/wayland-shell-integration/libxdg-shell.so", True),
        ("PySide6/Qt/lib/libQt6Quick.so.6", True),
        ("python311.dll", False),
    ],
)
def test_only_what_is_not_used_is_trimmed(name: str, is_unused: bool) -> None:  # noqa: FBT001 - one column of the table
    """
    Plugins and libraries of Qt are told apart by name, on both systems.
    """
    assert is_unused is script("installer/trim.py").unused(name)


def pictures(ico: bytes) -> list[QImage]:
    """
    Return the pictures in a Windows icon.
    """
    _, _, count = struct.unpack_from("<HHH", ico)
    entries = [struct.unpack_from("<BBBBHHII", ico, 6 + 16 * number) for number in range(count)]
    return [QImage.fromData(ico[place : place + length]) for *_, length, place in entries]


def test_the_icon_holds_every_size() -> None:
    """
    The Windows icon is a container with one readable picture for each size.
    """
    icons = script("tools/icons.py")
    data: bytes = icons.ico(icons.MARK.read_bytes())
    _, kind, _ = struct.unpack_from("<HHH", data)

    assert (1, list(icons.SIZES)) == (kind, [picture.width() for picture in pictures(data)])


def test_the_icon_is_that_of_the_mark() -> None:
    """
    What is built in has been made from the drawing as it is.
    """
    icons = script("tools/icons.py")

    assert pictures(icons.ico(icons.MARK.read_bytes())) == pictures(icons.ICON.read_bytes())
