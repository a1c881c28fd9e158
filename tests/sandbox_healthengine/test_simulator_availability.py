"""
What is published, what is refused of it, and what patients are offered.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from agent_side import PERSON, SECOND, AgentSide, FrozenClock, day, resources, types

from agent.sandbox.healthengine import Kind, PracticeAccount, Simulator, SimulatorConfig, ViolationKind
from agent.sandbox.healthengine.config import (
    Adjoining,
    BookingLength,
    ExistingMeans,
    LastMinute,
    ResourceField,
    WholeDayClosedBy,
)

TUESDAY = date(2027, 3, 2)
Pair = tuple[Simulator, AgentSide]
Simulate = Callable[..., Pair]


def send(side: AgentSide, *snapshots: dict[str, Any]) -> dict[str, Any]:
    response = side.post("/availability/snapshots", list(snapshots))
    assert response.status_code == 200
    outcome: dict[str, Any] = response.json()
    return outcome


def starts(simulator: Simulator, type_id: str = "t1", resource: str = "r1") -> list[str]:
    found = simulator.openings(resource_id=resource, day=TUESDAY)
    return [f"{o.start:%H:%M}" for o in found if o.type_id == type_id]


def test_snapshots_are_named_by_id_or_position(pair: Pair) -> None:
    """
    What came in is told by the snapshot's id, or by its place in the list.
    """
    _, side = pair

    outcome = send(side, day("r1", "2027-03-03", id="abc"), day("r1", "2027-03-04"), day("nobody", "2027-03-04"))
    assert outcome["created"] == ["abc", "1"]
    assert outcome["existing"] == []
    assert outcome["failed"] == ["2"]
    assert [error["snapshot"] for error in outcome["errors"]] == ["2"]


def test_the_same_again_is_existing(pair: Pair, clock: FrozenClock) -> None:
    """
    A snapshot sent recently is existing; an hour later it is created again.
    """
    _, side = pair
    again = send(side, day("r1", "2027-03-02"))
    clock.advance(timedelta(minutes=61))

    assert again == {"created": [], "existing": ["0"], "failed": []}
    assert send(side, day("r1", "2027-03-02"))["created"] == ["0"]


@pytest.mark.parametrize(
    ("reading", "outcome", "first"),
    [(ExistingMeans.SAME_AS_LAST, "created", "09:00"), (ExistingMeans.SENT_RECENTLY, "existing", "10:00")],
)
def test_an_older_state_again(simulate: Simulate, reading: ExistingMeans, outcome: str, first: str) -> None:
    """
    A, B, A: the second A counts, or is ignored and leaves B standing.
    """
    simulator, side = simulate(existing_means=reading)
    side.configure()
    send(side, day("r1", "2027-03-02", ("10:00", "11:00", 900)))

    assert send(side, day("r1", "2027-03-02"))[outcome] == ["0"]
    assert starts(simulator)[0] == first


@pytest.mark.parametrize(
    "bad",
    [
        {"date": "02-03-2027"},
        {"date": None},
        {"availability": None},
        {"availability": [{"start": "09:00", "end": "09:00", "slotLength": 900}]},
        {"availability": [{"start": "9:00", "end": "10:00", "slotLength": 900}]},
        {"availability": [{"start": "09:00:00", "end": "10:00:00", "slotLength": 900}]},
        {"availability": [{"start": "09:00", "end": "24:00", "slotLength": 900}]},
        {"availability": [{"start": "09:00", "end": "10:00", "slotLength": "900"}]},
        {"availability": [{"start": "09:00", "end": "10:00"}]},
        {"availability": [{"start": "09:00", "end": "10:00", "slotLength": 900, "pmsAppointmentTypeIds": ["nothing"]}]},
        {"surprise": 1},
        {"pmsResourceId": "nobody"},
    ],
)
def test_a_wrong_snapshot_fails_alone(pair: Pair, bad: dict[str, Any]) -> None:
    """
    A snapshot that breaks the definition fails, is recorded, and the one beside it is created.
    """
    simulator, side = pair

    outcome = send(side, {**day("r1", "2027-03-02"), **bad}, day("r1", "2027-03-03"))
    assert (outcome["created"], outcome["failed"]) == (["1"], ["0"])
    assert [violation.kind for violation in simulator.violations] == [ViolationKind.DEFINITION]
    assert side.post("/availability/snapshot", {**day("r1", "2027-03-02"), **bad}).status_code == 400


def test_the_whole_call_can_be_wrong(pair: Pair) -> None:
    """
    More than a hundred snapshots, no list, no JSON, another type of content: 400, and nothing is taken.
    """
    simulator, side = pair
    session, url = side.session, side.base_url + "/availability/snapshots"
    whole = json.dumps([day("r1", "2027-03-05")])
    headers = {"Content-Type": "application/json"}
    zipped = {**headers, "Content-Encoding": "gzip"}
    answers = [
        side.post("/availability/snapshots", [day("r1", "2027-03-05")] * 101),
        side.post("/availability/snapshots", day("r1", "2027-03-05")),
        session.post(url, data="{", headers=headers, timeout=10),
        session.post(url, data=whole, headers={"Content-Type": "text/plain"}, timeout=10),
        session.post(url, data=whole, headers=zipped, timeout=10),
        session.post(url, data=gzip.compress(whole.encode())[:-4], headers=zipped, timeout=10),
        session.post(url, data=whole, headers={**headers, "Content-Encoding": "br"}, timeout=10),
    ]

    assert [answer.status_code for answer in answers] == [400] * 7
    assert all(answer.json()["error"] for answer in answers)
    assert len(simulator.violations) == 7
    assert ("r1", date(2027, 3, 5)) not in simulator.published()


def test_gzip_and_the_log(pair: Pair) -> None:
    """
    A gzip body is understood; the log keeps its parsed form and the size on the wire.
    """
    simulator, side = pair
    body = [day("r1", "2027-03-08")]

    assert side.post_gzip("/availability/snapshots", body).json()["created"] == ["0"]
    record = simulator.calls("sendAvailabilitySnapshots")[-1]
    assert record.body == body
    assert 0 < record.request_bytes < 200
    assert (record.practice_id, record.method, record.status) == ("p-one", "POST", 200)


def test_two_snapshots_with_one_id(pair: Pair) -> None:
    """
    An id used twice in one call fails the second time: nobody could tell which is meant.
    """
    _, side = pair

    outcome = send(side, day("r1", "2027-03-03", id="x"), day("r2", "2027-03-03", id="x"))
    assert (outcome["created"], outcome["failed"]) == (["x"], ["x"])


def test_slots_are_cut_and_taken(pair: Pair) -> None:
    """
    A range is cut by its slot length; a type's own length must fit; a live booking takes its time.
    """
    simulator, side = pair
    send(side, day("r1", "2027-03-02", ("09:00", "10:00", 900)))
    quarters, halves = starts(simulator, "t1"), starts(simulator, "t2")
    booking_id = simulator.book(None, "r1", datetime(2027, 3, 2, 9, 15), "t1", PERSON)

    assert quarters == ["09:00", "09:15", "09:30", "09:45"]
    assert halves == ["09:00", "09:15", "09:30"]
    assert starts(simulator, "t1") == ["09:00", "09:30", "09:45"]
    assert starts(simulator, "t2") == ["09:30"]
    simulator.cancel(booking_id)
    assert starts(simulator, "t1") == quarters


def test_a_short_slot_length_means_their_own(simulate: Simulate) -> None:
    """
    A slot length below 60 s stands for the configured one, and a booking may be as long as the slot instead of its type.
    """
    simulator, side = simulate(own_length=timedelta(minutes=20), booking_length=BookingLength.SLOT)
    side.configure()
    send(side, day("r1", "2027-03-02", ("09:00", "10:00", 0)))

    assert starts(simulator, "t2") == ["09:00", "09:20", "09:40"]
    assert {o.seconds for o in simulator.openings(resource_id="r1")} == {1200}


@pytest.mark.parametrize(("reading", "offered"), [(Adjoining.JOINED, ["09:00", "09:15", "09:30"]), (Adjoining.SEPARATE, [])])
def test_adjoining_ranges(simulate: Simulate, reading: Adjoining, offered: list[str]) -> None:
    """
    Quarters of an hour side by side make room for half an hour, or do not.
    """
    simulator, side = simulate(adjoining=reading)
    side.configure()
    quarters = [("09:00", "09:15", 900), ("09:15", "09:30", 900), ("09:30", "09:45", 900), ("09:45", "10:00", 900)]
    send(side, day("r1", "2027-03-02", *quarters))

    assert starts(simulator, "t2") == offered


@pytest.mark.parametrize(("reading", "last"), [(LastMinute.END_OF_DAY, "23:45"), (LastMinute.AS_WRITTEN, "23:30")])
def test_the_last_minute(simulate: Simulate, reading: LastMinute, last: str) -> None:
    """
    `23:59` is the end of the day, or just what it says.
    """
    simulator, side = simulate(last_minute=reading)
    side.configure()
    send(side, day("r1", "2027-03-02", ("23:00", "23:59", 900)))

    assert starts(simulator)[-1] == last


def test_types_narrow_what_is_offered(pair: Pair) -> None:
    """
    A range may be for some types alone, and a type for one resource alone.
    """
    simulator, side = pair
    narrowed = types(("t1", 15), ("t2", 30))
    narrowed[1]["pmsResourceId"] = "r2"
    side.post("/config/pmsAppointmentTypes/snapshot", narrowed)
    snapshot = day("r2", "2027-03-02")
    snapshot["availability"][0]["pmsAppointmentTypeIds"] = ["t2"]
    send(side, snapshot)
    wrong = day("r1", "2027-03-02")
    wrong["availability"][0]["pmsAppointmentTypeIds"] = ["t2"]

    assert {o.type_id for o in simulator.openings(resource_id="r1")} == {"t1"}
    assert {o.type_id for o in simulator.openings(resource_id="r2")} == {"t2"}
    assert send(side, wrong)["failed"] == ["0"]


def test_only_linked_resources_and_future_times(clock: FrozenClock) -> None:
    """
    Somebody has to link a resource first, and what has begun is not offered.
    """
    account = PracticeAccount(practice_id="p", practice_key="k", linked_resources=frozenset({"r1"}))
    with Simulator(SimulatorConfig(practices=(account,)), clock) as simulator:
        side = AgentSide(simulator.base_url, account)
        side.configure()
        side.post("/config/livenessContract", {"liveHours": {}})
        clock.advance(timedelta(days=1, minutes=15))
        offered = simulator.openings()
        side.close()

    assert {o.resource_id for o in offered} == {"r1"}
    assert offered[0].start == datetime(2027, 3, 2, 9, 30)


def test_a_request_for_one_resource(pair: Pair) -> None:
    """
    A day asked for is closed by that day's snapshot, sent even if unchanged (A3).
    """
    simulator, side = pair
    simulator.request_availability(TUESDAY, "r1")
    simulator.request_availability(TUESDAY, "r1")

    assert side.get("/requests").json() == ["availability"]
    assert side.get("/requests/availability").json()["data"] == [{"day": "2027-03-02", "pmsResourceId": "r1"}]
    send(side, day("r1", "2027-03-03"), day("r2", "2027-03-02"))
    assert simulator.outstanding() == [Kind.AVAILABILITY]
    assert send(side, day("r1", "2027-03-02"))["existing"] == ["0"]
    assert simulator.outstanding() == []


@pytest.mark.parametrize(
    ("reading", "left"), [(WholeDayClosedBy.EVERY_RESOURCE, [Kind.AVAILABILITY]), (WholeDayClosedBy.ANY_RESOURCE, [])]
)
def test_a_request_for_a_whole_day(simulate: Simulate, reading: WholeDayClosedBy, left: list[Kind]) -> None:
    """
    Without a resource all of them are wanted; one reading is content with the first.
    """
    simulator, side = simulate(whole_day_closed_by=reading)
    side.configure()
    simulator.request_availability(TUESDAY)
    asked = side.get("/requests/availability").json()["data"]
    send(side, day("r1", "2027-03-02"))

    assert asked == [{"day": "2027-03-02"}]
    assert simulator.outstanding() == left
    send(side, day("r2", "2027-03-02"))
    assert simulator.outstanding() == []


@pytest.mark.parametrize(
    ("reading", "item"),
    [
        (ResourceField.CURRENT, {"pmsResourceId": "r1"}),
        (ResourceField.DEPRECATED, {"pms_resource_id": "r1"}),
        (ResourceField.BOTH, {"pmsResourceId": "r1", "pms_resource_id": "r1"}),
    ],
)
def test_the_deprecated_name(simulate: Simulate, reading: ResourceField, item: dict[str, str]) -> None:
    """
    A request may carry its resource under the deprecated name.
    """
    simulator, side = simulate(resource_field=reading)
    side.configure()
    simulator.request_availability(TUESDAY, "r1")

    assert side.get("/requests/availability").json()["data"] == [{"day": "2027-03-02", **item}]


def test_a_resource_that_is_gone(pair: Pair) -> None:
    """
    Without the resource its times go, and a request for it is closed by the resource snapshot.
    """
    simulator, side = pair
    simulator.request_availability(TUESDAY, "r2")
    simulator.request_availability(TUESDAY)
    side.post("/config/pmsResources/snapshot", resources("r1"))

    assert set(simulator.published()) == {("r1", TUESDAY)}
    send(side, day("r1", "2027-03-02"))
    assert simulator.outstanding() == []


def test_an_empty_day(pair: Pair) -> None:
    """
    A day without free time is said with an empty list (A5).
    """
    simulator, side = pair
    empty = {"pmsResourceId": "r1", "date": "2027-03-02", "availability": []}

    assert send(side, empty)["created"] == ["0"]
    assert simulator.openings(resource_id="r1") == []
    assert simulator.verdict().practices[0].published.open_days == 1


def test_a_time_that_daylight_saving_leaves_out(simulate: Simulate) -> None:
    """
    Publishing 2:00 to 3:00 on the day the clocks go forward is a violation, taken all the same.
    """
    simulator, _ = simulate()
    side = AgentSide(simulator.base_url, SECOND)
    side.post("/config/pmsResources/snapshot", resources("r1"))
    send(side, day("r1", "2027-10-03", ("01:00", "02:00", 900), ("03:00", "04:00", 900)))
    fine = simulator.violations
    send(side, day("r1", "2027-10-03", ("01:30", "02:30", 900)))
    side.close()

    assert fine == []
    assert [violation.kind for violation in simulator.violations] == [ViolationKind.MISSING_TIME]
