"""
The pictures of the tray and the window: one SVG per `IconKey`.

They are package data, so they are found the same way from source, from a wheel and in the frozen build.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from agent.ui.presenters import IconKey

SIZES = (16, 20, 24, 32, 40, 48, 64)
"""Pixels: what task bars ask for at 100 to 250 %, and the window's header."""


@cache
def state_icon(key: IconKey) -> QIcon:
    """
    Return the picture for a state, drawn at every size of `SIZES`. Needs a running QGuiApplication.
    """
    icon = QIcon()
    for size in SIZES:
        icon.addPixmap(QPixmap.fromImage(render(key.value, size)))
    return icon


def render(name: str, size: int) -> QImage:
    """
    Draw the picture of that name on a transparent square of *size* pixels. Needs no application object.

    Raises:
        FileNotFoundError: if there is no such picture.
    """
    return draw(resources.files(__name__).joinpath(f"{name}.svg").read_bytes(), size)


def draw(svg: bytes, size: int) -> QImage:
    """
    Draw an SVG on a transparent square of *size* pixels. Needs no application object.
    """
    renderer = QSvgRenderer(QByteArray(svg))
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return image
