"""
A cloned home, a restored database and an answer, end to end (design: *Identity*, rule 8).
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from support import PATIENCE_S, booked, execute, live_rows, operations, started, until

from agent.domain.status import EngineState
from agent.sandbox.installation import Installation

pytestmark = pytest.mark.slow

Install = Callable[..., Installation]

HELD = "identity-held"


def codes(installation: Installation) -> set[str]:
    """
    Return the codes of the conditions that are shown.
    """
    status = installation.status()
    return {c.code for c in status.conditions} if status else set()


def is_held(installation: Installation) -> bool:
    """
    Return whether the question is shown and the tray is red.
    """
    status = installation.status()
    return status is not None and status.state is EngineState.ATTENTION and HELD in codes(installation)


def needs_a_person(installation: Installation, bookings: int) -> bool:
    """
    Return whether so many bookings are tasks, or are held together.
    """
    status = installation.status()
    return status is not None and (len(status.tasks) == bookings or "brake-bookings" in codes(installation))


def test_a_cloned_home_says_nothing_until_it_is_adopted(install: Install) -> None:
    """
    On another machine nothing is polled or published; the answer, given on the command line, sets it going.
    """
    installation = started(install())
    booking_id = booked(installation)
    installation.stop_engine()
    with closing(sqlite3.connect(installation.home / "state" / "state.db")) as state, state:
        state.execute("UPDATE home_identity SET machine_id = 'the machine it was cloned from'")
    before = len(operations(installation))
    installation.start_engine()
    until(lambda: is_held(installation), "the question is shown")
    shown = installation.run("adopt")
    silent = len(operations(installation)) == before
    answered = installation.run("adopt", "this-machine")
    until(lambda: len(operations(installation)) > before, "it polls again")

    assert silent
    assert 1 == shown.returncode
    assert "frontdesk adopt this-machine" in shown.stdout
    assert 0 == answered.returncode
    until(lambda: HELD not in codes(installation), "the question is gone")
    assert 1 == len(live_rows(installation, booking_id))


def test_a_restored_database_waits_for_an_answer(install: Install) -> None:
    """
    A backup from before four bookings is put back while the engine is off: nothing is sent or written until somebody says so,
    and even then no patient is told anything before a person has looked.
    """
    installation = started(install())
    backup = installation.folder / "backup.sqlite"
    execute(installation, "PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(installation.database, backup)
    for number in range(4):
        booked(installation, number, seed=number + 1)
    installation.stop_engine()
    for name in ("-wal", "-shm"):  # what a restore replaces, too
        installation.database.with_name(installation.database.name + name).unlink(missing_ok=True)
    shutil.copy(backup, installation.database)
    before = len(operations(installation))
    installation.start_engine()
    until(lambda: is_held(installation), "the question is shown")
    silent = len(operations(installation)) == before
    answered = installation.run("adopt", "restored")
    until(lambda: needs_a_person(installation, 4), "the lost bookings wait for a person", 3 * PATIENCE_S)

    assert silent
    assert 0 == answered.returncode
    until(lambda: HELD not in codes(installation), "the question is gone")
    assert "cancelBooking" not in operations(installation)


def test_a_roster_that_vanishes_is_not_published(install: Install) -> None:
    """
    The brake holds the empty days, shows why, and a person releases them on the command line.
    """
    installation = started(install())
    openings = len(installation.simulator.openings())
    execute(installation, "DELETE FROM roster")
    until(lambda: "brake-closings" in codes(installation), "the brake holds")
    held = len(installation.simulator.openings())
    released = installation.run("release")
    until(lambda: not installation.simulator.openings(), "the empty days are published")

    assert held > openings / 2
    assert 0 == released.returncode
    assert "Let go" in released.stdout
