"""
Whether and where a booking can be entered.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent.domain.booking import Booking, HealthengineStatus
from agent.domain.ordering import Held
from agent.domain.patients import PatientDetails
from agent.domain.placing import LONGEST, Placement, Unplaceable, place
from agent.domain.resources import AppointmentType, Catalogue, Resource

NOW = datetime(2026, 11, 23, 9, 0)
TEN = datetime(2026, 11, 23, 10, 0)
CATALOGUE = Catalogue(
    resources=(Resource(id="12@3:gp", name="Dr Ann Lee", practitioner_id="12", location_id="3"),),
    types=(
        AppointmentType(id="std:12@3:gp", name="Standard", pms_type_id="std", minutes=15, resource_id="12@3:gp"),
        AppointmentType(id="open", name="Open", pms_type_id="open", minutes=0),
    ),
)


def booking(**changes: Any) -> Booking:
    values: dict[str, Any] = {
        "resource_id": "12@3:gp",
        "type_id": "std:12@3:gp",
        "booked_at": datetime(2026, 11, 22, 22, 0, tzinfo=UTC),
        "status": HealthengineStatus.REQUESTED,
        "start": TEN,
        "seconds": 1200,
        "patient": PatientDetails(first_name="A", last_name="B"),
        **changes,
    }
    return Booking(id=1, **values)


def test_a_booking_is_put_into_the_pmss_own_ids() -> None:
    """
    Published ids name a practitioner, a place and a type of the PMS.
    """
    expected = Placement(resource_id="12@3:gp", practitioner_id="12", location_id="3", type_id="std", start=TEN, minutes=20)

    placement = place(booking(), CATALOGUE, NOW)

    assert expected == placement
    assert Held(practitioner_id="12", start=TEN, minutes=20) == expected.held


@pytest.mark.parametrize(
    ("changes", "minutes", "type_id"),
    [
        ({"seconds": 0}, 15, "std"),
        ({"seconds": 1}, 1, "std"),
        ({"seconds": 61}, 2, "std"),
        ({"type_id": ""}, 20, ""),
        ({"type_id": "gone"}, 20, ""),
        ({"seconds": LONGEST * 60}, LONGEST, "std"),
    ],
)
def test_length_and_type(changes: dict[str, Any], minutes: int, type_id: str) -> None:
    """
    The booking's own length first, then its type's; begun minutes count whole.
    """
    placement = place(booking(**changes), CATALOGUE, NOW)

    assert isinstance(placement, Placement)
    assert (minutes, type_id) == (placement.minutes, placement.type_id)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"resource_id": None}, "no-resource"),
        ({"resource_id": ""}, "no-resource"),
        ({"resource_id": "13"}, "unknown-resource"),
        ({"seconds": 0, "type_id": "open"}, "no-length"),
        ({"seconds": 0, "type_id": "gone"}, "no-length"),
        ({"seconds": -60}, "no-length"),
        ({"seconds": LONGEST * 60 + 1}, "no-length"),
        ({"start": NOW}, "past"),
        ({"start": NOW - timedelta(days=1)}, "past"),
    ],
)
def test_what_cannot_be_entered(changes: dict[str, Any], code: str) -> None:
    """
    Each reason has its own code, and only a time gone by is called past.
    """
    placement = place(booking(**changes), CATALOGUE, NOW)

    assert isinstance(placement, Unplaceable)
    assert (code, code == "past") == (placement.code, placement.is_past)


def test_a_minute_ahead_is_not_past() -> None:
    """
    The notice period is for what is offered; whoever got a time has it.
    """
    assert isinstance(place(booking(start=NOW + timedelta(minutes=1)), CATALOGUE, NOW), Placement)
