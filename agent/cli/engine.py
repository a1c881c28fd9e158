"""
The way from a command to the running engine: one connection, with refusals raised as errors.
"""

from __future__ import annotations

import queue
from collections.abc import Iterable
from datetime import datetime
from types import TracebackType
from typing import Self

import msgspec

from agent import __version__
from agent.domain.errors import ContractBroken, FrontdeskError, Transient
from agent.domain.identity import Answer
from agent.domain.masked import Secret
from agent.domain.newcomers import Newcomer
from agent.domain.reports import LiveHoursReport
from agent.domain.status import EngineStatus, TaskLine
from agent.domain.tasks import TaskAction, TaskReport
from agent.ipc.address import address_of
from agent.ipc.client import CALL_SECONDS, IpcClient
from agent.ipc.messages import (
    ActOnTask,
    Adopt,
    AnswerLiveHours,
    Approve,
    Command,
    Done,
    ListCredentials,
    ListNewcomers,
    ListTasks,
    Maintenance,
    Pause,
    Refused,
    Release,
    RemoveCredential,
    Resume,
    Resync,
    Scope,
    SetCredential,
    ShowLiveHours,
    ShowTask,
    StartBookings,
    StopBookings,
)
from agent.settings.paths import Home

TASK_SECONDS = 60.0
"""How long is waited for what the engine asks of the PMS and of Healthengine first."""

NO_ENGINE = "ipc-no-engine"
"""The error code of an engine that is not running, or has gone."""


class NoEngine(Transient):
    """
    No engine is running for this home.
    """


