"""
What is sent while online bookings are stopped, and after.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sync_support import PMS_AWAY, PRACTICE_ID, RESOURCE, TODAY, Agent, World

from agent.domain.booking import BookingState
from agent.domain.publishing import Asked
from agent.domain.stopping import Stop
from agent.engine.stopping import Stops
from agent.sync.availability import EMPTIED


class Stoppable:
    """
    An agent whose online bookings can be stopped, and what Healthengine last heard of each day.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.stops = Stops(world.store.published, world.clock)
        self.agent = self.begin()

    def begin(self) -> Agent:
        self.agent = self.world.running()
        self.agent.context.stop = lambda: self.stops.of(PRACTICE_ID)
        return self.agent

    def stop(self, until: timedelta | None = None) -> None:
        now = self.world.clock.now()
        self.stops.set(PRACTICE_ID, Stop(since=now, until=None if until is None else now + until))

    def free_days(self) -> int:
        return sum(bool(ranges) for ranges in self.world.market.published.values())


@pytest.fixture
def stoppable(world: World) -> Stoppable:
    made = Stoppable(world)
    made.agent.availability.run()
    return made


def test_every_day_of_the_horizon_is_stated_as_empty(stoppable: Stoppable) -> None:
    """
    And only once: the next run has nothing to say.
    """
    before = stoppable.free_days()
    stoppable.stop()
    first = stoppable.agent.availability.run()
    again = stoppable.agent.availability.run()

    assert 14 == before
    assert 0 == stoppable.free_days()
    assert (14, 0) == (first.acknowledged, again.sent)
    assert stoppable.world.store.published.note(PRACTICE_ID, EMPTIED)


def test_the_pms_is_not_needed_to_stop(stoppable: Stoppable) -> None:
    """
    A practice whose database is broken can still take its times off the screen.
    """
    stoppable.stop()
    stoppable.world.pms.fail("*", PMS_AWAY, times=1000)
    stoppable.agent.availability.run()

    assert 0 == stoppable.free_days()


def test_a_day_that_healthengine_asks_for_is_stated_as_empty(stoppable: Stoppable) -> None:
    """
    Stopped is stopped.
    """
    stoppable.stop()
    stoppable.agent.availability.run()
    today = stoppable.agent.context.local_now().date()
    report = stoppable.agent.availability.run(Asked(days=frozenset({(RESOURCE, today)})))

    assert 1 == report.sent
    assert 0 == stoppable.free_days()


def test_what_is_outstanding_is_answered_meanwhile(stoppable: Stoppable) -> None:
    """
    A patient who booked in the last moment gets a yes, and the times stay off.
    """
    stoppable.world.patient_books()
    stoppable.stop()
    stoppable.world.settle(stoppable.agent)
    stoppable.agent.availability.run()

    assert BookingState.CONFIRMED is stoppable.world.state()
    assert 1 == len(stoppable.world.ours())
    assert 0 == stoppable.free_days()


def test_a_start_publishes_everything_as_it_is_then(stoppable: Stoppable) -> None:
    """
    A booking made meanwhile is taken out, although the diary's markers were known.
    """
    stoppable.stop()
    stoppable.agent.availability.run()
    stoppable.stops.set(PRACTICE_ID, None)
    report = stoppable.agent.availability.run()

    assert 14 == report.acknowledged
    assert 14 == stoppable.free_days()
    assert "" == stoppable.world.store.published.note(PRACTICE_ID, EMPTIED)


def test_a_stop_outlives_a_restart_and_ends_by_itself(stoppable: Stoppable) -> None:
    """
    Whatever the engine has in memory.
    """
    stoppable.stop(timedelta(hours=2))
    stoppable.agent.availability.run()
    stoppable.stops = Stops(stoppable.world.store.published, stoppable.world.clock)
    stoppable.begin().availability.run()
    stopped = stoppable.free_days()
    stoppable.world.clock.advance(seconds=7200)
    is_left_over = stoppable.stops.is_left_over(PRACTICE_ID)
    stoppable.agent.availability.run()

    assert 0 == stopped
    assert is_left_over
    assert 0 < stoppable.free_days()


def test_a_run_that_fails_does_not_count_as_emptied(stoppable: Stoppable) -> None:
    """
    Nobody is told that patients see nothing before Healthengine has said so.
    """
    stoppable.stop()
    stoppable.world.market.refuse_days = {(RESOURCE, TODAY)}
    stoppable.agent.availability.run()

    assert "" == stoppable.world.store.published.note(PRACTICE_ID, EMPTIED)
