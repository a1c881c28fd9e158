"""
What is found after a death may no longer be as it was left: somebody else is there too, or it is too late to say no.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sync_support import LINK_DOWN, PMS_AWAY, PMS_SILENT, TEN, World

from agent.domain.booking import BookingState
from agent.ports.tasks import TaskKind

S = BookingState


def died_before_looking_again(world: World) -> None:
    """
    Ours is in, its worker is dead, and the desk has put a row there at the same moment.
    """
    world.patient_books()
    world.pms.lose_answer = PMS_SILENT
    world.pms.fail("find_booked", PMS_AWAY)
    world.agent().poll()
    world.pms.add_appointment("1", TEN, patient_id="99")

    assert S.INSERTING is world.state()


def test_an_overlap_found_in_time_is_taken_back_and_refused(world: World) -> None:
    """
    Within 15 s: no, and the desk's appointment stands alone.
    """
    died_before_looking_again(world)
    world.clock.advance(seconds=5)

    world.agent().poll()

    assert [] == world.ours()
    assert world.market.rejected[1]
    assert [] == world.market.confirmed[1]
    assert S.REJECTED is world.state()


def test_an_overlap_found_in_time_waits_until_healthengine_lists_it(world: World) -> None:
    """
    It is not confirmed by the way: `resume` finds it at once, but only the next poll has what it takes to refuse it.
    """
    died_before_looking_again(world)
    waiting = dict(world.market.bookings)
    world.market.bookings.clear()

    world.agent().poll()

    assert S.INSERTING is world.state()
    world.market.bookings.update(waiting)
    world.agent().poll()
    assert world.market.rejected[1]


@pytest.mark.parametrize("is_listed", [True, False])
def test_an_overlap_found_too_late_is_confirmed_and_a_task(world: World, *, is_listed: bool) -> None:
    """
    The patient has been told yes: a person moves one of the two.
    """
    died_before_looking_again(world)
    world.clock.advance(seconds=20)
    if not is_listed:
        world.market.bookings.clear()

    world.running().poll()

    assert 1 == len(world.ours())
    assert [] == world.market.rejected[1]
    assert world.market.confirmed[1]
    assert [TaskKind.CONFLICT] == [task.kind for task in world.tasks()]


def refused_but_not_heard(world: World) -> None:
    world.patient_books()
    world.pms.add_appointment("1", TEN, patient_id="99")

    def fail() -> None:
        raise LINK_DOWN

    world.market.fail["reject_booking"] = fail
    world.agent().poll()
    world.market.fail.clear()

    assert S.REJECTING is world.state()


def test_a_refusal_that_was_not_heard_is_said_again_while_there_is_time(world: World) -> None:
    """
    Within 15 s no is still no.
    """
    refused_but_not_heard(world)
    world.clock.advance(seconds=5)

    world.agent().poll()

    assert 1 == len(world.market.rejected[1])
    assert S.REJECTED is world.state()


def test_a_refusal_that_was_not_heard_in_time_is_never_said(world: World) -> None:
    """
    After that Healthengine has told the patient yes: it is a task.
    """
    refused_but_not_heard(world)
    world.clock.advance(seconds=20)

    world.agent().poll()

    assert [] == world.market.rejected[1]
    assert [TaskKind.CONFLICT] == [task.kind for task in world.tasks()]
    assert S.TASK is world.state()


def test_a_refusal_whose_answer_was_lost_is_not_said_again_late(world: World) -> None:
    """
    Healthengine lists it no more: it has heard.
    """
    refused_but_not_heard(world)
    world.market.bookings.clear()
    world.clock.advance(seconds=20)

    world.agent().poll()

    assert [] == world.market.rejected[1]
    assert S.REJECTED is world.state()
    assert [] == world.tasks()


def test_a_refusal_that_is_not_heard_at_the_last_moment_is_never_said(world: World) -> None:
    """
    It was said in time and got lost, and time ran out within the same poll: the next list shows that nobody heard it.
    """
    world.patient_books(waited=14)
    world.pms.add_appointment("1", TEN, patient_id="99")

    def fail() -> None:
        world.clock.advance(seconds=2)
        raise LINK_DOWN

    agent = world.running()
    world.market.fail["reject_booking"] = fail
    agent.poll()
    world.market.fail.clear()
    world.clock.advance(seconds=5)

    agent.poll()

    assert [] == world.market.rejected[1]
    assert [TaskKind.CONFLICT] == [task.kind for task in world.tasks()]
    assert S.TASK is world.state()


def test_a_refusal_that_is_held_up_is_never_said_late(world: World) -> None:
    """
    Between the decision and the call a busy machine may let seconds pass.
    """
    world.patient_books(waited=14)
    world.pms.add_appointment("1", TEN, patient_id="99")

    def later(call: Callable[[], None]) -> None:
        world.clock.advance(seconds=2)
        call()

    agent = world.agent(answers=later).read_practice()
    agent.poll()
    agent.poll()

    assert [] == world.market.rejected[1]
    assert [TaskKind.CONFLICT] == [task.kind for task in world.tasks()]
