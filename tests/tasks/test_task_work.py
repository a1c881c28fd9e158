"""
People end tasks, and the ledger, Healthengine and the PMS end up agreeing: one situation each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sync_support import ANN, BEN, LINK_DOWN, PMS_AWAY, PRACTICE_ID, TEN, Agent, World

from agent.domain.booking import BookingState
from agent.domain.errors import FrontdeskError, RecordRejected
from agent.domain.tasks import Ending, Task, TaskAction, TaskKind, TaskState
from agent.ports.pms import BookingWay, Capabilities
from agent.sync.tasks import IN_THE_PORTAL, TaskWork

A, S = TaskAction, BookingState


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(FrontdeskError) as caught:
        call()
    return caught.value.code


def late_conflict(world: World, *, waited: float = 30) -> tuple[Agent, Task]:
    """
    A booking that came late and whose time a stranger has.
    """
    world.pms.add_patient("8", first_name="Ben", last_name="Ng", date_of_birth=BEN.date_of_birth, phone="0400000002")
    world.pms.add_appointment("1", TEN, patient_id="8")
    world.patient_books(1, waited=waited)
    agent = world.running()
    agent.poll()
    (task,) = world.tasks()
    return agent, task


def act(agent: Agent, task: Task, action: TaskAction, by: str = "mel") -> str:
    current = agent.context.tasks.task(task.id)
    assert current is not None
    return TaskWork(agent.context).act(current, action, by=by)


def now_of(world: World, task: Task) -> Task:
    found = world.store.tasks.task(task.id)
    assert found is not None
    return found


def test_a_task_says_where_its_booking_is(world: World) -> None:
    """
    Location, resource and time come from the ledger, for the filter of a reception desk.
    """
    _, task = late_conflict(world)

    assert (TaskKind.CONFLICT, "1", "1@1:gp", TEN) == (task.kind, task.location_id, task.resource_id, task.start)


def test_a_task_is_claimed_released_and_taken_over(world: World) -> None:
    """
    Nothing of the booking changes.
    """
    agent, task = late_conflict(world)
    act(agent, task, A.CLAIM)
    act(agent, task, A.CLAIM, by="sam")
    claimed = now_of(world, task)
    act(agent, task, A.RELEASE)

    assert (TaskState.CLAIMED, "sam") == (claimed.state, claimed.claimed_by)
    assert (TaskState.OPEN, S.TASK) == (now_of(world, task).state, world.state())
    assert "task-changed" == code_of(lambda: TaskWork(agent.context).act(claimed, A.CLAIM, by="mel"))


def test_a_conflict_is_cancelled_with_healthengine(world: World) -> None:
    """
    As a cancellation by the practice, never as a late no; the patient has to be phoned.
    """
    agent, task = late_conflict(world)
    said = act(agent, task, A.CANCEL_BOOKING)

    assert "phone the patient" in said
    assert ([1], {}) == (world.market.cancelled, dict(world.market.rejected))
    assert (S.CANCELLED, [], Ending.CANCELLED, "mel") == (
        world.state(),
        world.tasks(),
        now_of(world, task).ending,
        now_of(world, task).done_by,
    )


def test_within_fifteen_seconds_it_is_simply_a_no(world: World) -> None:
    """
    A practice whose PMS takes no bookings may be quick.
    """
    world.pms.capabilities = Capabilities(booking=BookingWay.NONE, create_patients=False, cancel=False)
    world.patient_books(1, waited=2)
    agent = world.running()
    agent.poll()
    (task,) = world.tasks()
    act(agent, task, A.CANCEL_BOOKING)

    assert ([], [1]) == (world.market.cancelled, list(world.market.rejected))
    assert S.REJECTED is world.state()


def test_what_healthengine_does_not_hear_stays_a_task(world: World) -> None:
    """
    The link is down: the person is told, and may try again.
    """
    agent, task = late_conflict(world)

    def down() -> None:
        raise LINK_DOWN

    world.market.fail["cancel_booking"] = down

    assert LINK_DOWN.code == code_of(lambda: act(agent, task, A.CANCEL_BOOKING))
    assert (S.TASK, TaskState.OPEN) == (world.state(), now_of(world, task).state)


def test_what_healthengine_has_settled_is_settled(world: World) -> None:
    """
    It refuses the cancellation because it knows already: that is an end as well.
    """
    agent, task = late_conflict(world)

    def refuse() -> None:
        raise RecordRejected("he-404", "Not there.", status=404)

    world.market.fail["cancel_booking"] = refuse
    act(agent, task, A.CANCEL_BOOKING)

    assert (S.CANCELLED, []) == (world.state(), world.tasks())


def test_an_unanswered_booking_is_not_simply_done(world: World) -> None:
    """
    Entered or cancelled: Healthengine has to hear something.
    """
    agent, task = late_conflict(world)

    assert "task-unanswered" == code_of(lambda: act(agent, task, A.DONE))
    assert S.TASK is world.state()


def test_entered_by_hand_with_its_mark(world: World) -> None:
    """
    Found by the mark, at another time too, and confirmed with its own ids.
    """
    agent, task = late_conflict(world)
    made = world.pms.add_appointment("2", TEN + timedelta(hours=1), patient_id="7", reference=1)
    act(agent, task, A.ENTERED)
    world.settle(agent)

    assert [((made,), "7")] == world.market.confirmed[1]
    assert (S.CONFIRMED, Ending.ENTERED, []) == (world.state(), now_of(world, task).ending, world.tasks())


def test_entered_by_hand_beside_a_stranger(world: World) -> None:
    """
    Without the mark it is the appointment of the patient who booked, at that time with that doctor.
    """
    agent, task = late_conflict(world)
    made = world.pms.add_appointment("1", TEN, patient_id="7")
    act(agent, task, A.ENTERED)
    world.settle(agent)

    assert [((made,), "7")] == world.market.confirmed[1]


def test_a_strangers_appointment_is_never_confirmed(world: World) -> None:
    """
    Only the stranger's is there, which is why there was a conflict; the person is told to write the mark.
    """
    agent, task = late_conflict(world)

    assert "task-not-found" == code_of(lambda: act(agent, task, A.ENTERED))
    assert ({}, S.TASK, TaskState.OPEN) == (dict(world.market.confirmed), world.state(), now_of(world, task).state)


def test_two_that_could_be_it_are_none(world: World) -> None:
    """
    The patient's record is there twice at that time: a person has to say which.
    """
    agent, task = late_conflict(world)
    for _ in range(2):
        world.pms.add_appointment("1", TEN, patient_id="7")

    assert "task-not-found" == code_of(lambda: act(agent, task, A.ENTERED))


def test_another_bookings_appointment_is_not_taken_for_it(world: World) -> None:
    """
    The same patient has it from another booking of ours.
    """
    world.patient_books(2)
    agent = world.settle(world.running())
    (other,) = world.ours(2)
    world.pms._appointments[other.id] = replace(other, reference=0)  # somebody took the mark away
    world.patient_books(1, waited=30)
    agent.poll()
    (task,) = world.tasks()

    assert "task-not-found" == code_of(lambda: act(agent, task, A.ENTERED))


def test_what_healthengine_no_longer_lists_is_known_by_its_mark_alone(world: World) -> None:
    """
    Nobody says any more who booked.
    """
    agent, task = late_conflict(world)
    world.pms.add_appointment("1", TEN, patient_id="7")
    world.market.bookings.clear()

    assert "task-not-found" == code_of(lambda: act(agent, task, A.ENTERED))


def test_entered_too_late(world: World) -> None:
    """
    After ten minutes Healthengine was told no: the person learns it, and nothing is confirmed.
    """
    agent, task = late_conflict(world)
    world.clock.advance(minutes=11)
    agent.poll()
    said = act(agent, task, A.ENTERED)

    assert "shows it as cancelled" in said
    assert ({}, [1], S.CANCELLED) == (dict(world.market.confirmed), world.market.cancelled, world.state())


def test_done_after_healthengine_was_told(world: World) -> None:
    """
    The ledger's open end closes with the task; undone, the task waits again and the ledger does not move.
    """
    agent, task = late_conflict(world)
    world.clock.advance(minutes=11)
    agent.poll()
    act(agent, task, A.DONE)
    ended = world.state()
    world.clock.advance(hours=23)
    act(agent, task, A.UNDO)
    undone = now_of(world, task)
    act(agent, task, A.DONE)

    assert (S.CANCELLED, TaskState.UNDONE, S.CANCELLED) == (ended, undone.state, world.state())


def test_undone_while_a_newer_one_asks_for_the_same(world: World) -> None:
    """
    Two of the same would have to be done twice.
    """
    agent = world.running()
    task = world.store.tasks.open(PRACTICE_ID, TaskKind.UNREADABLE, 5, "", world.clock.now())
    act(agent, task, A.DONE)
    world.store.tasks.open(PRACTICE_ID, TaskKind.UNREADABLE, 5, "", world.clock.now())

    assert "task-changed" == code_of(lambda: act(agent, task, A.UNDO))
    assert 1 == len(world.tasks())


def test_an_appointment_given_to_another_patient_is_cancelled_with_healthengine(world: World) -> None:
    """
    The row lives on for the other patient, and nothing in the PMS is touched.
    """
    world.patient_books(1)
    agent = world.settle(world.running())
    agent.watch.run()
    world.pms.add_patient("8", first_name="Ben", last_name="Ng", date_of_birth=BEN.date_of_birth)
    world.pms.change_appointment(world.ours()[0].id, patient_id="8")
    agent.watch.run()
    (task,) = world.tasks()
    act(agent, task, A.CANCEL_BOOKING)
    agent.watch.run()

    assert (TaskKind.REUSED, S.GONE, [1], []) == (task.kind, world.state(), world.market.cancelled, world.tasks())
    assert ["8"] == [a.patient_id for a in world.pms.live_appointments()]


def test_a_moved_appointment_is_cancelled_in_the_appointment_book(world: World) -> None:
    """
    Not by a task: it is in the PMS.
    """
    world.patient_books(1)
    agent = world.settle(world.running())
    world.pms.change_appointment(world.ours()[0].id, start=TEN + timedelta(hours=1))
    agent.watch.run()
    (task,) = world.tasks()

    assert "task-in-pms" == code_of(lambda: act(agent, task, A.CANCEL_BOOKING))
    act(agent, task, A.DONE)
    assert (S.CONFIRMED, []) == (world.state(), world.tasks())


def test_whom_to_phone_is_asked_of_the_pms(world: World) -> None:
    """
    By the patient's id, and only when a person looks.
    """
    world.pms.add_patient("7", first_name="Ann", last_name="Lee", date_of_birth=date(1980, 2, 3), phone="0400000001")
    world.patient_books(1)
    agent = world.settle(world.running())
    world.pms.change_appointment(world.ours()[0].id, start=TEN + timedelta(hours=1))
    agent.watch.run()
    report = TaskWork(agent.context).report(world.tasks()[0])
    world.pms.fail("patients", PMS_AWAY)
    blind = TaskWork(agent.context).report(world.tasks()[0])

    assert ("Ann Lee", "0400000001", "") == (report.patient_name, report.patient_phone, report.patient_note)
    assert ("", True) == (blind.patient_name, PMS_AWAY.code in blind.patient_note)


def test_whom_to_phone_while_healthengine_still_says_it(world: World) -> None:
    """
    Nobody in the PMS yet: Healthengine's own words, while it waits; afterwards its portal has them.
    """
    agent, task = late_conflict(world)
    report = TaskWork(agent.context).report(task)
    world.market.bookings.clear()
    later = TaskWork(agent.context).report(task)

    assert (f"{ANN.first_name} {ANN.last_name}", ANN.phone) == (report.patient_name, report.patient_phone)
    assert ("", IN_THE_PORTAL) == (later.patient_name, later.patient_note)


def test_nothing_about_the_patient_is_in_the_state_file(world: World) -> None:
    """
    Whatever was shown and done.
    """
    agent, task = late_conflict(world)
    TaskWork(agent.context).report(task)
    act(agent, task, A.CANCEL_BOOKING)
    dump = "\n".join(world.store.tasks._database._connection.iterdump())

    assert not [word for word in ("Ann", "Lee", "Ben", ANN.phone, BEN.phone) if word in dump]
