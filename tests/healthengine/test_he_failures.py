"""
What goes wrong at Healthengine, and what the client makes of it.
"""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Callable
from datetime import date, timedelta
from email.utils import format_datetime

import pytest
import requests
import urllib3
from he_server import OUR_TIME, SERVER_TIME, Say, Server, client_for, pages, say

from agent.domain.availability import DayAvailability
from agent.domain.errors import (
    AuthRequired,
    Cancelled,
    ContractBroken,
    FrontdeskError,
    OutcomeUnknown,
    RecordRejected,
    Transient,
)
from agent.domain.masked import Secret
from agent.healthengine import failures
from agent.healthengine.backoff import QuickRetry
from agent.healthengine.client import HealthengineClient

POST = "/bookings/77/cancel"


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (203, ContractBroken, "he-contract"),
        (206, ContractBroken, "he-contract"),
        (301, ContractBroken, "he-redirect"),
        (302, ContractBroken, "he-redirect"),
        (307, ContractBroken, "he-redirect"),
        (304, ContractBroken, "he-redirect"),
        (400, RecordRejected, "he-rejected"),
        (401, AuthRequired, "he-key-refused"),
        (403, AuthRequired, "he-no-consent"),
        (404, RecordRejected, "he-not-found"),
        (405, ContractBroken, "he-contract"),
        (407, Transient, "he-proxy"),
        (408, Transient, "he-server"),
        (409, ContractBroken, "he-contract"),
        (410, RecordRejected, "he-not-found"),
        (413, ContractBroken, "he-contract"),
        (422, ContractBroken, "he-contract"),
        (429, Transient, "he-busy"),
        (500, Transient, "he-server"),
        (502, Transient, "he-server"),
        (503, Transient, "he-server"),
        (504, Transient, "he-server"),
    ],
)
def test_status_of_a_post(
    bare_server: Server, status: int, kind: type[FrontdeskError], code: str, caplog: pytest.LogCaptureFixture
) -> None:
    """
    Every status has its meaning, no text of the server goes further, and a POST is never sent a second time.
    """
    caplog.set_level(logging.DEBUG)
    body = b'{"error":"Jane Marked is not known"}'
    bare_server.on("POST", POST, Say(status=status, body=b"" if status == 304 else body, headers={"Location": "/elsewhere"}))
    client = client_for(bare_server.url)

    with pytest.raises(FrontdeskError) as caught:
        client.cancel_booking(77, reason="Jane Marked")
    client.close()

    assert (kind, code) == (type(caught.value), caught.value.code)
    assert "Marked" not in str(caught.value) + caught.value.remedy + caplog.text
    assert caught.value.__cause__ is None
    assert 1 == len(bare_server.seen)
    if isinstance(caught.value, RecordRejected):
        assert status == caught.value.status


@pytest.mark.parametrize("status", [400, 404, 410])
def test_no_record_is_at_fault_in_a_question(server: Server, client: HealthengineClient, status: int) -> None:
    """
    A list that is not there is a breach of the definition, for there is no record to skip.
    """
    server.on("GET", "/requests", Say(status=status))

    with pytest.raises(ContractBroken):
        client.outstanding()


def test_missing_consent_says_what_to_do(server: Server, client: HealthengineClient) -> None:
    """
    The person is told where consent is given (L2).
    """
    server.on("GET", "/requests", Say(status=403))

    with pytest.raises(AuthRequired) as caught:
        client.outstanding()

    assert "Healthengine Practice Admin portal" in caught.value.remedy
    assert 1 == len(server.seen)


