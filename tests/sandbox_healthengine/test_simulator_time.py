"""
Live hours, silence and ten minutes without an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from agent_side import PERSON, AgentSide, FrozenClock, contract, day, minutes

from agent.sandbox.clock import SandboxClock
from agent.sandbox.healthengine import Simulator, ViolationKind, sandbox_config
from agent.sandbox.healthengine.config import OutsideContract, UnorderedHours

Pair = tuple[Simulator, AgentSide]
Simulate = Callable[..., Pair]


def kinds(simulator: Simulator) -> list[ViolationKind]:
    return [violation.kind for violation in simulator.violations]


def test_silence_hides_the_times(pair: Pair, clock: FrozenClock) -> None:
    """
    Ten minutes without a poll are borne, more hide the times and are a violation; the next poll shows them again (R1).
    """
    simulator, side = pair
    clock.advance(minutes(10))
    borne = simulator.hidden()
    clock.advance(minutes(5))

    assert borne == ()
    assert simulator.hidden() == ("silent",)
    assert simulator.openings() == []
    assert kinds(simulator) == [ViolationKind.SILENCE]
    side.get("/requests")
    assert simulator.hidden() == ()
    assert simulator.openings()
    liveness = simulator.verdict().practices[0].liveness
    assert (liveness.polls, liveness.largest_gap, liveness.largest_live_gap) == (2, 900.0, 900.0)
    assert liveness.unhealthy_seconds == 300.0
    assert kinds(simulator) == [ViolationKind.SILENCE]


@pytest.mark.parametrize(
    ("reading", "hidden"), [(OutsideContract.FORGIVEN, ()), (OutsideContract.COUNTED, ("silent", "requests unanswered"))]
)
def test_the_night_is_forgiven_or_not(
    simulate: Simulate, clock: FrozenClock, reading: OutsideContract, hidden: tuple[str, ...]
) -> None:
    """
    Outside the contract silence and waiting bookings are forgiven, or count all the same.
    """
    simulator, side = simulate(outside_contract=reading)
    side.configure()
    clock.advance(timedelta(hours=9))  # 18:00, when the contract ends
    side.get("/requests")
    simulator.expect_alive(None, alive=True)
    before = len(simulator.violations)
    simulator.book(None, "r1", datetime(2027, 3, 3, 9), "t1", PERSON)
    clock.advance(timedelta(hours=14, minutes=5))  # 8:05 on the next morning

    assert simulator.hidden() == hidden
    assert len(simulator.violations) - before == len(hidden)


def test_waiting_requests_hide_the_times(pair: Pair, clock: FrozenClock) -> None:
    """
    A booking, an update or a day unanswered for more than ten live minutes is a violation each (R2).
    """
    simulator, side = pair
    first = simulator.book(None, "r1", datetime(2027, 3, 2, 9), "t1", PERSON)
    simulator.request_update(first)
    simulator.request_availability(datetime(2027, 3, 2).date(), "r1")
    clock.advance(minutes(6))
    side.get("/requests")
    clock.advance(minutes(5))

    assert simulator.hidden() == ("requests unanswered",)
    assert kinds(simulator) == [ViolationKind.UNANSWERED] * 3
    assert not simulator.verdict().clean


def test_an_agent_that_is_meant_to_be_down(pair: Pair, clock: FrozenClock) -> None:
    """
    While a test keeps the agent down its silence hides the times but is no violation.
    """
    simulator, side = pair
    simulator.book(None, "r1", datetime(2027, 3, 2, 9), "t1", PERSON)
    simulator.expect_alive(None, alive=False)
    clock.advance(timedelta(hours=2))
    hidden = simulator.hidden()
    simulator.expect_alive(None, alive=True)
    side.get("/requests")
    clock.advance(minutes(2))

    assert hidden == ("silent", "requests unanswered")
    assert simulator.violations == []


def test_without_a_contract_every_hour_counts(simulate: Simulate, clock: FrozenClock) -> None:
    """
    A practice that sent no contract is expected day and night, from its first poll on.
    """
    simulator, side = simulate()
    clock.advance(timedelta(hours=12))
    before = (simulator.hidden(), simulator.violations)
    side.get("/requests")
    clock.advance(minutes(11))

    assert before == (("never polled",), [])
    assert simulator.hidden() == ("silent",)


def test_public_holidays_have_hours_of_their_own(clock: FrozenClock) -> None:
    """
    On a public holiday its own hours apply; without any the agent may be silent all day.
    """
    account = sandbox_config().practices[0]
    holiday = type(account)(
        practice_id="p", practice_key="k", zone=account.zone, public_holidays=frozenset({datetime(2027, 3, 1).date()})
    )
    with Simulator(sandbox_config(practices=(holiday,)), clock) as simulator:
        side = AgentSide(simulator.base_url, holiday)
        side.post("/config/livenessContract", contract())
        side.get("/requests")
        clock.advance(timedelta(hours=5))
        hidden = simulator.hidden()
        side.close()

    assert hidden == ()


@pytest.mark.parametrize(("reading", "status"), [(UnorderedHours.ACCEPTED, 200), (UnorderedHours.REFUSED, 400)])
def test_unordered_live_hours(simulate: Simulate, reading: UnorderedHours, status: int) -> None:
    """
    The guide's own example is unordered; it may be taken or refused.
    """
    simulator, side = simulate(unordered_hours=reading)
    body = {"liveHours": {"monday": [{"start": "13:00", "end": "17:00"}, {"start": "08:00", "end": "13:30"}]}}

    assert side.post("/config/livenessContract", body).status_code == status
    assert len(simulator.violations) == (status == 400)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"liveHours": {"monday": [{"start": "17:00", "end": "08:00"}]}},
        {"liveHours": {"monday": [{"start": "08:00"}]}},
        {"liveHours": {"someday": []}},
        {"liveHours": {"monday": [{"start": "8am", "end": "5pm"}]}},
    ],
)
def test_a_wrong_contract(pair: Pair, body: dict[str, Any]) -> None:
    """
    A contract that breaks the definition is refused and the old one stands.
    """
    simulator, side = pair

    assert side.post("/config/livenessContract", body).status_code == 400
    assert side.get("/config/livenessContract").json() == contract()
    assert kinds(simulator) == [ViolationKind.DEFINITION]


def test_an_accelerated_clock() -> None:
    """
    At a thousand times the speed a booking is late after 20 ms, and the silence of ten minutes lasts less than a second.
    """
    clock = SandboxClock(1000, datetime(2027, 3, 1, 1, 0, tzinfo=UTC))
    with Simulator(sandbox_config(), clock) as simulator:
        side = AgentSide(simulator.base_url, simulator.config.practices[0])
        side.configure()
        booking_id = simulator.book(None, "r1", datetime(2027, 3, 2, 9), "t1", PERSON)
        late = simulator.wait_for(lambda s: clock.now() - s.booking(booking_id).booked_at > timedelta(seconds=20), 5)
        status = side.get("/requests/bookings").json()["data"][0]["bookingStatus"]
        silent = simulator.wait_for(lambda s: "silent" in s.hidden(), 5)
        side.close()

    assert late
    assert status == "Confirmed"
    assert silent
    assert set(kinds(simulator)) == {ViolationKind.SILENCE, ViolationKind.UNANSWERED}


def test_waiting_has_a_limit(pair: Pair) -> None:
    """
    `wait_for` gives up after its limit, and holds at once where there is nothing to wait for.
    """
    simulator, _ = pair

    assert not simulator.wait_for(lambda _: False, 0.05)
    assert simulator.wait_for(lambda s: bool(s.published()), 0)


def test_the_date_header_is_simulator_time(pair: Pair, clock: FrozenClock) -> None:
    """
    The `Date` of an answer is the simulator's, for that is what a booking's age is measured by.
    """
    _, side = pair
    clock.advance(timedelta(days=1))
    answer = side.post("/availability/snapshots", [day("r1", "2027-03-03")])

    assert answer.headers["Date"] == "Tue, 02 Mar 2027 01:00:00 GMT"
