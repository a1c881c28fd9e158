"""
Acceptance A1-A5: free time.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TypeAlias

import pytest
from conftest import Install
from support import an_opening, nothing_wrong, seconds_since, started, until

from agent.sandbox.installation import Installation

pytestmark = pytest.mark.slow


Sent: TypeAlias = tuple[str, str]
"""A resource and a date."""


def sent_since(installation: Installation, at: int) -> list[Sent]:
    """
    Return the days that Healthengine was sent, from its request number *at* on.
    """
    calls = [c for c in installation.simulator.requests_log[at:] if c.operation == "sendAvailabilitySnapshots"]
    return [(day["pmsResourceId"], day["date"]) for call in calls for day in call.body]


def later_days(installation: Installation, sent: list[Sent]) -> list[Sent]:
    """
    Return the days after today: today may lose a slot to the notice period at any moment.
    """
    return [(resource_id, day) for resource_id, day in sent if day != str(installation.local_now().date())]


def test_a1_what_the_desk_books_is_gone_within_a_minute(install: Install) -> None:
    """
    A time that somebody books at the desk is sent as taken, for that resource and date, within a minute.
    """
    installation = started(install(scale=3.0))
    opening = an_opening(installation)
    practitioner = int(opening.resource_id.split("@")[0])
    at, when = len(installation.simulator.requests_log), installation.clock.now()
    installation.desk().book_over(practitioner, opening.start, 15)
    until(lambda: opening not in installation.simulator.openings(resource_id=opening.resource_id), "the time is gone")

    assert seconds_since(installation, when) < 60
    assert {str(opening.start.date())} == {day for _, day in later_days(installation, sent_since(installation, at))}
    nothing_wrong(installation)


def test_a2_resync_sends_every_resource_and_every_day(install: Install) -> None:
    """
    A person presses resync, and the whole horizon is stated once more.
    """
    installation = started(install())
    until(lambda: 10 * 14 == len(installation.simulator.published()), "every day is published")
    at = len(installation.simulator.requests_log)
    result = installation.run("resync", "availability")
    calls = [c for c in installation.simulator.requests_log[at:] if c.operation == "sendAvailabilitySnapshots"]

    assert 0 == result.returncode
    assert 10 * 14 == len(set(sent_since(installation, at)))
    assert all(len(c.body) <= 100 for c in calls)


def test_a3_a_day_that_is_asked_for_is_sent(install: Install) -> None:
    """
    One resource's day, every resource's day, a day beyond the horizon and a resource that is gone: each is answered.
    """
    installation = started(install())
    simulator = installation.simulator
    until(lambda: 10 * 14 == len(simulator.published()), "every day is published")
    opening = an_opening(installation)
    at = len(simulator.requests_log)
    simulator.request_availability(opening.start.date(), opening.resource_id)
    until(lambda: not simulator.outstanding(), "the one day is answered")

    assert [(opening.resource_id, str(opening.start.date()))] == later_days(installation, sent_since(installation, at))

    simulator.request_availability(opening.start.date() + timedelta(days=1))
    simulator.request_availability(opening.start.date() + timedelta(days=300), opening.resource_id)
    simulator.request_availability(opening.start.date(), "somebody-who-left")
    until(lambda: not simulator.outstanding(), "everything is answered")
    nothing_wrong(installation)


def test_a4_everything_is_sent_at_least_once_a_day(install: Install) -> None:
    """
    A day after the last full sending everything goes out again, though nothing changed.
    """
    installation = started(install())
    until(lambda: 10 * 14 == len(installation.simulator.published()), "every day is published")
    installation.stop_engine()
    with closing(sqlite3.connect(installation.home / "state" / "state.db")) as state:
        yesterday = (installation.clock.now() - timedelta(hours=25)).isoformat()
        state.execute("UPDATE notes SET value = ? WHERE name = 'full_availability_at'", (yesterday,))
        state.commit()
    at = len(installation.simulator.requests_log)
    installation.start_engine()

    until(lambda: 10 * 14 == len(set(sent_since(installation, at))), "every day is sent again")


def test_a4_a_restart_sends_nothing_that_healthengine_has_acknowledged(install: Install) -> None:
    """
    What is acknowledged is remembered: an engine that comes back sends only what changed.
    """
    installation = started(install())
    until(lambda: 10 * 14 == len(installation.simulator.published()), "every day is published")
    installation.stop_engine()
    at = len(installation.simulator.requests_log)
    installation.start_engine()
    until(lambda: "nothing changed" in installation.run("status").stdout, "availability was looked at")

    assert [] == later_days(installation, sent_since(installation, at))


def test_a5_a_day_without_free_time_is_sent_as_empty(install: Install) -> None:
    """
    A day on which nobody works is stated, not left out.
    """
    installation = started(install())
    until(lambda: 10 * 14 == len(installation.simulator.published()), "every day is published")
    published = installation.simulator.published()

    assert [] in published.values()
    nothing_wrong(installation)
