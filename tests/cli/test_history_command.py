"""
`frontdesk history`: what Healthengine was told, read from the state file.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from cli_engine import Cli

from agent.domain.booking import BookingState
from agent.ports.history import SentDay, SentOutcome, SentWhy
from agent.ports.ledger import LedgerBooking
from agent.settings.paths import find_home
from agent.store import Store

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
ENTRY = LedgerBooking(
    practice_id="1001",
    booking_id=1,
    state=BookingState.CONFIRMING,
    resource_id="1@1:gp",
    practitioner_id="1",
    location_id="1",
    type_id="1",
    start=datetime(2026, 11, 24, 10),
    minutes=15,
    booked_at=AT,
    seen_at=AT,
    updated_at=AT,
    appointment_ids=("44",),
    patient_id="7",
)


@pytest.fixture
def kept(home: Path) -> None:
    """
    A booking and a day in the home's state file; no engine.
    """
    place = find_home(home)
    place.create()
    with Store.open(place.state_db) as store:
        store.ledger.write(ENTRY)
        store.ledger.write(replace(ENTRY, state=BookingState.CONFIRMED))
        store.history.sent(
            "1001",
            [
                SentDay(
                    resource_id="1@1:gp",
                    date=date(2026, 11, 24),
                    fingerprint="f",
                    ranges="09:00-12:00/15",
                    generation=0,
                    why=SentWhy.FIRST,
                    outcome=SentOutcome.ACKNOWLEDGED,
                    at=AT,
                    last_at=AT,
                )
            ],
        )


@pytest.mark.usefixtures("kept")
def test_history_of_a_booking(cli: Cli) -> None:
    """
    Its steps, with what was told.
    """
    result = cli("history", "--booking", "1")

    assert 0 == result.code
    assert "appointments 44, patient 7" in result.out
    assert "confirmed\tyes" in result.out


@pytest.mark.usefixtures("kept")
def test_history_of_a_day(cli: Cli) -> None:
    """
    The bookings of a resource's day, and the free times that were sent for it.
    """
    result = cli("history", "--date", "2026-11-24", "--resource", "1@1:gp", "--json")
    found = json.loads(result.out)

    assert 0 == result.code
    assert [1] == [line["booking"]["booking_id"] for line in found["bookings"]]
    assert [("09:00-12:00/15", "first", "acknowledged")] == [(d["ranges"], d["why"], d["outcome"]) for d in found["sent"]]


@pytest.mark.usefixtures("kept")
def test_history_of_what_nobody_knows(cli: Cli) -> None:
    """
    Nothing is found, and the exit code says so.
    """
    result = cli("history", "--booking", "99")

    assert 1 == result.code
    assert "Nothing is kept about it." in result.out


def test_history_without_a_state_file(cli: Cli) -> None:
    """
    A home without one is said plainly.
    """
    result = cli("history", "--booking", "1")

    assert 2 == result.code
    assert "store-missing" in result.err
