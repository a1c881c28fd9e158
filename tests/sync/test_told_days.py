"""
The record of what Healthengine was told of each day, and why.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sync_support import LINK_DOWN, PRACTICE_ID, RESOURCE, TEN, World

from agent.domain.errors import Transient
from agent.domain.publishing import Asked
from agent.ports.history import SentDay, SentOutcome, SentWhy
from agent.sync.telling import forget_the_old

DAY = date(2026, 11, 24)


def told(world: World) -> list[SentDay]:
    return list(world.store.history.of_day(PRACTICE_ID, RESOURCE, DAY))


def test_why_a_day_was_sent(world: World) -> None:
    """
    First, asked for, changed by the desk, changed by a booking, everything; the same again only counts on.
    """
    agent = world.running()
    agent.context.history = world.store.history
    agent.availability.run()
    agent.availability.run(Asked(days=frozenset({(RESOURCE, DAY)})))
    world.pms.add_appointment("1", TEN)
    agent.availability.run()
    world.patient_books(start=TEN + timedelta(minutes=15))
    agent.poll()
    agent.availability.run()
    agent.availability.run(Asked(everything=True))

    assert [
        (SentWhy.FIRST, "09:00-12:00/15", 2),
        (SentWhy.CHANGED, "09:00-10:00/15 10:15-12:00/15", 1),
        (SentWhy.BOOKED, "09:00-10:00/15 10:30-12:00/15", 2),
    ] == [(d.why, d.ranges, d.times) for d in told(world)]
    assert {SentOutcome.ACKNOWLEDGED} == {d.outcome for d in told(world)}


def test_refused_and_unanswered_days(world: World) -> None:
    """
    A refusal and a lost answer are each on record, and so is what was sent in the end.
    """

    def fail() -> None:
        raise LINK_DOWN

    agent = world.running()
    agent.context.history = world.store.history
    world.market.refuse_days = {(RESOURCE, DAY)}
    agent.availability.run()
    world.market.refuse_days = set()
    world.market.fail["send_availability"] = fail
    with pytest.raises(Transient):
        agent.availability.run()
    world.market.fail.clear()
    agent.availability.run()

    assert [
        (SentOutcome.REFUSED, "refused"),
        (SentOutcome.NO_ANSWER, ""),
        (SentOutcome.ACKNOWLEDGED, ""),
    ] == [(d.outcome, d.detail) for d in told(world)]


def test_forgetting_the_old(world: World) -> None:
    """
    24 months later nothing is left.
    """
    agent = world.running()
    agent.context.history = world.store.history
    agent.availability.run()
    world.clock.advance(days=700)
    forget_the_old(agent.context)
    assert 1 == len(told(world))
    world.clock.advance(days=60)

    forget_the_old(agent.context)

    assert [] == told(world)
