"""
The order in which waiting requests are acted on.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agent.domain.booking import Booking, BookingUpdate, HealthengineStatus
from agent.domain.ordering import MOST_AT_ONCE, QUICK, Held, at_once, order
from agent.domain.patients import PatientDetails

NOON = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
START = datetime(2026, 11, 23, 9, 0)


def booking(number: int, *, waited: int = 5, status: HealthengineStatus = HealthengineStatus.REQUESTED) -> Booking:
    return Booking(
        id=number,
        resource_id="1",
        type_id="",
        booked_at=NOON - timedelta(seconds=waited),
        status=status,
        start=START,
        seconds=900,
        patient=PatientDetails(first_name="A", last_name="B"),
    )


def cancellation(request: int, of: int) -> BookingUpdate:
    return BookingUpdate(request_id=request, booking_id=of, status=HealthengineStatus.CANCELLED)


def held(minute: int = 0, practitioner: str = "1") -> Held:
    return Held(practitioner_id=practitioner, start=START + timedelta(minutes=minute), minutes=15)


def test_the_one_that_has_waited_longest_comes_first() -> None:
    """
    A backlog drains oldest first, whatever order it arrived in.
    """
    result = order([booking(1, waited=3), booking(2, waited=9)], [], held={}, wanted={})

    assert [2, 1] == [b.id for b in result.bookings]


def test_a_cancellation_of_what_holds_the_slot_goes_before_the_booking_that_wants_it() -> None:
    """
    Somebody gives a time back and somebody else books it: the first must be out before the second goes in.
    """
    result = order([booking(2)], [cancellation(7, of=1)], held={1: held()}, wanted={2: held()})

    assert [7] == [u.request_id for u in result.first]
    assert () == result.updates


def test_a_cancellation_elsewhere_waits_until_the_bookings_are_done() -> None:
    """
    Bookings have 20 seconds; a cancellation that frees nothing for them does not.
    """
    result = order([booking(2)], [cancellation(7, of=1)], held={1: held(minute=15)}, wanted={2: held()})

    assert () == result.first
    assert [7] == [u.request_id for u in result.updates]


def test_a_booking_cancelled_before_it_was_entered_creates_nothing() -> None:
    """
    Whether its cancellation is an update or its own status, it is not entered.
    """
    result = order(
        [booking(1), booking(2, status=HealthengineStatus.CANCELLED), booking(3)],
        [cancellation(7, of=1)],
        held={},
        wanted={},
    )

    assert [3] == [b.id for b in result.bookings]
    assert [1, 2] == [b.id for b in result.cancelled]
    assert [7] == [u.request_id for u in result.updates]


def test_a_booking_that_may_be_in_the_pms_is_entered_again_before_its_cancellation() -> None:
    """
    What may hold its time is not "never entered", even if it is listed and cancelled at once.
    """
    result = order([booking(1)], [cancellation(7, of=1)], held={1: held()}, wanted={1: held()})

    assert [1] == [b.id for b in result.bookings]
    assert () == result.cancelled


@given(
    bookings=st.lists(st.builds(booking, st.integers(1, 8), waited=st.integers(0, 30)), max_size=8),
    updates=st.lists(st.builds(cancellation, st.integers(1, 9), of=st.integers(1, 8)), max_size=8),
    in_pms=st.dictionaries(st.integers(1, 8), st.builds(held, st.integers(-30, 30)), max_size=8),
)
def test_everything_that_waits_is_dealt_with_exactly_once(
    bookings: list[Booking], updates: list[BookingUpdate], in_pms: dict[int, Held]
) -> None:
    """
    Nothing is lost and nothing is done twice, however requests repeat.
    """
    result = order(bookings, updates, held=in_pms, wanted={b.id: held() for b in bookings})

    assert sorted({b.id for b in bookings}) == sorted(b.id for b in (*result.bookings, *result.cancelled))
    assert sorted({u.request_id for u in updates}) == sorted(u.request_id for u in (*result.first, *result.updates))


def test_more_go_in_together_while_the_pms_is_quick() -> None:
    """
    The first goes alone; a quick PMS is given twice as many each time, a slow one ever fewer, but always one.
    """
    size, sizes = 1, []
    for took in (QUICK / 2,) * 7 + (1.5 * QUICK, 3 * QUICK, 3 * QUICK, 50 * QUICK, 50 * QUICK, 50 * QUICK):
        size = at_once(size, took)
        sizes.append(size)

    assert [2, 4, 8, 16, 32, MOST_AT_ONCE, 64, 64, 32, 16, 8, 4, 2] == sizes
