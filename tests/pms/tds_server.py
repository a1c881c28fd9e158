"""
A stand-in for SQL Server on loopback: the messages of TDS 7.4, as far as a driver needs them, around a function that answers.

No kept library offers the server's side of TDS. What is here: logging in, statements with and without parameters, rows of texts,
numbers and dates, information and error messages, a broken connection, and a server that never answers. Nothing is encrypted.
"""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import BufferedIOBase
from typing import NamedTuple

Value = str | int | date | datetime | None

PRELOGIN, LOGIN, BATCH, RPC, ATTENTION, ANSWER = 0x12, 0x10, 0x01, 0x03, 0x06, 0x04
SP_PREPEXEC = 13

INT, NVARCHAR, VARCHAR, NTEXT, DATE, DATETIME, DATETIME2 = 0x26, 0xE7, 0xA7, 0x63, 0x28, 0x6F, 0x2A
COLLATION = b"\x09\x04\xd0\x00\x34"
LOGIN_FAILED, NO_DATABASE = 18456, 4060


class Rows(NamedTuple):
    """
    One result.
    """

    names: Sequence[str]
    rows: Sequence[Sequence[Value]]


class ServerError(Exception):
    """
    What the server says in place of a result, with its number.
    """

    def __init__(self, number: int, text: str, severity: int = 16) -> None:
        super().__init__(text)
        self.number = number
        self.severity = severity


@dataclass(slots=True)
class SqlServer:
    """
    The stand-in, and how the next statements go. A key is a piece of a statement's text; each serves once.

    Attributes:
        answer: Returns what a statement gives, from its text and the values of `@P1`, `@P2`, ...
        statements: What was asked, in its order.
        refuse: Answer with this instead of doing it.
        lose: Do it, and break the connection instead of answering.
        hang: Never answer.
        meanwhile: Called before it is done, as somebody at the desk who is as fast.
    """

    answer: Callable[[str, Sequence[Value]], Sequence[Rows]]
    database: str
    login: tuple[str, str]
    port: int = 0
    statements: list[str] = field(default_factory=list)
    refuse: dict[str, ServerError] = field(default_factory=dict)
    lose: set[str] = field(default_factory=set)
    hang: set[str] = field(default_factory=set)
    meanwhile: dict[str, Callable[[], object]] = field(default_factory=dict)
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def connection(self) -> str:
        """
        The connection text for FreeTDS, without the password.
        """
        address = f"Server=127.0.0.1;Port={self.port};TDS_Version=7.4"
        return f"Driver={{FreeTDS}};{address};Database={self.database};UID={self.login[0]}"

    def asked(self, sql: str, values: Sequence[Value]) -> Sequence[Rows] | None:
        """
        Return what a statement gives; None: the connection breaks.
        """
        self.statements.append(sql)
        if _taken(self.hang, sql):
            self.stopped.wait()
            return None
        if key := _taken(self.refuse, sql):
            raise self.refuse.pop(key)
        if key := _taken(self.meanwhile, sql):
            self.meanwhile.pop(key)()
        told = self.answer(sql, values)
        if key := _taken(self.lose, sql):
            self.lose.discard(key)
            return None
        return told


@contextmanager
def sql_server(
    answer: Callable[[str, Sequence[Value]], Sequence[Rows]], *, database: str, login: tuple[str, str]
) -> Iterator[SqlServer]:
    """
    Serve on loopback.
    """
    stand_in = SqlServer(answer, database, login)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(ConnectionError):
                _Session(stand_in, self.rfile, self.connection).run()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        stand_in.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield stand_in
        finally:
            stand_in.stopped.set()
            server.shutdown()
            thread.join()


