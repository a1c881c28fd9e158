from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from threading import Thread

import pytest

from agent.domain.booking import NEXT, BookingState, CancellationState
from agent.ports.ledger import Ledger, LedgerBooking, LedgerCancellation
from agent.store import Store

AT = datetime(2026, 11, 20, 1, 2, 3, 456789, tzinfo=UTC)

BOOKING = LedgerBooking(
    practice_id="1001",
    booking_id=7,
    state=BookingState.REQUESTED,
    resource_id="12@3:gp",
    practitioner_id="12",
    location_id="3",
    type_id="std",
    start=datetime(2026, 11, 23, 9, 30),
    minutes=15,
    booked_at=AT,
    seen_at=AT + timedelta(seconds=4),
    updated_at=AT + timedelta(seconds=5),
)

CANCELLATION = LedgerCancellation(
    practice_id="1001", booking_id=7, request_id=31, state=CancellationState.ASKED, updated_at=AT, reason=""
)


def in_state(state: BookingState, **changes: object) -> LedgerBooking:
    return replace(BOOKING, state=state, **changes)  # type: ignore[arg-type]  # tests give fitting values


def test_the_store_keeps_the_port(store: Store) -> None:
    """
    The ledger fits its port as far as the type checker can tell.
    """
    ledger: Ledger = store.ledger

    assert ledger.booking("1001", 7) is None


def test_a_booking_comes_back_whole(store: Store, store_path: Path) -> None:
    """
    Every field survives closing and opening the file.
    """
    entry = in_state(
        BookingState.CONFIRMED, answered_at=AT + timedelta(seconds=9), appointment_ids=("a,1", "b"), patient_id="55", reason="x"
    )
    store.ledger.write(entry)
    store.close()
    with Store.open(store_path) as again:
        assert entry == again.ledger.booking("1001", 7)
        assert again.ledger.booking("1002", 7) is None


def test_another_zone_is_stored_as_utc(store: Store) -> None:
    """
    An instant in another zone is the same instant when read back; a naive one is refused.
    """
    there = AT.astimezone().replace(microsecond=5)
    store.ledger.write(in_state(BookingState.REQUESTED, seen_at=there))
    read = store.ledger.booking("1001", 7)

    assert read is not None
    assert there == read.seen_at
    with pytest.raises(ValueError, match="zone"):
        store.ledger.write(in_state(BookingState.REQUESTED, booking_id=8, seen_at=AT.replace(tzinfo=None)))
    assert store.ledger.booking("1001", 8) is None
    with pytest.raises(ValueError, match="zone"):
        store.ledger.write(in_state(BookingState.REQUESTED, booking_id=8, start=AT))


@pytest.mark.parametrize(("present", "following"), [(a, b) for a, b in product(BookingState, BookingState) if a != b])
def test_only_the_steps_of_the_life_cycle_are_taken(store: Store, present: BookingState, following: BookingState) -> None:
    """
    Any state may be the first; every step that the domain allows is taken, and every other one is refused.
    """
    store.ledger.write(in_state(present))
    if following in NEXT[present]:
        store.ledger.write(in_state(following))
        expected = [present, following]
    else:
        with pytest.raises(ValueError, match="cannot be followed"):
            store.ledger.write(in_state(following))
        expected = [present]

    assert expected == [BookingState(step.state) for step in store.ledger.steps("1001", 7)]
    assert store.ledger.booking("1001", 7) == in_state(expected[-1])


@pytest.mark.parametrize("state", list(BookingState))
def test_the_same_state_again_is_idempotent(store: Store, state: BookingState) -> None:
    """
    The same entry at a later time adds nothing; other contents replace the old ones and are a step.
    """
    store.ledger.write(in_state(state))
    store.ledger.write(in_state(state, updated_at=AT + timedelta(hours=1)))

    assert len(store.ledger.steps("1001", 7)) == 1
    assert store.ledger.booking("1001", 7) == in_state(state)

    moved = in_state(state, appointment_ids=("9",), updated_at=AT + timedelta(hours=2))
    store.ledger.write(moved)

    assert store.ledger.booking("1001", 7) == moved
    assert [step.at for step in store.ledger.steps("1001", 7)] == [BOOKING.updated_at, AT + timedelta(hours=2)]


def test_bookings_are_chosen_by_state_and_start(store: Store) -> None:
    """
    Bookings come with the newest step last, whatever the clock says, filtered by practice, state and start.
    """
    for number in (1, 2, 3):
        store.ledger.write(in_state(BookingState.REQUESTED, booking_id=number, start=BOOKING.start + timedelta(days=number)))
    store.ledger.write(in_state(BookingState.REQUESTED, booking_id=4, practice_id="1002"))
    store.ledger.write(
        in_state(BookingState.INSERTING, booking_id=1, start=BOOKING.start + timedelta(days=1), updated_at=AT - timedelta(days=9))
    )
    ledger = store.ledger

    assert [2, 3, 1] == [entry.booking_id for entry in ledger.bookings("1001")]
    assert [2, 3] == [entry.booking_id for entry in ledger.bookings("1001", states=[BookingState.REQUESTED])]
    assert [1] == [e.booking_id for e in ledger.bookings("1001", states={BookingState.INSERTING, BookingState.TASK})]
    assert [2, 3] == [e.booking_id for e in ledger.bookings("1001", start_from=BOOKING.start + timedelta(days=2))]
    assert {BookingState.REQUESTED: 2, BookingState.INSERTING: 1} == ledger.counts("1001")


def test_cancellations_take_steps(store: Store) -> None:
    """
    A cancellation is written step by step, once for each state, and found by state.
    """
    later = replace(CANCELLATION, state=CancellationState.CANCELLING, updated_at=AT + timedelta(seconds=1))
    other = replace(CANCELLATION, request_id=32)
    for entry in (CANCELLATION, CANCELLATION, other, later, replace(later, updated_at=AT + timedelta(seconds=3))):
        store.ledger.write_cancellation(entry)

    assert later == store.ledger.cancellation("1001", 31)
    assert store.ledger.cancellation("1001", 33) is None
    assert [other, later] == store.ledger.cancellations("1001")
    assert [other] == store.ledger.cancellations("1001", states=[CancellationState.ASKED])
    assert ["asked", "cancelling"] == [step.state for step in store.ledger.cancellation_steps("1001", 31)]


def test_two_threads_write_at_once(store: Store) -> None:
    """
    Two threads stepping different bookings through their lives lose nothing and disturb nobody.
    """
    way = (BookingState.REQUESTED, BookingState.INSERTING, BookingState.INSERTED, BookingState.CONFIRMING, BookingState.CONFIRMED)
    failures: list[BaseException] = []

    def work(first: int) -> None:
        try:
            for number in range(first, first + 20):
                for state in way:
                    store.ledger.write(in_state(state, booking_id=number))
                    store.ledger.bookings("1001", states=[BookingState.INSERTING])
        except BaseException as error:  # noqa: BLE001 - reported below
            failures.append(error)

    threads = [Thread(target=work, args=(first,)) for first in (100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert [] == failures
    assert {BookingState.CONFIRMED: 40} == store.ledger.counts("1001")
    assert all(len(store.ledger.steps("1001", number)) == 5 for number in (100, 119, 200, 219))
