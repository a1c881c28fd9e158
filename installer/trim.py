# ruff: noqa: INP001 - a script, run by the build
"""
Which files of Qt the tray does not use, by the names they would have in the frozen folder.
"""

from __future__ import annotations

import re

PLUGINS_USED = {
    "platforms/qwindows",
    "platforms/qoffscreen",  # tests and start-up checks
    "platforms/libqxcb",
    "platforms/libqoffscreen",
    "platformthemes/libqxdgdesktopportal",
    "platforminputcontexts/libcomposeplatforminputcontextplugin",  # typing accents on Linux
    "platforminputcontexts/libibusplatforminputcontextplugin",
    "styles/qmodernwindowsstyle",
    "styles/qwindowsvistastyle",
}
"""Everything else that Qt could load at run time is left out: image formats, TLS, printing, Wayland, virtual keyboard."""

PLUGIN = re.compile(r"PySide6/(?:Qt/)?plugins/([\w-]+/[\w-]+)")

LIBRARIES_UNUSED = re.compile(
    r"opengl32sw"  # a software OpenGL of 20 MB; the windows draw without OpenGL
    r"|(?:lib)?Qt6(?:Qml|Quick|VirtualKeyboard|Pdf|OpenGL|Wayland|EglFS|LabsStyleKit|Eglfs|Svg(?:Widgets))"
    r"|libgtk-3|libgdk-3|libgdk_pixbuf|libpango|libcairo|libatk|libatspi|libepoxy|libharfbuzz|libwayland|libthai|libdatrie|libfribidi"
    r"|d3dcompiler",
    re.IGNORECASE,
)


def unused(name: str) -> bool:
    """
    Return whether the frozen tray works without the file *name*.
    """
    path = name.replace("\\", "/")
    if "PySide6/" in path and "/translations/" in path:
        return True  # texts of Qt's own dialogs in other languages; no dialog of Qt's is used
    plugin = PLUGIN.search(path)
    if plugin is not None:
        return plugin.group(1) not in PLUGINS_USED
    return LIBRARIES_UNUSED.match(path.rsplit("/", 1)[-1]) is not None
