"""
What a person is shown of the free time that Healthengine has: what it acknowledged, and why the rest is withheld.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sync_support import PRACTICE_ID, RESOURCE, TEN, TODAY, Agent, World

from agent.domain.errors import FrontdeskError
from agent.domain.rule import Closure
from agent.domain.sent import NOT_ACKNOWLEDGED, REFUSED, InDiary
from agent.domain.stopping import Stop
from agent.ports.ledger import AcknowledgedDay, DayKey
from agent.sync.sent import sent_day, sent_map

TOMORROW = TODAY + timedelta(days=1)


def publishing(world: World) -> Agent:
    """
    An agent that keeps a history and has published everything once.
    """
    agent = world.running()
    agent.context.history = world.store.history
    agent.availability.run()
    return agent


def test_the_map_shows_what_was_acknowledged(world: World) -> None:
    """
    Every day has its minutes, today fewer; one that was refused and one that has to be sent again are told apart.
    """
    agent = publishing(world)
    refused, again = (DayKey(resource_id=RESOURCE, date=TODAY + timedelta(days=n)) for n in (2, 3))
    world.store.published.acknowledge_days(
        PRACTICE_ID, {refused: AcknowledgedDay(fingerprint="", generation=0, failed="no such type")}, world.clock.now()
    )
    world.store.published.raise_generation(PRACTICE_ID, [again])
    shown = sent_map(agent.context)
    first, second = shown.resources

    assert (TODAY, [RESOURCE, "2@1:gp"]) == (shown.first, [first.id, second.id])
    assert (120, 180, REFUSED, NOT_ACKNOWLEDGED, 180, 180, 180) == first.minutes
    assert (120, *(180,) * 6) == second.minutes


def test_published_for_a_month_and_never_booked(world: World) -> None:
    """
    Whoever has been published for thirty days and was never booked is named; one booking ends it.
    """
    world.practice = replace(world.practice, horizon_days=60)
    agent = publishing(world)
    fresh = [r.never_booked for r in sent_map(agent.context).resources]
    world.clock.advance(days=30)
    for number in range(30, 44):
        for practitioner in ("1", "2"):
            world.pms.add_session(practitioner, TODAY + timedelta(days=number), 540, 720)
    agent.availability.run()
    old = [r.never_booked for r in sent_map(agent.context).resources]
    world.patient_books(start=TEN + timedelta(days=30))
    agent.poll()

    assert ([False, False], [True, True]) == (fresh, old)
    assert [False, True] == [r.never_booked for r in sent_map(agent.context).resources]


def test_before_the_pms_was_read_there_is_nothing_to_show(world: World) -> None:
    """
    An engine that has only just started shows an empty map.
    """
    assert () == sent_map(world.agent().context).resources


def test_a_day_stands_beside_the_appointment_book(world: World) -> None:
    """
    An appointment that came since is still offered, until the next sending.
    """
    agent = publishing(world)
    world.pms.add_appointment("1", TEN, 15)
    report = sent_day(agent.context, RESOURCE, TOMORROW)
    agent.availability.run()
    later = sent_day(agent.context, RESOURCE, TOMORROW)

    assert [(540, 600, "free", True, True), (600, 615, "appointment", True, False), (615, 720, "free", True, True)] == [
        (p.start, p.end, p.diary.value, p.is_offered, p.is_due) for p in report.stretches
    ]
    assert [True, False, True] == [p.is_offered for p in later.stretches]
    assert world.clock.now() == later.acknowledged_at


def test_the_rule_behind_withheld_time_is_named(world: World) -> None:
    """
    A closure keeps the day back and says where it is written.
    """
    world.practice = replace(world.practice, closures=(Closure(first=TOMORROW, last=TOMORROW, reason="training"),))
    agent = publishing(world)
    (part,) = sent_day(agent.context, RESOURCE, TOMORROW).stretches

    assert (InDiary.FREE, False, False) == (part.diary, part.is_offered, part.is_due)
    assert part.cause is not None
    assert ("closed 24/11/2026 (training)", "the practice's settings") == (part.cause.detail, part.cause.source)


def test_while_bookings_are_stopped_nothing_is_due(world: World) -> None:
    """
    What is free is shown as free, and not as if it were about to be offered.
    """
    agent = publishing(world)
    agent.context.stop = lambda: Stop(since=world.clock.now())
    agent.availability.run()
    report = sent_day(agent.context, RESOURCE, TOMORROW)

    assert (True, [(False, False)]) == (report.is_stopped, [(p.is_offered, p.is_due) for p in report.stretches])


def test_whoever_is_gone_is_said_to_be_gone(world: World) -> None:
    """
    A resource that the PMS does not name is an error in plain words.
    """
    with pytest.raises(FrontdeskError, match="no longer names") as error:
        sent_day(publishing(world).context, "9", date(2026, 11, 24))

    assert "resource-unknown" == error.value.code
