"""
Whatever dies, and whenever: one booking, one appointment, one answer (rule 1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sync_support import BEN, TEN, Crash, Saboteur, World, one_failure

from agent.domain.booking import BookingState
from agent.domain.errors import FrontdeskError

Action = Callable[[World], object]


def books(booking_id: int = 1, **changes: Any) -> Action:
    return lambda world: world.patient_books(booking_id, **changes)


def cancels(booking_id: int = 1, *, stays: bool = False, update: bool = True) -> Action:
    return lambda world: world.patient_cancels(booking_id, stays=stays, update=update)


def live_through(world: World, story: Sequence[Sequence[Action]], saboteur: Saboteur, *, pause: float) -> str:
    """
    Let the actions of each chapter happen and the agent poll after each; after a crash a new agent goes on.
    """
    agent = world.agent(saboteur)
    where = ""
    for chapter in story:
        for action in chapter:
            action(world)
        try:
            agent.poll()
        except Crash:
            where = saboteur.where
            world.clock.advance(seconds=pause)
            agent = world.agent()
    saboteur.at = 0
    world.settle(agent)
    return where


def crash_at_every_moment(
    folder: Path, story: Sequence[Sequence[Action]], check: Callable[[World, str], None], *, pause: float = 5
) -> int:
    """
    Live through *story* again and again, with the crash one moment later each time, until it runs through unharmed.
    """
    for moment in count(1):
        place = folder / str(moment)
        place.mkdir()
        with World(place) as world:
            where = live_through(world, story, Saboteur(moment), pause=pause)
            check(world, f"at moment {moment}, {where}")
        if not where:
            return moment
    raise AssertionError


@pytest.mark.parametrize("pause", [1, 12, 40, 400])
def test_a_booking_is_entered_once_and_confirmed_with_one_set_of_ids(tmp_path: Path, pause: float) -> None:
    """
    However long the agent was dead, the patient has one appointment and Healthengine its ids.
    """

    def check(world: World, where: str) -> None:
        assert 1 == len(world.ours()), where
        assert {((world.ours()[0].id,), world.ours()[0].patient_id)} == set(world.market.confirmed[1]), where
        assert [] == world.market.rejected[1], where
        assert BookingState.CONFIRMED is world.state(), where

    moments = crash_at_every_moment(tmp_path, [[books(patient=BEN)], []], check, pause=pause)

    assert moments > 40


@pytest.mark.parametrize("pause", [1, 40])
def test_a_cancellation_leaves_nothing_live_and_is_answered(tmp_path: Path, pause: float) -> None:
    """
    Wherever it died, the time is free again and Healthengine knows.
    """

    def check(world: World, where: str) -> None:
        assert [] == world.ours(), where
        assert {501} == set(world.market.updates_confirmed), where
        assert [] == world.market.updates_rejected, where
        assert BookingState.CANCELLED is world.state(), where

    moments = crash_at_every_moment(tmp_path, [[books()], [], [cancels()], []], check, pause=pause)

    assert moments > 60


FORMS = [
    pytest.param({"stays": True, "update": False}, id="stays in the list as cancelled"),
    pytest.param({"stays": False, "update": True}, id="leaves an update alone"),
    pytest.param({"stays": True, "update": True}, id="both"),
]


@pytest.mark.parametrize("form", FORMS)
def test_a_booking_cancelled_before_the_agent_saw_it_creates_nothing(tmp_path: Path, form: dict[str, bool]) -> None:
    """
    Booked and cancelled within one poll: no appointment ever, and whatever is listed gets its answer.
    """

    def check(world: World, where: str) -> None:
        assert [] == world.ours(), where
        assert [] == world.market.confirmed[1], where
        assert 0 == world.pms.calls.count("book"), where

    crash_at_every_moment(tmp_path, [[books(), cancels(**form)], []], check)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("pause", [1, 40])
def test_a_booking_cancelled_while_the_agent_is_dead_ends_with_nothing_live(
    tmp_path: Path, form: dict[str, bool], pause: float
) -> None:
    """
    The crash comes anywhere while it is entered, and the patient cancels before the agent is back.
    """

    def check(world: World, where: str) -> None:
        assert [] == world.ours(), where
        assert not world.market.bookings, where
        assert not world.market.updates, where

    crash_at_every_moment(tmp_path, [[books()], [cancels(**form)], []], check, pause=pause)


def test_a_cancellation_of_a_booking_that_an_earlier_integration_entered(tmp_path: Path) -> None:
    """
    Nothing is in the ledger, the reference is in the PMS: it is adopted and cancelled, whenever the agent dies.
    """

    def entered_earlier(world: World) -> None:
        world.pms.add_appointment("1", TEN, patient_id="7", reference=1)

    def check(world: World, where: str) -> None:
        assert [] == world.ours(), where
        assert {501} == set(world.market.updates_confirmed), where
        assert [] == world.market.updates_rejected, where

    crash_at_every_moment(tmp_path, [[entered_earlier, cancels()], []], check)


def test_a_cancellation_by_given_ids_alone(tmp_path: Path) -> None:
    """
    Neither ledger nor reference know it, the ids and the patient do.
    """

    def entered_earlier(world: World) -> None:
        added = world.pms.add_appointment("1", TEN, patient_id="7")
        world.wants_update(1, appointment_ids=(added,), patient_id="7")

    def check(world: World, where: str) -> None:
        assert [] == world.pms.live_appointments(), where
        assert {501} == set(world.market.updates_confirmed), where
        assert [] == world.market.updates_rejected, where

    crash_at_every_moment(tmp_path, [[entered_earlier], []], check)


def test_a_time_that_changes_hands_in_one_poll(tmp_path: Path) -> None:
    """
    One patient gives the time back and another books it: exactly the second has it in the end.
    """

    def check(world: World, where: str) -> None:
        assert [] == world.ours(1), where
        assert 1 == len(world.ours(2)), where
        assert {((world.ours(2)[0].id,), world.ours(2)[0].patient_id)} == set(world.market.confirmed[2]), where
        assert [] == world.market.rejected[2], where
        assert {501} == set(world.market.updates_confirmed), where

    crash_at_every_moment(tmp_path, [[books(1)], [], [cancels(1), books(2, patient=BEN)], []], check, pause=1)


def test_a_time_that_is_taken_is_refused_once_and_nothing_is_entered(tmp_path: Path) -> None:
    """
    A refusal survives the crash too, and is never followed by a yes.
    """

    def taken(world: World) -> None:
        world.pms.add_appointment("1", TEN)

    def check(world: World, where: str) -> None:
        assert [] == world.ours(), where
        assert [] == world.market.confirmed[1], where
        assert world.market.rejected[1], where
        assert BookingState.REJECTED is world.state(), where

    crash_at_every_moment(tmp_path, [[taken, books()], []], check, pause=1)


def fail_at_every_moment(
    folder: Path, story: Sequence[Sequence[Action]], check: Callable[[World, str], None], *, pause: float
) -> None:
    """
    Live through *story* with one failure, one moment later each time; the agent itself lives on.
    """
    for moment in count(1):
        saboteur = Saboteur(moment, one_failure)
        place = folder / str(moment)
        place.mkdir()
        with World(place) as world:
            agent = world.agent(saboteur)
            for chapter in story:
                for action in chapter:
                    action(world)
                with suppress(FrontdeskError):
                    agent.poll()
                world.clock.advance(seconds=pause)
            ran_through = saboteur.moments < moment
            saboteur.at = 0
            world.settle(agent)
            check(world, f"at moment {moment}, {saboteur.where}")
        if ran_through:
            return


@pytest.mark.parametrize("waited", [0, 10, 16])
def test_one_failure_anywhere_does_not_make_two_of_a_booking_nor_reject_what_is_in_the_pms(tmp_path: Path, waited: float) -> None:
    """
    The patient has an appointment and a yes, or neither and a no; never both answers at once.
    """

    def check(world: World, where: str) -> None:
        has_yes, has_no = bool(world.market.confirmed[1]), bool(world.market.rejected[1])

        assert has_yes is not has_no, where
        assert (1 if has_yes else 0) == len(world.ours()), where
        assert 1 >= len(set(world.market.confirmed[1])), where

    fail_at_every_moment(tmp_path, [[books(waited=waited, patient=BEN)], []], check, pause=2)


def test_one_failure_anywhere_does_not_lose_a_cancellation(tmp_path: Path) -> None:
    """
    It is asked again and answered in the end, and the appointment is gone.
    """

    def check(world: World, where: str) -> None:
        assert [] == world.ours(), where
        assert {501} == set(world.market.updates_confirmed), where
        assert [] == world.market.updates_rejected, where

    fail_at_every_moment(tmp_path, [[books()], [], [cancels()], []], check, pause=2)
