"""
Answers made to do harm: whatever a broken or hostile server, or somebody's booking, puts into them.
"""

from __future__ import annotations

import gzip
import json
import socket
import tracemalloc
from contextlib import suppress
from typing import Any

import pytest
from he_server import Say, Server, pages, say

from agent.domain.errors import ContractBroken, FrontdeskError, Transient
from agent.healthengine.client import HealthengineClient
from agent.healthengine.transport import LARGEST_ANSWER
from agent.ports.marketplace import Unreadable

BOOKINGS = "/requests/bookings"
MB = 1 << 20
BOOKING: dict[str, Any] = {
    "bookingId": 77,
    "pmsResourceId": "12@3",
    "bookedTime": "2026-11-20 01:02:00",
    "pmsAppointmentTime": "2026-11-23 09:30:00",
    "pmsAppointmentLength": 900,
    "patient": {"firstname": "Ann", "lastname": "Example", "dob": "23-02-1980"},
}


def raw_page(*items: bytes) -> Say:
    return Say(body=b'{"data":[' + b",".join(items) + b'],"page":{"totalPages":1}}')


def booking(number: int, **changes: Any) -> bytes:
    return json.dumps({**BOOKING, "bookingId": number, **changes}).encode()


@pytest.mark.parametrize(
    ("odd", "expected"),
    [
        (b'"\\ud800x"', "?x"),
        (b'"\xff\xfex"', "\N{REPLACEMENT CHARACTER}" * 2 + "x"),
        (b'"\xed\xa0\x80x"', "\N{REPLACEMENT CHARACTER}" * 3 + "x"),
        (b'"a\tb\x01"', "a\tb"),
        (b"NaN", ""),
        (b"-Infinity", ""),
    ],
)
def test_what_is_almost_json_keeps_nobody_waiting(server: Server, client: HealthengineClient, odd: bytes, expected: str) -> None:
    """
    One odd letter in a booking, and it is read as well as it can be, and so are the others.
    """
    first = booking(1, comments="ODD").replace(b'"ODD"', odd)
    server.on("GET", BOOKINGS, raw_page(first, booking(2)))

    answer = client.booking_requests()

    assert [(1, expected), (2, "")] == [(b.id, b.comments) for b in answer.items]
    assert () == answer.unreadable


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"bookingId": 2**63}, "bookingId"),
        ({"bookingId": "9" * 5000}, "bookingId"),
        ({"bookingId": "../../etc/passwd"}, "bookingId"),
        ({"bookingId": "1\r\nX-Injected: 1"}, "bookingId"),
        ({"bookingId": -1}, "bookingId"),
        ({"bookingId": 1.5}, "bookingId"),
        ({"bookingId": True}, "bookingId"),
        ({"bookingId": {"$ne": 1}}, "bookingId"),
        ({"patient": [[[[]]]]}, "patient"),
        ({"pmsAppointmentIds": "1"}, "pmsAppointmentIds"),
        ({"pmsAppointmentLength": 10**12}, "pmsAppointmentLength"),
        ({"pmsAppointmentTime": "0000-00-00 00:00:00"}, "pmsAppointmentTime"),
        ({"bookedTime": "2026-11-20 01:02:00" + "0" * 5000}, "bookedTime"),
    ],
)
def test_wrong_values_stop_one_booking(server: Server, client: HealthengineClient, change: dict[str, Any], why: str) -> None:
    """
    Wrong types, ids that are paths or headers, numbers that are no ids: named by field, and the next booking is read.
    """
    server.on("GET", BOOKINGS, *pages([{**BOOKING, **change}, {**BOOKING, "bookingId": 2}]))

    answer = client.booking_requests()

    assert [2] == [b.id for b in answer.items]
    assert [why] == [entry.why for entry in answer.unreadable]


def test_of_keys_that_are_there_twice_the_last_counts(server: Server, client: HealthengineClient) -> None:
    """
    The same for every reader of ours, so that no two see different bookings.
    """
    server.on("GET", BOOKINGS, raw_page(b'{"bookingId":1,' + booking(2)[1:]))

    assert [2] == [b.id for b in client.booking_requests().items]


def test_texts_are_tidied_and_cut(server: Server, client: HealthengineClient) -> None:
    """
    Controls and changes of direction go, 10 kB in a field of one line are cut, and nothing shows a value by accident.
    """
    patient = {**BOOKING["patient"], "firstname": "A\x00nn\u202e\n", "lastname": "L" * 10_000, "phone": "\x1b[31m0400"}
    server.on(
        "GET", BOOKINGS, *pages([{**BOOKING, "patient": patient, "comments": "a\r\nb\x07", "pmsResourceId": "1\x1b2" * 999}])
    )

    (found,) = client.booking_requests().items

    assert ("Ann", "L" * 500, "[31m0400") == (found.patient.first_name, found.patient.last_name, found.patient.phone)
    assert ("a\nb", 200) == (found.comments, len(found.resource_id or ""))
    assert "Ann" not in repr(found)


