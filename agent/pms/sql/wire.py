"""
What the engine and its PMS workers say to each other: frames of a length, a kind and a MessagePack body, over the child's pipes.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any, Protocol

import msgspec

from agent.domain import errors
from agent.domain.booking import Booked, BookRequest, CancelResult, NotFree, NotThere, Overlapped
from agent.domain.carrying import AppointmentLinks
from agent.domain.days import DateRange
from agent.domain.diary import Appointment, Location, PmsIdentity, PmsType, Practitioner
from agent.domain.patients import PatientDetails, PmsPatient
from agent.domain.tasks import Notice
from agent.pms.sql.pms import DiaryRows
from agent.ports.pms import CheckLine

_HEAD = struct.Struct(">IB")
LARGEST = 1 << 30


class Kind(Enum):
    """
    What a frame is.
    """

    OPENING = 1  # the first from the engine
    CALL = 2
    PROGRESS = 3  # still at work
    RESULT = 4
    FAILURE = 5


class Opening(msgspec.Struct, frozen=True, repr_omit_defaults=True):
    """
    What a worker is to open; password and keys travel here and never on a command line.
    """

    folders: tuple[str, ...]
    carrier: str
    connection: str
    password: str | None
    read_only: bool = False
    api_url: str = ""
    api_keys: str | None = None

    def __repr__(self) -> str:
        return "Opening(***)"


class Call(msgspec.Struct, frozen=True):
    """
    One operation of the port.
    """

    operation: str
    arguments: msgspec.Raw


class Result(msgspec.Struct, frozen=True):
    """
    What it gave; *kind* names the class where there are several.
    """

    kind: str
    value: msgspec.Raw


class Failure(msgspec.Struct, frozen=True):
    """
    An error of `agent.domain.errors`.
    """

    kind: str
    code: str
    message: str
    remedy: str
    retry_after: timedelta | None = None


ARGUMENTS: Mapping[str, Any] = {
    "ping": tuple[()],
    "identity": tuple[()],
    "engine_lock": tuple[()],
    "check": tuple[()],
    "locations": tuple[()],
    "practitioners": tuple[()],
    "appointment_types": tuple[()],
    "markers": tuple[DateRange],
    "diary_rows": tuple[DateRange],
    "find_patients": tuple[list[PatientDetails]],
    "patients": tuple[list[str]],
    "book_all": tuple[list[BookRequest]],
    "find_booked": tuple[int],
    "cancel": tuple[str, str, datetime, datetime],
    "states": tuple[list[str]],
    "appointments_of": tuple[str, datetime],
    "links": tuple[list[str]],
    "leave_message": tuple[Notice, str, str],
}
"""The arguments of every operation."""

RESULTS: Mapping[str, Mapping[str, Any]] = {
    "ping": {"": None},
    "identity": {"": PmsIdentity},
    "engine_lock": {"": None},
    "check": {"": list[CheckLine]},
    "locations": {"": list[Location]},
    "practitioners": {"": list[Practitioner]},
    "appointment_types": {"": list[PmsType]},
    "markers": {"": dict[date, str]},
    "diary_rows": {"": DiaryRows},
    "find_patients": {"": list[list[PmsPatient]]},
    "patients": {"": list[PmsPatient]},
    "book_all": {"Booked": Booked, "NotFree": NotFree, "Overlapped": Overlapped},
    "find_booked": {"Booked": Booked, "NotThere": NotThere},
    "cancel": {"": CancelResult},
    "states": {"": dict[str, Appointment]},
    "appointments_of": {"": list[Appointment]},
    "links": {"": AppointmentLinks},
    "leave_message": {"": None},
}
"""The results of every operation, by kind."""

EACH = frozenset({"book_all"})
"""What gives a list in which each has a kind of its own."""

WRITES = frozenset({"book_all", "cancel", "leave_message"})
"""What may have changed the PMS when its answer is lost."""

_KINDS: Mapping[str, type[errors.FrontdeskError]] = {
    kind.__name__: kind
    for kind in (
        errors.OutcomeUnknown,
        errors.Transient,
        errors.AuthRequired,
        errors.Misconfigured,
        errors.ContractBroken,
        errors.RecordRejected,
        errors.Cancelled,
    )
}


class Reading(Protocol):
    """
    The reading end of a pipe.
    """

    def read(self, size: int, /) -> bytes | None:
        """
        Return up to *size* bytes; none at the end.
        """


class Writing(Protocol):
    """
    The writing end of a pipe.
    """

    def write(self, data: bytes, /) -> int | None:
        """
        Return how many bytes were taken.
        """

    def flush(self) -> None:
        """
        Send what waits.
        """


def send(stream: Writing, kind: Kind, body: bytes) -> None:
    """
    Write one frame.
    """
    rest = memoryview(_HEAD.pack(len(body), kind.value) + body)
    while rest:
        written = stream.write(bytes(rest) if len(rest) < 1 << 16 else rest[: 1 << 20])  # type: ignore[arg-type]  # a pipe takes views
        rest = rest[written or 0 :]
    stream.flush()


def receive(stream: Reading) -> tuple[Kind, bytes]:
    """
    Read one frame.

    Raises:
        EOFError: if the other side has gone.
    """
    size, kind = _HEAD.unpack(_exactly(stream, _HEAD.size))
    if size > LARGEST:
        raise EOFError  # not one of our frames: whatever follows cannot be read either
    try:
        return Kind(kind), _exactly(stream, size)
    except ValueError:
        raise EOFError from None


def failure(error: errors.FrontdeskError) -> Failure:
    """
    Return *error* as it travels: as the nearest class that both sides know.
    """
    kind = next(k.__name__ for k in type(error).__mro__ if k.__name__ in _KINDS or k is errors.FrontdeskError)
    return Failure(
        kind=kind,
        code=error.code,
        message=error.message,
        remedy=error.remedy,
        retry_after=error.retry_after if isinstance(error, errors.Transient) else None,
    )


def error_of(body: bytes) -> errors.FrontdeskError:
    """
    Return the error that a failure frame carries.
    """
    found = msgspec.msgpack.decode(body, type=Failure)
    kind = _KINDS.get(found.kind, errors.ContractBroken)
    if issubclass(kind, errors.Transient):
        return kind(found.code, found.message, remedy=found.remedy, retry_after=found.retry_after)
    return kind(found.code, found.message, remedy=found.remedy)


def result(operation: str, value: object) -> bytes:
    """
    Return the body of a result frame.
    """
    if operation in EACH:
        return msgspec.msgpack.encode([_labelled(operation, one) for one in value])  # type: ignore[attr-defined]  # a list
    return msgspec.msgpack.encode(_labelled(operation, value))


def value_of(operation: str, body: bytes) -> Any:
    """
    Return what a result frame carries.
    """
    if operation in EACH:
        return [_unlabelled(operation, one) for one in msgspec.msgpack.decode(body, type=list[Result])]
    return _unlabelled(operation, msgspec.msgpack.decode(body, type=Result))


def _labelled(operation: str, value: object) -> Result:
    kind = "" if "" in RESULTS[operation] else type(value).__name__
    return Result(kind=kind, value=msgspec.Raw(msgspec.msgpack.encode(value)))


def _unlabelled(operation: str, found: Result) -> Any:
    return msgspec.msgpack.decode(found.value, type=RESULTS[operation][found.kind])


def _exactly(stream: Reading, size: int) -> bytes:
    parts: list[bytes] = []
    while size:
        part = stream.read(min(size, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
