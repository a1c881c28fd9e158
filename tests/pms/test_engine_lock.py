"""
The named lock in the database: one engine at a time, for as long as its connection for bookings lasts.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from practices import Practice, practice_of, sqlite_practice
from sql_desk import SqlDesk

from agent.domain.errors import Transient
from agent.domain.identity import OTHER_ENGINE
from agent.pms.sql.lane import Limits
from agent.pms.sql.process import WorkerPms
from agent.sandbox.installation import wait_until

COMMAND = (sys.executable, "-m", "agent", "pms-worker")

SERVERS = (pytest.param("mariadb", marks=pytest.mark.servers), pytest.param("postgresql", marks=pytest.mark.servers))


@pytest.fixture(params=SERVERS)
def practice(request: pytest.FixtureRequest, tmp_path: Path) -> Practice:
    """
    An empty practice on each kind of server.
    """
    return practice_of(request.param, request, tmp_path)


PATIENCE = Limits(silence_s=60, total_s=60)
"""For workers that have to be started first, on a machine that is busy."""


class Two:
    """
    Two engines' ways to one database.
    """

    def __init__(self, practice: Practice) -> None:
        self.first, self.second = (
            WorkerPms(practice.folders, practice.carrier, practice.connection, practice.password, COMMAND, booking=PATIENCE)
            for _ in range(2)
        )

    def second_gets_it(self) -> bool:
        try:
            self.second.engine_lock()
        except Transient as error:
            if error.code != OTHER_ENGINE:
                raise
            return False
        return True


@pytest.fixture
def two(practice: Practice) -> Iterator[Two]:
    """
    Neither has the lock yet.
    """
    made = Two(practice)
    yield made
    made.first.close()
    made.second.close()


def test_only_one_engine_gets_the_lock(two: Two) -> None:
    """
    Asking again changes nothing, and whoever lets go of its connections lets go of the lock.
    """
    two.first.engine_lock()
    two.first.engine_lock()
    refused = not two.second_gets_it()
    two.first.close()

    assert two.first.capabilities.engine_lock
    assert refused
    assert two.second_gets_it()


def test_a_worker_that_dies_lets_go(two: Two) -> None:
    """
    The database notices the lost connection; the other engine has the lock before the first one's next worker asks.
    """
    two.first.engine_lock()
    bookings = next(worker for worker in two.first.workers if worker.name == "bookings")
    psutil.Process(bookings.pid).kill()
    wait_until(two.second_gets_it, 20, "the second engine has the lock")

    with pytest.raises(Transient, match=OTHER_ENGINE):
        two.first.engine_lock()


def test_nothing_is_written_without_the_lock(two: Two) -> None:
    """
    A booking is not even looked up under the booking lock while another engine has the database.
    """
    two.first.engine_lock()
    with pytest.raises(Transient, match=OTHER_ENGINE):
        two.second.find_booked(1)


def test_reading_needs_no_lock(two: Two, practice: Practice) -> None:
    """
    `frontdesk check` and `preview` work while an engine runs.
    """
    two.first.engine_lock()
    SqlDesk(practice.open_desk).add_location()

    assert 1 == len(two.second.locations())


def test_a_file_has_no_such_lock(tmp_path: Path) -> None:
    """
    SQLite knows no named locks, and the profile does not promise one.
    """
    assert not sqlite_practice(tmp_path, "sqlite").profile.capabilities.engine_lock
