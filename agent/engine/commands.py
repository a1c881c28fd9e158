"""
What clients may ask of the engine.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

import msgspec

from agent.domain.errors import FrontdeskError
from agent.domain.masked import Secret
from agent.engine.answers import PersonsAnswers
from agent.engine.approving import Approving
from agent.engine.engine import Engine
from agent.engine.showing import Showing
from agent.engine.stopping import Stopper
from agent.engine.tasks import TaskDesk
from agent.ipc.messages import (
    ActOnTask,
    Adopt,
    AnswerLiveHours,
    Approve,
    Command,
    Done,
    GetDiagnostics,
    ListActivity,
    ListBookings,
    ListCredentials,
    ListNewcomers,
    ListTasks,
    Maintenance,
    NamePatients,
    Pause,
    Refused,
    Release,
    RemoveCredential,
    Reply,
    Resume,
    Resync,
    SetCredential,
    ShowLiveHours,
    ShowSent,
    ShowSentDay,
    ShowTask,
    ShowUptime,
    StartBookings,
    Stop,
    StopBookings,
    TryAgain,
)
from agent.ipc.peers import Peer

log = logging.getLogger(__name__)


class CredentialStore(Protocol):
    """
    Where the engine keeps keys and passwords.
    """

    def set(self, name: str, secret: Secret) -> object:
        """
        Store one.
        """

    def remove(self, name: str) -> bool:
        """
        Remove one; returns whether it was there.
        """


class Commands:
    """
    Carries out what clients ask; each is recorded with who gave it.

    Args:
        stop: Ends the engine's process in good order; returns at once.
        names: Returns the names of the credentials that are set.
        diagnostics: Returns the support bundle's files by name.
        key_changed: Makes use of a credential that was stored; returns what follows, in plain words.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        answers: PersonsAnswers,
        credentials: CredentialStore,
        approving: Approving,
        names: Callable[[], Iterable[str]],
        showing: Showing,
        stop: Callable[[], None],
        stopper: Stopper,
        tasks: TaskDesk,
        key_changed: Callable[[str], str],
        diagnostics: Callable[[], Mapping[str, str]],
    ) -> None:
        self._engine = engine
        self._answers = answers
        self._credentials = credentials
        self._approving = approving
        self._names = names
        self._showing = showing
        self._stop = stop
        self._stopper = stopper
        self._tasks = tasks
        self._key_changed = key_changed
        self._diagnostics = diagnostics

    def handle(self, command: Command, peer: Peer) -> Reply:
        """
        Carry out one command. The server has checked that *peer* may give it.
        """
        try:
            return self._carry_out(command, peer.user)
        except FrontdeskError as error:
            return Refused(code=error.code, message=error.message, remedy=error.remedy)

    def _carry_out(self, command: Command, by: str) -> Reply:  # noqa: C901, PLR0912 - one case for each command
        match command:
            case Resync():
                return Done(text=self._engine.resync(command.scope.value, by=by))
            case Pause():
                return Done(text=self._engine.pause(command.minutes, by=by))
            case Resume():
                return Done(text=self._engine.resume(by=by))
            case TryAgain():
                return Done(text=self._engine.try_again(by=by))
            case Release():
                return Done(text=self._answers.release(by=by))
            case Adopt():
                return Done(text=self._answers.adopt(command.answer, by=by))
            case Stop():
                self._engine.remember("stop-asked", "Somebody asked the engine to stop.", by=by)
                self._stop()
                return Done(text="The engine stops.")
            case StopBookings():
                return Done(text=self._stopper.stop(command.practice_id, command.until, by=by))
            case StartBookings():
                return Done(text=self._stopper.start(command.practice_id, by=by))
            case Maintenance():
                return Done(text=self._stopper.maintenance(command.minutes, by=by))
            case SetCredential():
                self._credentials.set(command.name, command.value)
                self._engine.remember("credential-set", f"The credential {command.name} was set.", by=by)
                return Done(text=f"Stored. {self._key_changed(command.name)}")
            case RemoveCredential():
                was_there = self._credentials.remove(command.name)
                self._engine.remember("credential-removed", f"The credential {command.name} was removed.", by=by)
                return Done(text="Removed." if was_there else "It was not there.")
            case ListNewcomers():
                return Done(data={"waiting": msgspec.to_builtins(self._approving.waiting())})
            case Approve():
                return Done(text=self._approving.approve(command.ids, by=by))
            case ListTasks():
                return Done(data={"tasks": msgspec.to_builtins(self._tasks.list(command.location_id, done=command.done))})
            case ShowTask():
                return Done(data={"task": msgspec.to_builtins(self._tasks.show(command.task_id))})
            case ActOnTask():
                return Done(text=self._tasks.act(command.task_id, command.action, by=by, appointment_id=command.appointment_id))
            case ListBookings():
                return Done(data={"bookings": msgspec.to_builtins(self._showing.coming())})
            case NamePatients():
                return Done(data={"patients": msgspec.to_builtins(self._showing.patients(command.bookings))})
            case ShowSent():
                return Done(data={"sent": msgspec.to_builtins(self._showing.sent())})
            case ShowSentDay():
                day = self._showing.sent_day(command.practice_id, command.resource_id, command.date)
                return Done(data={"day": msgspec.to_builtins(day)})
            case ShowUptime():
                return Done(data={"uptime": msgspec.to_builtins(self._showing.uptime())})
            case ListActivity():
                return Done(data={"activity": msgspec.to_builtins(self._showing.activity(command.most))})
            case ListCredentials():
                return Done(data={"names": sorted(self._names())})
            case ShowLiveHours():
                return Done(data={"live_hours": msgspec.to_builtins(self._engine.live_hours())})
            case AnswerLiveHours():
                return Done(text=self._engine.answer_live_hours(command.practice_id, adopt=command.adopt, by=by))
            case GetDiagnostics():
                self._engine.remember("diagnostics-asked", "Somebody saved the diagnostics.", by=by)
                return Done(data={"files": dict(self._diagnostics())})
            case _:
                return Refused(
                    code="ipc-unknown-message",
                    message="This engine does not know that command.",
                    remedy="Update the program.",
                )
