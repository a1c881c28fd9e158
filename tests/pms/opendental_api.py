"""
A stand-in for Open Dental's API over real HTTP on loopback: the documented calls, their answers, and what goes wrong on the way.

It writes into the practice's database as the vendor's service does.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opendental_practice import BROKEN, UNSCHEDULED, OpenDentalDesk

KEYS = "developer-key/customer-key"

_GENDERS = {"Male": 0, "Female": 1, "Unknown": 2}
_APPOINTMENT = {"PatNum", "Op", "AptDateTime", "Pattern", "Note", "ProvNum", "ProvHyg", "AppointmentTypeNum"}
_PATIENT = {"LName", "FName", "Birthdate", "WirelessPhone", "Email", "Address", "City"}


@dataclass(slots=True)
class StandIn:
    """
    What is called, and how the next calls go.

    Attributes:
        calls: Method and path of each, in their order.
        refuse: Answer the call with this status and do nothing, by method and path (`*` for a number).
        lose: Do it and break the connection instead of answering; each once.
        meanwhile: Called before such a call is done, as somebody at the desk who is as fast; each once.
    """

    desk: OpenDentalDesk
    url: str = ""
    calls: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[Mapping[str, Any]] = field(default_factory=list)
    refuse: dict[tuple[str, str], int] = field(default_factory=dict)
    lose: set[tuple[str, str]] = field(default_factory=set)
    meanwhile: dict[tuple[str, str], Callable[[], object]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, method: str, path: str, keys: str, body: Mapping[str, Any]) -> tuple[int, object] | None:
        """
        Return status and body; None: the connection breaks.
        """
        with self._lock:
            self.calls.append((method, path))
            self.bodies.append(body)
            if keys != f"ODFHIR {KEYS}":
                return 401, "Invalid developer key or customer key."
            key = method, re.sub(r"\d+", "*", path)
            if key in self.refuse:
                return self.refuse[key], "Something is wrong with it."
            if key in self.meanwhile:
                self.meanwhile.pop(key)()
            told = self._do(method, path, body)
            if key in self.lose:
                self.lose.discard(key)
                return None
            return told

    def _do(self, method: str, path: str, body: Mapping[str, Any]) -> tuple[int, object]:
        if (method, path) == ("GET", "/operatories"):
            return 200, [{"OperatoryNum": 1}]
        if (method, path) == ("POST", "/patients"):
            return self._create_patient(body)
        if (method, path) == ("POST", "/appointments"):
            return self._create_appointment(body)
        if method == "PUT" and (found := re.fullmatch(r"/appointments/(\d+)(/Break)?", path)):
            return self._change(found[1], body, breaks=bool(found[2]))
        return 404, "There is no such resource."

    def _create_patient(self, body: Mapping[str, Any]) -> tuple[int, object]:
        columns = {name: value for name, value in body.items() if name in _PATIENT}
        if self.desk.value(
            "SELECT COUNT(*) FROM patient WHERE LName = ? AND FName = ? AND Birthdate = ? AND WirelessPhone = ?",
            body["LName"],
            body["FName"],
            body.get("Birthdate", "0001-01-01"),
            body.get("WirelessPhone", ""),
        ):
            return 400, "That patient already exists."
        number = self.desk.insert("patient", **columns, Gender=_GENDERS[body.get("Gender", "Unknown")])
        return 201, {"PatNum": int(number), **body}

    def _create_appointment(self, body: Mapping[str, Any]) -> tuple[int, object]:
        if not set(body["Pattern"]) <= {"X", "/"} or not {"PatNum", "Op", "AptDateTime"} <= body.keys():
            return 400, "A required field is missing or wrong."
        if not self.desk.value("SELECT COUNT(*) FROM patient WHERE PatNum = ?", body["PatNum"]):
            return 404, "There is no such patient."
        day = body["AptDateTime"][:10]
        number = self.desk.insert(
            "appointment",
            **{name: value for name, value in body.items() if name in _APPOINTMENT},
            AptStatus=1,
            IsHygiene=int(body["IsHygiene"] == "true"),
            DateTimeArrived=day,
            DateTimeSeated=day,
            DateTimeDismissed=day,
        )
        return 201, {"AptNum": int(number), **body}

    def _change(self, number: str, body: Mapping[str, Any], *, breaks: bool) -> tuple[int, object]:
        if not self.desk.value("SELECT COUNT(*) FROM appointment WHERE AptNum = ?", int(number)):
            return 404, "There is no such appointment."
        if not breaks:
            self.desk.change(number, Note=body["Note"])
            return 200, {"AptNum": int(number)}
        if self.desk.value("SELECT AptStatus FROM appointment WHERE AptNum = ?", int(number)) != 1:
            return 400, "Only scheduled appointments can be broken."
        self.desk.change(number, AptStatus=UNSCHEDULED if body["sendToUnscheduledList"] == "true" else BROKEN)
        return 200, None


@contextmanager
def opendental_api(desk: OpenDentalDesk, context: ssl.SSLContext | None = None) -> Iterator[StandIn]:
    """
    Serve the API of a practice on loopback; over TLS with a *context*.
    """
    stand_in = StandIn(desk)

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length) or b"{}")
            told = stand_in.answer(self.command, self.path.removeprefix("/api/v1"), self.headers["Authorization"], body)
            if told is None:
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            status, answer = told
            content = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = _serve  # noqa: N815 - the names are the library's

        def log_message(self, *_: object) -> None:
            """
            Say nothing.
            """

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    stand_in.url = f"{'http' if context is None else 'https'}://127.0.0.1:{server.server_port}/api/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
