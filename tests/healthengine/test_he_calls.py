"""
Every call of the client: what it sends, and what it makes of a proper answer.
"""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from typing import Any

import pytest
from he_server import OUR_TIME, SERVER_TIME, Say, Server, Validate, client_for, pages, say
from openapi_core.exceptions import OpenAPIError

from agent.domain.availability import DayAvailability, OpenRange
from agent.domain.booking import HealthengineStatus
from agent.domain.days import Span
from agent.domain.liveness import LivenessContract
from agent.domain.masked import Secret
from agent.domain.resources import AppointmentType, Resource
from agent.healthengine.client import HealthengineClient
from agent.ports.marketplace import AvailabilityRequest, Marketplace, RequestKind, SnapshotOutcome, Unreadable

DAY = date(2026, 11, 23)
BOOKING: dict[str, Any] = {
    "bookingId": 77,
    "pmsResourceId": "12@3",
    "pmsAppointmentTypeId": "std",
    "pmsAppointmentIds": [],
    "pmsPatientId": None,
    "bookedTime": "2026-11-20 01:02:00",
    "bookingStatus": "Requested",
    "pmsAppointmentTime": "2026-11-23 09:30:00",
    "pmsAppointmentLength": 900,
    "reason": "Sore arm\nleft",
    "comments": "Standard",
    "patient": {"firstname": "Ann", "lastname": "Example", "dob": "23-02-1980"},
    "isNewPatient": True,
}


def test_client_is_a_marketplace(client: HealthengineClient) -> None:
    """
    The client is what the use cases ask for, checked by the type checker.
    """
    port: Marketplace = client

    assert port is client


def test_poll(server: Server, client: HealthengineClient) -> None:
    """
    The poll returns the known kinds once each, and keeps unknown ones apart.
    """
    server.on("GET", "/requests", say(["bookings", "availability", "bookings", "teleport", 5, None]))

    answer = client.outstanding()

    assert (RequestKind.BOOKINGS, RequestKind.AVAILABILITY) == answer.items
    assert (Unreadable(id=0, why="kind"),) * 3 == answer.unreadable
    assert SERVER_TIME == answer.at


def test_every_call_says_who_we_are(server: Server, client: HealthengineClient) -> None:
    """
    Keys, practice and user agent go with every call.
    """
    server.on("GET", "/requests", say([]))

    client.outstanding()
    headers = server.seen[0].headers

    assert ("vendor-1", "1001", "pk-1") == (headers["api-key"], headers["practice-id"], headers["practice-key"])
    assert "Frontdesk (support@example.com) DEV" == headers["User-Agent"]
    assert "gzip" == headers["Accept-Encoding"]


@pytest.mark.parametrize("header", ["", "yesterday", "Fri, 99 Nov 2026 01:02:03 GMT"])
def test_date_falls_back_on_our_clock(server: Server, client: HealthengineClient, header: str) -> None:
    """
    Where the answer has no readable `Date`, the age of a booking is taken by our own clock.
    """
    server.on("GET", "/requests", say([], Date=header))

    assert OUR_TIME == client.outstanding().at


def test_booking(server: Server, client: HealthengineClient) -> None:
    """
    A booking arrives with every field in our own form.
    """
    server.on("GET", "/requests/bookings", *pages([BOOKING]))

    booking = client.booking_requests().items[0]

    assert (77, "12@3", "std", 900, True) == (
        booking.id,
        booking.resource_id,
        booking.type_id,
        booking.seconds,
        booking.is_new_patient,
    )
    assert datetime(2026, 11, 20, 1, 2, tzinfo=UTC) == booking.booked_at
    assert datetime(2026, 11, 23, 9, 30) == booking.start
    assert date(1980, 2, 23) == booking.patient.date_of_birth
    assert ("", ()) == (booking.patient_id, booking.appointment_ids)


def test_a_poison_booking_takes_no_other_with_it(server: Server, client: HealthengineClient) -> None:
    """
    One entry that cannot be understood is named by id and field; the others arrive.
    """
    bad = {**BOOKING, "bookingId": "78", "patient": {**BOOKING["patient"], "dob": "31-02-1980"}}
    server.on("GET", "/requests/bookings", *pages([bad, BOOKING, "?", {**BOOKING, "bookingId": None}]))

    answer = client.booking_requests()

    assert [77] == [booking.id for booking in answer.items]
    assert [
        Unreadable(id=78, why="patient.dob"),
        Unreadable(id=0, why="item"),
        Unreadable(id=0, why="bookingId"),
    ] == list(answer.unreadable)


