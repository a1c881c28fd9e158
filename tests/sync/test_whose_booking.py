"""
Bookings whose patient is not certain: the time is kept, reception is asked, and its choice is followed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sync_support import ANN, PMS_AWAY, Agent, World

from agent.domain.booking import BookingState as S
from agent.domain.diary import AppointmentState
from agent.domain.errors import FrontdeskError
from agent.domain.practice import OnDoubt
from agent.domain.tasks import ADVICE, GIVE_IT, TaskAction, TaskKind
from agent.sync.tasks import IN_THE_NOTES, TaskWork

PLACEHOLDER = "99"


def with_placeholder(world: World, on_doubt: OnDoubt = OnDoubt.PLACEHOLDER) -> Agent:
    world.pms.add_patient(PLACEHOLDER, first_name="Online", last_name="Booking", date_of_birth=None)
    world.practice = replace(world.practice, placeholder_patient=PLACEHOLDER, on_doubt=on_doubt)
    return world.running()


def in_doubt(world: World) -> None:
    """
    Two records of the booking's person.
    """
    world.pms.add_patient("17")
    world.patient_books()


def test_a_doubtful_booking_is_held_for_the_placeholder(world: World) -> None:
    """
    Its time is taken, Healthengine gets its yes, and reception is asked whose it is, by ids alone.
    """
    in_doubt(world)

    with_placeholder(world).poll()

    assert PLACEHOLDER == world.ours()[0].patient_id
    assert S.CONFIRMED is world.state()
    [task] = world.tasks()
    assert TaskKind.CHOOSE_PATIENT is task.kind
    assert "7 or 17" in task.why or "17 or 7" in task.why
    assert {"7", "17"} == set(task.candidates)
    assert "Ann" not in task.why


def test_the_records_to_choose_from_are_fetched_when_somebody_looks(world: World) -> None:
    """
    As the PMS has them now; and nobody is told that the placeholder booked.
    """
    in_doubt(world)
    agent = with_placeholder(world)
    agent.poll()
    [task] = world.tasks()
    report = TaskWork(agent.context).report(task)
    world.pms.fail("patients", PMS_AWAY)
    without = TaskWork(agent.context).report(task)

    assert {("7", "Ann Lee"), ("17", "Ann Lee")} == {(one.patient_id, one.name) for one in report.candidates}
    assert ("", IN_THE_NOTES) == (report.patient_name, report.patient_note)
    assert ((), True) == (without.candidates, PMS_AWAY.code in without.patient_note)


def test_receptions_choice_is_followed(world: World) -> None:
    """
    When the desk gives the appointment to a patient it is that patient's, and the question is closed.
    """
    in_doubt(world)
    agent = with_placeholder(world)
    agent.poll()
    agent.watch.run()

    world.pms.change_appointment(world.ours()[0].id, patient_id="17")
    agent.watch.run()

    assert [] == world.tasks()
    assert "17" == world.entry().patient_id
    assert S.CONFIRMED is world.state()


def test_done_is_checked_in_the_pms(world: World) -> None:
    """
    While the appointment is still held the question stays, and says so; once it is somebody's, nobody waits for the next look.
    """
    in_doubt(world)
    agent = with_placeholder(world)
    agent.poll()
    [task] = world.tasks()
    work, held = TaskWork(agent.context), world.ours()[0]
    report = work.report(task)
    with pytest.raises(FrontdeskError) as too_early:
        work.act(task, TaskAction.DONE, by="mel")
    still = world.tasks()
    world.pms.change_appointment(held.id, patient_id="17")
    said = work.act(task, TaskAction.DONE, by="mel")

    assert (PLACEHOLDER, GIVE_IT, f"patient {PLACEHOLDER}") == (report.held_for, report.advice, report.details[-1].text)
    assert ("task-not-chosen", [task]) == (too_early.value.code, still)
    assert f"Appointment {held.id} is still for patient {PLACEHOLDER}" in too_early.value.message
    assert (f"Task {task.id} is done. Its appointment is for patient 17 now.", []) == (said, world.tasks())


def test_what_will_not_take_place_needs_no_choice(world: World) -> None:
    """
    A held appointment that the desk cancelled does not keep the question open; a PMS that does not answer does.
    """
    in_doubt(world)
    agent = with_placeholder(world)
    agent.poll()
    [task] = world.tasks()
    world.pms.change_appointment(world.ours()[0].id, state=AppointmentState.CANCELLED)
    world.pms.fail("states", PMS_AWAY)
    with pytest.raises(FrontdeskError) as blind:
        TaskWork(agent.context).act(task, TaskAction.DONE, by="mel")
    still = world.tasks()
    world.pms.mend()

    assert (PMS_AWAY.code, [task]) == (blind.value.code, still)
    assert f"Task {task.id} is done." == TaskWork(agent.context).act(task, TaskAction.DONE, by="mel")


def test_a_doubtful_booking_may_be_for_a_new_patient(world: World) -> None:
    """
    Where the practice wants that, or has no placeholder, a new record is made, and reception is asked to merge.
    """
    in_doubt(world)

    agent = with_placeholder(world, OnDoubt.NEW)
    agent.poll()

    assert world.ours()[0].patient_id not in ("7", "17", PLACEHOLDER)
    [task] = world.tasks()
    assert "merge" in task.why
    report = TaskWork(agent.context).report(task)
    assert ("", ADVICE[TaskKind.CHOOSE_PATIENT]) == (report.held_for, report.advice)
    assert f"Task {task.id} is done." == TaskWork(agent.context).act(task, TaskAction.DONE, by="mel")


@pytest.mark.parametrize("has_placeholder", [True, False])
def test_a_record_out_of_use_is_never_taken_for_nobody(world: World, has_placeholder: bool) -> None:  # noqa: FBT001  # pytest's
    """
    The time is held for the placeholder, or reception enters the booking; no second record is made.
    """
    world.pms.add_patient("7", active=False)
    world.patient_books()

    (with_placeholder(world) if has_placeholder else world.running()).poll()

    assert ([PLACEHOLDER] if has_placeholder else []) == [row.patient_id for row in world.ours()]
    [task] = world.tasks()
    assert (TaskKind.CHOOSE_PATIENT if has_placeholder else TaskKind.ENTER_BY_HAND) is task.kind


def test_the_placeholder_is_nobodys_record(world: World) -> None:
    """
    A booking for which Healthengine names the placeholder, from an earlier answer, is matched by its own details.
    """
    world.patient_books(patient=replace(ANN, first_name="Kim", date_of_birth=date(1990, 1, 1)), patient_id=PLACEHOLDER)

    with_placeholder(world).poll()

    assert world.ours()[0].patient_id not in ("7", PLACEHOLDER)
    assert [] == world.tasks()
