"""
Takes pictures of the window in every state and with every tab, of the settings and of the wizard's pages, dark and light, at 100
and 200 %.

    python tools/pictures.py build/pictures
    python tools/pictures.py build/pictures --docs docs/images   and those that the documents use, made small

No screen is needed. The folder then has `light-100`, `light-200`, `dark-100` and `dark-200`. ImageMagick makes the PNGs small.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

ROOT = Path(__file__).resolve().parent.parent
THEMES = ("light", "dark")
PERCENTS = (100, 200)
CONVERT = "convert"
PALETTE = 64
"""So many colours are enough for windows, and make a picture a third as large."""


def main() -> None:
    """
    Take all pictures, each look in a process of its own: Qt takes its scale from the environment.
    """
    parser = argparse.ArgumentParser(description="Pictures of the window.")
    parser.add_argument("folder", type=Path, help="where to put them")
    parser.add_argument("--docs", type=Path, help="where to put those that the documents use")
    parser.add_argument("--theme", choices=THEMES, help="one look alone, at the scale of the environment")
    parser.add_argument("--only", default="", help="pictures whose name begins so")
    options = parser.parse_args()
    if options.theme:
        take(options.folder, options.theme, options.only)
        return
    for theme in THEMES:
        for percent in PERCENTS:
            look(options.folder / f"{theme}-{percent}", theme, percent, options.only)
    if options.docs:
        for name in sorted(used_in_documents()):
            taken = options.folder / f"{THEMES[0]}-{PERCENTS[0]}" / name
            if taken.exists():
                make_small(taken, options.docs / name)


def look(folder: Path, theme: str, percent: int, only: str) -> None:
    """
    Take the pictures of one look.
    """
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": str(percent / 100)}
    command = [sys.executable, __file__, str(folder), "--theme", theme, "--only", only]
    subprocess.run(command, env=environment, check=True)


def take(folder: Path, theme: str, only: str) -> None:
    """
    Take the pictures of one look, in this process.
    """
    sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "ui")]
    from settings_scenes import SettingsScene, settings_scenes  # noqa: PLC0415 - after the path
    from ui_scenes import Scene, scenes  # noqa: PLC0415 - as above
    from wizard_scenes import walk  # noqa: PLC0415 - as above

    app = QApplication([])
    app.setStyle("Fusion")
    if theme == "dark":
        app.setPalette(dark())
    with TemporaryDirectory(prefix="frontdesk-pictures-") as user:
        every: list[Scene | SettingsScene] = [*scenes(Path(user)), *settings_scenes()]
        for scene in every:
            if not scene.name.startswith(only):
                continue
            window = scene.window(Path(user))
            app.processEvents()
            window.grab().save(str(folder / f"{scene.name}.png"))
            window.close()
            window.deleteLater()
        for place, wizard in walk(Path(user)):
            wizard.grab().save(str(folder / f"wizard-{place.value + 1}-{place.name.lower()}.png"))


def dark() -> QPalette:
    """
    Return the colours of a dark desktop; without a screen there is no desktop to ask.
    """
    role = QPalette.ColorRole
    colours = {
        "#202020": (role.Window, role.AlternateBase),
        "#1b1b1b": (role.Base,),
        "#2d2d2d": (role.Button, role.ToolTipBase),
        "#f2f2f2": (role.WindowText, role.Text, role.ButtonText, role.ToolTipText, role.BrightText),
        "#9a9a9a": (role.PlaceholderText,),
        "#3d7fc4": (role.Highlight,),
        "#ffffff": (role.HighlightedText,),
        "#6cb2f7": (role.Link,),
        "#3a3a3a": (role.Light, role.Midlight),
        "#5a5a5a": (role.Mid,),
        "#101010": (role.Dark, role.Shadow),
    }
    palette = QPalette()
    for colour, roles in colours.items():
        for one in roles:
            palette.setColor(one, QColor(colour))
    for one in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, one, QColor("#7d7d7d"))
    return palette


def used_in_documents() -> set[str]:
    """
    Return the names of the pictures that the documents show.
    """
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    return {name for page in pages for name in re.findall(r"images/([\w-]+\.png)", page.read_text(encoding="utf-8"))}


def make_small(taken: Path, kept: Path) -> None:
    """
    Write a picture with few colours and no remarks.
    """
    options = ("-strip", "-dither", "None", "-colors", str(PALETTE), "-define", "png:compression-level=9")
    subprocess.run([CONVERT, str(taken), *options, f"PNG8:{kept}"], check=True)


if __name__ == "__main__":
    main()
