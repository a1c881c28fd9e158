"""
A practice whose database is only read: reception enters and cancels by hand, and the engine does the rest by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from conftest import Install
from support import an_opening, book, confirmed, execute, started, until

from agent.domain.errors import FrontdeskError
from agent.sandbox.healthengine.openings import Opening
from agent.sandbox.healthengine.people import invented_person
from agent.sandbox.installation import Installation
from agent.sandbox.practice.build import CANCELLED

pytestmark = pytest.mark.slow

ALL_DAY = "Mon-Sun 00:00-24:00, Holidays 00:00-24:00"


def read_only(installation: Installation, bookings: str = "") -> Installation:
    """
    Forbid all writing, and start the engine.
    """
    config = installation.home / "config.toml"
    text = config.read_text(encoding="utf-8").replace("[pms]\n", "[pms]\nread_only = true\n")
    config.write_text(f"{text}\n[bookings]\n{bookings}\n", encoding="utf-8")
    return started(installation)


def reception_enters(installation: Installation, opening: Opening, person: Mapping[str, str | None]) -> int:
    """
    Type the patient and the appointment into the practice's own program, in capitals as some people do; return its id.
    """
    practitioner, place = opening.resource_id.split(":")[0].split("@")
    born = datetime.strptime(person["dob"] or "", "%d-%m-%Y").date().isoformat()
    names = ((person["firstname"] or "").upper(), (person["lastname"] or "").replace("'", "’"))
    with closing(installation.connect()) as link:
        patient_id = link.execute("SELECT MAX(id) + 1 FROM patients").fetchone()[0]
        row_id = link.execute("SELECT MAX(id) + 1 FROM appointments").fetchone()[0]
        link.execute(
            "INSERT INTO patients (id, first_name, last_name, date_of_birth, sex, phone, email, address, suburb, state, postcode,"
            " medicare_number, medicare_irn, medicare_expiry, active)"
            " VALUES (?, ?, ?, ?, '', '', '', '', '', '', '', '', '', '', 1)",
            (patient_id, *names, born),
        )
        link.execute(
            "INSERT INTO appointments VALUES (?, ?, ?, ?, NULL, ?, ?, 0, 'rang up', 1)",
            (row_id, int(practitioner), int(place), patient_id, f"{opening.start:%Y-%m-%d %H:%M:%S}", opening.seconds // 60),
        )
        link.commit()
    return int(row_id)


def reception_cancels(installation: Installation, row_id: int) -> None:
    execute(installation, "UPDATE appointments SET status = ?, version = version + 1 WHERE id = ?", CANCELLED, row_id)


def task_kinds(installation: Installation) -> list[str]:
    status = installation.status()
    return ["unknown: no engine answers"] if status is None else [task.kind for task in status.tasks]


def is_offered(installation: Installation, opening: Opening) -> bool:
    return any(
        (found.resource_id, found.start) == (opening.resource_id, opening.start) for found in installation.simulator.openings()
    )


def state_of(installation: Installation, booking_id: int) -> str:
    status = installation.status()
    return "" if status is None else next((b.state for b in status.bookings if b.booking_id == booking_id), "")


def test_entered_and_cancelled_by_reception(install: Install) -> None:
    """
    With a kill before each of what reception does, and an answer that is lost: the real ids, every time the same.
    """
    installation = read_only(install())
    simulator = installation.simulator
    opening, person = an_opening(installation), invented_person(3)
    booking_id = book(installation, opening, person=person)
    until(lambda: "enter_by_hand" in task_kinds(installation), "reception is asked")
    until(lambda: not is_offered(installation, opening), "the time is withheld")
    status = installation.status()
    assert status is not None
    shown = installation.run("tasks", "show", str(status.tasks[0].id)).stdout
    previewed = installation.run("preview", "--date", f"{opening.start:%Y-%m-%d}").stdout
    installation.kill_engine()
    row_id = reception_enters(installation, opening, person)
    installation.start_engine()
    confirmed(installation, booking_id)
    answer = simulator.answer_of(booking_id)
    assert answer is not None
    until(lambda: not task_kinds(installation), "the task is done")
    simulator.cancel(booking_id)
    until(lambda: "cancel_by_hand" in task_kinds(installation), "reception is asked to cancel it")
    installation.kill_engine()
    reception_cancels(installation, row_id)
    installation.start_engine()
    until(lambda: not simulator.outstanding(), "the cancellation is answered")
    until(lambda: not task_kinds(installation), "the task is done")
    until(lambda: is_offered(installation, opening), "the time is offered again")
    until(lambda: "cancelled" == state_of(installation, booking_id), "the booking is cancelled")

    assert (str(row_id),) == answer.appointment_ids
    assert str(person["lastname"]) in shown
    assert str(person["email"]) in shown
    assert "to be entered by reception" in previewed
    assert [] == simulator.violations


@pytest.mark.parametrize(
    ("bookings", "answer"),
    [
        ('unanswered = "reject"', "cancelled"),
        pytest.param(f'unanswered = "staffed-hours"\nstaffed_hours = "{ALL_DAY}"', "cancelled", marks=pytest.mark.long),
        ('unanswered = "own-ids"\nhealthengine_agreed_to_own_ids = true', "own ids"),
    ],
    ids=["reject", "staffed-hours", "own-ids"],
)
def test_nobody_enters_it(install: Install, bookings: str, answer: str) -> None:
    """
    Nothing is unanswered for ten minutes. With ids of our own the real appointment is taken for the booking when it appears.
    """
    installation = read_only(install(scale=20.0), bookings)
    simulator = installation.simulator
    opening, person = an_opening(installation), invented_person(4)
    booking_id = book(installation, opening, person=person)
    made = installation.clock.now()
    until(lambda: not simulator.outstanding(), "it is answered")
    waited = installation.clock.now() - made
    told = simulator.answer_of(booking_id)
    if answer == "own ids":
        until(lambda: not is_offered(installation, opening), "the time is withheld")
        reception_enters(installation, opening, person)
        until(lambda: state_of(installation, booking_id) == "confirmed", "the appointment is recognised")
        assert told is not None
        assert (f"frontdesk:{booking_id}",) == told.appointment_ids
        until(lambda: not task_kinds(installation), "the task is done")
    else:
        until(lambda: task_kinds(installation) == ["not_entered"], "somebody is asked to phone")
        assert not simulator.booking(booking_id).stands

    assert timedelta(minutes=8) < waited < timedelta(minutes=10)
    assert [] == simulator.violations


def test_own_ids_are_refused_unless_healthengine_agreed(install: Install) -> None:
    """
    A setting that needs somebody's consent says whose.
    """
    with pytest.raises(FrontdeskError, match="nobody says that Healthengine agreed"):
        read_only(install(), 'unanswered = "own-ids"')
