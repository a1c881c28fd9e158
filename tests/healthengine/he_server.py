"""
A small HTTP server on loopback that says what it is told to, for the client's tests.
"""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from agent.domain.masked import Secret
from agent.healthengine.client import HealthengineClient

BASE = "/pms-api/v1"
SERVER_TIME = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)
OUR_TIME = datetime(2026, 11, 20, 5, 0, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Say:
    """
    One scripted answer. *cut*: the body ends before its announced length. *reset*: the connection dies without an answer.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    reset: bool = False
    wait_for: threading.Event | None = None
    chunked: bool = False


def say(data: object, status: int = 200, **headers: str) -> Say:
    """
    Return an answer in JSON.
    """
    return Say(
        status=status, body=json.dumps(data).encode(), headers={name.replace("_", "-"): text for name, text in headers.items()}
    )


def pages(*items: list[Any]) -> list[Say]:
    """
    Return the pages of a list.
    """
    total = sum(len(page) for page in items)
    return [
        say({"data": page, "page": {"currentPage": at, "totalPages": len(items), "perPage": 100, "total": total}})
        for at, page in enumerate(items, 1)
    ]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """
    One request as it arrived; *body* is decompressed.
    """

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    raw: bytes

    def json(self) -> Any:
        """
        Return the body's meaning.
        """
        return json.loads(self.body)


Validate = Callable[[Seen], None]


class Server(ThreadingHTTPServer):
    """
    Answers each method and path with its script, in order; the last line is repeated.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.accepted = 0
        self.scheme = "http"
        self._scripts: dict[tuple[str, str], deque[Say]] = defaultdict(deque)
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """
        The base URL for a client.
        """
        return f"{self.scheme}://127.0.0.1:{self.server_port}{BASE}"

    def on(self, method: str, path: str, *answers: Say) -> None:
        """
        Script the answers to *path*; `?page=2` in it sets those of one page.
        """
        with self._lock:
            self._scripts[method, path] = deque(answers)

    def answer_to(self, method: str, path: str, query: str) -> Say:
        """
        Take the next answer.
        """
        with self._lock:
            script = self._scripts.get((method, f"{path}?{query}")) or self._scripts.get((method, path))
            if not script:
                return Say(status=404)
            return script.popleft() if len(script) > 1 else script[0]

    def with_tls(self, certificate: str, key: str) -> None:
        """
        Speak TLS from now on.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.scheme = "https"

    def get_request(self) -> tuple[socket.socket, Any]:
        """
        Count the connections.
        """
        connection, address = super().get_request()
        self.accepted += 1
        return connection, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """
        Say nothing: clients that hang up are what is tested.
        """


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        packed = self.headers.get("Content-Encoding") == "gzip"
        path = parts.path.removeprefix(BASE)
        self.server.seen.append(
            Seen(
                method=self.command,
                path=path,
                query=parse_qs(parts.query),
                headers=dict(self.headers.items()),
                body=gzip.decompress(raw) if packed else raw,
                raw=raw,
            )
        )
        answer = self.server.answer_to(self.command, path, parts.query)
        if answer.wait_for is not None:
            answer.wait_for.wait(30)
        if answer.reset:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        self._write(answer)

    def _write(self, answer: Say) -> None:
        self.send_response_only(answer.status)
        headers = {"Date": format_datetime(SERVER_TIME, usegmt=True), **answer.headers}
        for name, text in headers.items():
            if text:
                self.send_header(name, text)
        if answer.chunked:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(answer.body), answer.body))
        else:
            if answer.status != 204:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body[: len(answer.body) // 2] if answer.cut else answer.body)
        self.wfile.flush()
        if answer.cut:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        pass


class FixedClock:
    """
    A clock that stands still.
    """

    def now(self) -> datetime:
        return OUR_TIME

    def monotonic(self) -> float:
        return 0.0

    def real_seconds(self, span: timedelta) -> float:
        return span.total_seconds()


def no_pause(_seconds: float) -> bool:
    """
    Wait for nothing.
    """
    return False


def client_for(url: str, **changes: Any) -> HealthengineClient:
    """
    Return a client with made-up keys.
    """
    settings: dict[str, Any] = {
        "api_key": Secret("vendor-1"),
        "practice_id": "1001",
        "practice_key": Secret("pk-1"),
        "user_agent": "Frontdesk (support@example.com) DEV",
        "clock": FixedClock(),
        "pause": no_pause,
        "jitter": lambda: 0.5,
    }
    return HealthengineClient(url, **(settings | changes))