def test_both_keys_refused(server: Server) -> None:
    """
    With both keys refused each is tried once, and the first stays the first.
    """
    client = client_for(server.url, next_api_key=Secret("vendor-2"))
    server.on("GET", "/requests", Say(status=401))

    for _ in range(2):
        with pytest.raises(AuthRequired):
            client.outstanding()
    client.close()

    assert ["vendor-1", "vendor-2"] * 2 == [seen.headers["api-key"] for seen in server.seen]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("0", timedelta(0)),
        (" 17 ", timedelta(seconds=17)),
        ("99999999999999999999", timedelta(hours=1)),
        (format_datetime(SERVER_TIME + timedelta(seconds=90), usegmt=True), timedelta(seconds=90)),
        (format_datetime(SERVER_TIME + timedelta(days=90), usegmt=True), timedelta(hours=1)),
        (format_datetime(SERVER_TIME, usegmt=True), timedelta(0)),
        (format_datetime(SERVER_TIME - timedelta(seconds=90), usegmt=True), None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after(server: Server, client: HealthengineClient, status: int, header: str, expected: timedelta | None) -> None:
    """
    `Retry-After` counts from Healthengine's own clock, in seconds or as a date, within reason.
    """
    server.on("POST", POST, Say(status=status, headers={"Retry-After": header}))

    with pytest.raises(Transient) as caught:
        client.cancel_booking(77, reason="")

    assert expected == caught.value.retry_after


@pytest.mark.parametrize("body", [b"<html>Log in to Cafe</html>", b"OK", b'{"a":', b"\xff\xfe", b"[" * 50_000])
@pytest.mark.parametrize("status", [200, 201])
def test_captive_portal(server: Server, client: HealthengineClient, status: int, body: bytes) -> None:
    """
    A success that Healthengine cannot have written acknowledges nothing, and answers nothing.
    """
    server.on("POST", POST, Say(status=status, body=body))
    server.on("POST", "/config/livenessContract", Say(status=status, body=body))
    server.on("GET", "/requests", Say(status=status, body=body))
    server.on("GET", "/requests/bookings", Say(status=status, body=body))

    codes = []
    for call in (lambda: client.cancel_booking(77, reason="x"), client.outstanding, client.booking_requests):
        with pytest.raises(Transient) as caught:
            call()
        codes.append(caught.value.code)

    assert ["he-not-an-answer"] * 3 == codes


def test_an_empty_answer_to_a_question_is_none(server: Server, client: HealthengineClient) -> None:
    """
    An empty body acknowledges a statement, but says nothing about what is outstanding.
    """
    server.on("GET", "/requests", Say(status=204))

    with pytest.raises(Transient, match="he-not-an-answer"):
        client.outstanding()


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        5,
        "x",
        None,
        {"data": []},
        {"page": {"totalPages": 1}},
        {"data": [], "page": None},
        {"data": [], "page": {}},
        {"data": [], "page": {"totalPages": "many"}},
        {"data": None, "page": {"totalPages": 1}},
        {"data": {"a": 1}, "page": {"totalPages": 1}},
        {"data": [], "page": {"totalPages": 10_000_000}},
        {"data": [], "page": {"totalPages": 1, "currentPage": "first"}},
    ],
)
def test_a_list_without_its_envelope(server: Server, client: HealthengineClient, body: object) -> None:
    """
    A list whose parts are missing is a breach of the definition, never an empty list.
    """
    server.on("GET", "/requests/bookings", say(body))

    with pytest.raises(ContractBroken, match="he-contract"):
        client.booking_requests()


@pytest.mark.parametrize("body", [{}, "bookings", None, {"bookings": True}])
def test_a_poll_without_its_list(server: Server, client: HealthengineClient, body: object) -> None:
    """
    The poll answers with a list or not at all.
    """
    server.on("GET", "/requests", say(body))

    with pytest.raises(ContractBroken):
        client.outstanding()


@pytest.mark.parametrize("answer", [5, "x", {"created": {"a": 1}}, {"errors": [5]}, [1]])
def test_a_snapshot_answer_of_another_shape(server: Server, client: HealthengineClient, answer: object) -> None:
    """
    An outcome that cannot be read is no outcome.
    """
    server.on("POST", "/availability/snapshots", say(answer))

    with pytest.raises(ContractBroken):
        client.send_availability([DayAvailability("1", date(2026, 11, 23), ())])


def test_gzip_answers_are_unpacked(server: Server, client: HealthengineClient) -> None:
    """
    Compressed and chunked answers read like any other.
    """
    packed = gzip.compress(json.dumps(["bookings"]).encode())
    server.on(
        "GET",
        "/requests",
        Say(body=packed, headers={"Content-Encoding": "gzip"}),
        Say(body=packed, headers={"Content-Encoding": "gzip"}, chunked=True),
        Say(body=b'["bookings"]', chunked=True),
    )

    assert [1, 1, 1] == [len(client.outstanding().items) for _ in range(3)]


@pytest.mark.parametrize(
    "body", [b"not gzip at all", gzip.compress(b'["bookings"]', mtime=0)[:-14]], ids=["not-gzip", "cut-short"]
)
def test_broken_gzip(server: Server, client: HealthengineClient, body: bytes) -> None:
    """
    What cannot be unpacked is no answer.
    """
    server.on("GET", "/requests", Say(body=body, headers={"Content-Encoding": "gzip"}))

    with pytest.raises(Transient, match="he-not-an-answer"):
        client.outstanding()


def test_a_flood_is_refused(server: Server, client: HealthengineClient) -> None:
    """
    A small answer that unpacks to something huge is not read to its end.
    """
    server.on("GET", "/requests", Say(body=gzip.compress(b" " * 40_000_000, 9), headers={"Content-Encoding": "gzip"}))

    with pytest.raises(ContractBroken, match="larger"):
        client.outstanding()


@pytest.mark.parametrize("first", [Say(reset=True), Say(body=b'["bookings"]', cut=True), Say(status=500), Say(status=408)])
def test_a_question_is_asked_again(server: Server, first: Say) -> None:
    """
    A read is tried twice more, with jittered waits.
    """
    waits: list[float] = []

    def pause(seconds: float) -> bool:
        waits.append(seconds)
        return False

    client = client_for(server.url, pause=pause)
    server.on("GET", "/requests", first, first, say(["bookings"]))

    assert 1 == len(client.outstanding().items)
    assert pytest.approx([0.2, 0.6]) == waits
    client.close()