@pytest.mark.parametrize("text", ["..", "/../x", "1/../../2", "1?x=1#y", "1%2F..", "1\r\nHost: evil"])
def test_ids_of_ours_stay_one_part_of_the_address(server: Server, client: HealthengineClient, text: str) -> None:
    """
    Only numbers are put into addresses; an id that Healthengine or the PMS gave goes into the body.
    """
    server.on("POST", "/bookings/77/confirmInsert", Say())

    client.confirm_booking(77, appointment_ids=(text,), patient_id=text)

    assert ["/bookings/77/confirmInsert"] == [seen.path for seen in server.seen]
    assert [text] == server.seen[0].json()["pmsAppointmentIds"]


@pytest.mark.parametrize("depth", [100, 2_000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_deep_answers_end_the_question_only(
    server: Server, client: HealthengineClient, opening: str, closing: str, depth: int
) -> None:
    """
    However deep, it is an error of ours and not of the machine.
    """
    deep = (opening * depth + "1" + closing * depth).encode()
    server.on("GET", "/requests", Say(body=deep), Say(body=b"[" + deep + b"]"))
    server.on("GET", BOOKINGS, raw_page(deep, booking(2)))
    codes: list[str] = []
    for _ in range(2):
        try:
            codes += [str(entry.why) for entry in client.outstanding().unreadable]
        except FrontdeskError as error:
            codes.append(error.code)
    try:
        assert [2] == [b.id for b in client.booking_requests().items]
    except Transient as error:
        codes.append(error.code)

    assert {"he-not-an-answer", "he-contract", "kind"} >= set(codes)


@pytest.mark.parametrize("layers", [1, 2])
def test_a_decompression_bomb_is_defused(server: Server, client: HealthengineClient, layers: int) -> None:
    """
    A few kilobytes that unpack to a gigabyte are given up at 16 MB, whichever way they are packed.
    """
    block = gzip.compress(b" " * (64 * MB), 9) * 16
    body = block if layers == 1 else gzip.compress(block, 9)
    headers = {"Content-Encoding": ", ".join(["gzip"] * layers)}
    server.on("GET", BOOKINGS, Say(body=body, headers=headers))
    tracemalloc.start()
    try:
        with pytest.raises((ContractBroken, Transient)) as raised:
            client.booking_requests()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert raised.value.code in {"he-contract", "he-not-an-answer"}
    assert peak < LARGEST_ANSWER * 5


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("leads_to", ["other host", "same host", "file"])
def test_redirects_are_not_followed(server: Server, client: HealthengineClient, status: int, leads_to: str) -> None:
    """
    Keys and bookings go to nobody whom an answer names.
    """
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.setblocking(False)
        other_host = f"http://127.0.0.1:{other.getsockname()[1]}/requests"
        place = {"other host": other_host, "same host": "/requests/bookings", "file": "file:///etc/passwd"}[leads_to]
        server.on("GET", "/requests", Say(status=status, headers={"Location": place}))
        server.on("POST", "/bookings/77/cancel", Say(status=status, headers={"Location": place}))
        for call in (client.outstanding, lambda: client.cancel_booking(77, reason="x")):
            with pytest.raises(ContractBroken, match="he-redirect"):
                call()
        with pytest.raises(BlockingIOError):
            other.accept()

    assert ["/requests", "/bookings/77/cancel"] == [seen.path for seen in server.seen]


@pytest.mark.parametrize(
    "headers",
    [
        {"Set-Cookie": "a=b"},
        {"Date": "x" * 5000},
        {"Retry-After": "9" * 5000},
        {"Retry-After": "-1"},
        {"Date": "Fri, 31 Dec 9999 23:59:59 GMT"},
        {"Date": "Mon, 01 Jan 0001 00:00:00 -2359"},
        {f"X-{number}": "x" * 500 for number in range(90)},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_headers_do_no_harm(server: Server, client: HealthengineClient, headers: dict[str, str]) -> None:
    """
    Absurd ones are passed over, or end this question.
    """
    server.on("GET", "/requests", Say(body=b'["bookings"]', headers=headers), Say(status=503, headers=headers), say([]))

    client.outstanding()
    with suppress(Transient):  # a wait that is asked for is kept
        client.outstanding()

    assert all("Cookie" not in seen.headers for seen in server.seen)


def test_a_servers_words_are_dropped(server: Server, client: HealthengineClient) -> None:
    """
    Whatever it says to an error: it may quote the patient that it was sent.
    """
    words = "Ann Example 0400 000 000"
    statuses = [400, 401, 403, 404, 410, 429, 500, 200]
    for status in statuses:
        server.on("POST", "/bookings/77/cancel", Say(status=status, body=f"<p>{words}</p>".encode()))
        with pytest.raises(FrontdeskError) as raised:
            client.cancel_booking(77, reason="x")
        assert words not in f"{raised.value!r} {raised.value.message} {raised.value.remedy}"


def test_unknown_kinds_of_request_are_counted(server: Server, client: HealthengineClient) -> None:
    """
    What a newer server may ask, and what a broken one does.
    """
    server.on("GET", "/requests", say(["bookings", "mind-reading", 5, None, {"a": 1}, ["bookings"], "bookings"]))

    answer = client.outstanding()

    assert 1 == len(answer.items)
    assert [Unreadable(id=0, why="kind")] * 5 == list(answer.unreadable)
