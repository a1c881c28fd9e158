"""
Nothing readable about a patient rests on the agent's disk or leaves it by a command: ids only.
"""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from conftest import Install
from support import started, until

from agent.sandbox.demo import booked_values, known_people, leaked_values, values_in
from agent.sandbox.healthengine.faults import Fault, FaultKind
from agent.sandbox.healthengine.patients import SimulatedPatients
from agent.sandbox.installation import Installation

pytestmark = pytest.mark.slow

BUSY_S = 15.0

COMMANDS = (
    ("status", "--json"),
    ("status",),
    ("bookings", "--json"),
    ("bookings",),
    ("check", "--json"),
    ("preview", "--json"),
)


def quote_patients(installation: Installation) -> None:
    """
    Let the practice's database refuse appointments at one doctor with words that quote a patient, as real ones do.
    """
    with closing(installation.connect()) as connection:
        connection.execute(
            "CREATE TRIGGER quoting BEFORE INSERT ON appointments WHEN NEW.practitioner_id = 3"
            f" BEGIN SELECT RAISE(ABORT, 'duplicate: {installation.facts.token} Road 12'); END"
        )
        connection.commit()


@pytest.fixture
def busy(install: Install) -> Installation:
    """
    A practice in which everything has happened that could leave a trace: logged in every detail, with errors on both sides.
    """
    installation = started(install(scale=5.0, log_level="debug", carrier="odbc"))
    simulator = installation.simulator
    quote_patients(installation)
    simulator.add_fault(Fault(kind=FaultKind.DROP_AFTER, operation="bookingRequests"))
    for kind in (FaultKind.DROP_AFTER, FaultKind.TRUNCATE, FaultKind.STATUS, FaultKind.HTML):
        simulator.add_fault(Fault(kind=kind, operation="confirmBookingInsert"))
    people = known_people(installation, 40)
    with installation.desk(every=0.5), SimulatedPatients(simulator, people=people, every=2.0, new_share=0.5, seed=3):
        Event().wait(BUSY_S)
    return installation


def test_no_patient_is_found_on_the_agents_disk_or_in_what_it_prints(busy: Installation) -> None:
    """
    Neither while it runs nor after it has ended.
    """
    booked = booked_values(busy)
    log = busy.home / "logs" / "engine.log"
    until(lambda: "requests:1001 failed: pms-" in log.read_text(encoding="utf-8"), "the database's refusal is logged")
    printed = "".join(result.stdout + result.stderr for result in (busy.run(*command) for command in COMMANDS))
    while_it_runs = leaked_values(busy)
    busy.stop_engine()
    said = busy.output.read_text(encoding="utf-8")

    assert len(booked) > 50
    assert "confirmed" in printed
    assert set() == values_in(busy, printed, booked)
    assert set() == while_it_runs
    assert set() == leaked_values(busy)
    assert set() == values_in(busy, said, booked)
    assert any(busy.home.rglob("*.db"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_a_value_that_is_planted_is_found(install: Install, encoding: str) -> None:
    """
    The search itself works, for the practice's own patients and for those who are new.
    """
    installation = install(carrier="")
    person = known_people(installation, 1)[0]
    new = {"firstname": "Siobhan", "lastname": "Yunupingu", "dob": "01-02-1960", "email": "s.y@example.com"}
    installation.simulator.book("1001", None, installation.local_now() + timedelta(days=1), "1", new)
    clean = leaked_values(installation)
    planted = {str(person["email"]), str(person["phone"]), "1960-02-01", "siobhan yunupingu", "s.y@example.com"}
    found = {value: leaked_after(installation, value, encoding) for value in planted}

    assert set() == clean
    assert {} == {value: leaks for value, leaks in found.items() if not leaks}


def leaked_after(installation: Installation, value: str, encoding: str) -> set[str]:
    file = Path(installation.home / "state" / "planted.bin")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"\x00\x01" + json.dumps({"planted": value}).encode(encoding) + b"\x00\xff")
    try:
        return leaked_values(installation)
    finally:
        file.unlink()
