"""
The life of a booking: references, notes, lengths, the time in which no may be said, and which step may follow which.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.booking import (
    NEXT,
    Booking,
    BookingState,
    BookRequest,
    HealthengineStatus,
    Reply,
    age,
    reference_text,
    referenced_booking,
    refusal,
    with_reference,
)
from agent.domain.patients import PatientDetails

BOOKED_AT = datetime(2026, 11, 18, 0, 0, tzinfo=UTC)
IDS = st.integers(1, 2**53)


def booking(**changes: object) -> Booking:
    values: dict[str, object] = {
        "id": 4711,
        "resource_id": "1@1:GP",
        "type_id": "1",
        "booked_at": BOOKED_AT,
        "status": HealthengineStatus.REQUESTED,
        "start": datetime(2026, 11, 20, 9, 0),
        "seconds": 900,
        "patient": PatientDetails(first_name="Zoë", last_name="O'Brien"),
    }
    return Booking(**{**values, **changes})  # type: ignore[arg-type]  # the fields of Booking


@settings(max_examples=60, deadline=None)
@given(IDS)
def test_a_reference_is_found_again(number: int) -> None:
    """
    The booking id survives being written into a field and read back.
    """
    assert number == referenced_booking(reference_text(number))


@settings(max_examples=60, deadline=None)
@given(IDS, st.text(), st.integers(0, 600))
def test_a_note_is_cut_and_its_reference_is_not(number: int, note: str, room: int) -> None:
    """
    However short the field and whatever the note, the whole fits and the reference is its intact end.
    """
    reference = reference_text(number)
    limit = len(reference) + room
    text = with_reference(note, reference, limit)

    assert len(text) <= limit
    assert text.endswith(reference)
    assert number == referenced_booking(text)
    if len(note) + 1 + len(reference) <= limit:
        assert note in text


@pytest.mark.parametrize(
    ("note", "limit", "expected"),
    [
        ("sore knee", 100, "sore knee HE:12;"),
        ("", 100, "HE:12;"),
        ("sore knee", 16, "sore knee HE:12;"),
        ("sore knee", 15, "sore kn… HE:12;"),
        ("sore knee", 13, "sore… HE:12;"),  # no blank before the mark of the cut
        ("sore knee", 8, "… HE:12;"),
        ("sore knee", 7, "HE:12;"),
        ("sore knee", 3, "HE:12;"),  # a field too short for any reference is the profile's mistake
        ("see HE:99;", 100, "see HE 99 HE:12;"),  # nobody else's booking
    ],
)
def test_notes_with_reference_by_example(note: str, limit: int, expected: str) -> None:
    """
    The note gives way, the reference stays.
    """
    assert expected == with_reference(note, "HE:12;", limit)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("HE:", 0),
        ("HE:12", 0),
        ("HE:12;", 12),
        ("rang twice HE:12; moved by staff", 12),
        ("HE:11; HE:12;", 12),
        ("he:12;", 0),
    ],
)
def test_references_in_free_text(text: str, expected: int) -> None:
    """
    The last complete reference counts, wherever staff left it.
    """
    assert expected == referenced_booking(text)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-5, Reply.REJECT), (0, Reply.REJECT), (14.999, Reply.REJECT), (15, Reply.TASK), (20, Reply.TASK), (3600, Reply.TASK)],
)
def test_no_is_said_within_fifteen_seconds_only(seconds: float, expected: Reply) -> None:
    """
    From 15 s on a booking that cannot be inserted becomes a task.
    """
    now = BOOKED_AT + timedelta(seconds=seconds)

    assert expected is refusal(booking(), now)
    assert timedelta(seconds=seconds) == age(booking(), now)


@pytest.mark.parametrize(("seconds", "expected"), [(0, 0), (1, 1), (60, 1), (61, 2), (900, 15)])
def test_lengths_are_rounded_up_to_minutes(seconds: int, expected: int) -> None:
    """
    A booking never takes less time than Healthengine said.
    """
    assert expected == booking(seconds=seconds).minutes


def test_a_request_carries_the_reference_of_its_booking() -> None:
    """
    The inserted row's mark is derived from the booking id alone.
    """
    request = BookRequest(
        booking_id=12,
        practitioner_id="1",
        location_id="1",
        start=datetime(2026, 11, 20, 9, 0),
        minutes=15,
        type_id="1",
        patient_id="",
        patient=PatientDetails(first_name="Zoë", last_name="O'Brien"),
        note="",
        is_new_patient=False,
        withdraw_within=timedelta(seconds=10),
    )

    assert "HE:12;" == request.reference
    assert "Zoë" not in repr(request)


def test_every_state_can_be_left_or_is_an_end() -> None:
    """
    The table of steps knows every state, and each can be reached from the beginning.
    """
    reached = {BookingState.REQUESTED}
    while more := {after for state in reached for after in NEXT[state]} - reached:
        reached |= more

    assert set(BookingState) == set(NEXT)
    assert set(BookingState) == reached


def test_a_cancellation_can_overtake_every_state() -> None:
    """
    Patients may cancel whenever they like.
    """
    assert [] == [state for state, after in NEXT.items() if BookingState.CANCELLED not in after]


@pytest.mark.parametrize("end", [BookingState.CANCELLED, BookingState.GONE, BookingState.DID_NOT_ATTEND])
def test_what_is_over_never_goes_back_into_the_pms(end: BookingState) -> None:
    """
    From cancelled, gone and did-not-attend no way leads to an insert.
    """
    reached = {end}
    while more := {after for state in reached for after in NEXT[state]} - reached:
        reached |= more

    assert reached.isdisjoint({BookingState.INSERTING, BookingState.INSERTED})
