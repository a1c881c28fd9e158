"""
What the engine and its clients say to each other.

Every message is a JSON object with a `type`, the protocol `version` it was made for and an `id`; an answer carries the id
of what it answers. Fields that the receiver does not know are ignored, types that it does not know are refused politely,
so that both sides can be updated one after the other.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta, Struct

from agent.domain.coming import MOST_NAMED, BookingKey
from agent.domain.identity import Answer
from agent.domain.masked import Secret
from agent.domain.status import EngineStatus
from agent.domain.tasks import TaskAction

PROTOCOL = 1
"""Raised when an older client or engine could no longer understand the other."""

MAX_PAUSE_MINUTES = 7 * 24 * 60
MAX_ACTIVITY = 5_000


class Role(StrEnum):
    """
    What a peer may do; it comes from the operating system, never from the peer.
    """

    USER = "user"
    ADMINISTRATOR = "administrator"


class Scope(StrEnum):
    """
    What is sent again in full.
    """

    ALL = "all"
    CONFIGURATION = "configuration"
    AVAILABILITY = "availability"


class Message(Struct, frozen=True, kw_only=True, tag_field="type", tag=str.lower):
    """
    What all messages have.
    """

    id: str = ""
    version: int = PROTOCOL


class Hello(Message, frozen=True, kw_only=True):
    """
    The first thing a client says.

    Attributes:
        program: Its name and version, for the log.
    """

    program: str


class Welcome(Message, frozen=True, kw_only=True):
    """
    The engine's answer to a hello that it can work with.

    Attributes:
        program: The engine's version.
        user: As whom the operating system knows the client.
    """

    program: str
    pid: int
    user: str
    role: Role


class Command(Message, frozen=True, kw_only=True):
    """
    Something a client wants done. Each is answered by `Done` or `Refused`.
    """

    administrator: ClassVar[bool] = False


class Subscribe(Command, frozen=True, kw_only=True):
    """
    Send the status now and whenever it changes.
    """


class GetStatus(Command, frozen=True, kw_only=True):
    """
    Send the status once, in `Done.status`.
    """


class Resync(Command, frozen=True, kw_only=True):
    """
    Send everything of a scope again.
    """

    scope: Scope = Scope.ALL


class Pause(Command, frozen=True, kw_only=True):
    """
    Stop for a while; *minutes* None: the engine's own length.
    """

    minutes: int | None = None

    def __post_init__(self) -> None:
        if self.minutes is not None and not 1 <= self.minutes <= MAX_PAUSE_MINUTES:
            raise ValueError(f"minutes must be between 1 and {MAX_PAUSE_MINUTES}")


class Resume(Command, frozen=True, kw_only=True):
    """
    End a pause.
    """


class TryAgain(Command, frozen=True, kw_only=True):
    """
    Try at once whatever has failed, instead of waiting for its turn.
    """


class StopBookings(Command, frozen=True, kw_only=True):
    """
    Publish no free times, and go on answering what is outstanding.

    Attributes:
        practice_id: Empty: every practice.
        until: When it ends by itself; None: when somebody says so.
    """

    practice_id: str = ""
    until: Annotated[datetime, Meta(tz=True)] | None = None


class StartBookings(Command, frozen=True, kw_only=True):
    """
    End what `StopBookings` began.
    """

    practice_id: str = ""


class Maintenance(Command, frozen=True, kw_only=True):
    """
    Let go of the database for a while; `Resume` ends it earlier.
    """

    minutes: Annotated[int, Meta(ge=1, le=MAX_PAUSE_MINUTES)]


class Stop(Command, frozen=True, kw_only=True):
    """
    Stop the engine.
    """

    administrator: ClassVar[bool] = True


class SetCredential(Command, frozen=True, kw_only=True):
    """
    Store a key or password in the engine's own store.
    """

    administrator: ClassVar[bool] = True
    name: str
    value: Secret


class RemoveCredential(Command, frozen=True, kw_only=True):
    """
    Remove a key or password.
    """

    administrator: ClassVar[bool] = True
    name: str


class ListCredentials(Command, frozen=True, kw_only=True):
    """
    Name the stored keys and passwords; their text is never told.
    """

    administrator: ClassVar[bool] = True


class ShowLiveHours(Command, frozen=True, kw_only=True):
    """
    Send every practice's live hours, in `Done.data["live_hours"]`: `agent.domain.reports.LiveHoursReport`.
    """


class AnswerLiveHours(Command, frozen=True, kw_only=True):
    """
    Answer the question about a practice's live hours: *adopt* the narrower ones, or else keep what is.

    Attributes:
        practice_id: Empty: every practice.
    """

    adopt: bool
    practice_id: str = ""


class Release(Command, frozen=True, kw_only=True):
    """
    Say that the large sudden changes that are held are right.
    """


class Adopt(Command, frozen=True, kw_only=True):
    """
    Say which machine or database is the practice's real one.
    """

    administrator: ClassVar[bool] = True
    answer: Answer


class ListNewcomers(Command, frozen=True, kw_only=True):
    """
    Name the doctors and appointment types that wait for a tick, in `Done.data["waiting"]`.
    """


class Approve(Command, frozen=True, kw_only=True):
    """
    Tick some of them off, by their numbers.
    """

    ids: tuple[int, ...]


class ListTasks(Command, frozen=True, kw_only=True):
    """
    Send what a person must do, in `Done.data["tasks"]`: `agent.domain.status.TaskLine`.

    Attributes:
        location_id: Empty: every location.
        done: Those that ended within a day, instead.
    """

    location_id: str = ""
    done: bool = False


class ShowTask(Command, frozen=True, kw_only=True):
    """
    Send one task with whom to phone, in `Done.data["task"]`: `agent.domain.tasks.TaskReport`.
    """

    task_id: int


class ActOnTask(Command, frozen=True, kw_only=True):
    """
    Claim a task, end it, or take it up again.

    Attributes:
        appointment_id: Which appointment of the PMS was entered, if the person says so.
    """

    task_id: int
    action: TaskAction
    appointment_id: str = ""


class ListBookings(Command, frozen=True, kw_only=True):
    """
    Send the bookings of today and later, in `Done.data["bookings"]`: `agent.domain.coming.ComingBookings`. No patient is in it.
    """


class NamePatients(Command, frozen=True, kw_only=True):
    """
    Send whose some bookings are, in `Done.data["patients"]`: `agent.domain.coming.BookingPatient`. The PMS is asked.

    Attributes:
        bookings: Each a practice's id and a booking's number.
    """

    bookings: Annotated[tuple[BookingKey, ...], Meta(max_length=MOST_NAMED)]


class ShowSent(Command, frozen=True, kw_only=True):
    """
    Send what Healthengine shows of each practice, in `Done.data["sent"]`: `agent.domain.sent.SentMap`.
    """


class ShowSentDay(Command, frozen=True, kw_only=True):
    """
    Send one day beside the PMS, in `Done.data["day"]`: `agent.domain.sent.SentDayReport`. No patient is in it.
    """

    practice_id: str
    resource_id: str
    date: date


class ShowUptime(Command, frozen=True, kw_only=True):
    """
    Send when this machine was up, by practice, in `Done.data["uptime"]`: `agent.domain.reports.UptimeReport`.
    """


class ListActivity(Command, frozen=True, kw_only=True):
    """
    Send the newest lines of the timeline, in `Done.data["activity"]`: `agent.domain.activity.ActivityLine`.
    """

    most: Annotated[int, Meta(ge=1, le=MAX_ACTIVITY)] = 500


class GetDiagnostics(Command, frozen=True, kw_only=True):
    """
    Send the support bundle's files by name, in `Done.data["files"]`. No patient, key or name of a person is in them.
    """


class StatusPush(Message, frozen=True, kw_only=True):
    """
    The whole status, sent to those who subscribed.
    """

    status: EngineStatus


class Done(Message, frozen=True, kw_only=True):
    """
    The command was carried out, or is under way.

    Attributes:
        text: What was done, in plain words.
        data: What was asked for, if anything.
        status: In answer to `GetStatus` and `Subscribe`, if there is one yet.
    """

    text: str = ""
    data: dict[str, Any] = {}
    status: EngineStatus | None = None


class Refused(Message, frozen=True, kw_only=True):
    """
    The command was not carried out; code, message and remedy as in `agent.domain.errors.FrontdeskError`.
    """

    code: str
    message: str
    remedy: str = ""


Reply = Done | Refused

_FromClient = (
    Hello
    | Subscribe
    | GetStatus
    | Resync
    | Pause
    | Resume
    | TryAgain
    | StopBookings
    | StartBookings
    | Maintenance
    | Stop
    | SetCredential
    | RemoveCredential
    | ListCredentials
    | ListNewcomers
    | Approve
    | ListTasks
    | ShowTask
    | ActOnTask
    | ListBookings
    | NamePatients
    | ShowSent
    | ShowSentDay
    | ShowUptime
    | ListActivity
    | ShowLiveHours
    | AnswerLiveHours
    | Release
    | Adopt
    | GetDiagnostics
)
_FromEngine = Welcome | StatusPush | Done | Refused


class _Header(Struct):
    type: str
    id: str = ""
    version: int = 0


class Unreadable(Exception):
    """
    A message that cannot be understood.

    Attributes:
        refused: What to answer.
    """

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.code)
        self.refused = refused


_NOT_UNDERSTOOD = (msgspec.MsgspecError, ValueError, RecursionError)  # the last: nested too deeply

_header = msgspec.json.Decoder(_Header)
_client: msgspec.json.Decoder[Hello | Command] = msgspec.json.Decoder(_FromClient)
_engine: msgspec.json.Decoder[Welcome | StatusPush | Done | Refused] = msgspec.json.Decoder(_FromEngine)
_encoder = msgspec.json.Encoder()


def encode(message: Message) -> bytes:
    """
    Return a message as JSON.
    """
    return _encoder.encode(message)


def decode_from_client(data: bytes) -> Hello | Command:
    """
    Read what a client says.

    Raises:
        Unreadable: with a polite answer, which never repeats what was sent.
    """
    header = _read_header(data)
    try:
        return _client.decode(data)
    except _NOT_UNDERSTOOD:
        raise Unreadable(_not_understood(header)) from None


def decode_from_engine(data: bytes) -> Welcome | StatusPush | Done | Refused | None:
    """
    Read what the engine says; None: a type that this client does not know and may ignore.

    Raises:
        Unreadable: if it is none of ours.
    """
    header = _read_header(data)
    if header.type not in _ENGINE_TYPES:
        return None
    try:
        return _engine.decode(data)
    except _NOT_UNDERSTOOD:
        raise Unreadable(_not_understood(header)) from None


def _read_header(data: bytes) -> _Header:
    try:
        return _header.decode(data)
    except _NOT_UNDERSTOOD:
        raise Unreadable(Refused(code="ipc-unreadable", message="That was no message of this program.")) from None


def _not_understood(header: _Header) -> Refused:
    if header.type in _CLIENT_TYPES or header.type in _ENGINE_TYPES:
        return Refused(id=header.id, code="ipc-bad-message", message="A part of the message is missing or not allowed.")
    return Refused(
        id=header.id,
        code="ipc-unknown-message",
        message="This version of the program does not know that command.",
        remedy="Update the program.",
    )


def _types(union: Any) -> frozenset[str]:
    return frozenset(kind.__struct_config__.tag for kind in union.__args__)


_CLIENT_TYPES = _types(_FromClient)
_ENGINE_TYPES = _types(_FromEngine)
