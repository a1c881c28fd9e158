"""
Two engines of different homes on one database: one works, and the other takes over when it dies (design: *Identity*).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from faults_support import MariaDb, Server, empty_database
from support import PATIENCE_S, an_opening, book, booked, confirmed, nothing_wrong, started, until

from agent.domain.identity import OTHER_ENGINE
from agent.domain.status import EngineState
from agent.sandbox.installation import Installation

Install = Callable[..., Installation]

pytestmark = [pytest.mark.slow, pytest.mark.servers]


@pytest.fixture
def server() -> Iterator[Server]:
    """
    A database server of the test's own.
    """
    with MariaDb.running() as running:
        yield running


@pytest.fixture
def other_home(tmp_path: Path) -> Iterator[list[Installation]]:
    """
    Installations whose engines end with the test.
    """
    made: list[Installation] = []
    yield made
    for installation in made:
        installation.stop_engine()


def is_shut_out(installation: Installation) -> bool:
    """
    Return whether it says that another engine works with the database.
    """
    status = installation.status()
    return status is not None and OTHER_ENGINE in {c.code for c in status.conditions}


def has_polled(installation: Installation) -> bool:
    """
    Return whether it has ever asked Healthengine what is outstanding.
    """
    status = installation.status()
    return status is not None and any(c.last_success for c in status.channels if c.name == "requests")


@pytest.mark.timeout(300)
def test_only_one_of_two_engines_works(install: Install, server: Server, other_home: list[Installation]) -> None:
    """
    The second is silent and says why; when the first is killed, it publishes and books by itself.
    """
    first = started(install(server=empty_database(server), horizon_days=7))
    second = replace(first, folder=first.folder / "second", home=first.folder / "second" / "home", engine=None)
    other_home.append(second)
    second.write_config()
    second.start_engine()
    until(lambda: is_shut_out(second), "the second engine says why it does nothing")
    booked(first)
    status = second.status()
    was_silent = not has_polled(second)
    resync = second.run("resync")
    first.kill_engine()
    until(lambda: has_polled(second), "the second engine takes over", 2 * PATIENCE_S)
    until(lambda: not is_shut_out(second), "it says no more that it waits")
    booking_id = book(second, an_opening(second, 1), seed=2)
    confirmed(second, booking_id)

    assert was_silent
    assert status is not None
    assert EngineState.ATTENTION is status.state
    assert 2 == resync.returncode
    assert "resync-held" in resync.stderr
    nothing_wrong(second)
