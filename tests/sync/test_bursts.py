"""
Many bookings at the same moment: entered together, and each as carefully as if it were alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sync_support import ANN, BEN, PMS_AWAY, PMS_SILENT, PRACTICE_ID, TEN, World
from test_exactly_once import Action, crash_at_every_moment

from agent.domain.booking import BookingState, BookRequest, BookResult
from agent.domain.errors import FrontdeskError
from agent.domain.patients import PatientDetails
from agent.ports.pms import BookingWay

S = BookingState
CALM = TEN.replace(hour=9)


def a_burst(world: World, count: int, **changes: object) -> None:
    """
    The first has waited longest; each wants the quarter of an hour after the one before.
    """
    for number in range(count):
        world.patient_books(number + 1, start=CALM + timedelta(minutes=15 * number), waited=3 - number / 10, **changes)


def test_a_burst_goes_in_together(world: World) -> None:
    """
    Twelve patients, a handful of transactions, everyone's answer with the right ids.
    """
    a_burst(world, 12)

    report = world.running().poll()

    assert 12 == report.bookings
    assert ["book"] * 4 == [call for call in world.pms.calls if call == "book"]  # 1 + 2 + 4 + 5
    for number in range(1, 13):
        (made,) = world.ours(number)
        assert CALM + timedelta(minutes=15 * (number - 1)) == made.start
        assert [((made.id,), "7")] == world.market.confirmed[number]
        assert S.CONFIRMED is world.state(number)


def test_one_by_one_where_a_booking_takes_several_steps(world: World) -> None:
    """
    A PMS that cannot book in one transaction gets them singly.
    """
    a_burst(world, 5)
    world.pms.capabilities = replace(world.pms.capabilities, booking=BookingWay.STEPS)

    world.running().poll()

    assert 5 == world.pms.calls.count("book")
    assert {S.CONFIRMED} == {world.state(number) for number in range(1, 6)}


def test_a_new_patient_who_books_twice_is_created_once(world: World) -> None:
    """
    The second booking of the same burst finds the record that the first has made.
    """
    a_burst(world, 8)
    world.patient_books(21, resource_id="2@1:gp", start=CALM, waited=2.95, patient=BEN)
    world.patient_books(22, resource_id="2@1:gp", start=TEN, waited=2.85, patient=BEN)

    world.running().poll()

    assert world.ours(21)[0].patient_id == world.ours(22)[0].patient_id
    assert "7" != world.ours(21)[0].patient_id
    assert {S.CONFIRMED} == {world.state(number) for number in (*range(1, 9), 21, 22)}


def test_who_waited_longest_gets_the_time(world: World) -> None:
    """
    Also where the one before is new, and everything behind could have been entered at once.
    """
    a_burst(world, 4)
    world.patient_books(31, start=TEN, waited=2.5, patient=BEN)
    for number in range(32, 36):
        world.patient_books(number, start=TEN, waited=2)

    world.running().poll()

    assert S.CONFIRMED is world.state(31)
    assert {S.REJECTED} == {world.state(number) for number in range(32, 36)}


def test_the_desk_has_one_of_the_times(world: World) -> None:
    """
    No for that patient, yes for all the others.
    """
    a_burst(world, 10)
    world.pms.add_appointment("1", CALM + timedelta(minutes=75))

    world.running().poll()

    assert S.REJECTED is world.state(6)
    assert {S.CONFIRMED} == {world.state(number) for number in range(1, 11) if number != 6}


@pytest.mark.parametrize("error", [PMS_AWAY, PMS_SILENT], ids=["nothing done", "nobody knows"])
@pytest.mark.parametrize("calls", [1, 2, 3])
def test_the_pms_fails_in_the_middle(world: World, error: FrontdeskError, calls: int) -> None:
    """
    Whatever became of those that were going in together, each is there once in the end.
    """
    a_burst(world, 12)
    agent = world.running()
    agent.poll()
    for number in range(1, 13):
        world.pms.delete_appointment(world.ours(number)[0].id)
    for number in range(13, 25):
        world.patient_books(number, start=CALM + timedelta(minutes=15 * (number - 13)))
    world.pms.fail("book", error, times=calls)

    world.settle(agent)

    assert {S.CONFIRMED} == {world.state(number) for number in range(13, 25)}
    assert {1} == {len(world.ours(number)) for number in range(13, 25)}


def test_what_stood_in_the_way_is_forgotten_once_it_is_confirmed(world: World) -> None:
    """
    A reason of an earlier try is not shown beside a booking that is well.
    """
    a_burst(world, 2)
    agent = world.running()
    agent.poll()
    entry = world.store.ledger.booking(PRACTICE_ID, 1)
    assert entry is not None
    agent.context.step(entry, S.CONFIRMING, reason="he-409")

    agent.poll()

    now = world.store.ledger.booking(PRACTICE_ID, 1)
    assert now is not None
    assert (S.CONFIRMED, "") == (now.state, now.reason)


def test_the_answer_for_several_is_lost(world: World) -> None:
    """
    They are in, and found: nobody is booked twice.
    """
    a_burst(world, 3)
    agent = world.running()
    agent.poll()
    for number in range(4, 10):
        world.patient_books(number, start=CALM + timedelta(minutes=15 * (number - 1)))
    world.pms.lose_answer = PMS_SILENT

    world.settle(agent)

    assert {S.CONFIRMED} == {world.state(number) for number in range(1, 10)}
    assert {1} == {len(world.ours(number)) for number in range(1, 10)}


def test_a_crash_at_every_moment_of_a_burst(tmp_path: Path) -> None:
    """
    Four bookings, two of them of one new patient: each has one appointment, one set of ids, and the patient one record.
    """

    def check(world: World, where: str) -> None:
        for number in (1, 2, 3, 4):
            (made,) = world.ours(number)
            assert {((made.id,), made.patient_id)} == set(world.market.confirmed[number]), where
            assert S.CONFIRMED is world.state(number), where
        assert world.ours(3)[0].patient_id == world.ours(4)[0].patient_id, where

    def book(number: int, patient: PatientDetails = ANN) -> Action:
        start = CALM + timedelta(minutes=15 * number)
        return lambda world: world.patient_books(number, start=start, patient=patient)

    story = [[book(1), book(2)], [book(3, BEN), book(4, BEN)], []]

    assert crash_at_every_moment(tmp_path, story, check) > 60


def test_whoever_is_behind_a_booking_that_takes_long_comes_first_the_next_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The first fails after twenty seconds, whenever it is tried: the turn is over, and the others do not wait for its next try.
    """
    book_all, tried = world.pms.book_all, list[int]()

    def slow_for_one(requests: Sequence[BookRequest]) -> Sequence[BookResult]:
        tried.extend(request.booking_id for request in requests)
        if 1 in tried[-len(requests) :]:
            world.clock.advance(seconds=20)
            raise PMS_AWAY
        return book_all(requests)

    monkeypatch.setattr(world.pms, "book_all", slow_for_one)
    a_burst(world, 3, patient=ANN)
    world.patient_books(1, start=CALM, waited=15, patient=BEN)  # too late for a no
    agent = world.running()
    agent.poll()
    after_one = list(tried)
    agent.poll()

    assert [1] == after_one
    assert [2, 3] == tried[1:3]
    assert {S.CONFIRMED} == {world.state(2), world.state(3)}
