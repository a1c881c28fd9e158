"""
What the desk does to an appointment of ours, one situation each.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sync_support import PRACTICE_ID, TEN, Agent, World

from agent.domain.booking import BookingState, ChangeRequest
from agent.domain.diary import AppointmentState
from agent.domain.moves import Place
from agent.ports.tasks import TaskKind

S = BookingState
NEXT_WEEK = TEN + timedelta(days=6)
STRANGER = "8"


@pytest.fixture
def agent(world: World) -> Agent:
    """
    An agent that knows one confirmed booking of patient 7 for ten o'clock, and has looked at it.
    """
    world.pms.add_patient(STRANGER, first_name="Ben", last_name="Ng", date_of_birth=date(1990, 5, 6))
    world.patient_books()
    running = world.running()
    running.poll()
    running.watch.run()
    return running


def ours(world: World) -> str:
    return world.entry().appointment_ids[0]


def kinds(world: World) -> list[TaskKind]:
    return [task.kind for task in world.tasks()]


def a_minute_later(world: World, agent: Agent) -> None:
    agent.watch.run()
    world.clock.advance(seconds=61)
    agent.watch.run()


def test_moved_to_another_day(world: World, agent: Agent) -> None:
    """
    The ledger follows, and reception is told what Healthengine still shows.
    """
    world.pms.change_appointment(ours(world), start=NEXT_WEEK, practitioner_id="2")

    agent.watch.run()

    assert Place(practitioner_id="2", location_id="1", start=NEXT_WEEK, minutes=15) == world.entry().present
    assert TEN == world.entry().start
    assert [
        "Booking 1 was moved in the PMS to 30/11 10:00, practitioner 2. Healthengine still shows 24/11 10:00: tell the patient."
    ] == [task.why for task in world.tasks()]


def test_put_back(world: World, agent: Agent) -> None:
    """
    The task closes by itself.
    """
    world.pms.change_appointment(ours(world), start=NEXT_WEEK)
    agent.watch.run()
    world.pms.change_appointment(ours(world), start=TEN)

    agent.watch.run()

    assert [] == world.tasks()
    assert world.entry().present is None


def test_moved_twice(world: World, agent: Agent) -> None:
    """
    The task names the newest time.
    """
    world.pms.change_appointment(ours(world), start=NEXT_WEEK)
    agent.watch.run()
    world.pms.change_appointment(ours(world), start=NEXT_WEEK + timedelta(hours=1))

    agent.watch.run()

    assert [True] == ["30/11 11:00" in task.why for task in world.tasks()]


def test_a_patient_who_was_told(world: World, agent: Agent) -> None:
    """
    A task that a person has done is not asked for again, though Healthengine shows the old time for ever.
    """
    world.pms.change_appointment(ours(world), start=NEXT_WEEK)
    agent.watch.run()
    world.store.tasks.close(world.tasks()[0].id, world.clock.now())

    agent.watch.run()
    world.running().watch.run()

    assert [] == world.tasks()


def test_the_patient_cancels_what_was_moved(world: World, agent: Agent) -> None:
    """
    The row is found where it is now, and that day is free again.
    """
    world.pms.change_appointment(ours(world), start=NEXT_WEEK, practitioner_id="2")
    agent.watch.run()
    token = agent.context.raised()
    world.wants_update(1)

    agent.poll()

    assert [] == world.ours()
    assert (S.CANCELLED, [501], []) == (world.state(), world.market.updates_confirmed, world.tasks())
    assert agent.context.raised_since(token, "2@1:gp", NEXT_WEEK.date())


def test_the_patient_cancels_one_typed_again_without_its_reference(world: World, agent: Agent) -> None:
    """
    The new row counts as the appointment once it was found, and is the one that is cancelled.
    """
    world.pms.delete_appointment(ours(world))
    again = world.pms.add_appointment("1", NEXT_WEEK, patient_id="7")
    a_minute_later(world, agent)
    assert ((again,), [TaskKind.MOVED]) == (world.entry().appointment_ids, kinds(world))
    world.wants_update(1)

    agent.poll()

    assert [] == world.pms.live_appointments()
    assert S.CANCELLED is world.state()


def test_the_patient_cancels_before_the_new_row_was_found(world: World, agent: Agent) -> None:
    """
    What may or may not be the appointment is a person's to cancel.
    """
    world.pms.delete_appointment(ours(world))
    world.pms.add_appointment("1", NEXT_WEEK, patient_id="7")
    world.wants_update(1)

    agent.poll()

    assert 1 == len(world.pms.live_appointments())
    assert ([501], [TaskKind.CANCEL_BY_HAND]) == (world.market.updates_rejected, kinds(world))


def two_of_one_patient(world: World, agent: Agent) -> None:
    """
    The desk moved booking 1 to next week, and its patient took the time it had as booking 2; then both rows are deleted.
    """
    world.pms.change_appointment(ours(world), start=NEXT_WEEK)
    agent.watch.run()
    world.patient_books(2)
    agent.poll()
    agent.watch.run()
    for booking_id in (1, 2):
        world.pms.delete_appointment(world.entry(booking_id).appointment_ids[0])


def test_two_of_one_patient_are_typed_again_without_their_references(world: World, agent: Agent) -> None:
    """
    Each is found where it was last seen, though one was booked for the other's time; when one ends, only that one is gone.
    """
    two_of_one_patient(world, agent)
    next_week = world.pms.add_appointment("1", NEXT_WEEK, patient_id="7")
    at_ten = world.pms.add_appointment("1", TEN, patient_id="7")
    a_minute_later(world, agent)

    assert [(next_week,), (at_ten,)] == [world.entry(booking_id).appointment_ids for booking_id in (1, 2)]

    world.pms.change_appointment(next_week, state=AppointmentState.CANCELLED)
    a_minute_later(world, agent)

    assert [1] == world.market.cancelled


def test_the_first_row_typed_again_of_two_of_one_patient(world: World, agent: Agent) -> None:
    """
    It is the booking's whose place it has, and the other is not called moved to there.
    """
    two_of_one_patient(world, agent)
    at_ten = world.pms.add_appointment("1", TEN, patient_id="7")
    a_minute_later(world, agent)

    assert (at_ten,) == world.entry(2).appointment_ids
    assert (at_ten,) != world.entry(1).appointment_ids

    next_week = world.pms.add_appointment("1", NEXT_WEEK, patient_id="7")
    world.clock.advance(minutes=5)
    agent.watch.run()

    assert (next_week,) == world.entry(1).appointment_ids
    assert [] == world.market.cancelled


def test_lengthened(world: World, agent: Agent) -> None:
    """
    Nobody has to be told; a later cancellation frees all of it.
    """
    world.pms.change_appointment(ours(world), minutes=45)
    agent.watch.run()
    assert (45, []) == (world.entry().place.minutes, world.tasks())
    world.wants_update(1)

    agent.poll()

    assert [] == world.ours()


def test_given_to_another_doctor(world: World, agent: Agent) -> None:
    """
    The patient expects somebody else.
    """
    world.pms.change_appointment(ours(world), practitioner_id="2")

    agent.watch.run()

    assert [TaskKind.MOVED] == kinds(world)
    assert [] == world.market.cancelled


def test_reused_for_another_patient(world: World, agent: Agent) -> None:
    """
    A task, and never a cancellation; given back, the task is done.
    """
    world.pms.change_appointment(ours(world), patient_id=STRANGER)
    a_minute_later(world, agent)
    a_minute_later(world, agent)
    assert [TaskKind.REUSED] == kinds(world)
    assert [] == world.market.cancelled
    world.pms.change_appointment(ours(world), patient_id="7")

    agent.watch.run()

    assert [] == world.tasks()


def test_moved_to_another_place(world: World, agent: Agent) -> None:
    """
    The same doctor at the same time, somewhere else: the patient would come to the wrong door.
    """
    world.pms.change_appointment(ours(world), location_id="2")

    agent.watch.run()

    assert ["Booking 1 was moved in the PMS to location 2. Healthengine still shows 24/11 10:00: tell the patient."] == [
        task.why for task in world.tasks()
    ]


def test_one_given_away_is_looked_for_elsewhere_now_and_then(world: World, agent: Agent) -> None:
    """
    Every five minutes, because the PMS goes through all its notes for that; what is found ends the task.
    """
    world.pms.change_appointment(ours(world), patient_id=STRANGER)
    a_minute_later(world, agent)
    searched = world.pms.calls.count("find_booked")
    world.pms.add_appointment("1", NEXT_WEEK, patient_id="7")
    a_minute_later(world, agent)
    assert searched == world.pms.calls.count("find_booked")
    assert [TaskKind.REUSED] == kinds(world)

    world.clock.advance(minutes=5)
    agent.watch.run()

    assert [TaskKind.MOVED] == kinds(world)
    assert NEXT_WEEK == world.entry().place.start


def test_the_patient_cancels_what_is_now_another_patients(world: World, agent: Agent) -> None:
    """
    The stranger keeps the appointment.
    """
    world.pms.change_appointment(ours(world), patient_id=STRANGER)
    agent.watch.run()
    world.wants_update(1)

    agent.poll()

    assert [STRANGER] == [a.patient_id for a in world.pms.live_appointments()]
    assert [501] == world.market.updates_rejected


def test_merged_into_another_patient(world: World, agent: Agent) -> None:
    """
    The same person under another number: nobody is asked, and a cancellation still finds the row.
    """
    world.pms.add_patient("70")
    world.pms.add_patient("7", active=False)
    world.pms.change_appointment(ours(world), patient_id="70")
    agent.watch.run()
    assert ("70", []) == (world.entry().patient_id, world.tasks())
    world.wants_update(1)

    agent.poll()

    assert [] == world.ours()


def test_cancelled_while_the_patient_has_a_follow_up(world: World) -> None:
    """
    What the patient had before is no sign that the appointment lives.
    """
    world.pms.add_appointment("2", NEXT_WEEK, patient_id="7")
    world.patient_books()
    agent = world.running()
    agent.poll()
    agent.watch.run()
    world.pms.change_appointment(ours(world), state=AppointmentState.CANCELLED)

    a_minute_later(world, agent)

    assert [1] == world.market.cancelled


def test_restored_after_healthengine_knew(world: World, agent: Agent) -> None:
    """
    There is no call to take a cancellation back: reception tells the patient, until it is cancelled for good.
    """
    world.pms.change_appointment(ours(world), state=AppointmentState.CANCELLED)
    a_minute_later(world, agent)
    assert S.GONE is world.state()
    world.pms.change_appointment(ours(world), state=AppointmentState.BOOKED)
    agent.watch.run([ChangeRequest(booking_id=1)])
    agent.watch.run()
    assert ([TaskKind.RESTORED], [1], [1]) == (kinds(world), world.market.cancelled, world.market.unchanged)
    world.pms.change_appointment(ours(world), state=AppointmentState.CANCELLED)

    agent.watch.run()

    assert [] == world.tasks()


def test_a_question_about_one_that_was_cut_and_pasted(world: World, agent: Agent) -> None:
    """
    The cancelled row is not the whole truth: another carries the reference.
    """
    world.pms.change_appointment(ours(world), state=AppointmentState.CANCELLED)
    world.pms.add_appointment("1", NEXT_WEEK, patient_id="7", reference=1)

    agent.watch.run([ChangeRequest(booking_id=1)])

    assert ([], [1]) == (world.market.cancelled, world.market.unchanged)


def test_did_not_attend_on_the_day_it_was_moved_to(world: World, agent: Agent) -> None:
    """
    The end of that day counts, and the booking is watched until then.
    """
    world.pms.change_appointment(ours(world), start=NEXT_WEEK)
    agent.watch.run()
    world.clock.set_local(NEXT_WEEK + timedelta(hours=1))
    world.pms.change_appointment(ours(world), state=AppointmentState.DID_NOT_ATTEND)
    agent.watch.run()
    assert [] == world.market.not_attended
    world.clock.set_local(datetime.combine(NEXT_WEEK.date(), datetime.min.time()) + timedelta(hours=20))

    agent.watch.run()

    assert [1] == world.market.not_attended


def test_several_slots_are_cancelled_together_or_not_at_all(world: World, agent: Agent) -> None:
    """
    One appointment in two rows: with one of them arrived, neither is touched.
    """
    first = ours(world)
    second = world.pms.add_appointment("1", TEN + timedelta(minutes=15), patient_id="7", reference=1)
    agent.context.step(
        world.entry(),
        S.CONFIRMED,
        appointment_ids=(first, second),
        place=Place(practitioner_id="1", location_id="1", start=TEN, minutes=30),
    )
    world.pms.change_appointment(second, state=AppointmentState.ARRIVED)
    world.wants_update(1)
    agent.poll()
    assert 2 == len(world.ours())
    world.pms.change_appointment(second, state=AppointmentState.BOOKED)
    world.wants_update(1)

    agent.poll()

    assert [] == world.ours()
    assert [502] == world.market.updates_confirmed
    assert world.store.ledger.booking(PRACTICE_ID, 1) is not None
