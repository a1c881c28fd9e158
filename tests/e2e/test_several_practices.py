"""
Acceptance L3, L4, and stopping in good order, end to end.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from conftest import Install
from support import an_opening, book, booked, confirmed, execute, live_rows, nothing_wrong, operations, started, until

from agent.sandbox.healthengine.config import PracticeAccount
from agent.sandbox.healthengine.people import invented_person
from agent.sandbox.installation import API_KEY, PRACTICE_ID, ZONE, Installation

pytestmark = pytest.mark.slow

OTHER = "1002"
OTHER_KEY = "sandbox-the-other-practice"

SECOND = """
[[practices]]
id = "{id}"
name = "Hill Street"
timezone = "Australia/Sydney"
locations = ["{location}"]
horizon_days = 14
minimum_notice_minutes = 15
live_hours = "Mon-Sun 00:00-23:59, holidays 00:00-23:59"
"""


def two_accounts(install: Install, **changes: object) -> Installation:
    """
    Return an installation whose Healthengine knows two practices; the settings name the first alone.
    """
    key = "sandbox-the-first-practice"
    accounts = (
        PracticeAccount(practice_id=PRACTICE_ID, practice_key=key, zone=ZONE),
        PracticeAccount(practice_id=OTHER, practice_key=OTHER_KEY, zone=ZONE),
    )
    environment = {f"FRONTDESK_PRACTICE_KEY_{OTHER}": OTHER_KEY, f"FRONTDESK_PRACTICE_KEY_{PRACTICE_ID}": key}
    installation = install(practices=accounts, api_keys=frozenset({API_KEY}), environment=environment, **changes)
    config = installation.home / "config.toml"
    first, second = installation.facts.location_ids
    text = config.read_text("utf-8").replace(f'locations = ["{first}", "{second}"]', f'locations = ["{first}"]')
    config.write_text(text, "utf-8")
    return installation


def add_second(installation: Installation) -> None:
    """
    Write the second practice, at the second location, into the settings.
    """
    config = installation.home / "config.toml"
    location = installation.facts.location_ids[1]
    config.write_text(config.read_text("utf-8") + SECOND.format(id=OTHER, location=location), "utf-8")


def works_at_both_places_at_once(installation: Installation) -> int:
    """
    Let the practitioner who works at two places be rostered at both the whole time; returns who that is.
    """
    who = installation.facts.two_places
    first, second = installation.facts.location_ids
    execute(installation, "DELETE FROM roster WHERE practitioner_id = ? AND location_id = ?", who, second)
    execute(
        installation,
        "INSERT INTO roster SELECT id + 500000, practitioner_id, ?, roster_date, start_time, end_time, slot_minutes, type_ids,"
        " version FROM roster WHERE practitioner_id = ? AND location_id = ?",
        second,
        who,
        first,
    )
    return who


def test_l3_a_booking_in_one_practice_withholds_the_time_in_the_other(install: Install) -> None:
    """
    Two id and key pairs on one database: each gets its own location, and one diary stands behind both.
    """
    installation = two_accounts(install)
    who = works_at_both_places_at_once(installation)
    add_second(installation)
    started(installation)
    simulator = installation.simulator
    first, second = installation.facts.location_ids
    until(lambda: simulator.openings(OTHER), "the other practice's free times are published")
    there = {resource for resource, _ in simulator.published(OTHER)}
    offered = {o.start for o in simulator.openings(OTHER) if o.resource_id.startswith(f"{who}@{second}")}
    day = installation.local_now().date() + timedelta(days=1)
    opening = next(
        o
        for o in simulator.openings(PRACTICE_ID)
        if o.resource_id.startswith(f"{who}@{first}") and o.start in offered and o.start.date() >= day
    )
    confirmed(installation, book(installation, opening))
    until(
        lambda: (
            not any(
                o.start == opening.start and o.resource_id.startswith(f"{who}@{second}")
                for o in simulator.openings(OTHER, day=opening.start.date())
            )
        ),
        "the time is withheld in the other practice",
    )

    assert all(f"@{second}" in resource for resource in there)
    assert opening.start in offered
    nothing_wrong(installation)


def test_l4_another_id_and_key_take_over_while_the_engine_runs(install: Install) -> None:
    """
    The old practice is emptied, full configuration and every day go to the new one, and nothing more to the old one.
    """
    installation = started(two_accounts(install, scale=20.0))
    simulator = installation.simulator
    stands = booked(installation)
    config = installation.home / "config.toml"
    config.write_text(config.read_text("utf-8").replace(f'id = "{PRACTICE_ID}"', f'id = "{OTHER}"'), "utf-8")
    until(lambda: simulator.openings(OTHER), "the new practice's free times are published")
    emptied = not any(simulator.published(PRACTICE_ID).values())
    to_old = len([call for call in simulator.requests_log if call.practice_id == PRACTICE_ID])
    begin = installation.clock.now()
    until(lambda: installation.clock.now() - begin > timedelta(minutes=2), "two minutes have passed")
    configuration = simulator.configuration(OTHER)

    assert emptied
    assert configuration["resources"]
    assert configuration["types"]
    assert configuration["contract"]
    assert to_old == len([call for call in simulator.requests_log if call.practice_id == PRACTICE_ID])
    assert 1 == len(live_rows(installation, stands))
    assert 0 == installation.run("status").returncode


def test_a_practice_removed_while_nothing_runs_is_emptied_at_the_next_start(install: Install) -> None:
    """
    Its key is still there: a booking that waited is answered, then Healthengine shows no times of it and expects nobody.
    """
    installation = two_accounts(install, scale=20.0)
    before = (installation.home / "config.toml").read_text("utf-8")
    add_second(installation)
    started(installation)
    simulator = installation.simulator
    until(lambda: simulator.openings(OTHER), "the other practice's free times are published")
    installation.stop_engine()
    waited = simulator.book_opening(simulator.openings(OTHER)[-1], invented_person(4))
    (installation.home / "config.toml").write_text(before, "utf-8")
    installation.start_engine()
    until(lambda: not any(simulator.published(OTHER).values()), "the other practice is emptied")
    until(lambda: not any(simulator.configuration(OTHER)["contract"]["liveHours"].values()), "nobody is expected there")

    assert waited is not None
    assert simulator.answer_of(waited) is not None
    assert simulator.openings(PRACTICE_ID)
    assert 1 == len(live_rows(installation, waited))
    assert [] == simulator.violations


def test_stopping_answers_what_is_outstanding_and_shows_nothing_more(install: Install) -> None:
    """
    A patient who books in the last moment gets a yes; the command ends when Healthengine shows nothing; a start undoes it.
    """
    installation = started(install())
    simulator = installation.simulator
    opening = an_opening(installation)
    last = book(installation, opening)
    stopped = installation.run("stop-bookings")
    confirmed(installation, last)
    shown = simulator.openings()
    status = installation.run("status")
    began = installation.run("start-bookings")
    until(simulator.openings, "the free times are back")

    assert 0 == stopped.returncode
    assert "no free times" in stopped.stdout
    assert [] == shown
    assert "bookings-stopped" in status.stdout
    assert "free times again" in began.stdout
    nothing_wrong(installation)


def test_a_stop_outlives_a_restart(install: Install) -> None:
    """
    Whoever switches the server off and on has not started online bookings by that.
    """
    installation = started(install(scale=20.0))
    installation.run("stop-bookings")
    installation.stop_engine()
    installation.start_engine()
    sent = operations(installation).count("uploadLivenessContract")
    until(lambda: 0 < sent, "it has begun")
    until(lambda: (status := installation.status()) and status.practices[0].stop and status.practices[0].is_empty, "it is known")
    begin = installation.clock.now()
    until(lambda: installation.clock.now() - begin > timedelta(minutes=2), "two minutes have passed")

    assert [] == installation.simulator.openings()


def test_maintenance_lets_go_and_ends_by_itself(install: Install) -> None:
    """
    No worker is left; a patient who books meanwhile is entered afterwards.
    """
    installation = started(install(scale=20.0))
    opening = an_opening(installation)
    said = installation.run("maintenance", "--minutes", "3")
    during = installation.status()
    polls = operations(installation).count("pollRequests")
    booking_id = installation.simulator.book_opening(opening, invented_person(3))
    assert booking_id is not None
    polled_meanwhile = operations(installation).count("pollRequests") > polls
    confirmed(installation, booking_id)
    after = installation.status()

    assert 0 == said.returncode
    assert "entered when it ends" in said.stdout
    assert during is not None
    assert during.in_maintenance
    assert [0, 0] == [worker.pid for worker in during.workers]
    assert not polled_meanwhile
    assert after is not None
    assert not after.in_maintenance
    assert 1 == len(live_rows(installation, booking_id))
