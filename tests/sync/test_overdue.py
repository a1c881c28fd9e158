"""
Nothing stays unanswered for ten minutes, not even while the PMS stays away and nothing is polled.
"""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest
from sync_support import PMS_AWAY, PMS_SILENT, Agent, Crash, Saboteur, World

from agent.domain.booking import BookingState
from agent.ports.tasks import TaskKind

S = BookingState


def the_pms_goes_away(world: World) -> None:
    for operation in ("book", "find_booked", "find_patients", "states", "locations"):
        world.pms.fail(operation, PMS_AWAY, times=1000)


def seen_but_not_entered(world: World) -> Agent:
    agent = world.running()
    the_pms_goes_away(world)
    world.patient_books(waited=20)
    agent.poll()
    assert S.REQUESTED is world.state()
    return agent


def entered_and_not_heard(world: World, saboteur: Saboteur | None = None) -> Agent:
    """
    The row is in, the answer was lost, and the PMS is away from then on.
    """
    agent = world.agent(saboteur).read_practice()
    world.patient_books()
    world.pms.lose_answer = PMS_SILENT
    world.pms.fail("find_booked", PMS_AWAY, times=1000)
    agent.poll()
    assert S.INSERTING is world.state()
    the_pms_goes_away(world)
    return agent


@pytest.mark.parametrize("waited", [539, 541])
def test_what_was_not_entered_is_cancelled_in_time(world: World, waited: float) -> None:
    """
    Without a poll and without the PMS; the task stays for reception, and it is said once.
    """
    agent = seen_but_not_entered(world)
    world.clock.advance(seconds=waited - 20)

    agent.desk.overdue.settle()
    agent.desk.overdue.settle()

    is_due = waited > 540
    assert ([1] if is_due else []) == world.market.cancelled
    assert ([TaskKind.NOT_ENTERED] if is_due else []) == [task.kind for task in world.tasks()]


def test_what_healthengine_no_longer_lists_is_left_alone(world: World) -> None:
    """
    Its patient may have been phoned, and somebody settled it in the portal.
    """
    agent = seen_but_not_entered(world)
    world.market.bookings.clear()
    agent.poll()
    world.clock.advance(minutes=10)

    agent.desk.overdue.settle()

    assert [] == world.market.cancelled


def test_what_turns_out_to_be_in_the_pms_is_taken_out(world: World) -> None:
    """
    Not before the PMS is back: until then nobody knows.
    """
    agent = entered_and_not_heard(world)
    world.clock.advance(minutes=9)
    agent.desk.overdue.settle()
    agent.poll()
    assert ([1], 1) == (world.market.cancelled, len(world.ours()))

    world.pms.mend()
    agent.poll()

    assert [] == world.ours()
    assert [] == world.market.confirmed[1]
    assert S.TASK is world.state()


def test_what_a_patient_cancels_after_it_was_given_up_is_taken_out(world: World) -> None:
    """
    A booking without ids is not simply one that was never entered.
    """
    agent = entered_and_not_heard(world)
    world.clock.advance(minutes=9)
    agent.desk.overdue.settle()
    world.pms.mend()
    world.wants_update(1)

    agent.poll()

    assert [] == world.ours()
    assert S.CANCELLED is world.state()


def test_whatever_dies_while_it_is_settled(tmp_path: Path) -> None:
    """
    At every moment: one cancellation is heard at least, and nothing of it stays in the PMS.
    """
    for moment in count(1):
        place = tmp_path / str(moment)
        place.mkdir()
        with World(place) as world:
            saboteur = Saboteur(0)
            agent = entered_and_not_heard(world, saboteur)
            world.clock.advance(minutes=9)
            saboteur.moments, saboteur.at = 0, moment
            try:
                agent.desk.overdue.settle()
                world.pms.mend()
                agent.poll()
            except Crash:
                agent = world.agent()
                agent.poll()  # Healthengine lists what it still waits for
                agent.desk.overdue.settle()
            saboteur.at = 0
            world.pms.mend()
            agent.poll()

            assert world.market.cancelled, saboteur.where
            assert [] == world.ours(), saboteur.where
            assert S.TASK is world.state(), saboteur.where
            if not saboteur.where:
                return
