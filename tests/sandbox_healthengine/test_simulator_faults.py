"""
Everything that can go wrong on the way, on demand.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
import requests
from agent_side import PERSON, AgentSide, FrozenClock

from agent.sandbox.clock import SandboxClock
from agent.sandbox.healthengine import Fault, FaultKind, Simulator, sandbox_config

NINE = datetime(2027, 3, 2, 9, 0)
YES = {"pmsAppointmentIds": ["501"], "pmsPatientId": "77"}
Pair = tuple[Simulator, AgentSide]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 429, 500, 503])
def test_a_status_for_one_call(pair: Pair, status: int) -> None:
    """
    A status is played as often as was asked, on that operation alone, and the call is not processed.
    """
    simulator, side = pair
    booking_id = simulator.book(None, "r1", NINE, "t1", PERSON)
    simulator.add_fault(Fault(kind=FaultKind.STATUS, operation="confirmBookingInsert", status=status))
    poll = side.get("/requests").status_code
    first = side.post(f"/bookings/{booking_id}/confirmInsert", YES).status_code
    before = simulator.answer_of(booking_id)
    second = side.post(f"/bookings/{booking_id}/confirmInsert", YES).status_code

    assert (poll, first, second) == (200, status, 200)
    assert before is None
    assert [r.fault for r in simulator.calls("confirmBookingInsert")] == ["status", ""]


def test_retry_after(pair: Pair, clock: FrozenClock) -> None:
    """
    `Retry-After` comes in seconds or as a date in simulator time.
    """
    simulator, side = pair
    wait = timedelta(seconds=30)
    simulator.add_fault(Fault(kind=FaultKind.STATUS, status=429, retry_after=wait))
    simulator.add_fault(Fault(kind=FaultKind.STATUS, status=503, retry_after=wait, retry_after_as_date=True))
    first, second = side.get("/requests"), side.get("/requests")

    assert (first.status_code, first.headers["Retry-After"]) == (429, "30")
    assert (second.status_code, parsedate_to_datetime(second.headers["Retry-After"])) == (503, clock.now() + wait)


def test_for_a_time(pair: Pair, clock: FrozenClock) -> None:
    """
    A fault may last for a while of simulator time, or until cleared, and may be one practice's alone.
    """
    simulator, side = pair
    simulator.add_fault(Fault(kind=FaultKind.STATUS, times=None, lasting=timedelta(minutes=1)))
    simulator.add_fault(Fault(kind=FaultKind.STATUS, times=None, practice_id="p-two"))
    during = [side.get("/requests").status_code for _ in range(3)]
    clock.advance(timedelta(minutes=1))
    after = side.get("/requests").status_code

    assert (during, after) == ([503, 503, 503], 200)
    assert simulator.clear_faults() == 1


def test_a_poll_that_meets_a_fault_is_still_a_poll(pair: Pair) -> None:
    """
    The marketplace's own failure does not make the agent silent.
    """
    simulator, side = pair
    simulator.add_fault(Fault(kind=FaultKind.STATUS, operation="pollRequests"))
    side.get("/requests")

    assert simulator.verdict().practices[0].liveness.polls == 2


def test_a_portal(pair: Pair) -> None:
    """
    A captive portal answers 200 with a page.
    """
    simulator, side = pair
    simulator.add_fault(Fault(kind=FaultKind.HTML))
    answer = side.get("/requests")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.text.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("kind", "processed"), [(FaultKind.DROP_BEFORE, False), (FaultKind.DROP_AFTER, True), (FaultKind.TRUNCATE, True)]
)
def test_dropped_connections(pair: Pair, kind: FaultKind, *, processed: bool) -> None:
    """
    The connection ends before or after the call is processed; in the second case the acknowledgement is lost (R11).
    """
    simulator, side = pair
    booking_id = simulator.book(None, "r1", NINE, "t1", PERSON)
    simulator.add_fault(Fault(kind=kind))

    with pytest.raises(requests.ConnectionError):
        side.post(f"/bookings/{booking_id}/confirmInsert", YES)
    assert (simulator.answer_of(booking_id) is not None) is processed
    assert side.post(f"/bookings/{booking_id}/confirmInsert", YES).status_code == 200
    assert simulator.violations == []


def test_half_a_body(pair: Pair) -> None:
    """
    A truncated body promises more than it brings.
    """
    simulator, side = pair
    simulator.book(None, "r1", NINE, "t1", PERSON)
    simulator.add_fault(Fault(kind=FaultKind.TRUNCATE, operation="bookingRequests"))

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        side.get("/requests/bookings")
    assert len(side.get("/requests/bookings").json()["data"]) == 1


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"[1", b"\xff\xfe"])
def test_another_body(pair: Pair, body: bytes) -> None:
    """
    Any bytes can stand in for the answer.
    """
    simulator, side = pair
    simulator.add_fault(Fault(kind=FaultKind.BODY, body=body))
    answer = side.get("/requests/bookings")

    assert (answer.status_code, answer.content) == (200, body)


@pytest.mark.parametrize("kind", [FaultKind.DELAY, FaultKind.SLOW])
def test_slow_answers(kind: FaultKind) -> None:
    """
    A wait is in simulator time, and stopping does not wait for it.
    """
    with Simulator(sandbox_config(), SandboxClock(10, datetime(2027, 3, 1, tzinfo=UTC))) as simulator:
        side = AgentSide(simulator.base_url, simulator.config.practices[0])
        simulator.add_fault(Fault(kind=kind, wait=timedelta(seconds=2)))
        begun = time.monotonic()
        status = side.get("/requests").status_code
        took = time.monotonic() - begun
        side.close()

    assert status == 200
    assert 0.19 <= took < 2


def test_lists_in_disorder(pair: Pair) -> None:
    """
    Entries may come twice, in another order on every page, or leave while pages are read (R5).
    """
    simulator, side = pair
    ids = [simulator.book(None, "r1", NINE + timedelta(minutes=15 * i), "t1", PERSON) for i in range(30)]

    def read() -> list[int]:
        return [item["bookingId"] for page in (1, 2) for item in side.get("/requests/bookings", page=page).json()["data"]]

    simulator.add_fault(Fault(kind=FaultKind.DUPLICATE, operation="bookingRequests", times=2))
    doubled = read()
    simulator.add_fault(Fault(kind=FaultKind.SHUFFLE, operation="bookingRequests", times=2))
    shuffled = read()
    simulator.add_fault(Fault(kind=FaultKind.LEAVE, operation="bookingRequests", times=2, items=2))
    left = read()

    assert doubled[:4] == [ids[0], ids[0], ids[1], ids[1]]
    assert shuffled != ids
    assert len(set(shuffled)) >= 20
    assert set(ids) - set(left) == set(ids[20:22])
    assert read() == ids


def test_chunked_bodies_are_refused(pair: Pair) -> None:
    """
    A body without a length is answered with 400 and the connection closed.
    """
    _, side = pair
    answer = side.session.post(side.base_url + "/availability/snapshots", data=iter([b"[]"]), timeout=10)

    assert (answer.status_code, answer.headers["Connection"]) == (400, "close")
