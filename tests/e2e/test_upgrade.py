"""
An upgrade of a working Frontdesk, seen from the patients' side: with a program that works, and with one that does not.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from conftest import Install
from support import an_opening, book, booked, confirmed, live_rows, started, until

from agent import __version__
from agent.app.upgrading import bring_up, roll_back
from agent.domain.errors import FrontdeskError, Misconfigured
from agent.domain.upgrading import Health, Verdict, health_of
from agent.sandbox.installation import Installation
from agent.service.service import Service, State
from agent.settings.paths import Home
from agent.store import Store, database
from agent.store.copies import copies
from agent.store.damage import began
from agent.store.migrations import Migration, migrate, shipped

pytestmark = pytest.mark.slow

NEWEST = shipped()[-1].number
NEXT = [*shipped(), Migration(NEWEST + 1, "DELETE FROM notes WHERE name = 'nothing';")]


@dataclass
class Services:
    """
    `ServiceManager` for an engine that is a process of an installation.
    """

    installation: Installation

    def install(self, service: Service) -> None: ...

    def configure(self, service: Service) -> None: ...

    def remove(self) -> None: ...

    def start(self) -> None:
        self.installation.start_engine()

    def stop(self) -> None:
        self.installation.stop_engine()

    def state(self) -> State:
        return State.STOPPED if self.installation.engine is None else State.RUNNING

    def health(self, known: Collection[str]) -> Health:
        """
        Wait until the engine is well or has failed.
        """

        def seen() -> Health | None:
            status = self.installation.status()
            health = None if status is None else health_of(status, __version__, known)
            return None if health is None or health.verdict is Verdict.WAITING else health

        until(seen, "the new program shows what it can do")
        found = seen()
        assert found is not None
        return found


def bring_state_to(home: Home, migrations: list[Migration]) -> None:
    with closing(database.connect(home.state_db)) as connection:
        migrate(connection, home.state_db, migrations)


def test_an_upgrade_stops_copies_starts_and_checks(install: Install) -> None:
    """
    What was booked before is known, and patients go on booking.
    """
    installation = started(install())
    kept = booked(installation)
    home = Home(folder=installation.home)

    health = bring_up(home, Services(installation), Services(installation).health)

    assert Verdict.WELL == health.verdict
    assert [NEWEST] == [copy.version for copy in copies(home.state_db)]
    assert 1 == len(live_rows(installation, kept))
    booked(installation, 1, seed=2)


def test_a_program_that_does_not_do_its_work_leaves_the_state_to_the_old_one(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The new program changes the state's layout and then cannot use the practice's profile: the old one goes on where it was.
    """
    installation = started(install())
    kept = booked(installation)
    home = Home(folder=installation.home)
    manager = Services(installation)
    settings = home.config.read_text(encoding="utf-8")

    def broken_start() -> None:
        bring_state_to(home, NEXT)  # as the new program does at its start
        raise Misconfigured("service-not-running", "the service has not come up")

    monkeypatch.setattr(manager, "start", broken_start)
    with pytest.raises(FrontdeskError, match="upgrade-failed") as caught:
        bring_up(home, manager, manager.health)

    assert "has not come up" in caught.value.message
    assert installation.engine is None
    installation.start_engine()
    until(lambda: 0 == installation.run("status").returncode, "the old program works")
    assert settings == home.config.read_text(encoding="utf-8")
    assert 1 == len(live_rows(installation, kept))
    booked(installation, 1, seed=2)


def test_a_program_that_cannot_read_the_practice_is_taken_back(install: Install) -> None:
    """
    It starts and answers, but something of its own is wrong that was not wrong before; the reason is named.
    """
    installation = started(install())
    manager = Services(installation)
    home = Home(folder=installation.home)
    profile = home.profiles / "sandbox"
    profile.mkdir(parents=True)
    (profile / "practitioners.sql").write_text("SELECT nothing FROM nowhere;\n", encoding="utf-8")

    with pytest.raises(Misconfigured, match="upgrade-failed") as caught:
        bring_up(home, manager, manager.health)

    assert "[pms-" in caught.value.message
    assert installation.engine is None


def test_a_state_that_is_too_new_has_a_way_back(install: Install) -> None:
    """
    The old program was installed again over a newer one: it says so, and after `roll-back` it knows what was booked meanwhile.
    """
    installation = started(install())
    home = Home(folder=installation.home)
    kept = booked(installation)
    installation.stop_engine()
    bring_state_to(home, NEXT)
    newer = home.state_db.read_bytes()
    refused = installation.run("engine")
    with closing(sqlite3.connect(copies(home.state_db)[0].path)) as copy:  # as if it had been booked since the copy was made
        copy.executescript("DELETE FROM booking_steps; DELETE FROM bookings; DELETE FROM published_days;")

    before = datetime.now(UTC)
    copy_used = roll_back(home, Services(installation))
    started(installation)
    until(lambda: 0 == installation.run("status").returncode, "the old program works")

    assert "[store-newer]" in refused.stderr
    assert "frontdesk service roll-back" in refused.stderr
    assert NEWEST == copy_used.version
    assert newer == next(home.state.glob("state.db.undone-??????????????")).read_bytes()
    with Store.open(home.state_db) as store:
        since = began(store)
        assert since is not None
        assert since >= before
        assert [kept] == [entry.booking_id for entry in store.ledger.bookings("1001")]
    waiting = book(installation, an_opening(installation, 1), seed=3)
    confirmed(installation, waiting)


def test_there_is_no_need_to_roll_back_a_state_that_can_be_used(install: Install) -> None:
    """
    Any copy would know less.
    """
    installation = started(install())

    with pytest.raises(Misconfigured, match="upgrade-not-needed"):
        roll_back(Home(folder=installation.home), Services(installation))

    assert 0 == installation.run("service", "check", "--timeout", "30").returncode
