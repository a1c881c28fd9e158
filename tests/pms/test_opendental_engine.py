"""
The whole way with Open Dental, which is only read: an engine of its own process between its database and a simulated
Healthengine, and a reception that types in what patients book.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from opendental_api import KEYS, StandIn
from opendental_practice import BLOCKOUT, HOLIDAY, PRACTICE, PROVIDER, UNSCHEDULED, OpenDentalDesk, OpenDentalPractice

from agent.domain.days import clock_minute
from agent.sandbox.clock import SandboxClock
from agent.sandbox.healthengine.config import PracticeAccount, SimulatorConfig
from agent.sandbox.healthengine.openings import Opening
from agent.sandbox.healthengine.people import invented_person
from agent.sandbox.healthengine.simulator import Simulator
from agent.sandbox.installation import API_KEY, PRACTICE_ID, ZONE, Installation, ServerDatabase, wait_until
from agent.sandbox.practice.facts import PracticeFacts

START = datetime(2026, 11, 29, 18, tzinfo=ZONE)  # a Sunday evening
MONDAY = date(2026, 11, 30)
HORIZON = 14
PATIENCE_S = 60
EIGHT, NINE, NOON, ONE, FIVE = 8 * 60, 9 * 60, 12 * 60, 13 * 60, 17 * 60
CAN_BE_BOOKED = {"1@1", "1@2", "2@3"}

pytestmark = [pytest.mark.servers, pytest.mark.slow]


@pytest.fixture
def desk(opendental: OpenDentalPractice) -> OpenDentalDesk:
    """
    A dentist with two operatories and a hygienist with one; lunch blocked out, a holiday, somebody in the chair on Monday at ten.
    """
    desk = opendental.desk
    with desk.at_work():
        for number in ("1", "2", "3"):
            desk.add_location(number, f"Op {number}")
        desk.add_practitioner("1", first_name="Ada")
        desk.add_practitioner("1", location_id="2")
        desk.insert("provider", ProvNum=2, FName="Bea", LName="Hygienist", IsSecondary=1)
        desk.change_operatory("3", ProvDentist=1, ProvHygienist=2, IsHygiene=1)
        desk.add_patient("7")
        desk.add_type("1", "Check-up", 30)
        for day in (MONDAY + timedelta(days=n) for n in range(HORIZON)):
            if day.weekday() < 5:
                desk.add_schedule(PROVIDER, day, NINE, FIVE, practitioner_id="1")
                desk.add_schedule(PROVIDER, day, EIGHT, NOON, practitioner_id="2")
                desk.add_schedule(BLOCKOUT, day, NOON, ONE, operatories=("1", "2", "3"))
        desk.add_schedule(PRACTICE, MONDAY + timedelta(days=9), status=HOLIDAY)
        desk.add_appointment("1", datetime.combine(MONDAY, time(10)), 30, location_id="2")
    return desk


@pytest.fixture
def installation(opendental: OpenDentalPractice, desk: OpenDentalDesk, tmp_path: Path) -> Iterator[Installation]:
    """
    Everything but the running engine; every process ends with the test.
    """
    assert opendental.password
    clock = SandboxClock(10.0, START)
    account = PracticeAccount(practice_id=PRACTICE_ID, practice_key="key", zone=ZONE)
    made = Installation(
        folder=tmp_path,
        home=tmp_path / "home",
        carrier="odbc",
        connection=opendental.connection,
        server=ServerDatabase(dialect="mariadb", connection=opendental.connection, password=opendental.password.reveal()),
        profile="opendental",
        facts=facts(),
        clock=clock,
        simulator=Simulator(SimulatorConfig(practices=(account,), api_keys=frozenset({API_KEY})), clock),
        practice_key="key",
        horizon_days=HORIZON,
    )
    with made:
        yield made


def facts() -> PracticeFacts:
    return PracticeFacts(
        database_id="",
        location_ids=(1, 2, 3),
        practitioner_ids=(1, 2),
        type_ids=(1,),
        two_specialties=0,
        two_places=1,
        own_type=0,
        own_type_practitioner=0,
        first=MONDAY,
        end=MONDAY + timedelta(days=HORIZON),
        patients=1,
        appointments=1,
        token="",
        tokens=frozenset(),
    )


def expected(resource_id: str, day: date) -> list[tuple[int, int]]:
    """
    Return what a person would say is free, as minutes of the day.
    """
    if day.weekday() > 4 or day == MONDAY + timedelta(days=9):
        return []
    if resource_id == "2@3":
        return [(EIGHT, NOON)]
    return [(NINE, 600), (630, NOON), (ONE, FIVE)] if day == MONDAY else [(NINE, NOON), (ONE, FIVE)]


def published(installation: Installation) -> dict[tuple[str, date], list[tuple[int, int]]]:
    return {
        key: sorted((clock_minute(row["start"]), clock_minute(row["end"])) for row in rows)
        for key, rows in installation.simulator.published().items()
    }


def until(condition: Any, what: str) -> None:
    wait_until(condition, PATIENCE_S, what)


def an_opening(installation: Installation, day: date) -> Opening:
    return next(o for o in installation.simulator.openings() if o.start.date() == day and o.resource_id == "1@1")


def book(installation: Installation, opening: Opening, person: Mapping[str, str | None]) -> int:
    booking_id = installation.simulator.book_opening(opening, person)
    assert booking_id is not None
    return booking_id


def reception_enters(desk: OpenDentalDesk, opening: Opening, person: Mapping[str, str | None], *, operatory: str) -> str:
    """
    Type patient and appointment into the practice's own program, in whichever operatory is free.
    """
    patient_id = desk.insert(
        "patient",
        FName=person["firstname"],
        LName=person["lastname"],
        Birthdate=datetime.strptime(person["dob"] or "", "%d-%m-%Y").date(),
    )
    return desk.add_appointment("1", opening.start.replace(tzinfo=None), 30, patient_id=patient_id, location_id=operatory)


def task_kinds(installation: Installation) -> list[str]:
    status = installation.status()
    return [] if status is None else [task.kind for task in status.tasks]


def watched_since(installation: Installation, moment: datetime) -> bool:
    status = installation.status()
    channels = () if status is None else status.channels
    return any(c.name == "changes" and c.last_success is not None and c.last_success > moment for c in channels)


def is_offered(installation: Installation, start: datetime, resource_id: str) -> bool:
    return any((o.resource_id, o.start) == (resource_id, start) for o in installation.simulator.openings())


def test_the_whole_way(installation: Installation, desk: OpenDentalDesk) -> None:
    """
    Free time; bookings that reception enters, also in the dentist's other operatory; a patient's cancellation, a practice's own.
    """
    simulator = installation.simulator
    installation.start_engine()
    until(lambda: len(CAN_BE_BOOKED) * HORIZON == len(published(installation)), "every day is published")

    shown = published(installation)
    assert {key: expected(*key) for key in shown} == shown
    assert CAN_BE_BOOKED == {resource for resource, _ in shown}

    entered: dict[int, str] = {}
    for number, operatory in ((1, "1"), (2, "2")):
        opening, person = an_opening(installation, MONDAY + timedelta(days=number)), invented_person(number)
        booking_id = book(installation, opening, person)
        until(lambda: "enter_by_hand" in task_kinds(installation), "reception is asked")
        until(lambda at=opening.start: not is_offered(installation, at, "1@1"), "the time is withheld")
        until(lambda at=opening.start: not is_offered(installation, at, "1@2"), "in the other operatory too")
        entered[booking_id] = reception_enters(desk, opening, person, operatory=operatory)
        until(lambda one=booking_id: simulator.answer_of(one), "it is recognised and answered")
        until(lambda: not task_kinds(installation), "the task is done")
    answers = {booking_id: simulator.answer_of(booking_id) for booking_id in entered}
    assert {i: ("confirmed", (row,)) for i, row in entered.items()} == {
        i: (answer.answer.value.lower(), answer.appointment_ids) for i, answer in answers.items() if answer is not None
    }

    since = installation.clock.now()
    until(lambda: watched_since(installation, since), "the appointments are looked at")
    assert [] == task_kinds(installation), "the dentist's other operatory is no other place"

    first, second = entered
    simulator.cancel(first)
    until(lambda: "cancel_by_hand" in task_kinds(installation), "reception is asked to cancel it")
    desk.change(entered[first], AptStatus=UNSCHEDULED, Op=0)
    until(lambda: not simulator.outstanding(), "the cancellation is answered")
    until(lambda: not task_kinds(installation), "the task is done")

    desk.delete_appointment(entered[second])
    until(lambda: simulator.booking(second).practice_cancelled_at, "Healthengine knows of the desk's cancellation")

    assert [] == simulator.violations


def test_bookings_over_the_api(installation: Installation, desk: OpenDentalDesk, api: StandIn) -> None:
    """
    Put in and cancelled by themselves; an answer that is lost, and the engine killed over it, make no second appointment; what
    the API refuses reception enters.
    """
    simulator = installation.simulator
    config = installation.home / "config.toml"
    text = config.read_text(encoding="utf-8").replace("[pms]\n", f'[pms]\napi_url = "{api.url}"\n')
    config.write_text(text, encoding="utf-8")
    installation.environment = {"FRONTDESK_PMS_API_KEYS": KEYS}
    installation.start_engine()
    until(lambda: len(CAN_BE_BOOKED) * HORIZON == len(published(installation)), "every day is published")

    first = book(installation, an_opening(installation, MONDAY + timedelta(days=1)), invented_person(1))
    until(lambda: simulator.answer_of(first), "it is put in and answered")
    api.lose.add(("POST", "/appointments"))
    second = book(installation, an_opening(installation, MONDAY + timedelta(days=2)), invented_person(2))
    until(lambda: not api.lose, "the answer is lost")
    installation.kill_engine()
    installation.start_engine()
    until(lambda: simulator.answer_of(second), "it is found and answered")
    simulator.cancel(first)
    until(lambda: UNSCHEDULED == status_of(desk, first), "the patient's cancellation is in the book")
    until(lambda: not simulator.outstanding(), "it is answered")
    api.refuse["POST", "/appointments"] = 400
    book(installation, an_opening(installation, MONDAY + timedelta(days=3)), invented_person(3))
    until(lambda: "enter_by_hand" in task_kinds(installation), "reception is asked to enter what the API refuses")

    assert ["confirmed", "confirmed"] == [a.answer.value.lower() for i in (first, second) if (a := simulator.answer_of(i))]
    assert 2 == desk.value("SELECT COUNT(*) FROM appointment WHERE Note LIKE '%HE:%'")
    assert [] == simulator.violations


def status_of(desk: OpenDentalDesk, booking_id: int) -> object:
    return desk.value("SELECT AptStatus FROM appointment WHERE Note LIKE ?", f"%HE:{booking_id};%")


def test_check_from_the_command_line(installation: Installation, desk: OpenDentalDesk) -> None:
    """
    Every query is in order with the login of `grants.sql`, reception's part is told, and a database without people is not well.
    """
    good = installation.run("check", "--json")
    desk.run("DELETE FROM provider")
    empty = installation.run("check", "--json")

    assert 0 == good.returncode, good.stdout
    assert ["what the profile cannot write, reception enters: bookings, bookings of new patients, cancellations"] == [
        line["detail"] for line in json.loads(good.stdout)["lines"] if line["name"] == "reception"
    ]
    assert 0 != empty.returncode
    assert ["this database has nobody who can be booked"] == [
        line["detail"] for line in json.loads(empty.stdout)["lines"] if not line["ok"]
    ]
