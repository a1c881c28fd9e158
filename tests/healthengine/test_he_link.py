"""
The link itself, over real sockets: connections, time limits, TLS, proxies, compression.
"""

from __future__ import annotations

import gzip
import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from he_server import Say, Server, client_for, no_pause, say

from agent.domain.availability import DayAvailability, OpenRange
from agent.domain.errors import Misconfigured, OutcomeUnknown, Transient
from agent.domain.masked import Secret
from agent.healthengine.client import HealthengineClient
from agent.healthengine.transport import Limits, Transport

SHORT = Limits(connect=2.0, read=0.1, total=0.4)
SNAPSHOTS = [
    DayAvailability("12@3", date(2026, 11, 1) + timedelta(days=at), tuple(OpenRange(m, m + 15, 15) for m in range(480, 1020, 30)))
    for at in range(100)
]


@pytest.fixture
def silent() -> Iterator[str]:
    """
    The base URL of a server that accepts and says nothing.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/pms-api/v1"


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def test_connections_are_used_again(server: Server, client: HealthengineClient) -> None:
    """
    One connection carries call after call, whatever the answers look like.
    """
    server.on("GET", "/requests", say([]), Say(status=403), Say(body=b"[]", chunked=True), say([]))
    server.on("POST", "/bookings/77/cancel", Say(status=204), Say(status=400), say({}))

    for _ in range(4):
        try:
            client.outstanding()
            client.cancel_booking(77, reason="")
        except Exception:  # noqa: BLE001, S112 - refusals are part of the script
            continue

    assert 1 == server.accepted


def test_many_threads_share_the_client(server: Server, client: HealthengineClient) -> None:
    """
    Sixteen confirms at once each reach their own booking, and their connections serve the next sixteen.
    """
    start = threading.Barrier(16)
    for booking_id in range(1, 17):
        server.on("POST", f"/bookings/{booking_id}/confirmInsert", say({}))

    def confirm(booking_id: int) -> None:
        for _ in range(5):
            start.wait(10)
            client.confirm_booking(booking_id, appointment_ids=[f"a{booking_id}"], patient_id=f"p{booking_id}")

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(confirm, range(1, 17)))

    assert 80 == len(server.seen)
    for seen in server.seen:
        number = seen.path.split("/")[2]
        assert {"pmsAppointmentIds": [f"a{number}"], "pmsPatientId": f"p{number}"} == seen.json()
    assert server.accepted <= 16


def test_cookies_are_not_kept(server: Server, client: HealthengineClient) -> None:
    """
    Nothing that a middlebox sets is carried from one call to the next.
    """
    server.on("GET", "/requests", say([], Set_Cookie="session=1; Path=/"))

    client.outstanding()
    client.outstanding()

    assert [None, None] == [seen.headers.get("Cookie") for seen in server.seen]


def test_large_bodies_are_compressed(server: Server, client: HealthengineClient) -> None:
    """
    A full call of snapshots goes out as gzip, a short confirm as it is.
    """
    server.on("POST", "/availability/snapshots", say({}))
    server.on("POST", "/bookings/1/confirmInsert", say({}))

    client.send_availability(SNAPSHOTS)
    client.confirm_booking(1, appointment_ids=["9"], patient_id="p")
    large, small = server.seen

    assert "gzip" == large.headers["Content-Encoding"]
    assert gzip.decompress(large.raw) == large.body
    assert len(large.body) > 10 * len(large.raw)
    assert "Content-Encoding" not in small.headers
    assert "application/json" == small.headers["Content-Type"]


def test_nobody_listens() -> None:
    """
    A refused connection certainly carried nothing.
    """
    client = client_for(f"http://127.0.0.1:{_closed_port()}/pms-api/v1")

    for call in (client.outstanding, lambda: client.cancel_booking(1, reason="")):
        with pytest.raises(Transient, match="he-unreachable") as caught:
            call()
        assert Transient is type(caught.value)


def test_an_unknown_name_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A name that cannot be resolved is an unreachable Healthengine.
    """

    def no_such_name(*_args: object, **_more: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    _without_proxies(monkeypatch)
    client = client_for("https://healthengine.invalid/pms-api/v1")

    with pytest.raises(Transient, match="he-unreachable") as caught:
        client.cancel_booking(1, reason="")

    assert Transient is type(caught.value)


def test_silence_is_a_time_limit(silent: str) -> None:
    """
    A server that does not answer is given up; for a statement the outcome is unknown.
    """
    client = client_for(silent, limits=SHORT, answer_limits=SHORT)

    with pytest.raises(Transient, match="he-timeout"):
        client.outstanding()
    with pytest.raises(OutcomeUnknown, match="he-timeout"):
        client.cancel_booking(1, reason="")
    client.close()


def test_a_trickle_is_a_time_limit() -> None:
    """
    A body that comes byte by byte does not go on for ever, though the server is never silent for long.
    """
    done = threading.Event()

    def trickle(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not done.wait(0.02):
                try:
                    connection.sendall(b" ")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=trickle, args=(listening,), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/pms-api/v1"
        client = client_for(url, limits=Limits(connect=1, read=5, total=0.2))
        began = time.monotonic()
        with pytest.raises(Transient, match="he-timeout"):
            client.outstanding()
        took = time.monotonic() - began
        done.set()
        thread.join(5)
    client.close()

    assert took < 4


def test_a_closed_connection_is_replaced(server: Server, client: HealthengineClient) -> None:
    """
    A server that closes after an answer does not fail the next call, not even a statement.
    """
    server.on("GET", "/requests", say([], Connection="close"))
    server.on("POST", "/bookings/1/cancel", say({}))

    client.outstanding()
    client.cancel_booking(1, reason="")

    assert 2 == server.accepted


@pytest.mark.parametrize(
    "url",
    [
        "http://healthengine.com.au/pms-api/v1",
        "http://192.168.1.5/pms-api/v1",
        "http://localhost.example.com/",
        "http://127.0.0.1@example.com/",
        "https://user:secret@healthengine.com.au/",
        "https://healthengine.com.au/?a=b",
        "https://healthengine.com.au/#a",
        "https://healthengine.com.au:port/",
        "https://[::1/",
        "ftp://127.0.0.1/",
        "healthengine.com.au",
        "https://",
        "",
    ],
)
def test_only_https_leaves_the_machine(url: str) -> None:
    """
    Without TLS nothing but the loopback interface is spoken to, and odd addresses are refused at once.
    """
    with pytest.raises(Misconfigured, match="settings-base-url"):
        client_for(url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8/x", "http://localhost/x/", "http://[::1]:8/x", "https://healthengine.com.au/x"]
)
def test_addresses_that_will_do(url: str) -> None:
    """
    The sandbox and the real address are accepted.
    """
    client_for(url).close()


@pytest.mark.parametrize("bad", ["", "a\nb", "a\r\nHost: x", " a", "a ", "ключ", "a\x00"])
@pytest.mark.parametrize("setting", ["api_key", "next_api_key", "practice_key", "practice_id", "user_agent"])
def test_a_header_cannot_be_broken_out_of(setting: str, bad: str) -> None:
    """
    Keys that are no header text are refused at once, without being repeated.
    """
    with pytest.raises(Misconfigured, match="settings-header") as caught:
        client_for("http://127.0.0.1/x", **{setting: Secret(bad) if setting.endswith("_key") else bad})

    assert setting in caught.value.message
    assert "Host" not in str(caught.value)


def test_loopback_ignores_proxies(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The system's proxy is for the network, not for this machine, and logins in .netrc and CA bundles are for others.
    """
    _with_proxy(monkeypatch, _closed_port())
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/does/not/exist.pem")
    server.on("GET", "/requests", say([]))
    client = client_for(server.url)

    client.outstanding()
    client.close()

    assert "Authorization" not in server.seen[0].headers


@pytest.mark.parametrize("listens", [True, False])
def test_proxy_failures(bare_server: Server, monkeypatch: pytest.MonkeyPatch, *, listens: bool) -> None:
    """
    Elsewhere the system's proxy is used, read anew at each call; one that is away or refuses certainly passed nothing on.
    """
    client = client_for("https://healthengine.invalid/pms-api/v1")
    _with_proxy(monkeypatch, bare_server.server_port if listens else _closed_port())

    with pytest.raises(Transient, match="he-proxy") as caught:
        client.cancel_booking(1, reason="")
    client.close()

    assert Transient is type(caught.value)


def test_certificates_are_verified(bare_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A certificate that the system does not trust is refused, before anything is sent, whatever the environment says.
    """
    certificate, key = _self_signed(tmp_path)
    bare_server.with_tls(str(certificate), str(key))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    client = client_for(bare_server.url)

    for call in (client.outstanding, lambda: client.cancel_booking(1, reason="")):
        with pytest.raises(Transient, match="he-tls") as caught:
            call()
        assert Transient is type(caught.value)
        assert "proxy" in caught.value.remedy
    client.close()

    assert [] == bare_server.seen


def test_a_certificate_in_the_system_store_is_accepted(
    bare_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    What the system trusts is trusted: so a network's own inspecting proxy works.
    """
    certificate, key = _self_signed(tmp_path)
    bare_server.with_tls(str(certificate), str(key))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    bare_server.on("GET", "/requests", say([]))
    client = client_for(bare_server.url)

    assert () == client.outstanding().items
    client.close()


def test_plain_text_where_tls_is_expected(bare_server: Server) -> None:
    """
    A server that does not speak TLS is a TLS failure, not an outage.
    """
    bare_server.scheme = "https"
    client = client_for(bare_server.url)

    with pytest.raises(Transient, match="he-tls"):
        client.outstanding()
    client.close()


def test_the_pause_between_tries_can_be_left_to_the_client(server: Server) -> None:
    """
    Without being given anything the client waits by itself, shortly.
    """
    client = client_for(server.url, pause=None)
    server.on("GET", "/requests", Say(status=500), say([]))

    assert () == client.outstanding().items
    client.close()


def test_a_reply_does_not_show_its_body(server: Server) -> None:
    """
    What carries patients' details prints its status alone.
    """
    transport = Transport(server.url, user_agent="x", now=lambda: datetime.now(UTC))
    server.on("GET", "/requests", say(["Jane Marked"]))
    headers = {"api-key": "a", "practice-id": "1", "practice-key": "k"}

    reply = transport.send("GET", "/requests", headers=headers)
    transport.close()

    assert "Reply(200)" == repr(reply)
    assert b'["Jane Marked"]' == reply.body
    assert no_pause(0) is False


def _without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def _with_proxy(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    _without_proxies(monkeypatch)
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")


def _self_signed(folder: Path) -> tuple[Path, Path]:
    x509 = pytest.importorskip("cryptography.x509", reason="the cryptography package is needed to make a certificate")
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415 - only where it is installed
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - likewise

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)

    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = (folder / "certificate.pem", folder / "key.pem")
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths
