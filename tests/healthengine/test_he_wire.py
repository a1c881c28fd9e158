"""
The wire format: whatever Healthengine may write for the same thing is read as the same value, and what we write reads back.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.availability import DayAvailability, OpenRange
from agent.domain.booking import Booking, HealthengineStatus
from agent.domain.patients import PatientDetails
from agent.healthengine import bodies, wire
from agent.ports.marketplace import Unreadable

BOOKING: dict[str, Any] = {
    "bookingId": 77,
    "pmsResourceId": "12",
    "bookedTime": "2026-11-20 01:02:00",
    "bookingStatus": "Requested",
    "pmsAppointmentTime": "2026-11-23 09:30:00",
    "pmsAppointmentLength": 900,
    "patient": {"firstname": "Ann", "lastname": "Example", "dob": "23-02-1980"},
}

texts = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=20)  # test_he_hostile.py has the others
ids = st.text("abcXYZ019@:-", max_size=8)
people = st.builds(
    PatientDetails,
    first_name=st.text("AbcÖ '-", max_size=8).map(lambda name: " ".join(name.split())),
    last_name=st.just("O’Brien"),
    date_of_birth=st.none() | st.dates(date(1900, 1, 1), date(2026, 1, 1)),
    phone=texts,
    email=texts,
    address=texts,
    suburb=texts,
    state=texts,
    postcode=st.from_regex(r"[0-9]{4}", fullmatch=True),
    sex=st.sampled_from(["", "Male", "Female", "Other"]),
    medicare_number=texts,
    medicare_irn=texts,
    medicare_expiry=st.sampled_from(["", "05/2027", "12/2030"]),
)
bookings = st.builds(
    Booking,
    id=st.integers(1, 2**63 - 1),
    resource_id=st.none() | ids.filter(bool),
    type_id=ids,
    booked_at=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)).map(
        lambda at: at.replace(microsecond=0)
    ),
    status=st.sampled_from(HealthengineStatus),
    start=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(lambda at: at.replace(microsecond=0)),
    seconds=st.integers(0, 86_400),
    patient=people,
    appointment_ids=st.lists(ids.filter(bool), max_size=3).map(tuple),
    patient_id=ids,
    reason=texts,
    comments=texts,
    telehealth_url=texts,
    is_new_patient=st.booleans(),
)


def _read(data: object) -> Booking | Unreadable:
    return wire.item(msgspec.Raw(json.dumps(data).encode()), wire.BOOKING, wire.BookingBody.to_domain)


def _written(booking: Booking, data: st.DataObject) -> dict[str, Any]:
    """
    Write *booking* as Healthengine might: each part in one of the ways it is known to use.
    """

    def either(*ways: Any) -> Any:
        return data.draw(st.sampled_from(ways))

    def moment(at: datetime, zones: tuple[str, ...]) -> str:
        text = at.strftime("%Y-%m-%d %H:%M:%S")
        return str(either(text, text.replace(" ", "T"))) + str(either("", *zones))

    def optional(text: str) -> str | None:
        return text or either("", None)

    patient = booking.patient
    born = patient.date_of_birth
    return {
        "bookingId": either(booking.id, str(booking.id)),
        "pmsResourceId": optional(booking.resource_id or ""),
        "pmsAppointmentTypeId": optional(booking.type_id),
        "pmsAppointmentIds": list(booking.appointment_ids) or either([], None, [None, ""]),
        "pmsPatientId": optional(booking.patient_id),
        "bookedTime": moment(booking.booked_at, ("Z", "+00:00", ".000Z")),
        "bookingStatus": booking.status.value,
        "pmsAppointmentTime": moment(booking.start, ("Z", "+08:00")),
        "pmsAppointmentLength": either(booking.seconds, str(booking.seconds), float(booking.seconds)),
        "reason": optional(booking.reason),
        "comments": optional(booking.comments),
        "telehealthUrl": optional(booking.telehealth_url),
        "isNewPatient": either(True, "true", 1) if booking.is_new_patient else either(False, "false", 0, None, ""),
        "somethingNew": {"any": ["thing"]},
        "patient": {
            "firstname": optional(patient.first_name),
            "lastname": patient.last_name,
            "dob": either(born.strftime("%d-%m-%Y"), born.isoformat(), f"{born.isoformat()} 00:00:00")
            if born
            else either("", None),
            "phone": optional(patient.phone),
            "email": optional(patient.email),
            "address": optional(patient.address),
            "suburb": optional(patient.suburb),
            "state": optional(patient.state),
            "postcode": either(patient.postcode, int(patient.postcode)),
            "gender": either(patient.sex, patient.sex.lower()) if patient.sex else either("", None, "unknown"),
            "medicareNumber": optional(patient.medicare_number),
            "medicareIrn": optional(patient.medicare_irn),
            "medicareExpiry": patient.medicare_expiry or either("", None, "?"),
        },
    }


@given(booking=bookings, data=st.data())
def test_every_way_of_writing_a_booking_reads_the_same(booking: Booking, data: st.DataObject) -> None:
    """
    However a booking is written, it is read as the same value.
    """
    assert booking == _read(_written(booking, data))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"bookingId": None}, "bookingId"),
        ({"bookingId": 0}, "bookingId"),
        ({"bookingId": -7}, "bookingId"),
        ({"bookingId": 7.5}, "bookingId"),
        ({"bookingId": "٧"}, "bookingId"),
        ({"bookingId": 2**63}, "bookingId"),
        ({"bookingId": "9" * 5000}, "bookingId"),
        ({"bookingId": True}, "bookingId"),
        ({"bookingId": []}, "bookingId"),
        ({"bookedTime": None}, "bookedTime"),
        ({"bookedTime": ""}, "bookedTime"),
        ({"bookedTime": "2026-11-20"}, "bookedTime"),
        ({"bookedTime": "20-11-2026 10:00:00"}, "bookedTime"),
        ({"bookedTime": "2026-02-30 10:00:00"}, "bookedTime"),
        ({"bookedTime": "0001-01-01 00:00:00+23:00"}, "bookedTime"),
        ({"bookedTime": 1795000000}, "bookedTime"),
        ({"pmsAppointmentTime": "0000-00-00 00:00:00"}, "pmsAppointmentTime"),
        ({"pmsAppointmentTime": "2026-11-23 25:00:00"}, "pmsAppointmentTime"),
        ({"pmsAppointmentLength": -1}, "pmsAppointmentLength"),
        ({"pmsAppointmentLength": "a while"}, "pmsAppointmentLength"),
        ({"pmsAppointmentLength": 10**9}, "pmsAppointmentLength"),
        ({"bookingStatus": "Perhaps"}, "bookingStatus"),
        ({"pmsAppointmentIds": "9"}, "pmsAppointmentIds"),
        ({"pmsAppointmentIds": [{}]}, "pmsAppointmentIds[0]"),
        ({"patient": None}, "patient"),
        ({"patient": "Jane Marked"}, "patient"),
        ({"patient": {}}, "patient.lastname"),
        ({"patient": {"lastname": "Marked", "dob": "1980"}}, "patient.dob"),
        ({"patient": {"lastname": "Marked", "dob": "99-99-1980"}}, "patient.dob"),
        ({"patient": {"lastname": "Marked", "email": ["Marked"]}}, "patient.email"),
        ({"patient": {"lastname": {"Marked": 1}}}, "patient.lastname"),
    ],
)
def test_a_field_that_cannot_be_understood_is_named(change: dict[str, Any], why: str) -> None:
    """
    What is wrong is told by the field's name alone, with the booking's id where it can be read.
    """
    known = 0 if "bookingId" in change else 77

    assert Unreadable(id=known, why=why) == _read(BOOKING | change)


@pytest.mark.parametrize("raw", [b"5", b"null", b'"x"', b"[]", b'{"bookingId":77', b'{"bookingId":"\\q"}', b"[" * 50_000])
def test_what_is_no_object_is_an_unreadable_item(raw: bytes) -> None:
    """
    Whatever stands in a list does not stop the list.
    """
    entry = wire.item(msgspec.Raw(raw), wire.BOOKING, wire.BookingBody.to_domain)

    assert Unreadable(id=0, why="item") == entry


def test_a_missing_status_is_a_request_but_a_missing_update_is_nothing() -> None:
    """
    A booking was made as a request; an update without a status says nothing.
    """
    booking = _read(BOOKING | {"bookingStatus": None})
    update = wire.item(msgspec.Raw(b'{"requestId":"5","bookingId":77}'), wire.UPDATE, wire.BookingUpdateBody.to_domain)

    assert isinstance(booking, Booking)
    assert HealthengineStatus.REQUESTED is booking.status
    assert Unreadable(id=77, why="bookingStatus") == update


def test_an_update_without_its_booking_is_known_by_its_request() -> None:
    """
    Where there is no booking id the request's own serves to name the entry.
    """
    update = wire.item(msgspec.Raw(b'{"requestId":"5"}'), wire.UPDATE, wire.BookingUpdateBody.to_domain)

    assert Unreadable(id=5, why="bookingId") == update


def test_bodies_do_not_show_themselves() -> None:
    """
    A decoded body prints its kind alone.
    """
    body = wire.BOOKING.decode(json.dumps(BOOKING))

    assert "BookingBody(***)" == repr(body)
    assert "PatientBody(***)" == repr(body.patient)


openings = st.builds(
    lambda start, length, slot, types: OpenRange(start, min(1440, start + length), slot, types),
    st.integers(0, 1438),
    st.integers(1, 600),
    st.integers(0, 120),
    st.lists(ids.filter(bool), max_size=3).map(tuple),
)
days = st.builds(
    DayAvailability, ids.filter(bool), st.dates(date(2026, 1, 1), date(2028, 1, 1)), st.lists(openings, max_size=5).map(tuple)
)


@given(st.lists(days, max_size=100))
def test_what_is_published_reads_back(snapshots: list[DayAvailability]) -> None:
    """
    Every snapshot sent reads back as what was meant; only midnight is written as the minute before.
    """

    def minute(text: str) -> int:
        at = int(text[:2]) * 60 + int(text[3:])
        return 1440 if at == 1439 else at

    sent = json.loads(bodies.availability(snapshots))

    assert [str(at) for at in range(len(snapshots))] == [day["id"] for day in sent]
    for day, body in zip(snapshots, sent, strict=True):
        assert (day.resource_id, day.date.isoformat()) == (body["pmsResourceId"], body["date"])
        assert [(r.start, 1440 if r.end == 1439 else r.end, r.slot_minutes * 60, list(r.type_ids)) for r in day.ranges] == [
            (minute(r["start"]), minute(r["end"]), r["slotLength"], r.get("pmsAppointmentTypeIds", []))
            for r in body["availability"]
        ]


def test_the_last_minute_keeps_to_the_day() -> None:
    """
    Nothing is ever written as 24:00, and no range is empty.
    """
    day = DayAvailability("1", date(2026, 11, 23), tuple(OpenRange(start, 1440, 0) for start in (0, 1438, 1439)))

    written = json.loads(bodies.availability([day]))[0]["availability"]

    assert [("00:00", "23:59"), ("23:58", "23:59")] == [(r["start"], r["end"]) for r in written]


def test_a_range_that_starts_as_the_clock_text_says() -> None:
    """
    Every minute of the day has its text.
    """
    at = datetime(2026, 11, 23)

    assert [(at + timedelta(minutes=m)).strftime("%H:%M") for m in range(1439)] == [
        json.loads(bodies.availability([DayAvailability("1", at.date(), (OpenRange(m, 1440, 0),))]))[0]["availability"][0][
            "start"
        ]
        for m in range(1439)
    ]