def test_updates_availability_and_changes(server: Server, client: HealthengineClient) -> None:
    """
    The other lists arrive too, the deprecated resource id included.
    """
    server.on(
        "GET",
        "/requests/bookingUpdates",
        *pages([{"requestId": 5, "bookingId": "77", "pmsAppointmentIds": [9], "bookingStatus": "Cancelled"}]),
    )
    server.on(
        "GET",
        "/requests/availability",
        *pages([{"day": "2026-11-23", "pms_resource_id": 12}, {"day": "2026-11-24", "pmsResourceId": None}, {"day": "?"}]),
    )
    server.on("GET", "/requests/pmsAppointmentChanges", *pages([{"bookingId": 77, "pmsAppointmentIds": ["9", ""]}]))

    update = client.booking_updates().items[0]
    wanted = client.availability_requests()
    change = client.change_requests().items[0]

    assert (5, 77, HealthengineStatus.CANCELLED, ("9",)) == (
        update.request_id,
        update.booking_id,
        update.status,
        update.appointment_ids,
    )
    assert (AvailabilityRequest(day=DAY, resource_id="12"), AvailabilityRequest(day=date(2026, 11, 24))) == wanted.items
    assert (Unreadable(id=0, why="day"),) == wanted.unreadable
    assert (77, ("9",), "") == (change.booking_id, change.appointment_ids, change.patient_id)


def _every_answer(client: HealthengineClient) -> None:
    client.confirm_booking(77, appointment_ids=["9"], patient_id="p1")
    client.reject_booking(77, reason="taken")
    client.confirm_update(77, 5)
    client.reject_update(77, 5, reason="unknown")
    client.cancel_booking(77, reason="cancelled by the practice")
    client.did_not_attend(77, reason="did not attend")
    client.no_appointment_change(77)


ANSWERS = {
    "/bookings/77/confirmInsert": b'{"pmsAppointmentIds":["9"],"pmsPatientId":"p1"}',
    "/bookings/77/rejectInsert": b'{"reason":"taken"}',
    "/bookings/77/confirmUpdate/5": b"",
    "/bookings/77/rejectUpdate/5": b'{"reason":"unknown"}',
    "/bookings/77/cancel": b'{"reason":"cancelled by the practice"}',
    "/bookings/77/didNotAttend": b'{"reason":"did not attend"}',
    "/bookings/77/noPmsAppointmentChange": b"",
}


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"ok":true}', b"null", b" \r\n"])
@pytest.mark.parametrize("status", [200, 201, 204])
def test_answers(server: Server, client: HealthengineClient, status: int, body: bytes) -> None:
    """
    Each answer goes to its own address; an empty body or any JSON is an acknowledgement.
    """
    for path in ANSWERS:
        server.on("POST", path, Say(status=status, body=b"" if status == 204 else body))

    _every_answer(client)

    assert ANSWERS == {seen.path: seen.body for seen in server.seen}


SNAPSHOTS = [
    DayAvailability("12@3", DAY, (OpenRange(540, 720, 15, ("std", "long")), OpenRange(780, 1440, 0))),
    DayAvailability("12@3", date(2026, 11, 24), ()),
    DayAvailability("13@3", DAY, (OpenRange(1439, 1440, 0),)),
]


def test_availability_body(server: Server, client: HealthengineClient) -> None:
    """
    Times are HH:MM, slots are seconds, the day ends at 23:59, and a day without free time is an empty list (A5).
    """
    server.on("POST", "/availability/snapshots", say({"created": ["0", "1"], "existing": ["2"], "failed": []}))

    outcome = client.send_availability(SNAPSHOTS)

    assert [
        {
            "id": "0",
            "date": "2026-11-23",
            "pmsResourceId": "12@3",
            "availability": [
                {"start": "09:00", "end": "12:00", "slotLength": 900, "pmsAppointmentTypeIds": ["std", "long"]},
                {"start": "13:00", "end": "23:59", "slotLength": 0},
            ],
        },
        {"id": "1", "date": "2026-11-24", "pmsResourceId": "12@3", "availability": []},
        {"id": "2", "date": "2026-11-23", "pmsResourceId": "13@3", "availability": []},
    ] == server.seen[0].json()
    assert frozenset({0, 1, 2}) == outcome.acknowledged


REFUSED = "Healthengine refused it"  # and never its own words


@pytest.mark.parametrize(
    ("answer", "acknowledged", "failed"),
    [
        ({"created": [0, 1, 2]}, {0, 1, 2}, {}),
        ({"created": ["0"], "existing": [1]}, {0, 1}, {}),
        ({"created": None, "existing": ["0", "99", "x", -1, None, 1.0]}, {0, 1}, {}),
        (
            {"created": [0, 1], "failed": ["1"], "errors": [{"snapshot": 1, "error": "no  such\nresource"}]},
            {0},
            {1: REFUSED},
        ),
        ({"created": [0], "failed": [2]}, {0}, {2: REFUSED}),
        ({"created": [0, 2], "errors": [{"snapshot": "2", "error": 5}]}, {0}, {2: REFUSED}),
        ({}, set(), {}),
        ([], set(), {}),
    ],
)
def test_availability_outcome(
    server: Server, client: HealthengineClient, answer: object, acknowledged: set[int], failed: dict[int, str]
) -> None:
    """
    The outcome maps back by position, whichever way it is written; what is not mentioned is not acknowledged.
    """
    server.on("POST", "/availability/snapshots", say(answer))

    assert SnapshotOutcome(acknowledged=frozenset(acknowledged), failed=failed) == client.send_availability(SNAPSHOTS)


