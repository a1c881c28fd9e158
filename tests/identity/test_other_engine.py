"""
Another engine at the same database: the guard keeps this one silent, says so, and lets it take over.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest
from sync_support import PMS_AWAY, World

from agent.domain.errors import Cancelled, Transient
from agent.domain.identity import OTHER_ENGINE
from agent.ports.pms import Pms
from agent.sync.identity import IdentityGuard

TAKEN = Transient(OTHER_ENGINE, "Another Frontdesk engine works with this database.")


class Guarded:
    """
    A guard over a database with a named lock.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.said: list[str] = []
        self.cleared: list[bool] = []
        world.pms.capabilities = replace(world.pms.capabilities, engine_lock=True)
        self.start()

    def start(self) -> None:
        self.guard = IdentityGuard(
            cast(Pms, self.world.pms),
            machine_id="m1",
            home=self.world.store.identity,
            notices=self.world.store.conditions,
            clock=self.world.clock,
            ours_missing=lambda: 0,
            remember=lambda code, _text, _by: self.said.append(code),
            on_cleared=self.cleared.append,
        )

    def taken(self, times: int = 1) -> None:
        self.world.pms.fail("engine_lock", TAKEN, times=times)

    def is_silent(self) -> bool:
        try:
            self.guard.before_run(waits=False)
        except Cancelled as why:
            return why.code == OTHER_ENGINE
        return False

    def shown(self) -> list[str]:
        return [c.code for c in self.world.store.conditions.open_conditions()]


@pytest.fixture
def guarded(world: World) -> Guarded:
    """
    A guard that has not looked yet.
    """
    return Guarded(world)


def test_it_is_silent_while_another_engine_has_the_lock(guarded: Guarded) -> None:
    """
    Neither polling nor writing; the database is not even asked which one it is.
    """
    guarded.taken()

    assert guarded.is_silent()
    assert guarded.guard.is_held
    assert [OTHER_ENGINE] == guarded.shown()
    assert ["engine_lock"] == guarded.world.pms.calls
    with pytest.raises(Transient, match=OTHER_ENGINE):
        guarded.guard.before_write()


def test_it_takes_over_by_itself(guarded: Guarded) -> None:
    """
    It asks every ten seconds, whoever wants to run, and then says everything anew: the other one has told other things.
    """
    guarded.taken(times=2)
    silent = [guarded.is_silent() for _ in range(5)]
    guarded.world.clock.advance(seconds=10)
    silent.append(guarded.is_silent())
    asked = guarded.world.pms.calls.count("engine_lock")
    guarded.world.clock.advance(seconds=10)

    assert all(silent)
    assert 2 == asked
    assert not guarded.is_silent()
    assert not guarded.guard.is_held
    assert [] == guarded.shown()
    assert [True] == guarded.cleared
    assert ["engine-shut-out", "engine-takes-over"] == guarded.said


def test_it_falls_silent_when_another_engine_was_quicker(guarded: Guarded) -> None:
    """
    The connection broke, and the lock was gone before the next one was there.
    """
    first = guarded.is_silent()
    guarded.taken(times=1)
    guarded.world.clock.advance(seconds=60)
    with pytest.raises(Cancelled, match=OTHER_ENGINE):
        guarded.guard.before_run()

    assert not first
    assert [OTHER_ENGINE] == guarded.shown()


def test_what_it_showed_before_a_restart_is_cleared(guarded: Guarded) -> None:
    """
    The other engine went while this one was off.
    """
    guarded.taken()
    guarded.is_silent()
    guarded.start()

    assert not guarded.is_silent()
    assert [] == guarded.shown()


def test_a_database_that_is_away_says_nothing_about_the_lock(guarded: Guarded) -> None:
    """
    Its failure is shown as what it is.
    """
    guarded.world.pms.fail("engine_lock", PMS_AWAY)
    with pytest.raises(Transient, match="pms-connect"):
        guarded.guard.before_run(waits=False)

    assert not guarded.guard.is_held
    assert [] == guarded.shown()


def test_a_pms_without_such_a_lock_is_not_asked(guarded: Guarded) -> None:
    """
    Nobody is shut out there.
    """
    guarded.world.pms.capabilities = replace(guarded.world.pms.capabilities, engine_lock=False)

    assert not guarded.is_silent()
    assert "engine_lock" not in guarded.world.pms.calls