@pytest.mark.parametrize(
    ("answer", "tries"),
    [
        (Say(status=500), 3),
        (Say(reset=True), 3),
        (Say(status=503, headers={"Retry-After": "1"}), 1),
        (Say(status=429), 1),
        (Say(status=403), 1),
        (Say(body=b"<html>"), 1),
        (Say(status=302), 1),
    ],
)
def test_tries_have_an_end(server: Server, client: HealthengineClient, answer: Say, tries: int) -> None:
    """
    Three tries at most, and one where another second cannot help.
    """
    server.on("GET", "/requests", answer)

    with pytest.raises(FrontdeskError):
        client.outstanding()

    assert tries == len(server.seen)


def test_stopping_ends_the_tries(server: Server) -> None:
    """
    An engine that stops does not wait for another try.
    """
    client = client_for(server.url, pause=lambda _seconds: True)
    server.on("GET", "/requests", Say(status=500))

    with pytest.raises(Cancelled):
        client.outstanding()
    client.close()

    assert 1 == len(server.seen)


def test_tries_are_capped_by_time() -> None:
    """
    Where a try itself took long there is no other.
    """
    times = iter([0.0, 3.9, 3.9])
    retry = QuickRetry(pause=lambda _seconds: False, random=lambda: 0.5, monotonic=lambda: next(times))
    tried: list[int] = []

    def attempt() -> None:
        tried.append(1)
        raise Transient("he-server", "down")

    with pytest.raises(Transient):
        retry.run(attempt)

    assert [1] == tried


@pytest.mark.parametrize(
    ("answer", "code"),
    [(Say(reset=True), "he-link-lost"), (Say(body=b'{"created":[]}', cut=True), "he-link-lost")],
)
def test_a_statement_whose_answer_is_lost(server: Server, client: HealthengineClient, answer: Say, code: str) -> None:
    """
    A POST that may have arrived is unknown, not failed, and is not sent again from here.
    """
    server.on("POST", POST, answer)

    with pytest.raises(OutcomeUnknown) as caught:
        client.cancel_booking(77, reason="x")

    assert code == caught.value.code
    assert 1 == len(server.seen)


LINK_ERRORS: list[tuple[Callable[[], Exception], str, bool]] = [
    (lambda: requests.exceptions.SSLError("x"), "he-tls", True),
    (lambda: urllib3.exceptions.SSLError("x"), "he-tls", True),
    (lambda: requests.exceptions.ProxyError("x"), "he-proxy", False),
    (lambda: requests.exceptions.ConnectTimeout("x"), "he-unreachable", False),
    (lambda: requests.exceptions.ReadTimeout("x"), "he-timeout", True),
    (lambda: urllib3.exceptions.ReadTimeoutError(None, "", "x"), "he-timeout", True),  # type: ignore[arg-type]  # no pool is needed
    (lambda: requests.exceptions.ConnectionError("x"), "he-link-lost", True),
    (lambda: requests.exceptions.ChunkedEncodingError("x"), "he-link-lost", True),
    (lambda: urllib3.exceptions.ProtocolError("x"), "he-link-lost", True),
    (lambda: ConnectionResetError("x"), "he-link-lost", True),
    (OSError, "he-link-lost", True),
]


@pytest.mark.parametrize(("make", "code", "unknown"), LINK_ERRORS)
def test_link_failures(make: Callable[[], Exception], code: str, *, unknown: bool) -> None:
    """
    Every failure of the link has its code, TLS first, and leaves a POST unknown unless it certainly never left.
    """
    asked = failures.link_failure(make(), posted=False)
    stated = failures.link_failure(make(), posted=True)

    assert (code, Transient) == (asked.code, type(asked))
    assert (code, OutcomeUnknown if unknown else Transient) == (stated.code, type(stated))


def test_causes_in_a_ring_come_to_an_end() -> None:
    """
    Errors that hold each other do not hang the translation.
    """
    first, second = OSError(), OSError()
    first.args = (second,)
    second.args = (first,)

    assert "he-link-lost" == failures.link_failure(first, posted=False).code


def test_times_of_an_answer() -> None:
    """
    A `Date` without a zone is UTC, and one that cannot be read gives way to our clock.
    """
    assert SERVER_TIME == failures.answered_at("Fri, 20 Nov 2026 01:02:03 -0000", OUR_TIME)
    assert SERVER_TIME == failures.answered_at("Fri, 20 Nov 2026 12:02:03 +1100", OUR_TIME)
    assert OUR_TIME == failures.answered_at("Fri, 31 Dec 9999 23:00:00 -2300", OUR_TIME)


def test_no_page_is_lost_to_a_failure(server: Server, client: HealthengineClient) -> None:
    """
    A list of which one page cannot be read is no list.
    """
    first, _ = pages([{"bookingId": 1}], [{"bookingId": 2}])
    server.on("GET", "/requests/pmsAppointmentChanges", first)
    server.on("GET", "/requests/pmsAppointmentChanges?page=2", Say(status=500))

    with pytest.raises(Transient):
        client.change_requests()