class _Session:
    # One connection: messages in, messages out.

    def __init__(self, server: SqlServer, received: BufferedIOBase, connection: socket.socket) -> None:
        self._server = server
        self._received = received
        self._connection = connection

    def run(self) -> None:
        while message := self._message():
            kind, body = message
            if kind == PRELOGIN:
                answer: bytes | None = _prelogin()
            elif kind == LOGIN:
                answer = self._login(body)
            elif kind == ATTENTION:
                answer = _done(status=0x20)
            else:
                answer = self._statement(kind, body)
            if answer is None:
                self._connection.shutdown(socket.SHUT_RDWR)
                return
            self._send(answer)

    def _message(self) -> tuple[int, bytes] | None:
        body = b""
        while head := self._received.read(8):
            kind, status, length = struct.unpack(">BBH", head[:4])
            body += self._received.read(length - 8)
            if status & 1:
                return kind, body
        return None

    def _send(self, body: bytes) -> None:
        room = 4096 - 8
        pieces = [body[at : at + room] for at in range(0, len(body), room)]
        for number, piece in enumerate(pieces, 1):
            head = struct.pack(">BBHHBB", ANSWER, int(number == len(pieces)), len(piece) + 8, 0, number & 0xFF, 0)
            self._connection.sendall(head + piece)

    def _login(self, body: bytes) -> bytes:
        def said(at: int) -> bytes:
            start, letters = struct.unpack_from("<HH", body, at)
            return body[start : start + 2 * letters]

        user, database = said(40).decode("utf-16-le"), said(68).decode("utf-16-le")
        password = bytes((byte ^ 0xA5) >> 4 | (byte ^ 0xA5) << 4 & 0xF0 for byte in said(44)).decode("utf-16-le")
        failed = _told(0xAA, LOGIN_FAILED, 14, f"Login failed for user '{user}'.") + _done(status=2)
        if (user, password) != self._server.login:
            return failed
        if database != self._server.database:
            return _told(0xAA, NO_DATABASE, 11, f'Cannot open database "{database}" requested by the login.') + failed
        version = struct.pack("<BI", 1, 0x04000074) + _short("Microsoft SQL Server") + b"\x0f\0\0\0"
        return (
            _changed(1, _short(database) + _short("master"))
            + _told(0xAB, 5701, 0, f"Changed database context to '{database}'.")
            + _changed(7, b"\x05" + COLLATION + b"\0")
            + _told(0xAB, 5703, 0, "Changed language setting to us_english.")
            + b"\xad"
            + struct.pack("<H", len(version))
            + version
            + _changed(4, _short("4096") + _short("4096"))
            + _done()
        )

    def _statement(self, kind: int, body: bytes) -> bytes | None:
        (headers,) = struct.unpack_from("<I", body)
        sql, values = (body[headers:].decode("utf-16-le"), []) if kind == BATCH else _call(_Reader(body[headers:]))
        if sql.startswith("sp_datatype_info"):
            return _done()  # what a driver asks of its own accord
        try:
            results = self._server.asked(sql, values)
        except ServerError as error:
            return _told(0xAA, error.number, error.severity, str(error)) + _done(status=2)
        if results is None:
            return None
        # A server tells of the database at any time; nobody is to take that for an answer.
        told = _told(0xAB, 5701, 0, f"Changed database context to '{self._server.database}'.")
        return told + b"".join(map(_rows, results)) + (_done() if kind == BATCH else b"\x79\0\0\0\0" + _done(0xFE))


class _Reader:
    # The parameters of a call, from their first byte to their last.

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def bytes(self, count: int) -> bytes:
        self._at += count
        return self._data[self._at - count : self._at]

    def number(self, count: int) -> int:
        return int.from_bytes(self.bytes(count), "little")

    def parameter(self) -> Value:
        self.bytes(2 * self.number(1))  # its name
        self.number(1)
        kind = self.number(1)
        if kind == INT:
            self.number(1)
            length = self.number(1)
            return int.from_bytes(self.bytes(length), "little", signed=True) if length else None
        if kind in (NVARCHAR, VARCHAR):
            self.bytes(2 + len(COLLATION))
            length = self.number(2)
            return None if length == 0xFFFF else self.bytes(length).decode("utf-16-le" if kind == NVARCHAR else "cp1252")
        if kind == NTEXT:
            self.bytes(4 + len(COLLATION))
            return self.bytes(self.number(4)).decode("utf-16-le")
        if kind == DATE:
            return _day(self.number(3)) if self.number(1) else None
        assert kind == DATETIME2, f"a parameter of type {kind:#x}"
        per_second = 10 ** self.number(1)
        length = self.number(1)
        if not length:
            return None
        seconds = self.number(length - 3) // per_second
        return datetime.combine(_day(self.number(3)), time()) + timedelta(seconds=seconds)


