"""
The bridge between the engine's blocking client and the windows: all I/O happens on threads of its own.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from agent.domain.errors import FrontdeskError, Transient
from agent.ui.commands import Command, Connect, EngineClient, Reply

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTimes:
    """
    Seconds.

    Attributes:
        first_status: How long a fresh connection may take to bring its first status.
        silence: After this long without a status the connection is opened anew, which brings one or an error.
        first_wait, longest_wait: Between attempts to connect; doubled each time.
        stop: How long stopping waits for each thread.
    """

    first_status: float = 10
    silence: float = 60
    first_wait: float = 0.5
    longest_wait: float = 10
    stop: float = 2


class EngineLink(QObject):
    """
    Keeps a connection to the engine, and carries commands to it.

    One thread listens, another sends, each with a connection of its own, so that a command never waits for a status.
    Signals arrive on the thread of the receiver.

    Attributes:
        status_changed: An `EngineStatus`.
        unreachable: Why the engine cannot be reached, in plain words, and the error's code; once for each new reason.
        replied: A `Reply`, exactly one for each command that was sent.
    """

    status_changed = Signal(object)
    unreachable = Signal(str, str)
    replied = Signal(object)

    def __init__(self, connect: Connect, *, times: LinkTimes | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connect = connect
        self._times = times or LinkTimes()
        self._commands: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._listening_to: EngineClient | None = None
        self._reason = ""
        self._failures = 0
        self._threads = [
            threading.Thread(target=self._listen, name="engine-status", daemon=True),
            threading.Thread(target=self._carry, name="engine-commands", daemon=True),
        ]

    def start(self) -> None:
        """
        Begin to connect. Call once.
        """
        for thread in self._threads:
            thread.start()

    def send(self, command: Command) -> None:
        """
        Queue a command; its answer arrives by `replied`. Returns at once.
        """
        self._commands.put(command)

    def stop(self) -> None:
        """
        Let go of the engine and end the threads, within a few seconds. Safe to call twice.
        """
        self._stopping.set()
        self._commands.put(None)
        with self._lock:
            client = self._listening_to
        if client is not None:
            client.close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(self._times.stop)

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                self._follow()
            except FrontdeskError as error:
                self._lost(error.message, error.code)
            except Exception:
                log.exception("the link to the engine failed unexpectedly")
                self._lost(self.tr("an unexpected error; the log says more"), "")

    def _follow(self) -> None:
        """
        Pass on one connection's statuses until it falls silent; errors end it too.
        """
        with contextlib.closing(self._connect()) as client:
            with self._lock:
                self._listening_to = client
            try:
                heard = time.monotonic()
                answered = False
                while not self._stopping.is_set():
                    limit = self._times.silence if answered else self._times.first_status
                    status = client.next_status(min(limit, 1.0))
                    if status is not None:
                        heard = time.monotonic()
                        answered = True
                        self._found()
                        self.status_changed.emit(status)
                    elif time.monotonic() - heard >= limit:
                        break
            finally:
                with self._lock:
                    self._listening_to = None
        if not answered and not self._stopping.is_set():
            raise Transient("ipc-engine-silent", "nothing has come from it yet")

    def _found(self) -> None:
        self._failures = 0
        if self._reason:
            log.info("the engine can be reached again")
            self._reason = ""

    def _lost(self, reason: str, code: str) -> None:
        """
        Say so, once for each reason, and wait: longer every time in a row.
        """
        if self._stopping.is_set():
            return
        if reason != self._reason:
            log.warning("the engine cannot be reached: %s", reason)
            self._reason = reason
            self.unreachable.emit(reason, code)
        self._stopping.wait(min(self._times.first_wait * 2**self._failures, self._times.longest_wait))
        self._failures = min(self._failures + 1, 16)

    def _carry(self) -> None:
        while (command := self._commands.get()) is not None:
            reply = self._answer(command)
            if self._stopping.is_set():
                return
            log.info("command %s: %s", command.kind.value, "done" if reply.ok else "not done")
            self.replied.emit(reply)

    def _answer(self, command: Command) -> Reply:
        try:
            with contextlib.closing(self._connect()) as client:
                return Reply(command=command, ok=True, message=client.send(command))
        except FrontdeskError as error:
            return Reply(command=command, ok=False, message=" ".join(filter(None, (error.message, error.remedy))))
        except Exception:
            log.exception("command %s failed unexpectedly", command.kind.value)
            return Reply(command=command, ok=False, message=self.tr("an unexpected error; the log says more"))
