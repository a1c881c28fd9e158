"""
The engine's client as the link wants it: over the IPC of one home folder.
"""

from __future__ import annotations

import queue
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from agent import __version__
from agent.domain.activity import ActivityLine
from agent.domain.coming import BookingPatient, ComingBookings
from agent.domain.errors import FrontdeskError, Misconfigured, Transient
from agent.domain.reports import UptimeReport
from agent.domain.sent import SentDayReport, SentMap
from agent.domain.status import EngineStatus
from agent.domain.tasks import TaskAction, TaskReport
from agent.ipc import messages
from agent.ipc.address import address_of
from agent.ipc.client import CALL_SECONDS, IpcClient
from agent.ui.commands import Command, CommandKind, Connect, EngineClient
from agent.ui.presenters import NOT_SET_UP
from agent.ui.questions import (
    ActivityQuestion,
    AdoptHours,
    BookingsQuestion,
    Found,
    PatientsQuestion,
    Question,
    SentDayQuestion,
    SentQuestion,
    UptimeQuestion,
)

NO_ENGINE = "ipc-no-engine"

BUNDLE_SECONDS = 30.0
"""How long the engine may take to put a support bundle together."""

PMS_SECONDS = 60.0
"""How long the engine may take where it may have to ask the PMS and Healthengine first."""

ACTIVITY_LINES = 500
"""How much of the timeline is shown."""

Answered = TypeVar("Answered")

PROGRAM = f"frontdesk-tray {__version__}"


def connector(home: Path) -> Connect:
    """
    Return what opens a connection to the engine of a home folder.
    """
    address = address_of(home)

    def connect() -> EngineClient:
        try:
            return IpcEngineClient(IpcClient.connect(address, program=PROGRAM))
        except Transient as error:
            if error.code == NO_ENGINE and is_new(home):
                raise Misconfigured(NOT_SET_UP, "Frontdesk is not set up yet.") from None
            raise

    return connect


def is_new(home: Path) -> bool:
    """
    Return whether a home has no settings; one that may not be looked into is taken to have some.
    """
    try:
        return not (home / "config.toml").exists()
    except OSError:
        return False


class IpcEngineClient:
    """
    An `EngineClient`. It subscribes when the first status is asked for, so that a connection for one command gets none.
    """

    def __init__(self, client: IpcClient) -> None:
        self._client = client
        self._subscribed = False
        self._heard: queue.SimpleQueue[EngineStatus | FrontdeskError] = queue.SimpleQueue()

    def next_status(self, timeout_seconds: float) -> EngineStatus | None:
        """
        Wait for the next status that the engine pushes.
        """
        if not self._subscribed:
            self._subscribed = True
            self._client.subscribe(self._heard.put, self._heard.put)
        try:
            heard = self._heard.get(timeout=timeout_seconds)
        except queue.Empty:
            return None
        if isinstance(heard, FrontdeskError):
            raise heard
        return heard

    def send(self, command: Command) -> str:
        """
        Give a command and return the engine's answer in plain words.
        """
        return self._done(message_for(command, datetime.now().astimezone())).text

    def diagnostics(self) -> Mapping[str, str]:
        """
        Return the files of the support bundle by name.
        """
        return _read(self._done(messages.GetDiagnostics(), BUNDLE_SECONDS), "files", dict[str, str])

    def show_task(self, task_id: int) -> TaskReport:
        """
        Return one task with what can be done about it, and whom to phone.
        """
        return _read(self._done(messages.ShowTask(task_id=task_id), PMS_SECONDS), "task", TaskReport)

    def act_on_task(self, task_id: int, action: TaskAction, appointment_id: str) -> str:
        """
        Do something with a task and return what was done, in plain words.
        """
        act = messages.ActOnTask(task_id=task_id, action=action, appointment_id=appointment_id)
        return self._done(act, PMS_SECONDS).text

    def look_up(self, question: Question) -> Found:
        """
        Return what a tab shows.
        """
        match question:
            case BookingsQuestion():
                return _read(self._done(messages.ListBookings()), "bookings", ComingBookings)
            case PatientsQuestion():
                name = messages.NamePatients(bookings=question.bookings)
                return _read(self._done(name, PMS_SECONDS), "patients", tuple[BookingPatient, ...])
            case SentQuestion():
                return _read(self._done(messages.ShowSent()), "sent", tuple[SentMap, ...])
            case SentDayQuestion():
                ask = messages.ShowSentDay(practice_id=question.practice_id, resource_id=question.resource_id, date=question.day)
                return _read(self._done(ask, PMS_SECONDS), "day", SentDayReport)
            case UptimeQuestion():
                return _read(self._done(messages.ShowUptime()), "uptime", tuple[UptimeReport, ...])
            case AdoptHours():
                return self._done(messages.AnswerLiveHours(adopt=True, practice_id=question.practice_id)).text
            case ActivityQuestion():
                return _read(self._done(messages.ListActivity(most=ACTIVITY_LINES)), "activity", tuple[ActivityLine, ...])

    def close(self) -> None:
        """
        Let go of the connection.
        """
        self._client.close()

    def _done(self, message: messages.Command, timeout: float = CALL_SECONDS) -> messages.Done:
        reply = self._client.call(message, timeout=timeout)
        if isinstance(reply, messages.Refused):
            raise FrontdeskError(reply.code, reply.message, remedy=reply.remedy)
        return reply


def _read(done: messages.Done, name: str, kind: type[Answered]) -> Answered:
    """
    Return what was asked for; an answer of another version that cannot be read is an error.
    """
    try:
        return msgspec.convert(done.data[name], kind)
    except (KeyError, msgspec.ValidationError):
        raise Misconfigured(
            "ipc-version", "The engine's answer cannot be read.", remedy="Install the same version of both programs."
        ) from None


def message_for(command: Command, now: datetime) -> messages.Command:
    """
    Return the message that carries a command, given when it is *now* (local time, aware).
    """
    match command.kind:
        case CommandKind.RESYNC:
            return messages.Resync(scope=messages.Scope(command.scope))
        case CommandKind.PAUSE:
            return messages.Pause(minutes=command.pause_minutes(now) or None)
        case CommandKind.RESUME:
            return messages.Resume()
        case CommandKind.TRY_AGAIN:
            return messages.TryAgain()
        case CommandKind.RELEASE:
            return messages.Release()
        case CommandKind.START_BOOKINGS:
            return messages.StartBookings()
