"""
What it means for a booking that the desk did something to its appointment.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from agent.domain.diary import Appointment, AppointmentState
from agent.domain.moves import Fate, Known, Place, look, may_cancel, place_of, search

TEN = datetime(2026, 11, 24, 10)
BOOKED = Place(practitioner_id="1", location_id="1", start=TEN, minutes=15)
KNOWN = Known(booking_id=5, appointment_ids=("a",), patient_id="7", booked=BOOKED, other_ids=frozenset({"follow-up"}))
ROW = Appointment(id="a", practitioner_id="1", location_id="1", start=TEN, minutes=15, patient_id="7", reference=5)
LATER = TEN + timedelta(hours=2)


def row(appointment_id: str = "b", **changes: Any) -> Appointment:
    """
    A row without the reference, as the desk types it.
    """
    return replace(ROW, id=appointment_id, **{"reference": 0, **changes})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, Fate.STANDS, id="untouched"),
        pytest.param({"state": AppointmentState.ARRIVED}, Fate.STANDS, id="arrived"),
        pytest.param({"minutes": 45}, Fate.STANDS, id="lengthened"),
        pytest.param({"minutes": 1}, Fate.STANDS, id="of hardly any length"),
        pytest.param({"reference": 0}, Fate.STANDS, id="the reference was edited away"),
        pytest.param({"type_id": "9"}, Fate.STANDS, id="another type"),
        pytest.param({"start": LATER}, Fate.MOVED, id="another time"),
        pytest.param({"start": TEN + timedelta(days=7)}, Fate.MOVED, id="another day"),
        pytest.param({"practitioner_id": "2"}, Fate.MOVED, id="another doctor"),
        pytest.param({"location_id": "2"}, Fate.MOVED, id="another room or place"),
        pytest.param({"location_id": ""}, Fate.STANDS, id="a place that the PMS does not know"),
        pytest.param({"patient_id": "8"}, Fate.REUSED, id="another patient"),
        pytest.param({"patient_id": ""}, Fate.REUSED, id="blocked instead"),
        pytest.param({"state": AppointmentState.CANCELLED}, Fate.AWAY, id="cancelled"),
        pytest.param({"state": AppointmentState.DID_NOT_ATTEND}, Fate.DID_NOT_ATTEND, id="did not attend"),
        pytest.param({"state": AppointmentState.DID_NOT_ATTEND, "patient_id": "8"}, Fate.REUSED, id="another did not attend"),
    ],
)
def test_look(changes: dict[str, Any], expected: Fate) -> None:
    """
    Each thing that the desk does to the row has its meaning.
    """
    assert expected is look(KNOWN, {"a": replace(ROW, **changes)}).fate


@pytest.mark.parametrize(
    ("premises", "expected"),
    [
        pytest.param({"1": "A", "2": "A"}, Fate.STANDS, id="another room of the building"),
        pytest.param({"1": "A", "2": "B"}, Fate.MOVED, id="a room of another building"),
        pytest.param({"1": "A"}, Fate.MOVED, id="out of the building"),
        pytest.param({"1": "2"}, Fate.MOVED, id="a place whose id is that of a building"),
        pytest.param({"2": "1"}, Fate.MOVED, id="into a building whose id is that of a place"),
    ],
)
def test_rooms(premises: dict[str, str], expected: Fate) -> None:
    """
    To a patient all rooms of one building are the same place; another time in another room is a move all the same.
    """
    known = replace(KNOWN, premises=premises)

    assert expected is look(known, {"a": replace(ROW, location_id="2")}).fate
    assert expected is search(known, referenced=NOTHING, of_patient=[row(location_id="2")]).fate
    assert Fate.MOVED is look(known, {"a": replace(ROW, location_id="2", start=LATER)}).fate


def test_look_at_what_is_deleted() -> None:
    """
    No row is away, not gone.
    """
    assert Fate.AWAY is look(KNOWN, {}).fate


@pytest.mark.parametrize(
    ("reference", "heirs", "expected"),
    [
        pytest.param(5, frozenset({"8"}), (Fate.STANDS, "8"), id="merged"),
        pytest.param(5, None, (Fate.REUSED, "7"), id="the first patient is still somebody"),
        pytest.param(5, frozenset(), (Fate.REUSED, "7"), id="the first patient left, but is nobody else"),
        pytest.param(0, frozenset({"8"}), (Fate.REUSED, "7"), id="nothing says that it is the same appointment"),
    ],
)
def test_merged_patients(reference: int, heirs: frozenset[str] | None, expected: tuple[Fate, str]) -> None:
    """
    A patient's record that became part of another takes its appointments along.
    """
    verdict = look(KNOWN, {"a": replace(ROW, patient_id="8", reference=reference)}, heirs=heirs)

    assert expected == (verdict.fate, verdict.patient_id)


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        pytest.param({}, (Fate.STANDS, ("a", "b"), 30), id="both stand"),
        pytest.param({"state": AppointmentState.CANCELLED}, (Fate.STANDS, ("a",), 15), id="shortened"),
        pytest.param({"start": LATER}, (Fate.STANDS, ("a", "b"), 135), id="torn apart"),
    ],
)
def test_several_slots(second: dict[str, Any], expected: tuple[Fate, tuple[str, ...], int]) -> None:
    """
    One appointment may be several rows; it is where the first of them is.
    """
    known = replace(KNOWN, appointment_ids=("a", "b"))
    states = {"a": ROW, "b": row(**{"start": TEN + timedelta(minutes=15), **second})}

    verdict = look(known, states)

    assert expected == (verdict.fate, verdict.appointment_ids, verdict.place.minutes)


NOTHING: list[Appointment] = []


@pytest.mark.parametrize(
    ("referenced", "of_patient", "expected"),
    [
        pytest.param(NOTHING, NOTHING, (Fate.AWAY, ()), id="nothing"),
        pytest.param([replace(ROW, id="b")], NOTHING, (Fate.STANDS, ("b",)), id="typed again with the reference"),
        pytest.param([replace(ROW, id="b", start=LATER)], NOTHING, (Fate.MOVED, ("b",)), id="and elsewhere"),
        pytest.param([replace(ROW, state=AppointmentState.CANCELLED)], NOTHING, (Fate.AWAY, ()), id="only the cancelled row"),
        pytest.param([replace(ROW, id="b", patient_id="8")], NOTHING, (Fate.REUSED, ()), id="copied for another patient"),
        pytest.param(NOTHING, [row()], (Fate.STANDS, ("b",)), id="typed again without"),
        pytest.param(NOTHING, [row(start=LATER)], (Fate.MOVED, ("b",)), id="and elsewhere, without"),
        pytest.param(NOTHING, [row("follow-up", start=LATER)], (Fate.AWAY, ()), id="the patient had that one before"),
        pytest.param(NOTHING, [row(reference=6)], (Fate.AWAY, ()), id="another booking's"),
        pytest.param(NOTHING, [row("claimed")], (Fate.AWAY, ()), id="another booking's, its reference edited away"),
        pytest.param(NOTHING, [row(), row("c", start=LATER)], (Fate.STANDS, ("b",)), id="the one at the booked time"),
        pytest.param(
            NOTHING, [row(start=LATER), row("c", start=LATER + timedelta(days=1))], (Fate.UNCLEAR, ()), id="either of two"
        ),
    ],
)
def test_search(referenced: list[Appointment], of_patient: list[Appointment], expected: tuple[Fate, tuple[str, ...]]) -> None:
    """
    What is away is gone only if nothing else could be it.
    """
    verdict = search(KNOWN, referenced=referenced, of_patient=of_patient, claimed=frozenset({"claimed"}))

    assert expected == (verdict.fate, verdict.appointment_ids)


def test_search_for_a_patient_who_has_no_record() -> None:
    """
    Where the patient's own record is out of use, nobody can say that nothing is left.
    """
    assert Fate.UNCLEAR is search(KNOWN, referenced=NOTHING, of_patient=NOTHING, heirs=frozenset()).fate


def test_search_without_an_earlier_look() -> None:
    """
    Where nobody knows what the patient had before, everything could be it.
    """
    verdict = search(replace(KNOWN, other_ids=None), referenced=NOTHING, of_patient=[row("follow-up", start=LATER)])

    assert Fate.MOVED is verdict.fate


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"minutes": 45}, True),
        ({"patient_id": "8"}, False),
        ({"state": AppointmentState.ARRIVED}, False),
        ({"state": AppointmentState.DID_NOT_ATTEND}, False),
        ({"start": LATER}, False),
        ({"practitioner_id": "2"}, False),
    ],
)
def test_may_cancel(changes: dict[str, Any], *, expected: bool) -> None:
    """
    A patient's cancellation touches only what is still theirs, to come, and where it was last seen.
    """
    before = TEN - timedelta(minutes=1)

    assert expected is may_cancel(KNOWN, [replace(ROW, **changes)], BOOKED, before)
    assert not may_cancel(KNOWN, [replace(ROW, **changes)], BOOKED, TEN)


def test_place_across_midnight() -> None:
    """
    An appointment may end on the next day.
    """
    late = row(start=datetime(2026, 11, 24, 23, 30), minutes=60)

    assert datetime(2026, 11, 25, 0, 30) == place_of([late]).end
