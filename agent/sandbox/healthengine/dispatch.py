"""
From a raw HTTP request to an answer: headers, faults, the definition's rules, the operation, the log.
"""

from __future__ import annotations

import hmac
import logging
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from agent.sandbox.healthengine import faults, timing
from agent.sandbox.healthengine.calls import ACK, Call, Reply, refused
from agent.sandbox.healthengine.faults import Fault, FaultKind, Faults
from agent.sandbox.healthengine.records import CallRecord, ViolationKind
from agent.sandbox.healthengine.routes import BASE_PATH, OPERATIONS, Match, Operation, find
from agent.sandbox.healthengine.state import PracticeState, World
from agent.sandbox.healthengine.wire import BreachError, checked

log = logging.getLogger(__name__)

MAX_BODY = 64 * 1024 * 1024
_USER_AGENT = re.compile(r"^\S[^()]* \([^\s@()]+@[^\s@()]+\) \S+$")
_MINUTE = timedelta(minutes=1)
_PATHS = {operation.path for operation in OPERATIONS}
_encoder = msgspec.json.Encoder()
_REFUSED = frozenset({401, 403})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """
    A request as it came; *headers* by lower-case name.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """
    An answer on its way to the wire, with the fault that the server is to play on it.
    """

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Fault | None = None


class Dispatcher:
    """
    Answers requests on the marketplace's side. Safe to call from several threads.
    """

    def __init__(self, world: World, waiting_faults: Faults) -> None:
        self._world = world
        self._faults = waiting_faults
        self.on_call: Callable[[CallRecord], None] = _nothing

    def answer(self, request: Request) -> Response:
        """
        Answer one request.
        """
        now = self._world.now()
        match = find(request.method, request.path.removeprefix(BASE_PATH)) if request.path.startswith(BASE_PATH) else None
        with self._world.changed:
            practice = self._world.practices.get(request.headers.get("practice-id", ""))
            if practice is not None:
                timing.note_overdue(self._world, practice, now)
            if match is None:
                return self._no_operation(request, practice, now)
            operation = match.operation
            practice_id = practice.id if practice else ""
            fault = self._faults.take(operation.name, practice_id, now, listing="page" in operation.numbers)
            content: Any = None
            if fault is not None and fault.kind in faults.BEFORE:
                if practice is not None and operation.polls:
                    timing.note_poll(self._world, practice, now)
                response = _played_before(fault, now)
            else:
                reply, content = self._serve(request, match, practice, now, fault)
                response = self._written(reply, fault)
            self._note_refusal(practice, operation, response.status, now)
            self._record(request, response, now, practice_id=practice_id, name=operation.name, content=content)
        return response

    def _serve(
        self, request: Request, match: Match, practice: PracticeState | None, now: datetime, fault: Fault | None
    ) -> tuple[Reply, Any]:
        if practice is None or not self._allowed(request, practice):
            return refused(401), None
        if not practice.consent:
            return refused(403, "the practice has not given consent"), None
        operation = match.operation
        self._check_user_agent(request, practice, operation)
        content: Any = None
        try:
            texts, numbers = _query(operation, request.query)
            body: Any = None
            if operation.body is not None:
                content = _content(request)
                body = content if operation.body is Any else checked(content, operation.body)
        except BreachError as error:
            self._world.violate(practice, ViolationKind.DEFINITION, operation.name, str(error))
            return refused(400, str(error)), content if operation.kept else None
        call = Call(
            world=self._world,
            practice=practice,
            operation=operation.name,
            now=now,
            body=body,
            content=content,
            numbers={**match.numbers, **numbers},
            texts={**match.texts, **texts},
            arrange=fault.arrange if fault is not None else _as_it_is,
        )
        return operation.serve(call), content if operation.kept else None

    def _allowed(self, request: Request, practice: PracticeState) -> bool:
        api_key = request.headers.get("api-key", "").encode()
        practice_key = request.headers.get("practice-key", "").encode()
        known = any(hmac.compare_digest(api_key, key.encode()) for key in self._world.config.api_keys)
        return known and hmac.compare_digest(practice_key, practice.account.practice_key.encode())

    def _check_user_agent(self, request: Request, practice: PracticeState, operation: Operation) -> None:
        if not practice.user_agent_noted and not _USER_AGENT.match(request.headers.get("user-agent", "")):
            practice.user_agent_noted = True
            self._world.violate(practice, ViolationKind.USER_AGENT, operation.name, "not NAME (EMAIL) ENVIRONMENT")

    def _no_operation(self, request: Request, practice: PracticeState | None, now: datetime) -> Response:
        status = 405 if request.path.removeprefix(BASE_PATH) in _PATHS else 404
        why = "method not in the definition" if status == 405 else "path not in the definition"  # noqa: PLR2004 - HTTP's own
        self._world.violate(practice, ViolationKind.DEFINITION, "", why)
        response = Response(status=status)
        self._record(request, response, now, practice_id=practice.id if practice else "")
        return response

    def _note_refusal(self, practice: PracticeState | None, operation: Operation, status: int, now: datetime) -> None:
        if practice is None or status not in _REFUSED:
            return
        practice.refused.append(now)
        while practice.refused and now - practice.refused[0] > _MINUTE:
            practice.refused.popleft()
        if len(practice.refused) > self._world.config.refusals_per_minute:
            practice.refused.clear()
            self._world.violate(practice, ViolationKind.TIGHT_LOOP, operation.name, "retried in a tight loop after a refusal")

    def _written(self, reply: Reply, fault: Fault | None) -> Response:
        if reply.content is ACK:
            body = self._world.config.ack_body.value
        else:
            body = b"" if reply.content is None else _encoder.encode(reply.content)
        if fault is not None and fault.kind is FaultKind.BODY:
            return Response(status=reply.status, body=fault.body, content_type=fault.content_type, fault=fault)
        return Response(status=reply.status, body=body, fault=fault)

    def _record(
        self, request: Request, response: Response, now: datetime, *, practice_id: str, name: str = "", content: Any = None
    ) -> None:
        fault = response.fault
        dropped = fault is not None and fault.kind in {FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER}
        self._world.calls[name or "unknown"] += 1
        call = CallRecord(
            at=now,
            practice_id=practice_id,
            method=request.method,
            operation=name,
            status=0 if dropped else response.status,
            request_bytes=len(request.body),
            body=content,
            fault=fault.kind.value if fault else "",
        )
        self._world.requests_log.append(call)
        self._world.touch()
        self.on_call(call)


def _nothing(_call: CallRecord) -> None:
    """
    Nobody listens.
    """


def _as_it_is(items: Sequence[Any], page: int) -> Sequence[Any]:  # noqa: ARG001 - the shape of a fault's `arrange`
    return items


def _played_before(fault: Fault, now: datetime) -> Response:
    if fault.kind is FaultKind.STATUS:
        return Response(status=fault.status, headers=fault.headers(now), fault=fault)
    if fault.kind is FaultKind.HTML:
        return Response(status=200, body=faults.PORTAL, content_type="text/html; charset=utf-8", fault=fault)
    return Response(status=500, fault=fault)


def _query(operation: Operation, query: str) -> tuple[dict[str, str], dict[str, int]]:
    texts: dict[str, str] = {}
    numbers: dict[str, int] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in texts or name in numbers:
            raise BreachError(f"query parameter {name} appears twice")
        if name in operation.numbers:
            if not (value.isascii() and value.isdecimal()):
                raise BreachError(f"query parameter {name} is not a whole number")
            numbers[name] = int(value)
        elif name in operation.texts or name in operation.needed:
            texts[name] = value
        else:
            raise BreachError("a query parameter is not in the definition")
    if missing := operation.needed - texts.keys():
        raise BreachError(f"query parameter {min(missing)} is missing")
    return texts, numbers


def _content(request: Request) -> Any:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise BreachError("Content-Type is not application/json")
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding not in {"", "identity", "gzip"}:
        raise BreachError("Content-Encoding is not gzip")
    raw = _unzipped(request.body) if encoding == "gzip" else request.body
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BreachError("the body is not JSON") from None


def _unzipped(body: bytes) -> bytes:
    reader = zlib.decompressobj(wbits=31)
    try:
        raw = reader.decompress(body, MAX_BODY)
    except zlib.error:
        raise BreachError("the body is not gzip") from None
    if not reader.eof or reader.unused_data:
        raise BreachError("the body is not one whole gzip stream of bearable size")
    return raw
