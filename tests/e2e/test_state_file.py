"""
The engine's own file is damaged, or its disk is full: nothing is lost or doubled, and it goes on by itself.
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from time import monotonic

import psutil
import pytest
from conftest import Install
from faults_support import settled
from support import an_opening, book, booked, confirmed, health, live_rows, started, until

from agent.sandbox.healthengine.faults import Fault, FaultKind
from agent.sandbox.installation import PRACTICE_ID, Installation
from agent.settings.paths import Home

pytestmark = pytest.mark.slow


def test_a_damaged_state_file_is_set_aside_and_made_anew(install: Install) -> None:
    """
    What was confirmed is still watched, what was entered gets the ids it has, and what was cancelled goes.
    """
    installation = started(install(scale=10.0))
    simulator = installation.simulator
    kept, cancelled = booked(installation), booked(installation, 1, seed=2)
    simulator.add_fault(Fault(kind=FaultKind.DROP_BEFORE, operation="confirmBookingInsert", times=None))
    unheard = book(installation, an_opening(installation, 2), seed=3)
    until(lambda: live_rows(installation, unheard), "the booking is in the PMS")
    installation.kill_engine()
    state = Home(folder=installation.home).state_db
    for path in state.parent.glob("state.db*"):
        path.write_bytes(b"\x5a" * 5000)
    simulator.cancel(cancelled)
    simulator.clear_faults()
    installation.start_engine()
    confirmed(installation, unheard)
    until(lambda: not live_rows(installation, cancelled), "the cancelled one is gone")
    settled(installation, at_least=3)
    installation.desk().cancel_booking_row(kept)
    until(
        lambda: next(b for b in simulator.bookings(PRACTICE_ID) if b.id == kept).practice_cancelled_at,
        "Healthengine hears of what the desk did",
    )

    assert 1 == len(list(state.parent.glob("*.damaged-??????????????")))
    until(lambda: 0 == health(installation), "all is well")


def break_while_in_use(state: Path) -> None:
    """
    Spoil every page but the first, and let the engine see that it may not rely on what it has in memory.
    """
    with closing(sqlite3.connect(state)) as link:
        link.execute("PRAGMA wal_checkpoint(FULL)")
        with state.open("r+b") as pages:
            pages.seek(4096)
            pages.write(b"\x5a" * (state.stat().st_size - 4096))
        link.execute("PRAGMA user_version = 0")


def test_a_state_file_that_breaks_while_the_engine_runs_is_made_anew(install: Install) -> None:
    """
    The engine begins anew by itself, says so, and goes on with everything: no booking is lost or doubled.
    """
    installation = started(install(scale=10.0))
    cancelled = booked(installation)
    state = Home(folder=installation.home).state_db
    break_while_in_use(state)
    until(lambda: list(state.parent.glob("*.damaged-??????????????")), "it is set aside")
    until(lambda: (status := installation.status()) and status.state is not None, "the engine answers again")
    installation.simulator.cancel(cancelled)
    booked(installation, 1, seed=2)
    until(lambda: not live_rows(installation, cancelled), "the cancelled one is gone")
    settled(installation, at_least=1)
    text = (installation.home / "logs" / "engine.log").read_text("utf-8")

    assert "the state file broke while the engine ran" in text
    assert "Traceback" not in text
    until(lambda: 0 == health(installation), "all is well")


def limit_file_size(installation: Installation, size: int) -> None:
    """
    Let the engine write no file beyond *size* bytes, as on a full disk; -1: as it likes.
    """
    assert installation.engine is not None
    psutil.Process(installation.engine.pid).rlimit(psutil.RLIMIT_FSIZE, (size, -1))


@pytest.mark.skipif(sys.platform != "linux", reason="the size of files is limited for a process that runs")
def test_a_full_disk_is_shown_and_nothing_is_written_to_the_pms_meanwhile(install: Install) -> None:
    """
    Without its ledger the engine enters nothing; when there is room again, it goes on within 30 s.
    """
    installation = started(install(scale=1.0, horizon_days=7))
    booked(installation)
    limit_file_size(installation, 1)
    waiting = book(installation, an_opening(installation, 1), seed=2)
    until(lambda: 2 == health(installation), "the trouble is shown")
    status = installation.status()
    rows = live_rows(installation, waiting)
    limit_file_size(installation, -1)
    back = monotonic()
    until(lambda: installation.simulator.answer_of(waiting), "the booking is answered")
    until(lambda: 0 == health(installation), "all is well again")

    assert monotonic() - back < 30
    assert [] == rows
    assert status is not None
    assert ["store-unwritable"] == list({c.code for c in status.conditions})
    assert all(c.remedy for c in status.conditions)
    settled(installation, at_least=1)
