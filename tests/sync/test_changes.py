"""
What the practice does to our bookings, told to Healthengine.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sync_support import LINK_DOWN, PMS_AWAY, TEN, World

from agent.domain.booking import BookingState, ChangeRequest
from agent.domain.diary import AppointmentState
from agent.domain.errors import RecordRejected, Transient
from agent.ports.tasks import TaskKind

S = BookingState


def confirmed(world: World) -> str:
    """
    Let one booking be confirmed, and return its appointment id.
    """
    world.patient_books()
    world.running().poll()
    return world.ours()[0].id


def test_nothing_changed(world: World) -> None:
    """
    A quiet look sends nothing.
    """
    confirmed(world)

    text = world.running().watch.run()

    assert "1 booking watched" == text
    assert [] == world.market.cancelled


def test_without_bookings_the_pms_is_not_asked(world: World) -> None:
    """
    There is nothing to watch.
    """
    world.running().watch.run()

    assert "states" not in world.pms.calls


@pytest.mark.parametrize("deleted", [True, False])
def test_gone_only_after_two_looks_a_minute_apart(world: World, *, deleted: bool) -> None:
    """
    Desks take appointments out and put them back elsewhere: the first look proves nothing (R9).
    """
    appointment = confirmed(world)
    if deleted:
        world.pms.delete_appointment(appointment)
    else:
        world.pms.change_appointment(appointment, state=AppointmentState.CANCELLED)
    watch = world.running().watch
    watch.run()
    world.clock.advance(seconds=59)
    watch.run()
    assert [] == world.market.cancelled
    world.clock.advance(seconds=1)

    text = watch.run()

    assert [1] == world.market.cancelled
    assert S.GONE is world.state()
    assert "1 booking watched, 1 change sent" == text


def test_one_that_was_put_back_in_between_is_kept(world: World) -> None:
    """
    The minute begins anew each time it goes.
    """
    appointment = confirmed(world)
    watch = world.running().watch
    world.pms.change_appointment(appointment, state=AppointmentState.CANCELLED)
    watch.run()
    world.clock.advance(seconds=40)
    world.pms.change_appointment(appointment, state=AppointmentState.BOOKED)
    watch.run()
    world.pms.change_appointment(appointment, state=AppointmentState.CANCELLED)
    world.clock.advance(seconds=40)

    watch.run()

    assert [] == world.market.cancelled
    assert S.CONFIRMED is world.state()


def test_one_that_was_typed_again_with_its_reference_lives_on_under_the_new_id(world: World) -> None:
    """
    Cut and paste at the desk is no cancellation.
    """
    world.pms.delete_appointment(confirmed(world))
    watch = world.running().watch
    watch.run()
    again = world.pms.add_appointment("1", TEN, patient_id="7", reference=1)
    world.clock.advance(seconds=61)

    watch.run()
    watch.run()

    assert [] == world.market.cancelled
    assert (again,) == world.entry().appointment_ids
    assert S.CONFIRMED is world.state()


def test_a_watched_booking_survives_a_restart_between_the_looks(world: World) -> None:
    """
    A new life of the agent looks twice again rather than believe one look.
    """
    world.pms.delete_appointment(confirmed(world))
    world.running().watch.run()
    world.clock.advance(seconds=61)

    world.running().watch.run()

    assert [] == world.market.cancelled


@pytest.mark.parametrize("changes", [{"start": TEN + timedelta(minutes=30)}, {"practitioner_id": "2"}])
def test_one_that_was_moved_is_a_task_once(world: World, changes: dict[str, datetime | str]) -> None:
    """
    Healthengine has no call for a move: reception is told, once, and the booking is kept.
    """
    world.pms.change_appointment(confirmed(world), **changes)  # type: ignore[arg-type] # one of two names
    watch = world.running().watch
    watch.run()

    watch.run()

    assert [(TaskKind.MOVED, 1)] == [(task.kind, task.booking_id) for task in world.tasks()]
    assert [] == world.market.cancelled
    assert S.CONFIRMED is world.state()


@pytest.mark.parametrize(("there", "is_told"), [("A", False), ("B", True)])
def test_another_room(world: World, there: str, *, is_told: bool) -> None:
    """
    In another room of the same building the patient comes to the same door; in another building somebody has to phone.
    """
    world.pms.add_location("1", premises="A")
    world.pms.add_location("2", premises=there)
    world.pms.change_appointment(confirmed(world), location_id="2")

    world.running().watch.run()

    assert is_told is (TaskKind.MOVED in [task.kind for task in world.tasks()])
    assert "2" == world.entry().place.location_id


@pytest.mark.parametrize(
    ("local", "is_told"),
    [
        (datetime(2026, 11, 24, 11, 0), False),
        (datetime(2026, 11, 24, 19, 59), False),
        (datetime(2026, 11, 24, 20, 0), True),
        (datetime(2026, 11, 25, 0, 1), True),
    ],
)
def test_did_not_attend_is_told_at_the_end_of_the_day(world: World, local: datetime, *, is_told: bool) -> None:
    """
    Staff correct such marks in the course of the day.
    """
    world.pms.change_appointment(confirmed(world), state=AppointmentState.DID_NOT_ATTEND)
    world.clock.set_local(local)

    world.running().watch.run()

    assert ([1] if is_told else []) == world.market.not_attended
    assert (S.DID_NOT_ATTEND if is_told else S.CONFIRMED) is world.state()


def test_did_not_attend_is_told_at_once_when_healthengine_asks(world: World) -> None:
    """
    A question is answered with what is known now (R8).
    """
    world.pms.change_appointment(confirmed(world), state=AppointmentState.DID_NOT_ATTEND)
    world.clock.set_local(datetime(2026, 11, 24, 11, 0))

    world.running().watch.run([ChangeRequest(booking_id=1)])

    assert [1] == world.market.not_attended
    assert S.DID_NOT_ATTEND is world.state()


def test_a_question_about_one_that_stands(world: World) -> None:
    """
    Nothing has changed (R8).
    """
    confirmed(world)

    world.running().watch.run([ChangeRequest(booking_id=1)])

    assert [1] == world.market.unchanged


def test_a_question_about_one_that_was_moved(world: World) -> None:
    """
    A move cannot be told; the booking stands.
    """
    world.pms.change_appointment(confirmed(world), start=TEN + timedelta(minutes=30))

    world.running().watch.run([ChangeRequest(booking_id=1)])

    assert [1] == world.market.unchanged


def test_a_question_about_one_that_was_cancelled(world: World) -> None:
    """
    Marked as cancelled is certain: no second look is needed when Healthengine asks.
    """
    world.pms.change_appointment(confirmed(world), state=AppointmentState.CANCELLED)

    world.running().watch.run([ChangeRequest(booking_id=1)])

    assert [1] == world.market.cancelled
    assert S.GONE is world.state()


def test_a_question_about_one_that_is_not_found(world: World) -> None:
    """
    Merely not there is "no change" until it counts as gone.
    """
    world.pms.delete_appointment(confirmed(world))

    world.running().watch.run([ChangeRequest(booking_id=1)])

    assert [1] == world.market.unchanged
    assert [] == world.market.cancelled


def test_a_question_about_one_that_is_gone_gets_the_same_answer(world: World) -> None:
    """
    Asked again, told again.
    """
    world.pms.change_appointment(confirmed(world), state=AppointmentState.CANCELLED)
    watch = world.running().watch
    watch.run([ChangeRequest(booking_id=1)])

    watch.run([ChangeRequest(booking_id=1)])

    assert [1, 1] == world.market.cancelled


def test_a_question_about_a_booking_that_nobody_knows(world: World) -> None:
    """
    There is no call to refuse it: no change.
    """
    world.running().watch.run([ChangeRequest(booking_id=99)])

    assert [99] == world.market.unchanged


@pytest.mark.parametrize(("patient", "expected"), [("7", [44]), ("8", [])])
def test_a_question_about_one_that_is_known_by_its_ids(world: World, patient: str, expected: list[int]) -> None:
    """
    Ids count only together with their patient.
    """
    added = world.pms.add_appointment("1", TEN, patient_id="7", state=AppointmentState.CANCELLED)

    world.running().watch.run([ChangeRequest(booking_id=44, appointment_ids=(added,), patient_id=patient)])

    assert expected == world.market.cancelled
    assert ([] if expected else [44]) == world.market.unchanged


def test_a_link_that_is_down_loses_nothing(world: World) -> None:
    """
    What could not be told is told with the next run.
    """

    def fail() -> None:
        raise LINK_DOWN

    world.pms.change_appointment(confirmed(world), state=AppointmentState.CANCELLED)
    watch = world.running().watch
    watch.run()
    world.clock.advance(seconds=61)
    world.market.fail["cancel_booking"] = fail
    with pytest.raises(Transient):
        watch.run()
    assert S.CONFIRMED is world.state()
    world.market.fail.clear()

    watch.run()

    assert [1] == world.market.cancelled
    assert S.GONE is world.state()


def test_healthengine_does_not_take_a_change(world: World) -> None:
    """
    Its refusal ends the matter: it is not sent for ever.
    """

    def fail() -> None:
        raise RecordRejected("he-refused", "Refused.", status=404)

    world.pms.change_appointment(confirmed(world), state=AppointmentState.CANCELLED)
    world.market.fail["cancel_booking"] = fail

    world.running().watch.run([ChangeRequest(booking_id=1)])

    assert S.GONE is world.state()


def test_a_pms_that_is_away_proves_nothing(world: World) -> None:
    """
    A reading that fails is not an empty diary.
    """
    confirmed(world)
    watch = world.running().watch
    for _ in range(3):
        world.pms.fail("states", PMS_AWAY)
        with pytest.raises(Transient):
            watch.run()
        world.clock.advance(minutes=2)

    watch.run()

    assert [] == world.market.cancelled
    assert S.CONFIRMED is world.state()


def test_one_of_the_past_is_watched_for_two_days(world: World) -> None:
    """
    Did-not-attend is often marked the next morning; after that nothing is read for it.
    """
    confirmed(world)
    watch = world.running().watch
    world.clock.set_local(TEN + timedelta(days=2))
    assert "1 booking watched" == watch.run()
    world.clock.advance(minutes=1)

    assert "0 bookings watched" == watch.run()
