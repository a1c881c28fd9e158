"""
The whole way with OpenEMR: an engine of its own process between its database and a simulated Healthengine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from openemr_practice import OpenEmrDesk, OpenEmrPractice, rule

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
UNTIL = date(2027, 3, 1)
PATIENCE_S = 60
CAN_BE_BOOKED = {"1@1:gp", "1@2:gp", "2@1:skin"}

pytestmark = [pytest.mark.servers, pytest.mark.slow]


@pytest.fixture
def desk(openemr: OpenEmrPractice) -> OpenEmrDesk:
    """
    One practitioner at two places, another on two days of the week; lunch, a vacation, a holiday.
    """
    desk = openemr.desk
    workdays = rule(event_repeat_freq=1, event_repeat_freq_type=4)
    two_days = rule(event_repeat_freq="2,4", event_repeat_freq_type=6)
    with desk.at_work():
        desk.set("schedule_start", 8)
        desk.set("schedule_end", 18)
        for number, name in (("1", "Main Street"), ("2", "Beach Road")):
            desk.add_location(number, name)
        desk.add_practitioner("1", first_name="Ada")
        desk.add_practitioner("1", location_id="2")
        desk.add_practitioner("2", first_name="Bea", specialty_id="skin", specialty_name="Skin")
        desk.add_patient("7")
        for category, hour, place in (("in_office", 9, "1"), ("in_office", 13, "2"), ("out_of_office", 17, "0")):
            desk.add_event(
                category, MONDAY, hour * 60, practitioner_id="1", location_id=place, repeats=1, spec=workdays, until=UNTIL
            )
        desk.add_event("lunch", MONDAY, 12 * 60, 60, practitioner_id="1", repeats=1, spec=workdays, until=UNTIL)
        desk.add_event("in_office", MONDAY, 14 * 60, practitioner_id="2", repeats=3, spec=two_days, until=UNTIL)
        desk.add_event("vacation", MONDAY + timedelta(days=7), 0, practitioner_id="1", all_day=True)
        desk.add_event("holidays", MONDAY + timedelta(days=9), 0, all_day=True)
        desk.add_appointment("1", datetime.combine(MONDAY, time(10)), 30, type_id="")
    return desk


@pytest.fixture
def installation(openemr: OpenEmrPractice, desk: OpenEmrDesk, tmp_path: Path) -> Iterator[Installation]:
    """
    Everything but the running engine; every process ends with the test.
    """
    assert openemr.password
    clock = SandboxClock(10.0, START)
    account = PracticeAccount(practice_id=PRACTICE_ID, practice_key="key", zone=ZONE)
    made = Installation(
        folder=tmp_path,
        home=tmp_path / "home",
        carrier="odbc",
        connection=openemr.connection,
        server=ServerDatabase(dialect="mariadb", connection=openemr.connection, password=openemr.password.reveal()),
        profile="openemr",
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
        location_ids=(1, 2),
        practitioner_ids=(1, 2),
        type_ids=(5, 9, 10),
        two_specialties=0,
        two_places=1,
        own_type=0,
        own_type_practitioner=0,
        first=MONDAY,
        end=UNTIL,
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
    if resource_id == "2@1:skin":
        return [(14 * 60, 18 * 60)] if day.weekday() in {0, 2} else []
    if day == MONDAY + timedelta(days=7):
        return []
    if resource_id == "1@2:gp":
        return [(13 * 60, 17 * 60)]
    return [(540, 600), (630, 720)] if day == MONDAY else [(540, 720)]


def published(installation: Installation) -> dict[tuple[str, date], list[tuple[int, int]]]:
    return {
        key: sorted((clock_minute(row["start"]), clock_minute(row["end"])) for row in rows)
        for key, rows in installation.simulator.published().items()
    }


def until(condition: Any, what: str) -> None:
    wait_until(condition, PATIENCE_S, what)


def test_the_whole_way(installation: Installation, desk: OpenEmrDesk) -> None:
    """
    Free time, bookings of new patients, a patient's cancellation, and what the desk deletes.
    """
    simulator = installation.simulator
    installation.start_engine()
    until(lambda: len(CAN_BE_BOOKED) * HORIZON == len(published(installation)), "every day is published")

    shown = published(installation)
    assert {key: expected(*key) for key in shown} == shown
    assert CAN_BE_BOOKED == {resource for resource, _ in shown}

    first, second, third = (confirmed(installation, n, choose(installation, n)) for n in (1, 2, 3))
    assert 3 == desk.value("SELECT COUNT(*) FROM openemr_postcalendar_events WHERE pc_hometext LIKE '%HE:%'")
    assert 4 == desk.value("SELECT COUNT(*) FROM patient_data")

    simulator.cancel(first)
    until(lambda: "x" == status_of(desk, first), "the patient's cancellation is in the calendar")
    until(lambda: not simulator.outstanding(), "it is answered")

    desk.run("DELETE FROM openemr_postcalendar_events WHERE pc_hometext LIKE ?", f"%HE:{second};%")
    until(lambda: simulator.booking(second).practice_cancelled_at, "Healthengine knows of the desk's cancellation")

    assert "-" == status_of(desk, third)
    assert [] == simulator.violations


def choose(installation: Installation, number: int) -> Opening:
    """
    Return a free time of the week that is left to it.
    """
    day = MONDAY + timedelta(days=number)
    return next(o for o in installation.simulator.openings() if o.start.date() == day and o.resource_id.startswith("1@"))


def confirmed(installation: Installation, number: int, opening: Opening) -> int:
    booking_id = installation.simulator.book_opening(opening, invented_person(number))
    assert booking_id is not None
    until(lambda: installation.simulator.answer_of(booking_id), f"booking {booking_id} is answered")
    answer = installation.simulator.answer_of(booking_id)
    assert answer is not None
    assert "confirmed" == answer.answer.value.lower()
    return booking_id


def status_of(desk: OpenEmrDesk, booking_id: int) -> Any:
    return desk.value("SELECT pc_apptstatus FROM openemr_postcalendar_events WHERE pc_hometext LIKE ?", f"%HE:{booking_id};%")


def test_check_from_the_command_line(installation: Installation) -> None:
    """
    `frontdesk check` finds every query in order with the login of `grants.sql`.
    """
    result = installation.run("check", "--json")

    assert 0 == result.returncode, result.stdout
    assert json.loads(result.stdout)