def _call(reader: _Reader) -> tuple[str, list[Value]]:
    assert (0xFFFF, SP_PREPEXEC) == (reader.number(2), reader.number(2)), "another procedure than sp_prepexec"
    reader.number(2)
    _, _, sql, *values = iter(lambda: reader.parameter() if reader else _END, _END)
    assert isinstance(sql, str)
    return sql, values  # type: ignore[return-value]  # the end is not among them


_END = object()


def _taken(keys: Iterable[str], sql: str) -> str:
    return next((key for key in keys if key in sql), "")


def _day(number: int) -> date:
    return date.fromordinal(number + 1)


def _short(text: str) -> bytes:
    return bytes([len(text)]) + text.encode("utf-16-le")


def _long(text: str) -> bytes:
    encoded = text.encode("utf-16-le")
    return struct.pack("<H", len(encoded)) + encoded


def _done(token: int = 0xFD, *, status: int = 0, count: int = 0) -> bytes:
    return struct.pack("<BHHQ", token, status, 0, count)


def _changed(kind: int, values: bytes) -> bytes:
    return b"\xe3" + struct.pack("<HB", len(values) + 1, kind) + values


def _told(token: int, number: int, severity: int, text: str) -> bytes:
    message = struct.pack("<H", len(text)) + text.encode("utf-16-le")
    body = struct.pack("<iBB", number, 1, severity) + message + _short("STANDIN") + _short("") + struct.pack("<i", 1)
    return struct.pack("<BH", token, len(body)) + body


def _prelogin() -> bytes:
    options = [b"\x0f\0\0\0\0\0", b"\x02", b"\0", b"", b"\0"]  # version, no encryption, instance, thread, one result at a time
    head, at = b"", 5 * len(options) + 1
    for number, option in enumerate(options):
        head += struct.pack(">BHH", number, at, len(option))
        at += len(option)
    return head + b"\xff" + b"".join(options)


def _rows(result: Rows) -> bytes:
    kinds = [_kind_of([row[column] for row in result.rows]) for column in range(len(result.names))]
    head = b"".join(struct.pack("<IH", 0, 9) + _INFO[kind] + _short(name) for kind, name in zip(kinds, result.names, strict=True))
    rows = [b"\xd1" + b"".join(map(_value, kinds, row)) for row in result.rows]
    return b"\x81" + struct.pack("<H", len(kinds)) + head + b"".join(rows) + _done(0xFF, status=0x11, count=len(rows))


_INFO = {
    INT: bytes([INT, 8]),
    NVARCHAR: bytes([NVARCHAR]) + struct.pack("<H", 8000) + COLLATION,
    DATE: bytes([DATE]),
    DATETIME: bytes([DATETIME, 8]),
}


def _kind_of(values: Sequence[Value]) -> int:
    some = next((value for value in values if value is not None), None)
    if isinstance(some, datetime):
        return DATETIME
    return DATE if isinstance(some, date) else NVARCHAR if isinstance(some, str) else INT


def _value(kind: int, value: Value) -> bytes:
    if isinstance(value, str):
        return _long(value)
    if isinstance(value, datetime):
        passed = value - datetime(1900, 1, 1)
        return struct.pack("<BiI", 8, passed.days, passed.seconds * 300)
    if isinstance(value, date):
        return b"\x03" + (value.toordinal() - 1).to_bytes(3, "little")
    if value is None:
        return b"\xff\xff" if kind == NVARCHAR else b"\0"
    return struct.pack("<Bq", 8, value)
