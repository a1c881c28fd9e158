"""
HTTP on loopback: keep-alive, one write per answer, faults played on the wire.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from agent.sandbox.healthengine.dispatch import MAX_BODY, Request, Response
from agent.sandbox.healthengine.faults import FaultKind
from agent.sandbox.healthengine.state import World

log = logging.getLogger(__name__)

_PIECES = 10
"""A slow answer trickles in this many pieces."""

_STOP_WAIT = 2.0
"""Real seconds that a connection's thread is given to end."""


class SimulatorServer(ThreadingHTTPServer):
    """
    The listening socket and the threads of its connections.

    Args:
        answer: Called for every request, from the connection's thread.
        stopping: Ends waits that a fault has begun.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, world: World, answer: Callable[[Request], Response], stopping: threading.Event) -> None:
        self.world = world
        self.answer = answer
        self.stopping = stopping
        self._open: dict[socket.socket, threading.Thread] = {}
        self._open_lock = threading.Lock()
        super().__init__((world.config.host, world.config.port), _Handler)

    def opened(self, connection: socket.socket) -> None:
        """
        Remember a connection, so that it can be ended.
        """
        with self._open_lock:
            self._open[connection] = threading.current_thread()

    def closed(self, connection: socket.socket) -> None:
        """
        Forget a connection.
        """
        with self._open_lock:
            self._open.pop(connection, None)

    def end_connections(self) -> None:
        """
        End every connection and wait for its thread.
        """
        with self._open_lock:
            known = dict(self._open)
        for connection in known:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in known.values():
            thread.join(_STOP_WAIT)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - socketserver's shape
        """
        Say that a connection broke, without its content.
        """
        log.debug("a connection ended early")


class _Handler(BaseHTTPRequestHandler):
    """
    One connection.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: SimulatorServer

    def setup(self) -> None:
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            self.server.closed(self.connection)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's own name
        """
        Say nothing: `requests_log` has it.
        """

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            self._send(Response(status=HTTPStatus.BAD_REQUEST), close=True)
            return
        if len(body) < int(self.headers.get("content-length", "0")):
            self.close_connection = True  # whoever called has died over it
            return
        path, _, query = self.path.partition("?")
        request = Request(
            method=self.command,
            path=path,
            query=query,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
        )
        try:
            response = self.server.answer(request)
        except Exception:
            log.exception("the simulator failed at %s", path)
            response = Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)
        self._play(response)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = _serve  # noqa: N815 - http.server's own names

    def _body(self) -> bytes | None:
        if "transfer-encoding" in self.headers:
            return None
        length = self.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            return None
        return self.rfile.read(int(length))

    def _play(self, response: Response) -> None:
        fault = response.fault
        kind = fault.kind if fault is not None else None
        if fault is not None and kind is FaultKind.DELAY:
            self.server.stopping.wait(self.server.world.clock.real_seconds(fault.wait))
        if kind in {FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER} or (kind is FaultKind.TRUNCATE and not response.body):
            self._drop()
        elif kind is FaultKind.TRUNCATE:
            self.wfile.write(self._head(response) + response.body[: len(response.body) // 2])
            self._drop()
        elif fault is not None and kind is FaultKind.SLOW:
            pause = self.server.world.clock.real_seconds(fault.wait) / _PIECES
            payload = self._head(response) + response.body
            step = -(-len(payload) // _PIECES)
            for begin in range(0, len(payload), step):
                self.server.stopping.wait(pause)
                self.wfile.write(payload[begin : begin + step])
        else:
            self._send(response)

    def _drop(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, response: Response, *, close: bool = False) -> None:
        if close:
            self.close_connection = True
        self.wfile.write(self._head(response, close=close) + response.body)

    def _head(self, response: Response, *, close: bool = False) -> bytes:
        lines = [
            f"HTTP/1.1 {response.status} {_phrase(response.status)}",
            f"Date: {format_datetime(self.server.world.now().replace(microsecond=0), usegmt=True)}",
        ]
        if response.body:
            lines.append(f"Content-Type: {response.content_type}")
        if response.status != HTTPStatus.NO_CONTENT:
            lines.append(f"Content-Length: {len(response.body)}")
        lines += [f"{name}: {value}" for name, value in response.headers.items()]
        if close:
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
