"""
A small mail server and a receiver of webhooks, both real, on loopback.
"""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class MailServer(socketserver.ThreadingTCPServer):
    """
    Speaks as much SMTP as sending one message takes.

    Attributes:
        answers: What is said to a command, instead of yes.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _MailHandler)
        self.answers: dict[str, str] = {}
        self.extensions = ["AUTH PLAIN"]
        self.commands: list[str] = []
        self.messages: list[str] = []
        self.tls: ssl.SSLContext | None = None

    def with_tls(self, certificate: str, key: str) -> None:
        """
        Offer STARTTLS.
        """
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate, key)
        self.extensions.append("STARTTLS")

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _MailHandler(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline().decode().strip():
            verb = line.split(" ", 1)[0].upper()
            self.server.commands.append(line)
            if verb in self.server.answers:
                self._say(self.server.answers[verb])
            elif verb == "EHLO":
                lines = ["here", *self.server.extensions]
                for number, extension in enumerate(lines, start=1):
                    self._say(f"250{' ' if number == len(lines) else '-'}{extension}")
            elif verb == "STARTTLS" and self.server.tls is not None:
                self._say("220 go on")
                try:
                    self.server.tls.wrap_socket(self.connection, server_side=True)
                except (ssl.SSLError, OSError):
                    return  # it does not trust us
            elif verb == "DATA":
                self._say("354 go on")
                self.server.messages.append(self._message())
                self._say("250 taken")
            else:
                self._say({"AUTH": "235 known", "QUIT": "221 bye"}.get(verb, "250 yes"))

    def _message(self) -> str:
        lines: list[str] = []
        while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
            lines.append(line)
        return "\n".join(lines)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class Receiver(ThreadingHTTPServer):
    """
    Keeps what is posted, and answers with *status*.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _ReceiverHandler)
        self.status = 204
        self.posted: list[tuple[dict[str, str], bytes]] = []
        self.arrived = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/tasks"

    def with_tls(self, certificate: str, key: str) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """
        A client that does not trust us hangs up.
        """


class _ReceiverHandler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append((dict(self.headers.items()), body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        if self.server.status == 302:
            self.send_header("Location", self.server.url)
        self.end_headers()
        self.server.arrived.set()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    """
    Serve on a thread.
    """
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
