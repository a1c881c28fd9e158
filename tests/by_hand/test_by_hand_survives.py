"""
A booking that reception enters, with the agent killed at every third moment of it; in the long run at every single one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from sync_support import RESOURCE, TEN, Agent, Crash, Saboteur, World

from agent.domain.booking import BookingState
from agent.domain.diary import AppointmentState
from agent.domain.practice import Unanswered
from agent.domain.tasks import TaskKind
from agent.ports.pms import BookingWay, Capabilities

S = BookingState
Chapter = Callable[[World], object]

READ_ONLY = Capabilities(booking=BookingWay.NONE, create_patients=False, cancel=False)


def books(world: World) -> None:
    world.patient_books()


def reception_enters(world: World) -> None:
    world.pms.add_appointment("1", TEN)


def patient_cancels(world: World) -> None:
    world.patient_cancels(1, stays=False, update=True)


def reception_cancels(world: World) -> None:
    for row in world.pms.live_appointments():
        world.pms.change_appointment(row.id, state=AppointmentState.CANCELLED)


def nine_minutes_pass(world: World) -> None:
    world.clock.advance(minutes=9)


def a_round(agent: Agent) -> None:
    """
    What the channels do within a minute.
    """
    if not agent.context.has_catalogue:
        agent.read_practice()
    agent.poll()
    agent.watch.run()
    agent.availability.run()


def live_through(world: World, story: Sequence[Chapter], saboteur: Saboteur) -> str:
    """
    Let one thing after the other happen, with a round of the agent's after each; after a crash a new agent goes on.
    """
    agent = world.agent(saboteur)
    where = ""
    for chapter in story:
        chapter(world)
        try:
            a_round(agent)
        except Crash:
            where = saboteur.where
            agent = world.agent()
            a_round(agent)
    saboteur.at = 0
    for _ in range(3):
        world.clock.advance(seconds=30)
        a_round(agent)
    return where


def crash_again_and_again(
    folder: Path, story: Sequence[Chapter], check: Callable[[World, str], None], *, unanswered: Unanswered, apart: int
) -> int:
    """
    Live through *story* again and again, with the crash *apart* moments later each time, until it runs through unharmed.
    """
    for moment in count(1, apart):
        place = folder / str(moment)
        place.mkdir()
        with World(place) as world:
            world.practice = replace(world.practice, unanswered=unanswered)
            world.pms.capabilities = READ_ONLY
            where = live_through(world, story, Saboteur(moment))
            check(world, f"at moment {moment}, {where}")
        if not where:
            return moment
    raise AssertionError


every_or_third = pytest.mark.parametrize("apart", [3, pytest.param(1, marks=pytest.mark.long)])


def is_free_at_ten(world: World) -> bool:
    return any(r.start <= 600 and r.end >= 615 for r in world.market.published[RESOURCE, TEN.date()])


@every_or_third
def test_entered_and_cancelled_by_reception(tmp_path: Path, apart: int) -> None:
    """
    Confirmed with the one appointment that is there; the cancellation is confirmed too, and only once the appointment is gone.
    """

    def check(world: World, where: str) -> None:
        assert {(("1",), "7")} == set(world.market.confirmed[1]), where
        assert ([], [501], []) == (
            world.pms.live_appointments(),
            sorted(set(world.market.updates_confirmed)),
            world.market.updates_rejected,
        ), where
        assert (S.CANCELLED, [], True) == (world.state(), world.tasks(), is_free_at_ten(world)), where

    story = [books, reception_enters, patient_cancels, reception_cancels]
    moments = crash_again_and_again(tmp_path, story, check, unanswered=Unanswered.REJECT, apart=apart)

    assert moments > 100


@every_or_third
def test_entered_by_nobody(tmp_path: Path, apart: int) -> None:
    """
    Healthengine is told before ten minutes are over, and reception has one task: to phone.
    """

    def check(world: World, where: str) -> None:
        assert ({1}, {}) == (set(world.market.cancelled), world.market.bookings), where
        assert (S.TASK, {TaskKind.NOT_ENTERED}, True) == (
            world.state(),
            {task.kind for task in world.tasks()},
            is_free_at_ten(world),
        ), where

    moments = crash_again_and_again(tmp_path, [books, nine_minutes_pass], check, unanswered=Unanswered.REJECT, apart=apart)

    assert moments > 60


@every_or_third
def test_with_ids_of_our_own(tmp_path: Path, apart: int) -> None:
    """
    One answer whatever happens; the appointment is taken for the booking, or reception is asked which one it is.
    """

    def check(world: World, where: str) -> None:
        assert {(("frontdesk:1",), "frontdesk:1")} == set(world.market.confirmed[1]), where
        assert ([], False) == (world.market.cancelled, is_free_at_ten(world)), where
        kinds = {task.kind for task in world.tasks()}
        is_known = world.state() is S.CONFIRMED and not kinds
        is_asked = world.state() is S.BY_HAND and TaskKind.WHICH_APPOINTMENT in kinds
        assert is_known or is_asked, where

    moments = crash_again_and_again(
        tmp_path, [books, nine_minutes_pass, reception_enters], check, unanswered=Unanswered.OWN_IDS, apart=apart
    )

    assert moments > 80
