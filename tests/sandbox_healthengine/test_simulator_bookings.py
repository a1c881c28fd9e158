"""
Bookings, answers and cancellations, in both readings of what the definition leaves open.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from agent_side import PERSON, AgentSide, FrozenClock, day, resources

from agent.sandbox.healthengine import Answer, Kind, Simulator, ViolationKind
from agent.sandbox.healthengine.config import AnsweredAgain, EarlyCancel, LateReject, LateStatus, Nulls, Numbers

NINE = datetime(2027, 3, 2, 9, 0)
YES = {"pmsAppointmentIds": ["501"], "pmsPatientId": "77"}
Pair = tuple[Simulator, AgentSide]
Simulate = Callable[..., Pair]


def booked(simulator: Simulator, **more: Any) -> int:
    return simulator.book(None, "r1", NINE, "t1", PERSON, **more)


def confirm(side: AgentSide, booking_id: int, body: dict[str, Any] = YES) -> int:
    return side.post(f"/bookings/{booking_id}/confirmInsert", body).status_code


def reject(side: AgentSide, booking_id: int) -> int:
    return side.post(f"/bookings/{booking_id}/rejectInsert", {"reason": "taken"}).status_code


def only_booking(side: AgentSide) -> dict[str, Any]:
    found: list[dict[str, Any]] = side.get("/requests/bookings").json()["data"]
    assert len(found) == 1
    return found[0]


def only_update(side: AgentSide) -> dict[str, Any]:
    found: list[dict[str, Any]] = side.get("/requests/bookingUpdates").json()["data"]
    assert len(found) == 1
    return found[0]


def kinds(simulator: Simulator) -> list[ViolationKind]:
    return [violation.kind for violation in simulator.violations]


def test_a_booking_is_asked_for_until_answered(pair: Pair) -> None:
    """
    A booking is outstanding, carries what the patient said, and goes when confirmed.
    """
    simulator, side = pair
    booking_id = booked(simulator, reason="Flu", is_new_patient=True)

    assert side.get("/requests").json() == ["bookings"]
    item = only_booking(side)
    assert item["bookingId"] == booking_id
    assert item["pmsAppointmentTime"] == "2027-03-02 09:00:00"
    assert item["bookedTime"] == "2027-03-01 01:00:00"
    assert item["pmsAppointmentLength"] == 900
    assert item["bookingStatus"] == "Requested"
    assert item["patient"] == PERSON
    assert item["isNewPatient"] is True
    assert confirm(side, booking_id) == 200
    assert side.get("/requests").json() == []
    assert side.get("/requests/bookings").json()["data"] == []
    answer = simulator.answer_of(booking_id)
    assert answer is not None
    assert (answer.answer, answer.appointment_ids, answer.patient_id) == (Answer.CONFIRMED, ("501",), "77")


@pytest.mark.parametrize("late", LateStatus)
def test_a_late_booking_progresses_but_stays_listed(simulate: Simulate, clock: FrozenClock, late: LateStatus) -> None:
    """
    After 20 s the status is what the reading says, and the booking is still asked for.
    """
    simulator, side = simulate(late_status=late)
    side.configure()
    booked(simulator)
    clock.advance(timedelta(seconds=19))
    before = only_booking(side)["bookingStatus"]
    clock.advance(timedelta(seconds=1))

    assert before == "Requested"
    assert only_booking(side)["bookingStatus"] == late.value


def test_a_rejection_wants_the_day_again_and_hides_the_time(pair: Pair) -> None:
    """
    After a reject the day is asked for, and the time is not offered until its snapshot came (R7).
    """
    simulator, side = pair
    booking_id = booked(simulator)
    assert reject(side, booking_id) == 200

    assert side.get("/requests/availability").json()["data"] == [{"day": "2027-03-02", "pmsResourceId": "r1"}]
    assert NINE not in {o.start for o in simulator.openings(resource_id="r1")}
    side.post("/availability/snapshots", [day("r1", "2027-03-02")])
    assert NINE in {o.start for o in simulator.openings(resource_id="r1")}
    assert simulator.outstanding() == []
    assert simulator.violations == []


@pytest.mark.parametrize(
    ("reading", "status", "stands", "listed"),
    [(LateReject.ENDS, 200, False, False), (LateReject.STANDS, 200, True, False), (LateReject.REFUSED, 400, True, True)],
)
def test_a_late_reject_is_a_violation(
    simulate: Simulate, clock: FrozenClock, reading: LateReject, status: int, *, stands: bool, listed: bool
) -> None:
    """
    Rejecting from 20 s on breaks the rules, whatever the marketplace makes of it.
    """
    simulator, side = simulate(late_reject=reading)
    side.configure()
    booking_id = booked(simulator)
    clock.advance(timedelta(seconds=20))

    assert reject(side, booking_id) == status
    assert kinds(simulator) == [ViolationKind.LATE_REJECT]
    assert simulator.booking(booking_id).stands is stands
    assert simulator.booking(booking_id).listed is listed


def test_a_late_reject_is_fine_where_nothing_else_is_possible(pair: Pair, clock: FrozenClock) -> None:
    """
    A booking whose patient cancelled or whose resource went may be rejected at any age (R6).
    """
    simulator, side = pair
    cancelled, gone = booked(simulator), simulator.book(None, "r2", NINE, None, PERSON)
    simulator.cancel(cancelled)
    side.post("/config/pmsResources/snapshot", resources("r1"))
    clock.advance(timedelta(minutes=5))

    assert {b["pmsResourceId"] for b in side.get("/requests/bookings").json()["data"]} == {"r1", None}
    assert [reject(side, cancelled), reject(side, gone)] == [200, 200]
    assert simulator.violations == []


@pytest.mark.parametrize("reading", AnsweredAgain)
def test_the_same_answer_again(simulate: Simulate, reading: AnsweredAgain) -> None:
    """
    A second equal answer gets the status of the reading and is no violation (R11).
    """
    simulator, side = simulate(answered_again=reading)
    side.configure()
    booking_id = booked(simulator)
    confirm(side, booking_id)

    assert confirm(side, booking_id) == reading.value
    assert simulator.violations == []


def test_other_ids_are_a_violation(pair: Pair) -> None:
    """
    Two sets of ids for one booking mean that it was inserted twice.
    """
    simulator, side = pair
    booking_id = booked(simulator)
    confirm(side, booking_id)
    confirm(side, booking_id, {**YES, "pmsAppointmentIds": ["502"]})

    assert kinds(simulator) == [ViolationKind.OTHER_IDS]
    assert simulator.booking(booking_id).answer_ids == ("501",)


def test_contradictions_are_violations(pair: Pair) -> None:
    """
    Yes after no and no after yes contradict.
    """
    simulator, side = pair
    first, second = booked(simulator), simulator.book(None, "r2", NINE, "t1", PERSON)
    reject(side, first)
    confirm(side, first)
    confirm(side, second)
    reject(side, second)

    assert kinds(simulator) == [ViolationKind.CONTRADICTION, ViolationKind.CONTRADICTION]


@pytest.mark.parametrize(
    "body",
    [
        {"pmsAppointmentIds": [], "pmsPatientId": "7"},
        {"pmsAppointmentIds": ["1"]},
        {"pmsAppointmentIds": [1], "pmsPatientId": "7"},
        {"pmsAppointmentIds": ["1", "1"], "pmsPatientId": "7"},
        {"pmsAppointmentIds": ["1"], "pmsPatientId": ""},
        {"pmsAppointmentIds": ["1"], "pmsPatientId": "7", "more": 1},
    ],
)
def test_a_yes_needs_ids(pair: Pair, body: dict[str, Any]) -> None:
    """
    A confirmation that the definition does not allow is refused and recorded, and the booking still waits.
    """
    simulator, side = pair
    booking_id = booked(simulator)

    assert confirm(side, booking_id, body) == 400
    assert kinds(simulator) == [ViolationKind.DEFINITION]
    assert simulator.booking(booking_id).listed


@pytest.mark.parametrize(
    "path",
    ["confirmInsert", "rejectInsert", "confirmUpdate/1", "rejectUpdate/1", "cancel", "didNotAttend", "noPmsAppointmentChange"],
)
def test_an_unknown_booking_is_404(pair: Pair, path: str) -> None:
    """
    No operation knows a booking that never was.
    """
    _, side = pair
    body = YES if path == "confirmInsert" else {"reason": None}

    assert side.post(f"/bookings/999/{path}", body).status_code == 404


def test_a_confirmed_booking_that_is_cancelled_leaves_an_update(pair: Pair) -> None:
    """
    The patient's cancellation carries the ids of the yes, and waits until answered.
    """
    simulator, side = pair
    booking_id = booked(simulator)
    confirm(side, booking_id)

    assert simulator.cancel(booking_id)
    assert not simulator.cancel(booking_id)
    update = only_update(side)
    assert update["bookingStatus"] == "Cancelled"
    assert (update["pmsAppointmentIds"], update["pmsPatientId"]) == (["501"], "77")
    assert side.post(f"/bookings/{booking_id}/confirmUpdate/{update['requestId']}").status_code == 200
    assert simulator.outstanding() == []
    counts = simulator.verdict().practices[0].cancellations
    assert (counts.asked, counts.applied, counts.refused, counts.unanswered) == (1, 1, 0, 0)


def test_a_refused_cancellation_is_counted(pair: Pair) -> None:
    """
    A no to a patient's cancellation shows in the verdict.
    """
    simulator, side = pair
    booking_id = booked(simulator)
    confirm(side, booking_id)
    simulator.cancel(booking_id)
    side.post(f"/bookings/{booking_id}/rejectUpdate/{only_update(side)['requestId']}", {"reason": "arrived"})

    assert simulator.verdict().practices[0].cancellations.refused == 1


@pytest.mark.parametrize(
    ("reading", "outstanding"),
    [
        (EarlyCancel.STAYS, [Kind.BOOKINGS]),
        (EarlyCancel.STAYS_WITH_UPDATE, [Kind.BOOKINGS, Kind.BOOKING_UPDATES]),
        (EarlyCancel.VANISHES, [Kind.BOOKING_UPDATES]),
    ],
)
def test_a_cancellation_before_the_answer(simulate: Simulate, reading: EarlyCancel, outstanding: list[Kind]) -> None:
    """
    An unanswered booking that its patient cancels stays, or vanishes and leaves an update.
    """
    simulator, side = simulate(early_cancel=reading)
    side.configure()
    booking_id = booked(simulator)
    simulator.cancel(booking_id)

    assert simulator.outstanding() == outstanding
    if Kind.BOOKINGS in outstanding:
        assert only_booking(side)["bookingStatus"] == "Cancelled"
        reject(side, booking_id)
    if Kind.BOOKING_UPDATES in outstanding:
        side.post(f"/bookings/{booking_id}/confirmUpdate/{only_update(side)['requestId']}")
    assert simulator.outstanding(None) in ([], [Kind.AVAILABILITY])
    assert simulator.verdict().practices[0].cancellations.unanswered == 0
    assert simulator.violations == []


@pytest.mark.parametrize("reading", EarlyCancel)
def test_a_yes_that_crosses_a_cancellation_is_undone(simulate: Simulate, reading: EarlyCancel) -> None:
    """
    Confirming what was cancelled meanwhile always leaves an update that carries the ids.
    """
    simulator, side = simulate(early_cancel=reading)
    side.configure()
    booking_id = booked(simulator)
    simulator.cancel(booking_id)
    confirm(side, booking_id)

    assert only_update(side)["pmsAppointmentIds"] == ["501"]
    assert simulator.violations == []


def test_the_practice_cancels_and_marks_absence(pair: Pair) -> None:
    """
    Both are taken without being asked, and close a question about the booking (R8, R9).
    """
    simulator, side = pair
    booking_id = booked(simulator)
    confirm(side, booking_id)
    simulator.request_changes(booking_id)
    asked = side.get("/requests/pmsAppointmentChanges").json()["data"]
    side.post(f"/bookings/{booking_id}/didNotAttend", {})
    simulator.request_changes(booking_id)
    side.post(f"/bookings/{booking_id}/cancel", {"reason": None})

    assert asked == [{"bookingId": booking_id, "pmsAppointmentIds": ["501"], "pmsPatientId": "77"}]
    assert simulator.outstanding() == []
    assert not simulator.booking(booking_id).stands
    counts = simulator.verdict().practices[0].bookings
    assert (counts.cancelled_by_practice, counts.did_not_attend) == (1, 1)


def test_a_question_about_an_unknown_booking_is_closed_too(pair: Pair) -> None:
    """
    `noPmsAppointmentChange` answers for bookings that nobody knows; an earlier integration's can be asked about (L5).
    """
    simulator, side = pair
    earlier = simulator.add_earlier_booking(None, "r1", NINE, appointment_ids=["9"], patient_id="8")
    simulator.request_changes(4711)
    simulator.request_changes(earlier)

    assert [i["pmsAppointmentIds"] for i in side.get("/requests/pmsAppointmentChanges").json()["data"]] == [[], ["9"]]
    assert side.post("/bookings/4711/noPmsAppointmentChange").status_code == 200
    assert side.post(f"/bookings/{earlier}/noPmsAppointmentChange").status_code == 200
    assert simulator.outstanding() == []
    assert simulator.verdict().practices[0].bookings.requested == 0


def test_an_update_that_is_no_cancellation(pair: Pair) -> None:
    """
    An update with any status, of any booking, can be asked for and answered (R4).
    """
    simulator, side = pair
    request_id = simulator.request_update(31337, "Confirmed")

    assert only_update(side)["bookingStatus"] == "Confirmed"
    assert side.post(f"/bookings/31337/rejectUpdate/{request_id}", {"reason": "unknown"}).status_code == 200
    assert side.post(f"/bookings/31337/rejectUpdate/{request_id}", {"reason": "unknown"}).status_code == 200
    assert side.post(f"/bookings/31337/confirmUpdate/{request_id}").status_code == 200
    assert kinds(simulator) == [ViolationKind.CONTRADICTION]


def test_paging(simulate: Simulate) -> None:
    """
    Lists come in pages of the size that was set (R5).
    """
    simulator, side = simulate(per_page=2)
    side.configure()
    ids = [simulator.book(None, "r1", NINE + timedelta(minutes=15 * i), "t1", PERSON) for i in range(5)]
    pages = [side.get("/requests/bookings", page=number).json() for number in (1, 2, 3, 4)]

    assert [[item["bookingId"] for item in page["data"]] for page in pages] == [ids[:2], ids[2:4], ids[4:], []]
    assert pages[0]["page"] == {"currentPage": 1, "totalPages": 3, "perPage": 2, "total": 5}
    assert side.get("/requests/bookings", page=0).status_code == 400


def test_pages_from_zero(simulate: Simulate) -> None:
    """
    Numbering may begin with 0; without a page the first one comes.
    """
    simulator, side = simulate(per_page=1, first_page=0)
    side.configure()
    first, second = booked(simulator), simulator.book(None, "r2", NINE, "t1", PERSON)

    assert [side.get("/requests/bookings", page=p).json()["data"][0]["bookingId"] for p in (0, 1)] == [first, second]
    assert side.get("/requests/bookings").json()["data"][0]["bookingId"] == first


def test_swapped_numbers_and_nulls_left_out(simulate: Simulate) -> None:
    """
    Numbers may come as text, ids of digits as numbers, and what is null not at all.
    """
    simulator, side = simulate(numbers=Numbers.SWAPPED, nulls=Nulls.LEFT_OUT)
    side.configure()
    booking_id = simulator.book(None, "r1", NINE, None, PERSON, appointment_ids=["12", "x7"], patient_id="007")
    item = only_booking(side)

    assert (item["bookingId"], item["pmsAppointmentLength"]) == (str(booking_id), "900")
    assert (item["pmsAppointmentIds"], item["pmsPatientId"]) == ([12, "x7"], "007")
    assert "pmsAppointmentTypeId" not in item
    assert "medicareNumber" not in item["patient"]
    assert confirm(side, booking_id) == 200


def test_the_verdict_counts_and_times(pair: Pair, clock: FrozenClock) -> None:
    """
    Answer times are in simulator time, and a run with everything answered is clean.
    """
    simulator, side = pair
    for number, wait in enumerate((2, 4, 6)):
        booking_id = simulator.book(None, "r1", NINE + timedelta(minutes=15 * number), "t1", PERSON)
        clock.advance(timedelta(seconds=wait))
        confirm(side, booking_id)
    verdict = simulator.verdict()

    times = verdict.of("p-one").answer_seconds
    assert (times.p50, times.p99, times.longest) == (4.0, 6.0, 6.0)
    assert verdict.of("p-one").bookings.confirmed == 3
    assert verdict.clean
    assert verdict.to_dict()["clean"] is True
    with pytest.raises(KeyError):
        verdict.of("nobody")


def test_no_patient_in_what_is_printed(pair: Pair) -> None:
    """
    Neither a booking's repr nor the log of calls shows the patient.
    """
    simulator, side = pair
    booking_id = booked(simulator)
    confirm(side, booking_id)
    shown = repr(simulator.booking(booking_id)) + repr(simulator.requests_log) + str(simulator.verdict().to_dict())

    assert not any(value in shown for value in PERSON.values() if value and value not in {"WA", "Female"})
