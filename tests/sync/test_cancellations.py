"""
What patients change at Healthengine, applied to the PMS and answered.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sync_support import BEN, HE_SILENT, LINK_DOWN, PMS_AWAY, PMS_SILENT, PRACTICE_ID, TEN, World

from agent.domain.booking import BookingState, CancellationState, HealthengineStatus
from agent.domain.diary import AppointmentState
from agent.domain.errors import FrontdeskError, RecordRejected
from agent.ports.tasks import TaskKind
from agent.sync.cancellations import handle_update

S = BookingState
C = CancellationState


def cancellation_state(world: World, request_id: int = 501) -> CancellationState:
    found = world.store.ledger.cancellation(PRACTICE_ID, request_id)
    assert found is not None
    return found.state


def confirmed(world: World) -> str:
    """
    Let one booking be confirmed, and return its appointment id.
    """
    world.patient_books()
    world.running().poll()
    return world.ours()[0].id


def test_a_known_booking_is_cancelled_and_answered(world: World) -> None:
    """
    The time is free again, and Healthengine knows.
    """
    confirmed(world)
    world.wants_update(1)
    agent = world.running()
    token = agent.context.raised()

    agent.poll()

    assert [] == world.ours()
    assert [501] == world.market.updates_confirmed
    assert (S.CANCELLED, C.ANSWERED) == (world.state(), cancellation_state(world))
    assert agent.context.raised_since(token, "1@1:gp", TEN.date())


def test_a_booking_that_nobody_knows_is_refused(world: World) -> None:
    """
    Neither ledger, nor reference, nor ids (R4).
    """
    world.wants_update(99)

    world.running().poll()

    assert [501] == world.market.updates_rejected
    assert C.REFUSED is cancellation_state(world)
    assert world.store.ledger.booking(PRACTICE_ID, 99) is None


def test_a_booking_known_by_its_reference_alone_is_cancelled(world: World) -> None:
    """
    The state file was lost, the PMS still knows.
    """
    world.pms.add_appointment("1", TEN, reference=44)
    world.wants_update(44)

    world.running().poll()

    assert [] == world.ours(44)
    assert [501] == world.market.updates_confirmed
    assert S.CANCELLED is world.state(44)


def test_a_booking_known_by_its_ids_and_patient_is_cancelled(world: World) -> None:
    """
    An earlier integration entered it without our reference.
    """
    added = world.pms.add_appointment("1", TEN, patient_id="7")
    world.wants_update(44, appointment_ids=(added,), patient_id="7")

    world.running().poll()

    assert [] == world.pms.live_appointments()
    assert [501] == world.market.updates_confirmed


@pytest.mark.parametrize(
    ("ids", "patient"),
    [
        pytest.param(("1",), "8", id="another patient's"),
        pytest.param(("1", "77"), "7", id="one of two is not there"),
        pytest.param(("77",), "7", id="not there"),
        pytest.param(("1",), "", id="no patient given"),
        pytest.param((), "7", id="no ids given"),
    ],
)
def test_ids_that_do_not_resolve_to_the_patient_prove_nothing(world: World, ids: tuple[str, ...], patient: str) -> None:
    """
    Somebody's appointment is not cancelled on a number alone.
    """
    world.pms.add_appointment("1", TEN, patient_id="7")
    world.wants_update(44, appointment_ids=ids, patient_id=patient)

    world.running().poll()

    assert 1 == len(world.pms.live_appointments())
    assert [501] == world.market.updates_rejected


def arrive(world: World, appointment_id: str) -> None:
    world.pms.change_appointment(appointment_id, state=AppointmentState.ARRIVED)


def move(world: World, appointment_id: str) -> None:
    world.pms.change_appointment(appointment_id, start=TEN + timedelta(minutes=30))


def give_away(world: World, appointment_id: str) -> None:
    world.pms.add_patient("8", first_name="Ben", last_name="Ng")
    world.pms.change_appointment(appointment_id, patient_id="8")


def let_it_pass(world: World, appointment_id: str) -> None:
    world.clock.set_local(TEN + timedelta(minutes=1))


@pytest.mark.parametrize("event", [arrive, move, give_away, let_it_pass])
def test_what_is_not_as_it_was_entered_is_left_to_a_person(world: World, event: Callable[[World, str], None]) -> None:
    """
    The front desk knows more than we do: a task, and Healthengine hears that it was not done.
    """
    event(world, confirmed(world))
    world.wants_update(1)
    agent = world.running()

    agent.poll()

    assert 1 == len(world.pms.live_appointments())
    assert [501] == world.market.updates_rejected
    assert C.TASK is cancellation_state(world)
    assert [TaskKind.CANCEL_BY_HAND] == [task.kind for task in world.tasks()]


def test_a_refusal_asked_for_again_is_given_again(world: World) -> None:
    """
    The same answer, though the appointment could be cancelled by now, and one task.
    """
    appointment = confirmed(world)
    arrive(world, appointment)
    update = world.wants_update(1)
    agent = world.running()
    agent.poll()
    world.pms.change_appointment(appointment, state=AppointmentState.BOOKED)
    world.market.updates[501] = update

    agent.poll()

    assert [501, 501] == world.market.updates_rejected
    assert 1 == len(world.ours())
    assert 1 == len(world.tasks())


@pytest.mark.parametrize("error", [HE_SILENT, LINK_DOWN])
def test_an_answer_that_is_lost_is_given_again(world: World, error: FrontdeskError) -> None:
    """
    The PMS is not touched twice for it.
    """
    confirmed(world)
    world.wants_update(1)
    agent = world.running()
    left = [error]

    def fail() -> None:
        if left:
            raise left.pop()

    world.market.fail["confirm_update"] = fail
    report = agent.poll()
    assert error is report.error
    assert C.CANCELLED is cancellation_state(world)

    agent.poll()

    assert [501] == world.market.updates_confirmed
    assert 1 == world.pms.calls.count("cancel")


@pytest.mark.parametrize("status", [400, 404, 410])
def test_an_answer_that_healthengine_calls_handled(world: World, status: int) -> None:
    """
    It ends the matter.
    """
    confirmed(world)
    update = world.wants_update(1)
    agent = world.running()

    def fail() -> None:
        raise RecordRejected("he-refused", "Refused.", status=status)

    world.market.fail["confirm_update"] = fail

    handle_update(agent.context, update)

    assert C.ANSWERED is cancellation_state(world)


@pytest.mark.parametrize("error", [PMS_AWAY, PMS_SILENT])
def test_a_pms_that_is_away_is_asked_again(world: World, error: FrontdeskError) -> None:
    """
    Nothing is answered before it is done.
    """
    confirmed(world)
    world.wants_update(1)
    agent = world.running()
    world.pms.fail("cancel", error)
    agent.poll()
    assert [] == world.market.updates_confirmed

    agent.poll()

    assert [501] == world.market.updates_confirmed
    assert [] == world.ours()


def test_the_desk_was_quicker(world: World) -> None:
    """
    Cancelled in the PMS already: the answer is yes.
    """
    world.pms.change_appointment(confirmed(world), state=AppointmentState.CANCELLED)
    world.wants_update(1)

    world.running().poll()

    assert [501] == world.market.updates_confirmed


def test_a_booking_that_may_be_in_the_pms_is_looked_for_there(world: World) -> None:
    """
    Its insertion was never answered; the cancellation finds it all the same.
    """
    world.pms.lose_answer = PMS_SILENT
    world.patient_books()
    agent = world.running()
    world.pms.fail("find_booked", PMS_SILENT)
    agent.poll()
    assert S.INSERTING is world.state()
    world.patient_cancels(1, stays=False, update=True)

    agent.poll()

    assert [] == world.ours()
    assert [501] == world.market.updates_confirmed


def test_a_booking_that_was_never_entered_only_has_to_stay_out(world: World) -> None:
    """
    The PMS was away, the patient changed their mind.
    """
    world.pms.fail("book", PMS_AWAY)
    world.patient_books()
    agent = world.running()
    agent.poll()
    world.patient_cancels(1, stays=False, update=True)

    agent.poll()
    agent.poll()

    assert [] == world.ours()
    assert [501] == world.market.updates_confirmed
    assert S.CANCELLED is world.state()


@pytest.mark.parametrize(("event", "is_so"), [(None, True), (AppointmentState.CANCELLED, False)])
def test_an_update_that_is_no_cancellation(world: World, event: AppointmentState | None, *, is_so: bool) -> None:
    """
    Confirmed where the PMS already agrees, refused otherwise; the diary is not touched.
    """
    appointment = confirmed(world)
    if event:
        world.pms.change_appointment(appointment, state=event)
    world.wants_update(1, HealthengineStatus.CONFIRMED)

    world.running().poll()

    assert ([501] if is_so else []) == world.market.updates_confirmed
    assert ([] if is_so else [501]) == world.market.updates_rejected
    assert 0 == world.pms.calls.count("cancel")


def test_an_update_of_a_booking_that_nobody_knows(world: World) -> None:
    """
    There is nothing that it could agree with.
    """
    world.wants_update(99, HealthengineStatus.CONFIRMED)

    world.running().poll()

    assert [501] == world.market.updates_rejected


def test_two_cancellations_of_one_booking_are_both_answered(world: World) -> None:
    """
    Healthengine may ask under two numbers.
    """
    confirmed(world)
    world.wants_update(1)
    world.wants_update(1)

    world.running().poll()

    assert [501, 502] == world.market.updates_confirmed


def test_the_time_can_be_booked_anew_in_the_same_poll(world: World) -> None:
    """
    The cancellation of whoever holds it goes first (rule 2).
    """
    confirmed(world)
    world.wants_update(1)
    world.patient_books(2, patient=BEN)

    world.running().poll()

    assert [] == world.ours(1)
    assert 1 == len(world.ours(2))
    assert S.CONFIRMED is world.state(2)


def test_the_time_of_a_booking_listed_as_cancelled_can_be_booked_anew_in_the_same_poll(world: World) -> None:
    """
    The same where the holder was never answered and stays in the list as cancelled.
    """

    def link_is_down() -> None:
        raise LINK_DOWN

    world.market.fail["confirm_booking"] = link_is_down
    world.patient_books(1)
    agent = world.running()
    agent.poll()
    world.market.fail.clear()
    world.patient_cancels(1, stays=True, update=False)
    world.patient_books(2, patient=BEN)

    agent.poll()

    assert [] == world.ours(1)
    assert 1 == len(world.ours(2))
    assert S.CONFIRMED is world.state(2)


def test_a_cancellation_after_the_appointment_began_keeps_what_the_ledger_knew(world: World) -> None:
    """
    Refused by the PMS for being past, the booking still counts as confirmed.
    """
    confirmed(world)
    world.clock.set_local(datetime(2026, 11, 24, 10, 5))
    world.wants_update(1)

    world.running().poll()

    assert S.CONFIRMED is world.state()
