"""
The tray program as the receptionist meets it, in front of a real engine between a sample practice and a simulated Healthengine.

With `FRONTDESK_PICTURES` naming a folder it leaves pictures of the screen there: `make pictures` takes the documents' from these.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from screen_support import Screen, needs_screen, wait_for

from agent.domain.status import BookingLine, EngineState, EngineStatus
from agent.sandbox.healthengine.patients import SimulatedPatients
from agent.sandbox.healthengine.simulator import Simulator
from agent.sandbox.installation import ZONE, Installation, sqlite_driver
from agent.ui.presenters import IconKey

FROM_THE_RIGHT, FROM_ABOVE = 70, 34
"""Where the one button at the top is in the window."""

ENOUGH_BOOKINGS = 9
SNAPSHOTS = ("uploadPmsResources", "sendAvailabilitySnapshots")

pytestmark = [
    *needs_screen,
    pytest.mark.timeout(240),
    pytest.mark.skipif(not sqlite_driver(), reason="there is no ODBC driver for SQLite here (Debian: libsqliteodbc)"),
]


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    """
    A screen as large as the window and a little more, in the practice's time zone.
    """
    with ExitStack() as stack:
        made = Screen(stack, tmp_path, "1024x700")
        made.environment["TZ"] = ZONE.key
        yield made


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """
    An engine that has published its first free times.
    """
    with Installation.create(tmp_path / "sandbox", carrier="odbc", patients=300, horizon_days=21) as made:
        made.start_engine()
        wait_for(made.simulator.openings, "the first free times", 60)
        yield made


def status(installation: Installation) -> EngineStatus:
    """
    Return the engine's status; it must be there.
    """
    found = installation.status()

    assert found is not None
    return found


def answered(installation: Installation) -> list[BookingLine]:
    return [line for line in status(installation).bookings if line.answer_seconds >= 0]


def published(simulator: Simulator, since: int) -> tuple[int, set[tuple[str, str]]]:
    """
    Return how many snapshots of practitioners came, and which days of whom, since so many calls.
    """
    calls = [call for call in simulator.requests_log[since:] if 200 <= call.status < 300]
    days = {(day["pmsResourceId"], day["date"]) for c in calls if c.operation == SNAPSHOTS[1] for day in c.body}
    return sum(call.operation == SNAPSHOTS[0] for call in calls), days


def test_a_day_at_the_desk(screen: Screen, installation: Installation) -> None:
    """
    Icon, menu and window; a resync clicked in the window arrives at Healthengine; a pause and a lost engine change the icon.
    """
    simulator = installation.simulator
    screen.start("dbus-run-session", "--", sys.executable, "-m", "agent.ui.main", "--home", str(installation.home))
    icon = wait_for(screen.icon, "the icon")
    wait_for(lambda: screen.shows(IconKey.ONLINE, icon), "the green icon", 60)
    with SimulatedPatients(simulator, every=0.8, cancel_share=0.2, seed=11):
        wait_for(lambda: len(answered(installation)) >= ENOUGH_BOOKINGS, "some bookings", 60)
    wait_for(lambda: not simulator.outstanding(), "the last answers", 60)

    screen.click(icon, button=3)
    wait_for(screen.menu, "the menu")
    wait_for(lambda: screen.shows(IconKey.ONLINE, icon), "the green icon again")
    screen.picture("tray-menu", part="320x276+704+424")
    screen.keys("Escape")
    wait_for(lambda: not screen.menu(), "the end of the menu")

    screen.click(icon)
    window = wait_for(screen.window, "the window")
    wait_for(lambda: screen.tool("xdotool", "getactivewindow") == window, "the window in front")
    screen.keys("alt+b")
    known = {(resource_id, day.isoformat()) for resource_id, day in simulator.published()}
    before = len(simulator.requests_log)
    screen.click(window, at=(screen.place(window)[2] - FROM_THE_RIGHT, FROM_ABOVE))
    wait_for(lambda: (r := status(installation).resync) is not None and r.finished_at is not None, "the end of the resync", 60)
    resources, days = published(simulator, before)
    resync = status(installation).resync
    wait_for(lambda: status(installation).state is EngineState.ONLINE and screen.shows(IconKey.ONLINE, icon), "quiet", 60)
    screen.picture("status-window")

    screen.keys("alt+c", "alt+p", "Down", "Return")
    wait_for(lambda: status(installation).paused_until is not None, "the pause")
    wait_for(lambda: screen.shows(IconKey.PAUSED, icon), "the icon of a pause")
    screen.picture("paused")
    screen.keys("alt+e")
    wait_for(lambda: status(installation).paused_until is None, "the end of the pause")
    wait_for(lambda: screen.shows(IconKey.ONLINE, icon), "the green icon after the pause", 60)
    installation.stop_engine()
    wait_for(lambda: screen.shows(IconKey.UNREACHABLE, icon), "the icon of an engine that does not answer")
    screen.picture("unreachable")

    assert resync is not None
    assert resync.ok
    assert "days acknowledged" in resync.result
    assert 1 == resources
    assert known == days
    assert [] == simulator.violations
    assert "command resync: done" in screen.log()
    assert "ERROR" not in screen.log()
    assert "CRITICAL" not in screen.log()
