"""
A stand-in for the other end of the line: takes every request, waits a stated time, answers.

It is a process of its own, so that its work is never counted as ours, and the same for both sides of a comparison. Many
connections are served at once; an answer leaves in one piece, so that no delayed acknowledgement adds to its time.

It knows as much of Healthengine's API as the agent needs to go on: snapshots are acknowledged, and bookings that were handed to
it (`Sink.offer`) are listed in pages until they are answered.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import gzip
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from email.utils import formatdate
from types import TracebackType
from typing import Any, Self

import msgspec
import requests

from benchmarks.process import Child

PAGE = 100
CONTROL = "/_sink/"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_GZIP = re.compile(rb"\r\ncontent-encoding: *gzip", re.IGNORECASE)
_ANSWER = re.compile(r"/bookings/(\d+)/(?:confirmInsert|rejectInsert|cancel)$")
_SNAPSHOT_IDS: msgspec.json.Decoder[list[dict[str, Any]]] = msgspec.json.Decoder(list[dict[str, Any]])
_EMPTY_PAGE = {"data": [], "page": {"currentPage": 1, "totalPages": 0, "perPage": PAGE, "total": 0}}


class State:
    """
    What the sink has seen and what it still offers.
    """

    def __init__(self, delay: float, *, keep: bool) -> None:
        self.delay = delay
        self.keep = keep
        self.waiting: dict[int, dict[str, Any]] = {}
        self.reset()

    def reset(self) -> None:
        """
        Forget everything seen.
        """
        self.calls: Counter[str] = Counter()
        self.bytes = 0
        self.answered: dict[int, float] = {}
        self.first: dict[str, float] = {}
        self.kept: list[tuple[str, bool, bytes]] = []

    def answer(self, method: str, target: str, body: bytes, *, gzipped: bool) -> object:
        """
        Take one request and return what to answer.
        """
        path, _, query = target.partition("?")
        if path.startswith(CONTROL):
            return self._control(path.removeprefix(CONTROL), body)
        call = f"{method} {re.sub(r'/[0-9]+/', '/#/', path)}"
        self.calls[call] += 1
        self.first.setdefault(call, time.time())
        self.bytes += len(body)
        if self.keep and method == "POST":
            self.kept.append((path, gzipped, body))
        if path.endswith("/availability/snapshots"):
            sent = _SNAPSHOT_IDS.decode(gzip.decompress(body) if gzipped else body)
            return {"created": [item["id"] for item in sent], "existing": [], "failed": []}
        if method == "POST":
            self._settle(path)
            return None
        if path.endswith("/requests"):
            return ["bookings"] if self.waiting else []
        if path.endswith("/requests/bookings"):
            return self._page(int(query.removeprefix("page=") or 1))
        return _EMPTY_PAGE

    def _settle(self, path: str) -> None:
        if (found := _ANSWER.search(path)) and self.waiting.pop(int(found[1]), None):
            self.answered[int(found[1])] = time.time()

    def _page(self, number: int) -> object:
        bookings = list(self.waiting.values())
        pages = -(-len(bookings) // PAGE)
        page = {"currentPage": number, "totalPages": pages, "perPage": PAGE, "total": len(bookings)}
        return {"data": bookings[(number - 1) * PAGE : number * PAGE], "page": page}

    def _control(self, what: str, body: bytes) -> object:
        if what == "reset":
            self.reset()
        elif what == "delay":
            self.delay = float(body)
        elif what == "offer":
            self.waiting = {booking["bookingId"]: booking for booking in json.loads(body)}
        elif what == "progress":
            return {"answered": len(self.answered), "waiting": len(self.waiting)}
        elif what == "kept":
            return [(path, gzipped, base64.b64encode(content).decode()) for path, gzipped, content in self.kept]
        return {
            "calls": self.calls,
            "first": self.first,
            "bytes": self.bytes,
            "answered": self.answered,
            "waiting": len(self.waiting),
        }


class Connection(asyncio.Protocol):
    """
    One client: a request, a pause, an answer, and so on until it hangs up.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._received = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """
        Called by asyncio.
        """
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """
        Called by asyncio.
        """
        self._transport = None

    def data_received(self, data: bytes) -> None:
        """
        Called by asyncio.
        """
        self._received += data
        head, blank, rest = self._received.partition(b"\r\n\r\n")
        if not blank:
            return
        found = _LENGTH.search(head)
        length = int(found[1]) if found else 0
        if len(rest) < length:
            return
        body, self._received = rest[:length], rest[length:]
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        answer = self._state.answer(method, target, body, gzipped=_GZIP.search(head) is not None)
        delay = 0.0 if target.startswith(CONTROL) else self._state.delay
        asyncio.get_running_loop().call_later(delay, self._send, msgspec.json.encode(answer))

    def _send(self, body: bytes) -> None:
        if self._transport is not None:
            head = f"HTTP/1.1 200 OK\r\nDate: {formatdate(usegmt=True)}\r\nContent-Type: application/json\r\n"
            self._transport.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)


class Sink:
    """
    A sink in a process of its own, for the time of a `with`.

    Args:
        delay: Seconds from a request to its answer.
        keep: Keep the bodies posted, so that they can be posted again.
    """

    def __init__(self, delay: float = 0.020, *, keep: bool = False) -> None:
        self._child = Child("benchmarks.sink", str(delay), *(["--keep"] if keep else []))
        self._session = requests.Session()
        self._session.trust_env = False

    def __enter__(self) -> Self:
        self.url = f"http://127.0.0.1:{int(self._child.start())}"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._session.close()
        self._child.stop()

    def reset(self) -> None:
        """
        Count from nothing again.
        """
        self._control("reset")

    def set_delay(self, seconds: float) -> None:
        """
        Answer after *seconds* from now on.
        """
        self._control("delay", seconds)

    def offer(self, bookings: Sequence[Mapping[str, Any]]) -> None:
        """
        Let *bookings* wait, and no others.
        """
        self._control("offer", bookings)

    def seen(self) -> dict[str, Any]:
        """
        Return `calls` and the time of the `first` by method and path, `bytes` of bodies, when each was `answered` by booking
        id, and how many are `waiting`; times are seconds since the epoch.
        """
        answer: dict[str, Any] = self._control("seen")
        return answer

    def progress(self) -> dict[str, int]:
        """
        Return how many bookings are `answered`, and how many are `waiting`; cheap enough to be asked again and again.
        """
        answer: dict[str, int] = self._control("progress")
        return answer

    def kept(self) -> list[tuple[str, bool, bytes]]:
        """
        Return the path, whether gzip, and the bytes of every body posted since the last reset.
        """
        return [(path, gzipped, base64.b64decode(body)) for path, gzipped, body in self._control("kept")]

    def _control(self, what: str, value: object = None) -> Any:
        answer = self._session.post(self.url + CONTROL + what, data=json.dumps(value), timeout=60)
        answer.raise_for_status()
        return answer.json()


async def serve(state: State) -> None:
    """
    Listen on a free port of the loopback interface and say which, until standard input ends.
    """
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(state), "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


def main() -> None:
    """
    Run the sink.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("delay", type=float)
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(State(arguments.delay, keep=arguments.keep)))


if __name__ == "__main__":
    main()