class Engine:
    """
    An open connection. Every method raises `FrontdeskError` with what the engine refused, or why it cannot be reached.
    """

    def __init__(self, client: IpcClient) -> None:
        self._client = client
        self._statuses: queue.SimpleQueue[EngineStatus | FrontdeskError] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client.close()

    def status(self) -> EngineStatus:
        """
        Return the engine's newest status.
        """
        return self._client.status()

    def follow(self) -> None:
        """
        Begin to gather statuses for `next_status`, the present one first.
        """
        self._client.subscribe(self._statuses.put, self._statuses.put)

    def next_status(self, seconds: float) -> EngineStatus | None:
        """
        Wait for the next status after `follow`; None when the time is up.
        """
        try:
            found = self._statuses.get(timeout=seconds)
        except queue.Empty:
            return None
        if isinstance(found, FrontdeskError):
            raise found
        return found

    def resync(self, scope: str) -> str:
        """
        Begin to send everything of a scope again; return the engine's words.
        """
        return self._do(Resync(scope=Scope(scope))).text

    def pause(self, minutes: int | None) -> str:
        """
        Pause for that long, or until somebody resumes; return the engine's words.
        """
        return self._do(Pause(minutes=minutes)).text

    def resume(self) -> str:
        """
        End a pause; return the engine's words.
        """
        return self._do(Resume()).text

    def stop_bookings(self, practice_id: str, until: datetime | None) -> str:
        """
        Publish no free times; return the engine's words.
        """
        return self._do(StopBookings(practice_id=practice_id, until=until)).text

    def start_bookings(self, practice_id: str) -> str:
        """
        Publish what is free again; return the engine's words.
        """
        return self._do(StartBookings(practice_id=practice_id)).text

    def maintenance(self, minutes: int) -> str:
        """
        Let go of the database for that long; return the engine's words.
        """
        return self._do(Maintenance(minutes=minutes)).text

    def adopt(self, answer: Answer) -> str:
        """
        Say which machine or database is the real one; return the engine's words.
        """
        return self._do(Adopt(answer=answer)).text

    def release(self) -> str:
        """
        Let pass what the brake holds; return the engine's words.
        """
        return self._do(Release()).text

    def set_credential(self, name: str, secret: Secret) -> str:
        """
        Have the engine store a credential; return its words.
        """
        return self._do(SetCredential(name=name, value=secret)).text

    def remove_credential(self, name: str) -> str:
        """
        Have the engine delete a stored credential; return its words.
        """
        return self._do(RemoveCredential(name=name)).text

    def credentials(self) -> frozenset[str]:
        """
        Return the names of the credentials that the engine has: its answer's `data["names"]`.

        Raises:
            ContractBroken: if the engine answers something else (`ipc-bad-message`).
        """
        try:
            return msgspec.convert(self._do(ListCredentials()).data.get("names"), frozenset[str])
        except msgspec.ValidationError:
            raise ContractBroken("ipc-bad-message", "the engine's answer cannot be understood") from None

    def live_hours(self) -> tuple[LiveHoursReport, ...]:
        """
        Return every practice's live hours.

        Raises:
            ContractBroken: if the engine answers something else (`ipc-bad-message`).
        """
        try:
            return msgspec.convert(self._do(ShowLiveHours()).data.get("live_hours"), tuple[LiveHoursReport, ...])
        except msgspec.ValidationError:
            raise ContractBroken("ipc-bad-message", "the engine's answer cannot be understood") from None

    def answer_live_hours(self, practice_id: str, *, adopt: bool) -> str:
        """
        Answer the question about the live hours; return the engine's words.
        """
        return self._do(AnswerLiveHours(practice_id=practice_id, adopt=adopt)).text

    def newcomers(self) -> tuple[Newcomer, ...]:
        """
        Return the doctors and types that wait for a tick.

        Raises:
            ContractBroken: if the engine answers something else (`ipc-bad-message`).
        """
        try:
            return msgspec.convert(self._do(ListNewcomers()).data.get("waiting"), tuple[Newcomer, ...])
        except msgspec.ValidationError:
            raise ContractBroken("ipc-bad-message", "the engine's answer cannot be understood") from None

    def approve(self, ids: Iterable[int]) -> str:
        """
        Tick off what waits under these numbers; return the engine's words.
        """
        return self._do(Approve(ids=tuple(ids))).text

    def tasks(self, location_id: str, *, done: bool) -> tuple[TaskLine, ...]:
        """
        Return the open tasks of a location (empty: of all), or those that ended within a day.

        Raises:
            ContractBroken: if the engine answers something else (`ipc-bad-message`).
        """
        try:
            return msgspec.convert(
                self._do(ListTasks(location_id=location_id, done=done)).data.get("tasks"), tuple[TaskLine, ...]
            )
        except msgspec.ValidationError:
            raise ContractBroken("ipc-bad-message", "the engine's answer cannot be understood") from None

    def task(self, task_id: int) -> TaskReport:
        """
        Return one task with what can be done about it, and whom to phone.

        Raises:
            ContractBroken: if the engine answers something else (`ipc-bad-message`).
        """
        try:
            return msgspec.convert(self._do(ShowTask(task_id=task_id), timeout=TASK_SECONDS).data.get("task"), TaskReport)
        except msgspec.ValidationError:
            raise ContractBroken("ipc-bad-message", "the engine's answer cannot be understood") from None

    def act_on_task(self, task_id: int, action: TaskAction, *, appointment_id: str = "") -> str:
        """
        Claim a task, end it, or take it up again; return the engine's words.

        Args:
            appointment_id: Which appointment of the PMS was entered, if the person says so.
        """
        return self._do(ActOnTask(task_id=task_id, action=action, appointment_id=appointment_id), timeout=TASK_SECONDS).text

    def _do(self, command: Command, *, timeout: float = CALL_SECONDS) -> Done:
        reply = self._client.call(command, timeout=timeout)
        if isinstance(reply, Refused):
            raise FrontdeskError(reply.code, reply.message, remedy=reply.remedy)
        return reply


def connect(home: Home) -> Engine:
    """
    Connect to the engine of *home*.

    Raises:
        NoEngine: if none is running (`ipc-no-engine`).
        FrontdeskError: if it does not answer or may not be asked.
    """
    try:
        return Engine(IpcClient.connect(address_of(home.folder), program=f"frontdesk {__version__}"))
    except Transient as error:
        if error.code != NO_ENGINE:
            raise
        raise NoEngine(
            error.code,
            f"no engine is running for the home {home.folder}",
            remedy="start the service Frontdesk, or run: frontdesk engine; if it runs elsewhere, name its home by --home",
        ) from None
