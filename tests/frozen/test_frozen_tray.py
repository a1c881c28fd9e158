"""
The frozen tray on a virtual screen, in front of the demo's engine. With `FRONTDESK_PICTURES` naming a folder, a picture of it is
left there.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest
from frozen_support import ENGINE, WHY_NOT
from screen_support import Screen, needs_screen, wait_for

from agent.ui.presenters import IconKey

pytestmark = [
    *needs_screen,
    pytest.mark.frozen,
    pytest.mark.timeout(240),
    pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-"),
]


def test_the_frozen_tray_shows_what_the_demo_does(tmp_path: Path) -> None:
    """
    Icon and window come up by themselves; the icon is green while patients book, and all goes with the demo.
    """
    with ExitStack() as stack:
        screen = Screen(stack, tmp_path, "1024x700")
        demo = screen.start("dbus-run-session", "--", str(ENGINE), "demo", "--seconds", "60", "--json")
        wait_for(screen.window, "the window", 60)
        icon = wait_for(screen.icon, "the icon", 60)
        wait_for(lambda: screen.shows(IconKey.ONLINE, icon), "the green icon", 60)
        screen.picture("frozen")

        assert 0 == demo.wait(150)
        assert not screen.window()
        assert not screen.icon()
