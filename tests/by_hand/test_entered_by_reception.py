"""
Bookings of a practice whose PMS is only read: one situation each.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sync_support import ANN, BEN, LINK_DOWN, PMS_AWAY, RESOURCE, TEN, TODAY, Agent, World

from agent.domain.availability import OpenRange
from agent.domain.booking import BookingState, CancellationState, HealthengineStatus
from agent.domain.days import DateRange, Span
from agent.domain.diary import AppointmentState
from agent.domain.errors import FrontdeskError, Misconfigured
from agent.domain.practice import LiveHours, Unanswered
from agent.domain.rule import NewPatients, Rule
from agent.domain.tasks import Task, TaskAction, TaskKind
from agent.domain.terms import RuleKind
from agent.ports.pms import BookingWay, Capabilities
from agent.sync.preview import preview
from agent.sync.rules import times_by_hand
from agent.sync.tasks import TaskWork

S, K = BookingState, TaskKind
OFFICE = LiveHours(days=((Span(540, 1020),),) * 5 + ((), ()))


def running(world: World, unanswered: Unanswered = Unanswered.REJECT, staffed: LiveHours | None = None) -> Agent:
    world.practice = replace(world.practice, unanswered=unanswered, staffed_hours=staffed)
    return world.running()


def restarted(world: World) -> Agent:
    return world.running()


def kinds(world: World) -> list[TaskKind]:
    return [task.kind for task in world.tasks()]


def task_of(world: World, kind: TaskKind) -> Task:
    return next(task for task in world.tasks() if task.kind is kind)


def minutes_pass(world: World, agent: Agent, minutes: float) -> None:
    for _ in range(int(minutes * 4)):
        world.clock.advance(seconds=15)
        agent.poll()


def free_at(world: World, agent: Agent) -> tuple[OpenRange, ...]:
    agent.availability.run()
    return world.market.published[RESOURCE, TEN.date()]


def is_free(ranges: tuple[OpenRange, ...], start: datetime) -> bool:
    minute = start.hour * 60 + start.minute
    return any(r.start <= minute and minute + 15 <= r.end for r in ranges)


def test_a_booking_is_a_task_and_its_time_is_withheld_at_once(world: World) -> None:
    """
    Nothing is answered and nothing written; the next snapshot has the time no more.
    """
    agent = running(world)
    before = free_at(world, agent)
    world.patient_books()
    agent.poll()
    after = free_at(world, agent)

    assert (S.BY_HAND, [K.ENTER_BY_HAND]) == (world.state(), kinds(world))
    assert (True, False) == (is_free(before, TEN), is_free(after, TEN))
    assert is_free(after, TEN + timedelta(minutes=15))
    assert not world.market.confirmed
    assert {"book", "cancel"}.isdisjoint(world.pms.calls)


def test_it_is_still_withheld_after_a_crash(world: World) -> None:
    """
    The marker of the PMS is the same as before: the ledger alone knows.
    """
    agent = running(world)
    free_at(world, agent)
    world.patient_books()
    agent.poll()  # and dies before it publishes

    assert not is_free(free_at(world, restarted(world)), TEN)


def test_the_preview_names_the_rule(world: World) -> None:
    """
    Why is ten o'clock not published? Because it is booked.
    """
    agent = running(world)
    world.patient_books()
    agent.poll()
    found = preview(
        agent.context.practice,
        agent.context.pms,
        window=DateRange.of_days(TEN.date(), 1),
        now=agent.context.local_now(),
        is_holiday=lambda day: False,
        known={},
        own={},
        by_hand=lambda catalogue: times_by_hand(world.store.ledger, agent.context.practice, catalogue, TODAY),
    )

    assert [(RESOURCE, 600, 615, RuleKind.BY_HAND)] == [
        (w.resource_id, w.opening.start, w.opening.end, w.cause.kind) for w in found.withheld
    ]


@pytest.mark.parametrize("first_name", ["Ann", "ANN", "Ánn"], ids=["same", "capitals", "accent"])
def test_reception_enters_it_and_it_is_recognised(world: World, first_name: str) -> None:
    """
    With the real ids, by itself; the time stays taken by the appointment.
    """
    agent = running(world)
    world.patient_books()
    agent.poll()
    world.pms.add_patient("9", first_name=first_name, last_name="lee", date_of_birth=ANN.date_of_birth)
    if first_name != "Ann":
        world.pms.add_patient("7", first_name="Other", last_name="Person")
    entered = world.pms.add_appointment("1", TEN, patient_id="9" if first_name != "Ann" else "7")
    if first_name == "Ann":
        world.pms.add_patient("9", first_name="Another", last_name="Person")
    agent.poll()

    assert S.CONFIRMED is world.state()
    assert [(entered,)] == [ids for ids, _ in world.market.confirmed[1]]
    assert [] == world.tasks()
    assert not is_free(free_at(world, agent), TEN)


def test_nothing_is_read_again_while_the_day_is_as_it_was(world: World) -> None:
    """
    Every five seconds costs a marker, not the diary.
    """
    agent = running(world)
    world.patient_books()
    agent.poll()
    agent.poll()
    world.pms.calls.clear()
    agent.poll()

    assert ["markers"] == world.pms.calls


def test_somebody_elses_appointment_at_that_time_is_asked_about(world: World) -> None:
    """
    A person says that it is not: it is not asked about again. Then the right one is pointed out.
    """
    agent = running(world)
    world.pms.add_patient("8", first_name="Ben", last_name="Ng", date_of_birth=BEN.date_of_birth)
    world.patient_books()
    agent.poll()
    world.pms.add_appointment("1", TEN, patient_id="8")
    agent.poll()
    asked = task_of(world, K.WHICH_APPOINTMENT)
    TaskWork(agent.context).act(asked, TaskAction.DONE, by="mel")
    agent.poll()
    after_no = kinds(world)
    elsewhere = world.pms.add_appointment("2", TEN + timedelta(hours=1), patient_id="7")
    task = task_of(world, K.ENTER_BY_HAND)
    TaskWork(agent.context).act(task, TaskAction.ENTERED, by="mel", appointment_id=elsewhere)
    agent.poll()

    assert "1 in the PMS may be it" in asked.why
    assert [K.ENTER_BY_HAND] == after_no
    assert (S.CONFIRMED, [((elsewhere,), "7")]) == (world.state(), world.market.confirmed[1])


def test_what_cannot_be_it_cannot_be_pointed_out(world: World) -> None:
    """
    Another booking's, a cancelled one, or none at all.
    """
    agent = running(world)
    world.patient_books()
    agent.poll()
    cancelled = world.pms.add_appointment("1", TEN, state=AppointmentState.CANCELLED)
    marked = world.pms.add_appointment("2", TEN, reference=99)
    task = task_of(world, K.ENTER_BY_HAND)
    for appointment_id in (cancelled, marked, "4711"):
        with pytest.raises(FrontdeskError) as caught:
            TaskWork(agent.context).act(task, TaskAction.ENTERED, by="mel", appointment_id=appointment_id)

        assert "task-not-that-appointment" == caught.value.code


def test_what_was_there_before_is_not_asked_about(world: World) -> None:
    """
    The patient has another appointment that day, as for months.
    """
    agent = running(world)
    world.pms.add_appointment("2", TEN + timedelta(hours=1), patient_id="7")
    world.patient_books()
    agent.poll()
    agent.poll()

    assert [K.ENTER_BY_HAND] == kinds(world)


def test_a_lost_state_file_leads_to_the_appointment_that_is_there(world: World) -> None:
    """
    Healthengine asks for a booking that reception entered long ago: confirmed at once, and no task.
    """
    entered = world.pms.add_appointment("1", TEN, patient_id="7")
    world.patient_books(waited=3600)
    running(world).poll()

    assert (S.CONFIRMED, [], [((entered,), "7")]) == (world.state(), world.tasks(), world.market.confirmed[1])


def test_two_patients_want_the_same_time(world: World) -> None:
    """
    The PMS shows it free until the first is entered: the second gets a no.
    """
    agent = running(world)
    world.patient_books(1)
    agent.poll()
    world.patient_books(2, patient=BEN)
    agent.poll()

    assert (S.BY_HAND, S.REJECTED) == (world.state(1), world.state(2))


def test_another_practice_on_the_same_pms_withholds_it_too(world: World) -> None:
    """
    The practitioner has one diary.
    """
    agent = running(world)
    world.patient_books()
    agent.poll()
    other = replace(world.practice, id="1002")
    found = times_by_hand(world.store.ledger, other, agent.context.catalogue, TODAY)

    assert {(RESOURCE, TEN.date()): [Span(600, 615)]} == found


def test_our_answer_was_lost_and_is_given_again(world: World) -> None:
    """
    R11, with the same ids and nothing asked of reception again.
    """
    agent = running(world)
    booking = world.patient_books()
    agent.poll()
    world.pms.add_appointment("1", TEN)
    agent.poll()
    world.lists_again(booking)
    agent.poll()

    first, second = world.market.confirmed[1]
    assert first == second
    assert [] == world.tasks()


def test_nobody_enters_it_and_the_patient_is_told(world: World) -> None:
    """
    Before ten minutes are over, as a cancellation by the practice; the time is free again, and somebody has to phone.
    """
    agent = running(world)
    world.patient_books()
    agent.poll()
    minutes_pass(world, agent, 8.5)
    before = list(world.market.cancelled)
    minutes_pass(world, agent, 1)

    assert ([], [1]) == (before, world.market.cancelled)
    assert (S.TASK, [K.NOT_ENTERED]) == (world.state(), kinds(world))
    assert is_free(free_at(world, agent), TEN)
    assert world.entry().answered_at is not None


def test_our_own_cancellation_is_not_taken_for_the_patients(world: World) -> None:
    """
    Healthengine goes on listing what we cancelled, as cancelled: it is answered, and somebody still has to phone.
    """
    agent = running(world)
    booking = world.patient_books()
    agent.poll()
    minutes_pass(world, agent, 9.5)
    world.lists_again(replace(booking, status=HealthengineStatus.CANCELLED))
    agent.poll()

    assert ({}, [K.NOT_ENTERED]) == (world.market.bookings, kinds(world))


def test_a_pms_that_is_away_delays_no_answer(world: World) -> None:
    """
    Whether it was entered cannot be seen: Healthengine is told all the same.
    """
    agent = running(world)
    world.patient_books()
    agent.poll()
    world.pms.fail("markers", PMS_AWAY, times=1000)
    minutes_pass(world, agent, 9.5)

    assert [1] == world.market.cancelled


def test_only_staffed_hours_count(world: World) -> None:
    """
    Booked on Monday evening: nothing happens all night, and on Tuesday reception has its nine minutes.
    """
    agent = running(world, Unanswered.STAFFED_HOURS, OFFICE)
    world.clock.set_local(datetime(2026, 11, 23, 16, 58))
    world.patient_books()
    agent.poll()
    world.clock.set_local(datetime(2026, 11, 24, 9, 6))
    agent.poll()
    at_six_past = list(world.market.cancelled)
    world.clock.set_local(datetime(2026, 11, 24, 9, 7))
    agent.poll()

    assert ([], [1]) == (at_six_past, world.market.cancelled)


def test_live_hours_are_cut_to_the_staffed_ones(world: World) -> None:
    """
    Healthengine expects an answer only when somebody can give one.
    """
    agent = running(world, Unanswered.STAFFED_HOURS, LiveHours(days=((Span(600, 2000),),) * 7))

    assert (Span(600, 1080),) == agent.context.live_contract().days[0]
    assert () == agent.context.live_contract().days[6]


def test_ids_of_our_own_then_the_real_ones(world: World) -> None:
    """
    The patient is told yes; the task and the withheld time stay; the real appointment is found, and the answer stays the same.
    """
    agent = running(world, Unanswered.OWN_IDS)
    booking = world.patient_books()
    agent.poll()
    minutes_pass(world, agent, 9.5)
    told = (world.state(), kinds(world), is_free(free_at(world, agent), TEN))
    entered = world.pms.add_appointment("1", TEN)
    agent.watch.run()
    world.lists_again(booking)
    agent.poll()

    assert (S.BY_HAND, [K.ENTER_BY_HAND], False) == told
    assert [(("frontdesk:1",), "frontdesk:1")] * 2 == world.market.confirmed[1]
    assert (S.CONFIRMED, (entered,), "7", []) == (
        world.state(),
        world.entry().appointment_ids,
        world.entry().patient_id,
        world.tasks(),
    )


def test_after_a_restart_nobody_knows_whose_it_is_and_reception_is_asked(world: World) -> None:
    """
    Names are kept nowhere: what is at its time is asked about, and one word settles it.
    """
    agent = running(world, Unanswered.OWN_IDS)
    world.patient_books()
    agent.poll()
    minutes_pass(world, agent, 9.5)
    agent = restarted(world)
    entered = world.pms.add_appointment("1", TEN)
    agent.watch.run()
    asked = task_of(world, K.WHICH_APPOINTMENT)
    TaskWork(agent.context).act(asked, TaskAction.ENTERED, by="mel", appointment_id=entered)

    assert (S.CONFIRMED, (entered,), []) == (world.state(), world.entry().appointment_ids, world.tasks())
    assert 1 == len(world.market.confirmed[1])


def test_a_lost_yes_with_our_own_ids_is_sent_again(world: World) -> None:
    """
    The link was down at the very moment.
    """

    def down() -> None:
        raise LINK_DOWN

    agent = running(world, Unanswered.OWN_IDS)
    world.patient_books()
    agent.poll()
    world.market.fail["confirm_booking"] = down
    minutes_pass(world, agent, 9.25)
    world.market.fail.clear()
    restarted(world).poll()

    assert [(("frontdesk:1",), "frontdesk:1")] == world.market.confirmed[1]


@pytest.mark.parametrize(("stays", "update"), [(True, False), (True, True), (False, True)])
def test_a_patient_cancels_before_it_is_entered(world: World, *, stays: bool, update: bool) -> None:
    """
    The task ends, the time is free, and everything is answered.
    """
    agent = running(world)
    world.patient_books()
    agent.poll()
    world.patient_cancels(1, stays=stays, update=update)
    agent.poll()
    agent.poll()

    assert (S.CANCELLED, []) == (world.state(), world.tasks())
    assert ({}, {}) == (world.market.bookings, world.market.updates)
    assert is_free(free_at(world, agent), TEN)


def test_a_patient_cancels_just_after_it_was_entered(world: World) -> None:
    """
    It is seen, and reception takes it out.
    """
    agent = running(world)
    world.patient_books()
    agent.poll()
    world.pms.add_appointment("1", TEN)
    world.patient_cancels(1, stays=False, update=True)
    agent.poll()

    assert [K.CANCEL_BY_HAND] == kinds(world)


def test_a_cancellation_by_hand(world: World) -> None:
    """
    A task; answered as soon as the appointment is cancelled in the PMS.
    """
    agent = running(world)
    entered = _confirmed(world, agent)
    update = world.wants_update(1)
    agent.poll()
    asked = (kinds(world), _cancellation(world, update.request_id))
    world.pms.change_appointment(entered, state=AppointmentState.CANCELLED)
    agent.poll()

    assert ([K.CANCEL_BY_HAND], CancellationState.BY_HAND) == asked
    assert ([update.request_id], []) == (world.market.updates_confirmed, world.market.updates_rejected)
    assert (S.CANCELLED, []) == (world.state(), world.tasks())
    assert "cancel" not in world.pms.calls


def test_a_cancellation_that_nobody_makes(world: World) -> None:
    """
    Refused in time. When reception cancels it later, Healthengine is told, and the task ends.
    """
    agent = running(world)
    entered = _confirmed(world, agent)
    update = world.wants_update(1)
    agent.poll()
    minutes_pass(world, agent, 9.5)
    refused = list(world.market.updates_rejected)
    world.pms.change_appointment(entered, state=AppointmentState.CANCELLED)
    agent.watch.run()
    world.clock.advance(seconds=61)
    agent.watch.run()
    agent.watch.run()

    assert [update.request_id] == refused
    assert ([1], S.GONE, []) == (world.market.cancelled, world.state(), world.tasks())


def test_a_cancellation_with_ids_of_our_own_is_taken(world: World) -> None:
    """
    The patient is told that it is cancelled; the task stays until reception has done it.
    """
    agent = running(world, Unanswered.OWN_IDS)
    entered = _confirmed(world, agent)
    update = world.wants_update(1)
    agent.poll()
    minutes_pass(world, agent, 9.5)
    left = kinds(world)
    world.pms.delete_appointment(entered)
    agent.watch.run()

    assert ([update.request_id], [K.CANCEL_BY_HAND], []) == (world.market.updates_confirmed, left, world.tasks())


def test_a_task_shows_what_to_enter(world: World) -> None:
    """
    Read from Healthengine when it is looked at, also right after a restart; nothing of it shows in a `repr`.
    """
    agent = running(world)
    world.patient_books(patient=replace(ANN, email="ann@example.com"), reason="A cough")
    agent.poll()
    report = TaskWork(restarted(world).context).report(task_of(world, K.ENTER_BY_HAND))
    shown = {detail.label: detail.text for detail in report.details}

    assert ("Ann Lee", "0400000001") == (report.patient_name, report.patient_phone)
    assert {
        "at": "24/11/2026 10:00",
        "born": "03/02/1980",
        "e-mail": "ann@example.com",
        "reason": "A cough",
    }.items() <= shown.items()
    assert "Ada Byron" in shown["with"]
    assert "cough" not in repr(report)


def test_a_held_new_patient_is_withheld_and_recognised_too(world: World) -> None:
    """
    The PMS takes bookings, but a rule leaves new patients to a person.
    """
    world.pms.capabilities = Capabilities(booking=BookingWay.TRANSACTION, create_patients=True, cancel=True)
    world.practice = replace(world.practice, rules=(Rule(new_patients=NewPatients.HOLD),))
    agent = world.running()
    world.patient_books(patient=BEN, is_new_patient=True)
    agent.poll()
    world.patient_books(2)
    agent.poll()
    second = world.state(2)
    world.pms.add_patient("8", first_name="Ben", last_name="Ng", date_of_birth=BEN.date_of_birth)
    world.pms.add_appointment("1", TEN, patient_id="8")
    agent.poll()

    assert (S.REJECTED, S.CONFIRMED) == (second, world.state(1))


def test_a_login_that_may_not_write_is_as_good_as_read_only(world: World) -> None:
    """
    The right was withdrawn: reception enters it; once it is back the next booking is entered as ever.
    """
    world.pms.capabilities = Capabilities(booking=BookingWay.TRANSACTION, create_patients=True, cancel=True)
    world.pms.fail("book", Misconfigured("pms-no-right", "The login has no right to book.sql."))
    agent = world.running()
    world.patient_books(1)
    agent.poll()
    world.patient_books(2, start=TEN + timedelta(minutes=30))
    agent.poll()

    assert (S.BY_HAND, S.CONFIRMED) == (world.state(1), world.state(2))


def test_a_pms_that_lets_us_create_no_patients(world: World) -> None:
    """
    Known patients are booked as ever; a new one is left to reception, both patient and appointment.
    """
    world.pms.capabilities = Capabilities(booking=BookingWay.TRANSACTION, create_patients=False, cancel=True)
    agent = world.running()
    world.patient_books(1)
    world.patient_books(2, patient=BEN, start=TEN + timedelta(minutes=30))
    agent.poll()

    assert (S.CONFIRMED, S.BY_HAND) == (world.state(1), world.state(2))
    assert "enter the patient" in task_of(world, K.ENTER_BY_HAND).why


def test_a_pms_that_lets_us_cancel_nothing(world: World) -> None:
    """
    Bookings are entered as ever; a cancellation is left to reception, and answered once it is done.
    """
    world.pms.capabilities = Capabilities(booking=BookingWay.TRANSACTION, create_patients=True, cancel=False)
    agent = world.running()
    world.patient_books()
    agent.poll()
    (ours,) = world.ours()
    update = world.wants_update(1)
    agent.poll()
    left = kinds(world)
    world.pms.change_appointment(ours.id, state=AppointmentState.CANCELLED)
    agent.poll()

    assert ([K.CANCEL_BY_HAND], [update.request_id], []) == (left, world.market.updates_confirmed, world.tasks())
    assert "cancel" not in world.pms.calls


def test_a_right_to_cancel_that_is_gone(world: World) -> None:
    """
    The same for a cancellation.
    """
    world.pms.capabilities = Capabilities(booking=BookingWay.TRANSACTION, create_patients=True, cancel=True)
    agent = world.running()
    world.patient_books()
    agent.poll()
    world.pms.fail("cancel", Misconfigured("pms-no-right", "The login has no right to cancel.sql."))
    update = world.wants_update(1)
    agent.poll()

    assert ([K.CANCEL_BY_HAND], CancellationState.BY_HAND) == (kinds(world), _cancellation(world, update.request_id))


def _confirmed(world: World, agent: Agent) -> str:
    world.patient_books()
    agent.poll()
    entered = world.pms.add_appointment("1", TEN)
    agent.poll()
    assert S.CONFIRMED is world.state()
    return entered


def _cancellation(world: World, request_id: int) -> CancellationState:
    found = world.store.ledger.cancellation(world.practice.id, request_id)
    assert found is not None
    return found.state