def test_an_empty_answer_acknowledges_no_snapshot(server: Server, client: HealthengineClient) -> None:
    """
    An empty body is no statement about any snapshot.
    """
    server.on("POST", "/availability/snapshots", Say())

    assert frozenset() == client.send_availability(SNAPSHOTS).acknowledged


def test_nothing_to_send_is_not_sent_and_too_much_is_refused(server: Server, client: HealthengineClient) -> None:
    """
    No snapshots make no call; more than a hundred are a mistake of the caller.
    """
    assert frozenset() == client.send_availability([]).acknowledged
    with pytest.raises(ValueError, match="at most 100"):
        client.send_availability(SNAPSHOTS[:1] * 101)

    assert [] == server.seen


def test_configuration(server: Server, client: HealthengineClient) -> None:
    """
    Resources, types (length in minutes) and the liveness contract are sent whole, without empty fields.
    """
    for path in ("/config/pmsResources/snapshot", "/config/pmsAppointmentTypes/snapshot", "/config/livenessContract"):
        server.on("POST", path, say({}))
    day = (Span(480, 720), Span(780, 1440))

    client.send_resources(
        [
            Resource(
                id="12@3", name="Dr Ann", practitioner_id="12", location_id="3", title="Dr", first_name="Ann", last_name="Lee"
            ),
            Resource(id="r", name="Room", practitioner_id="r", location_id=""),
        ]
    )
    client.send_types(
        [
            AppointmentType(id="std:12@3", name="Standard", pms_type_id="std", minutes=15, resource_id="12@3"),
            AppointmentType(id="any", name="Any", pms_type_id="any", minutes=0),
        ]
    )
    client.send_liveness(LivenessContract(days=(day, *[()] * 6), public_holidays=(Span(0, 60),)))

    resources, types, liveness = (seen.json() for seen in server.seen)
    assert [
        {
            "pmsResourceId": "12@3",
            "pmsResourceName": "Dr Ann",
            "pmsPractitionerTitle": "Dr",
            "pmsPractitionerFirstname": "Ann",
            "pmsPractitionerLastname": "Lee",
        },
        {"pmsResourceId": "r", "pmsResourceName": "Room"},
    ] == resources
    assert [
        {
            "pmsAppointmentTypeId": "std:12@3",
            "pmsAppointmentTypeName": "Standard",
            "pmsAppointmentLength": 15,
            "pmsResourceId": "12@3",
        },
        {"pmsAppointmentTypeId": "any", "pmsAppointmentTypeName": "Any"},
    ] == types
    assert [{"start": "08:00", "end": "12:00"}, {"start": "13:00", "end": "23:59"}] == liveness["liveHours"]["monday"]
    assert [] == liveness["liveHours"]["sunday"]
    assert [{"start": "00:00", "end": "01:00"}] == liveness["liveHours"]["publicHolidays"]


def test_every_request_is_inside_the_definition(
    server: Server, client: HealthengineClient, valid_by_definition: Validate | None
) -> None:
    """
    Every kind of call is valid by Healthengine's definition, and the check does notice one that is not.
    """
    if valid_by_definition is None:
        pytest.skip("Healthengine's definition (shared/reference/healthengine/openapi.yaml) is not beside the project")
    for path in ANSWERS:
        server.on("POST", path, Say())
    server.on("GET", "/requests", say([]))
    for path in ("bookings", "bookingUpdates", "availability", "pmsAppointmentChanges"):
        server.on("GET", f"/requests/{path}", *pages([]))

    _every_answer(client)
    client.outstanding()
    for read in (client.booking_requests, client.booking_updates, client.availability_requests, client.change_requests):
        read()

    assert 12 == len(server.seen)
    for seen in server.seen:
        valid_by_definition(seen)
    wrong = dataclasses.replace(server.seen[0], body=b'{"pmsPatientId":"p1"}')
    with pytest.raises(OpenAPIError):
        valid_by_definition(wrong)


def test_next_api_key_is_tried_and_kept(server: Server) -> None:
    """
    When the vendor's key is replaced, the next one takes over without a visit.
    """
    client = client_for(server.url, next_api_key=Secret("vendor-2"))
    server.on("POST", "/bookings/77/noPmsAppointmentChange", Say(status=401), Say(), Say())

    client.no_appointment_change(77)
    client.no_appointment_change(77)
    client.close()

    assert ["vendor-1", "vendor-2", "vendor-2"] == [seen.headers["api-key"] for seen in server.seen]


def test_api_keys_can_be_replaced(server: Server, client: HealthengineClient) -> None:
    """
    New keys are used from the next call on.
    """
    server.on("GET", "/requests", say([]))

    client.replace_api_keys(Secret("vendor-3"))
    client.outstanding()

    assert "vendor-3" == server.seen[0].headers["api-key"]
