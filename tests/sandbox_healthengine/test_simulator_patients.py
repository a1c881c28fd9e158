"""
Patients of their own accord, and the people they are.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from itertools import combinations

from agent_side import PERSON, AgentSide, FrozenClock, day

from agent.sandbox.clock import SandboxClock
from agent.sandbox.healthengine import Simulator, sandbox_config
from agent.sandbox.healthengine.patients import SimulatedPatients
from agent.sandbox.healthengine.people import invented_person
from agent.sandbox.healthengine.records import BookingRecord

Pair = tuple[Simulator, AgentSide]


def overlapping(bookings: list[BookingRecord]) -> list[tuple[int, int]]:
    """
    Return the pairs of standing bookings of one resource that share time.
    """
    return [
        (a.id, b.id)
        for a, b in combinations([b for b in bookings if b.stands], 2)
        if a.resource_id == b.resource_id and a.start < b.end and b.start < a.end
    ]


def test_never_take_what_is_taken(pair: Pair) -> None:
    """
    Booking on and on fills the offered times without one overlap, then finds nothing more.
    """
    simulator, _ = pair
    patients = SimulatedPatients(simulator, people=[PERSON], early_share=0, cancel_share=0, seed=5)
    made = [patients.act() for _ in range(120)]
    bookings = simulator.bookings()

    assert overlapping(bookings) == []
    assert len(bookings) == sum(1 for booking_id in made if booking_id)
    assert simulator.openings() == []
    assert patients.counts["gave_up"] > 0
    assert sum(1 for b in bookings if b.person == PERSON) == 1
    assert sum(1 for b in bookings if not b.is_new_patient) == 1


def test_the_same_seed_makes_the_same_choices(clock: FrozenClock) -> None:
    """
    Two runs with one seed book the same times for the same people.
    """
    runs = []
    for _ in range(2):
        with Simulator(sandbox_config(), clock) as simulator:
            side = AgentSide(simulator.base_url, simulator.config.practices[0])
            side.configure()
            patients = SimulatedPatients(simulator, seed=9)
            for _ in range(10):
                patients.act()
            runs.append([(b.resource_id, b.start, b.type_id, b.person) for b in simulator.bookings()])
            side.close()

    assert runs[0] == runs[1]


def test_book_cancel_and_book_again() -> None:
    """
    The thread books, cancels confirmed and unanswered bookings, books again, and stops when told.
    """
    clock = SandboxClock(50, datetime(2027, 3, 1, 1, 0, tzinfo=UTC))
    with Simulator(sandbox_config(), clock) as simulator:
        side = AgentSide(simulator.base_url, simulator.config.practices[0])
        side.configure()
        side.post("/availability/snapshots", [day(r, f"2027-03-{d:02d}") for r in ("r1", "r2") for d in range(2, 12)])
        ended = threading.Event()
        worker = threading.Thread(target=answer_everything, args=(side, ended))
        worker.start()
        patients = SimulatedPatients(
            simulator, every=1, cancel_share=0.6, early_share=0.3, patience=timedelta(seconds=3), people=[PERSON], seed=3
        )
        with patients:
            wanted = {"booked", "cancelled", "cancelled_early", "rebooked"}
            seen = simulator.wait_for(lambda _: wanted <= patients.counts.keys(), 20)
        answered = simulator.wait_for(lambda s: not s.outstanding(), 10)
        ended.set()
        worker.join()
        side.close()

    assert seen
    assert answered
    assert overlapping(simulator.bookings()) == []
    assert simulator.violations == []
    counts = simulator.verdict().practices[0].cancellations
    assert counts.asked == counts.applied > 0


def answer_everything(side: AgentSide, ended: threading.Event) -> None:
    """
    Be an agent that says yes to everything, with ids of its own making.
    """
    while not ended.wait(0.01):
        side.get("/requests")
        for item in side.get("/requests/bookings").json()["data"]:
            yes = {"pmsAppointmentIds": [f"a{item['bookingId']}"], "pmsPatientId": "1"}
            side.post(f"/bookings/{item['bookingId']}/confirmInsert", yes)
        for item in side.get("/requests/bookingUpdates").json()["data"]:
            side.post(f"/bookings/{item['bookingId']}/confirmUpdate/{item['requestId']}")


def test_an_offer_that_has_gone(pair: Pair) -> None:
    """
    Two patients who look at the same offer do not both get it.
    """
    simulator, _ = pair
    offer = simulator.openings()[0]

    assert simulator.book_opening(offer, PERSON) is not None
    assert simulator.book_opening(offer, PERSON) is None


def test_invented_people() -> None:
    """
    A seed is always the same person; telephone numbers are fictional and Medicare numbers check.
    """
    people = [invented_person(seed) for seed in range(200)]
    numbers = [p["medicareNumber"] for p in people if p["medicareNumber"]]

    assert invented_person(7) == people[7]
    assert all(str(p["phone"]).startswith("0491 57") and str(p["email"]).endswith("@example.com") for p in people)
    assert len({(p["firstname"], p["lastname"], p["dob"]) for p in people}) > 190
    assert 80 < len(numbers) < 160
    weights = (1, 3, 7, 9, 1, 3, 7, 9)
    assert all(sum(int(d) * w for d, w in zip(n, weights, strict=False)) % 10 == int(n[8]) for n in numbers)
