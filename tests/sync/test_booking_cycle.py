"""
One booking on its way into the PMS and back to Healthengine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sync_support import ANN, BEN, HE_SILENT, LINK_DOWN, PMS_AWAY, PMS_SILENT, PRACTICE_ID, TEN, World

from agent.domain.booking import BookingState
from agent.domain.errors import ContractBroken, FrontdeskError, RecordRejected
from agent.ports.marketplace import Unreadable
from agent.ports.pms import BookingWay, Capabilities
from agent.ports.tasks import TaskKind

S = BookingState


def raising(error: FrontdeskError, *, times: int = 1) -> Callable[[], None]:
    left = [error] * times

    def fail() -> None:
        if left:
            raise left.pop()

    return fail


def the_desk_books(world: World) -> None:
    world.pms.add_appointment("1", TEN)


def test_a_known_patient_gets_an_appointment_and_a_yes(world: World) -> None:
    """
    The appointment is the patient's own, with its length and type, and Healthengine learns both ids.
    """
    world.patient_books()

    report = world.running().poll()

    made = world.ours()[0]
    assert ("7", TEN, 15, "1") == (made.patient_id, made.start, made.minutes, made.type_id)
    assert [((made.id,), "7")] == world.market.confirmed[1]
    assert S.CONFIRMED is world.state()
    assert "1 booking" == str(report)


def test_an_agent_that_has_just_started_reads_the_practice_first(world: World) -> None:
    """
    What waits at the start is not refused because nobody has read the doctors yet.
    """
    world.patient_books()

    world.agent().poll()

    assert S.CONFIRMED is world.state()


@pytest.mark.parametrize(("first", "last"), [("ANN", "lee"), ("Änn", "Lée"), (" ann ", "L'ee")])
def test_the_spelling_of_a_name_does_not_make_a_new_patient(world: World, first: str, last: str) -> None:
    """
    Case, accents and punctuation are nobody's identity.
    """
    world.patient_books(patient=replace(ANN, first_name=first, last_name=last))

    world.running().poll()

    assert "7" == world.ours()[0].patient_id


@pytest.mark.parametrize("changes", [{"date_of_birth": date(1981, 2, 3)}, {"first_name": "Anne-Marie"}])
def test_somebody_else_of_similar_details_is_a_new_patient(world: World, changes: dict[str, Any]) -> None:
    """
    The same name with another birthday is another person, though the phone is the same.
    """
    world.patient_books(patient=replace(ANN, **changes))

    world.running().poll()

    assert "8" == world.ours()[0].patient_id


def test_two_records_of_one_person_are_not_chosen_between(world: World) -> None:
    """
    Where nobody can say which is right, a new record is the lesser evil.
    """
    world.pms.add_patient("9", first_name="Ann", last_name="Lee")
    world.patient_books()

    world.running().poll()

    assert world.ours()[0].patient_id not in {"7", "9"}


def test_the_length_comes_from_the_type_when_the_booking_names_none(world: World) -> None:
    """
    Healthengine may leave the length out.
    """
    world.patient_books(seconds=0)

    world.running().poll()

    assert 15 == world.ours()[0].minutes


def test_a_type_that_is_gone_is_left_out(world: World) -> None:
    """
    The time is what the patient chose; a type removed meanwhile does not cost the appointment.
    """
    world.patient_books(type_id="gone")

    world.running().poll()

    assert "" == world.ours()[0].type_id
    assert S.CONFIRMED is world.state()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"resource_id": None}, "no-resource", id="the doctor was removed (R6)"),
        pytest.param({"resource_id": "99"}, "unknown-resource", id="nobody knows the doctor"),
        pytest.param({"seconds": 0, "type_id": ""}, "no-length", id="no length at all"),
        pytest.param({"seconds": 90_000}, "no-length", id="longer than a day"),
        pytest.param({"start": datetime(2026, 11, 23, 8, 45)}, "past", id="its time has passed"),
        pytest.param({"start": datetime(2026, 11, 24, 13, 0)}, "not-free", id="outside working time"),
    ],
)
@pytest.mark.parametrize(("waited", "is_young"), [(1, True), (14, True), (15, False), (300, False)])
def test_what_cannot_be_entered_is_refused_while_that_may_be_said(
    world: World, changes: dict[str, Any], code: str, waited: float, *, is_young: bool
) -> None:
    """
    Below 15 s the patient hears no; from then on Healthengine may have said yes, and a person has to see to it.
    """
    world.patient_books(waited=waited, **changes)

    world.running().poll()

    assert [] == world.ours()
    assert (S.REJECTED if is_young else S.TASK) is world.state()
    assert (1 if is_young else 0) == len(world.market.rejected[1])
    assert (0 if is_young else 1) == len(world.tasks())
    if is_young:
        assert code == world.entry().reason
    else:
        assert (TaskKind.PAST if code == "past" else TaskKind.CONFLICT) is world.tasks()[0].kind


def test_age_is_told_by_healthengines_clock(world: World) -> None:
    """
    A server whose clock is an hour slow still knows how long the patient has waited.
    """
    world.market.now = lambda: world.clock.now() + timedelta(hours=1)
    world.pms.add_appointment("1", TEN)
    world.patient_books(booked_at=world.clock.now() + timedelta(minutes=59, seconds=40))

    world.running().poll()

    assert S.TASK is world.state()
    assert [] == world.market.rejected[1]


def test_a_rejection_asks_for_the_day_again(world: World) -> None:
    """
    The times shown were wrong, or the patient would not have chosen this one (R7).
    """
    world.pms.add_appointment("1", TEN)
    world.patient_books()
    agent = world.running()

    agent.poll()

    assert 1 == agent.availability_wanted


def test_an_appointment_makes_older_snapshots_of_the_doctors_day_too_old(world: World) -> None:
    """
    A reading from before the booking must not show its time as free again.
    """
    world.patient_books()
    agent = world.running()
    token = agent.context.raised()

    agent.poll()

    assert agent.context.raised_since(token, "1@1:gp", TEN.date())
    assert not agent.context.raised_since(token, "2@1:gp", TEN.date())
    assert agent.availability_wanted


def test_the_desk_books_the_same_time_at_the_same_moment(world: World) -> None:
    """
    Too late to say no, both are in: both stay, the patient keeps the yes, and a person moves one of them.
    """
    world.pms.between = partial(the_desk_books, world)
    world.patient_books(waited=16)

    world.running().poll()

    assert 1 == len(world.ours())
    assert S.CONFIRMED is world.state()
    assert [TaskKind.CONFLICT] == [task.kind for task in world.tasks()]


def test_the_desk_books_the_same_time_and_no_may_still_be_said(world: World) -> None:
    """
    In time, ours is withdrawn and the patient hears no.
    """
    world.pms.between = partial(the_desk_books, world)
    world.patient_books(waited=3)

    world.running().poll()

    assert [] == world.ours()
    assert S.REJECTED is world.state()


@pytest.mark.parametrize(
    ("waited", "expected"),
    [(0, S.REQUESTED), (4, S.REQUESTED), (5, S.REJECTED), (14, S.REJECTED), (16, S.REQUESTED), (530, S.REQUESTED), (541, S.TASK)],
)
@pytest.mark.parametrize("operation", ["find_patients", "book"])
def test_a_pms_that_is_away(world: World, operation: str, waited: float, expected: BookingState) -> None:
    """
    At first it is tried again, then the patient hears no in time; later it waits, and at last a person is told.
    """
    world.pms.fail(operation, PMS_AWAY)
    world.patient_books(waited=waited)

    report = world.running().poll()

    assert PMS_AWAY is report.error
    assert expected is world.state()
    assert [] == world.ours()
    assert (expected is S.REJECTED) is bool(world.market.rejected[1])
    assert (expected is S.TASK) is bool(world.tasks())


def test_a_pms_that_comes_back_gets_the_booking(world: World) -> None:
    """
    Healthengine lists it again, and it is entered once.
    """
    world.pms.fail("book", PMS_AWAY)
    world.patient_books(waited=20)
    agent = world.running()
    agent.poll()

    agent.poll()

    assert 1 == len(world.ours())
    assert S.CONFIRMED is world.state()


def test_a_lost_answer_of_the_pms_that_was_a_yes(world: World) -> None:
    """
    The PMS is asked before anything else happens, and what it has is confirmed.
    """
    world.pms.lose_answer = PMS_SILENT
    world.patient_books(waited=10)
    agent = world.running()
    world.pms.fail("find_booked", PMS_SILENT)
    agent.poll()
    assert S.INSERTING is world.state()
    assert [] == world.market.rejected[1]
    world.pms.calls.clear()

    agent.poll()

    assert S.CONFIRMED is world.state()
    assert [((world.ours()[0].id,), "7")] == world.market.confirmed[1]
    assert ["find_booked"] == world.pms.calls


def test_a_lost_answer_of_the_pms_that_was_nothing(world: World) -> None:
    """
    The PMS says that it has nothing: then it is entered, once.
    """
    world.pms.fail("book", PMS_SILENT)
    world.patient_books()
    agent = world.running()
    world.pms.fail("find_booked", PMS_SILENT)
    agent.poll()
    assert S.INSERTING is world.state()

    agent.poll()

    assert 1 == len(world.ours())
    assert S.CONFIRMED is world.state()


@pytest.mark.parametrize("error", [HE_SILENT, LINK_DOWN])
def test_a_confirmation_that_is_lost_is_given_again_with_the_same_ids(world: World, error: FrontdeskError) -> None:
    """
    Asked again or not, Healthengine hears the same once more, and the PMS has one row (R11).
    """
    world.market.fail["confirm_booking"] = raising(error, times=2)
    booking = world.patient_books()
    agent = world.running()
    agent.poll()
    agent.poll()
    world.lists_again(booking)
    agent.poll()

    assert 1 == len(world.ours())
    assert {((world.ours()[0].id,), "7")} == set(world.market.confirmed[1])
    assert 1 == world.pms.calls.count("book")
    assert S.CONFIRMED is world.state()


@pytest.mark.parametrize("status", [400, 404, 410])
def test_a_confirmation_that_healthengine_calls_handled(world: World, status: int) -> None:
    """
    Each of its words for "already answered" ends it, and what is in the PMS stays.
    """
    world.market.fail["confirm_booking"] = raising(RecordRejected("he-refused", "Refused.", status=status))
    world.patient_books()

    world.running().poll()

    assert S.CONFIRMED is world.state()
    assert f"he-{status}" == world.entry().reason
    assert 1 == len(world.ours())


@pytest.mark.parametrize("status", [400, 404, 410])
def test_a_rejection_that_healthengine_calls_handled(world: World, status: int) -> None:
    """
    A no that comes too late for Healthengine is not sent for ever.
    """
    world.market.fail["reject_booking"] = raising(RecordRejected("he-refused", "Refused.", status=status))
    world.patient_books(resource_id=None)

    world.running().poll()

    assert S.REJECTED is world.state()


def test_a_confirmed_booking_that_is_listed_again_gets_the_same_answer(world: World) -> None:
    """
    Healthengine lost our answer: same ids, nothing inserted twice.
    """
    booking = world.patient_books()
    agent = world.running()
    agent.poll()
    world.lists_again(booking)

    agent.poll()

    assert 1 == len(world.ours())
    assert 2 == len(world.market.confirmed[1])
    assert 1 == len(set(world.market.confirmed[1]))


def test_a_rejected_booking_that_is_listed_again_gets_the_same_answer(world: World) -> None:
    """
    Free by now or not: the patient was told no.
    """
    taken = world.pms.add_appointment("1", TEN)
    booking = world.patient_books()
    agent = world.running()
    agent.poll()
    world.pms.delete_appointment(taken)
    world.lists_again(booking)

    agent.poll()

    assert [] == world.ours()
    assert 2 == len(world.market.rejected[1])


def test_a_booking_cancelled_while_its_yes_is_under_way(world: World) -> None:
    """
    The answer finishes when it finishes; the cancellation stands.
    """
    waiting: list[Callable[[], None]] = []
    world.patient_books()
    agent = world.agent(answers=waiting.append).read_practice()
    agent.poll()
    world.patient_cancels(1, stays=False, update=True)
    agent.poll()
    for answer in waiting:
        answer()

    assert S.CANCELLED is world.state()
    assert [] == world.ours()
    assert [501] == world.market.updates_confirmed


def test_a_booking_whose_yes_is_under_way_is_left_alone(world: World) -> None:
    """
    Polls come every five seconds; a slow answer is not given twice at a time.
    """
    waiting: list[Callable[[], None]] = []
    world.patient_books()
    agent = world.agent(answers=waiting.append).read_practice()

    agent.poll()
    agent.poll()

    assert 1 == len(waiting)
    assert 1 == world.pms.calls.count("book")


@pytest.mark.parametrize("waited", [539, 541])
def test_a_task_is_settled_with_healthengine_before_ten_minutes(world: World, waited: float) -> None:
    """
    Nobody has seen to it: the patient is told before Healthengine takes offence, and the task stays for reception.
    """
    world.pms.add_appointment("1", TEN)
    world.patient_books(waited=30)
    agent = world.running()
    agent.poll()
    world.clock.advance(seconds=waited - 30)

    agent.poll()

    assert ([1] if waited > 540 else []) == world.market.cancelled
    assert 1 == len(world.tasks())
    assert S.TASK is world.state()


def test_a_settled_task_is_settled_once(world: World) -> None:
    """
    Listed again all the same, it is not cancelled over and over.
    """
    world.pms.add_appointment("1", TEN)
    booking = world.patient_books(waited=30)
    agent = world.running()
    agent.poll()
    world.clock.advance(minutes=10)
    agent.poll()
    world.lists_again(booking)

    agent.poll()

    assert [1] == world.market.cancelled


def test_a_task_closes_when_the_patient_cancels(world: World) -> None:
    """
    There is nobody to phone any more.
    """
    world.pms.add_appointment("1", TEN)
    world.patient_books(waited=30)
    agent = world.running()
    agent.poll()
    assert 1 == len(world.tasks())
    world.patient_cancels(1, stays=False, update=True)

    agent.poll()

    assert [] == world.tasks()
    assert S.CANCELLED is world.state()


def test_a_task_closes_when_the_booking_is_listed_as_cancelled(world: World) -> None:
    """
    The same, without any update.
    """
    world.pms.add_appointment("1", TEN)
    world.patient_books(waited=30)
    agent = world.running()
    agent.poll()
    world.patient_cancels(1, stays=True, update=False)

    agent.poll()

    assert [] == world.tasks()
    assert not world.market.bookings


def test_a_pms_that_takes_no_bookings_leaves_them_to_a_person(world: World) -> None:
    """
    A read-only PMS degrades visibly.
    """
    world.pms.capabilities = Capabilities(booking=BookingWay.NONE, create_patients=False, cancel=False)
    world.patient_books()

    world.running().poll()

    assert [TaskKind.ENTER_BY_HAND] == [task.kind for task in world.tasks()]
    assert [] == world.ours()


@pytest.mark.parametrize(
    "error",
    [
        ContractBroken("pms-column", "A column is missing."),
        RecordRejected("pms-patient", "The patient cannot be created."),
        PMS_AWAY,
        PMS_SILENT,
    ],
)
def test_one_poisoned_booking_blocks_none_of_the_others(world: World, error: FrontdeskError) -> None:
    """
    The second is entered in the same poll, whatever the first one does to the PMS.
    """
    world.pms.fail("book", error)
    world.patient_books(1, waited=5, patient=BEN)
    world.patient_books(2, start=TEN + timedelta(minutes=15))

    report = world.running().poll()

    assert error is report.error
    assert S.CONFIRMED is world.state(2)
    assert S.CONFIRMED is not world.state(1) or 1 == len(world.ours(1))


def test_an_unreadable_entry_is_a_task_once_and_blocks_nothing(world: World) -> None:
    """
    A person looks it up in Healthengine's portal.
    """
    world.market.unreadable = (Unreadable(id=9, why="bookedTime"), Unreadable(id=0, why="a kind nobody knows"))
    world.patient_books()
    agent = world.running()

    agent.poll()
    agent.poll()

    assert S.CONFIRMED is world.state(1)
    assert [(TaskKind.UNREADABLE, 9)] == [(task.kind, task.booking_id) for task in world.tasks()]
    assert {"a kind nobody knows"} == agent.others.unknown_kinds


def test_the_answer_is_timed_by_healthengines_clock(world: World) -> None:
    """
    What the screen shows as "answered after" is what Healthengine saw.
    """
    world.patient_books(waited=4)

    world.running().poll()

    entry = world.entry()
    assert entry.answered_at is not None
    assert timedelta(seconds=4) == entry.answered_at - entry.booked_at
    assert UTC is entry.answered_at.tzinfo


def test_every_step_is_in_the_ledger(world: World) -> None:
    """
    The life cycle reads as it was lived.
    """
    world.patient_books()

    world.running().poll()

    steps = [step.state for step in world.store.ledger.steps(PRACTICE_ID, 1)]
    assert ["requested", "inserting", "inserted", "confirming", "confirmed"] == steps
