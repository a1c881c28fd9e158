"""
Families, second thoughts, strangers, and diaries as they are: one situation each.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sync_support import ANN, BEN, TEN, World

from agent.domain.booking import BookingState
from agent.domain.days import DateRange
from agent.ports.tasks import TaskKind

S = BookingState
QUARTER = timedelta(minutes=15)


def test_a_family_books_one_after_another(world: World) -> None:
    """
    The same phone, four people, four times: each is entered for their own record, new ones once each.
    """
    names = ("Ann", "Max", "Mia", "Tom")
    for number, name in enumerate(names):
        person = replace(ANN, first_name=name) if number else ANN
        world.patient_books(number + 1, start=TEN + number * QUARTER, patient=person)

    world.settle(world.running())

    patients = [world.entry(number + 1).patient_id for number in range(4)]
    assert ("7", 4) == (patients[0], len(set(patients)))
    assert list(names) == [p.first_name for p in world.pms.patients(patients)]


def test_a_patient_cancels_and_rebooks_the_same_time(world: World) -> None:
    """
    Both in one poll: the first goes, the second stands, and the first is not taken for it.
    """
    world.patient_books(1)
    agent = world.settle(world.running())
    agent.watch.run()
    world.wants_update(1)
    world.patient_books(2)

    world.settle(agent)
    agent.watch.run()

    assert (0, 1) == (len(world.ours(1)), len(world.ours(2)))
    assert (S.CANCELLED, S.CONFIRMED) == (world.state(1), world.state(2))
    assert ([501], []) == (world.market.updates_confirmed, world.tasks())


def test_a_stranger_takes_the_time_just_freed(world: World) -> None:
    """
    The cancellation is applied first, and asked again it does not touch the stranger.
    """
    world.patient_books(1)
    agent = world.settle(world.running())
    update = world.wants_update(1)
    world.patient_books(2, patient=BEN)
    world.settle(agent)
    world.market.updates[update.request_id] = update

    world.settle(agent)

    assert (0, 1) == (len(world.ours(1)), len(world.ours(2)))
    assert S.CONFIRMED is world.state(2)


def test_a_stranger_whom_the_desk_put_into_the_time_just_freed(world: World) -> None:
    """
    The desk was quicker than the patient's cancellation: its own appointment stays.
    """
    world.patient_books(1)
    agent = world.settle(world.running())
    world.pms.delete_appointment(world.ours()[0].id)
    world.pms.add_patient("8", first_name="Ben", last_name="Ng", date_of_birth=BEN.date_of_birth)
    world.pms.add_appointment("1", TEN, patient_id="8")
    world.wants_update(1)

    world.settle(agent)

    assert ["8"] == [a.patient_id for a in world.pms.live_appointments()]
    assert (S.CANCELLED, []) == (world.state(), world.tasks())


def test_a_long_booking_over_several_slots(world: World) -> None:
    """
    Forty-five minutes take three slots, and none of them can be booked again.
    """
    world.patient_books(1, seconds=45 * 60)
    agent = world.settle(world.running())
    world.patient_books(2, start=TEN + 2 * QUARTER, patient=BEN)
    world.settle(agent)

    assert [45] == [a.minutes for a in world.ours(1)]
    assert S.REJECTED is world.state(2)


def test_a_booking_without_a_length(world: World) -> None:
    """
    The type's length counts; without a type a person decides.
    """
    world.patient_books(1, seconds=0)
    world.patient_books(2, seconds=0, type_id="", start=TEN + QUARTER, patient=BEN)

    world.settle(world.running())

    assert [15] == [a.minutes for a in world.ours(1)]
    assert S.REJECTED is world.state(2)


def test_overlapping_entries_of_the_desk(world: World) -> None:
    """
    Double bookings, a mark of one minute and a block are all the desk's right; what any of them takes is not free.
    """
    for start, minutes, patient in ((TEN, 30, "7"), (TEN + QUARTER, 30, "7"), (TEN + 4 * QUARTER, 1, "")):
        world.pms.add_appointment("1", start, minutes, patient_id=patient)
    for number in range(5):
        world.patient_books(number + 1, start=TEN + number * QUARTER, patient=BEN)

    agent = world.settle(world.running())
    agent.availability.run()

    assert [S.REJECTED] * 3 + [S.CONFIRMED, S.REJECTED] == [world.state(n + 1) for n in range(5)]
    found = world.market.published["1@1:gp", TEN.date()]
    assert [(540, 600), (661, 720)] == [(r.start, r.end) for r in found]


def test_across_midnight(world: World) -> None:
    """
    A night duty's last appointment takes time on both days; an online booking never runs past midnight.
    """
    monday, tuesday = datetime(2026, 11, 23), datetime(2026, 11, 24)
    world.pms.add_session("2", monday.date(), 1200, 1440)
    world.pms.add_session("2", tuesday.date(), 0, 120)
    world.pms.add_appointment("2", tuesday - timedelta(minutes=30), 60)
    world.patient_books(1, resource_id="2@1:gp", start=tuesday + timedelta(minutes=15))
    world.patient_books(2, resource_id="2@1:gp", start=tuesday - timedelta(minutes=45), seconds=3600, patient=BEN)

    agent = world.settle(world.running())
    agent.availability.run()

    assert [S.REJECTED, S.REJECTED] == [world.state(1), world.state(2)]
    assert 30 == world.market.published["2@1:gp", tuesday.date()][0].start
    assert 1 == len(world.pms.diary(DateRange.of_days(tuesday.date(), 1)).appointments)


def test_bookings_whose_time_has_passed_at_start(world: World) -> None:
    """
    The server was off over the weekend: what is past is a task and never an insert, what lies ahead is entered.
    """
    world.patient_books(1, start=datetime(2026, 11, 22, 10), waited=36 * 3600)
    world.patient_books(2, start=datetime(2026, 11, 23, 8, 59), waited=3600, patient=BEN)
    world.patient_books(3, waited=36 * 3600)
    agent = world.running()

    agent.poll()

    assert [TaskKind.PAST, TaskKind.PAST] == [task.kind for task in world.tasks()]
    assert [3] == [a.reference for a in world.pms.live_appointments()]
    assert 1 == len(world.market.confirmed[3])
