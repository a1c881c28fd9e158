"""
One worker process at a time, its time limits, and what follows when it hangs or dies.
"""

from __future__ import annotations

import logging
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, NamedTuple

import msgspec

from agent.domain.errors import FrontdeskError, Misconfigured, OutcomeUnknown, Transient
from agent.pms.sql import wire
from agent.pms.sql.wire import Kind

log = logging.getLogger(__name__)

PROBE_S = 3.0
"""After a failure the database is first asked something small, so that its return is noticed soon; short, because a booking
that waits for it must get its no within 15 s."""

START_S = 15.0
"""How long a new process may take to be ready, on a server that has just been booted."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0
"""How long calls fail at once after a failure: doubled each time."""

STOP_S = 1.0
"""How long a worker may take to end by itself."""


if sys.platform == "win32":
    _NO_WINDOW = subprocess.CREATE_NO_WINDOW
else:
    _NO_WINDOW = 0

_OURS = "FRONTDESK_"
"""Variables that begin so may hold keys; a worker is told its one password over the pipe and needs none of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """
    How long a call may take.

    Attributes:
        silence_s: Without a sign of progress (each statement is one).
        total_s: Altogether, waiting for the turn included.
    """

    silence_s: float
    total_s: float


class WorkerState(NamedTuple):
    """
    One worker, for the status window.

    Attributes:
        pid: 0 while there is none.
        state: `stopped`, `ready`, `working` or `failed`.
    """

    name: str
    pid: int
    state: str


class Lane:
    """
    The calls to one worker, one after another. Safe to call from several threads.
    """

    def __init__(self, name: str, command: tuple[str, ...], opening: bytes, monotonic: Callable[[], float]) -> None:
        self.name = name
        self._command = command
        self._opening = opening
        self._monotonic = monotonic
        self._turn = threading.Lock()
        self._process: _Process | None = None
        self._failures = 0
        self._not_before = 0.0
        self._working = False

    @property
    def state(self) -> WorkerState:
        """
        How the worker is.
        """
        process = self._process
        if process is None:
            return WorkerState(self.name, 0, "failed" if self._failures else "stopped")
        if not process.is_alive:
            return WorkerState(self.name, 0, "failed")  # replaced with the next call
        return WorkerState(self.name, process.pid, "working" if self._working else "ready")

    @property
    def is_working(self) -> bool:
        """
        Whether a call is under way.
        """
        return self._working

    def start(self) -> None:
        """
        Have a worker ready for the first call; whatever is in the way, that call meets it too.
        """
        threading.Thread(target=self._start_early, name=f"pms-{self.name}-start", daemon=True).start()

    def call(self, body: bytes, limits: Limits, *, writes: bool) -> bytes:
        """
        Return the body of the worker's result.

        Args:
            writes: A lost answer is then `OutcomeUnknown`; otherwise `Transient`.
        """
        deadline = self._monotonic() + limits.total_s
        if not self._turn.acquire(timeout=limits.total_s):
            raise Transient("pms-worker-busy", "The practice database is busy with an earlier question.")
        try:
            self._working = True
            process = self._ready(deadline)
            return self._exchange(process, Kind.CALL, body, limits.silence_s, deadline, writes=writes)
        finally:
            self._working = False
            self._turn.release()

    def renew(self, limit_s: float) -> None:
        """
        End the worker between two calls, so that the next one starts another; one that works longer than *limit_s* is left.
        """
        if self._turn.acquire(timeout=limit_s):
            try:
                process, self._process = self._process, None
                if process is not None:
                    process.end()
            finally:
                self._turn.release()

    def open_with(self, opening: bytes, limit_s: float) -> None:
        """
        Give *opening* to every worker from the next one on, and try that at once; see `renew`.
        """
        self._opening = opening
        self.renew(limit_s)
        self._failures, self._not_before = 0, 0.0

    def begin_stop(self) -> _Process | None:
        """
        Let go of the worker and return it, told to end.
        """
        process, self._process = self._process, None
        self._failures, self._not_before = 0, 0.0
        if process is not None:
            process.ask_to_end()
        return process

    def _start_early(self) -> None:
        with self._turn, suppress(FrontdeskError):
            self._working = True
            try:
                self._ready(self._monotonic() + START_S)
            finally:
                self._working = False

    def _ready(self, deadline: float) -> _Process:
        now = self._monotonic()
        if now < self._not_before:
            raise Transient(
                "pms-away",
                "The practice database did not answer a moment ago.",
                remedy="Check that the database server is running and not overloaded.",
                retry_after=timedelta(seconds=self._not_before - now),
            )
        if self._process is not None and not self._process.is_alive:
            self._process.end()
            self._process = None
        if self._process is not None:
            return self._process
        process = self._start()
        try:
            self._exchange(process, Kind.OPENING, self._opening, START_S, max(deadline, now + START_S), writes=False)
        except FrontdeskError:
            self._drop(process)
            raise
        if self._failures:
            ping = msgspec.msgpack.encode(wire.Call(operation="ping", arguments=msgspec.Raw(msgspec.msgpack.encode(()))))
            self._exchange(process, Kind.CALL, ping, PROBE_S, self._monotonic() + PROBE_S, writes=False)
        return process

    def _start(self) -> _Process:
        try:
            self._process = _Process(self.name, self._command)
        except OSError:
            raise Misconfigured(
                "pms-worker-start",
                "The program's own worker process cannot be started.",
                remedy="Install the program again, and check that no virus scanner blocks it.",
            ) from None
        log.info("PMS worker for %s started, process %d", self.name, self._process.pid)
        return self._process

    def _exchange(self, process: _Process, kind: Kind, body: bytes, silence_s: float, deadline: float, *, writes: bool) -> bytes:
        process.send(kind, body)
        while True:
            wait = max(0.0, min(silence_s, deadline - self._monotonic()))
            try:
                answer = process.answers.get(timeout=wait)
            except queue.Empty:
                self._failed(process, "does not answer")
                raise _lost("pms-hung", "The practice database did not answer in time.", writes=writes) from None
            if answer is None:
                self._failed(process, "ended by itself")
                raise _lost("pms-worker-died", "The connection to the practice database ended unexpectedly.", writes=writes)
            found, content = answer
            if found is Kind.PROGRESS:
                continue
            self._failures = 0 if kind is Kind.CALL else self._failures
            if found is Kind.FAILURE:
                raise wire.error_of(content)
            return content

    def _failed(self, process: _Process, how: str) -> None:
        if self._process is not process:
            return  # stopped by `close`, which is no failure
        self._failures += 1
        pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (self._failures - 1))
        log.warning("PMS worker for %s, process %d, %s (failure %d)", self.name, process.pid, how, self._failures)
        self._drop(process)
        self._not_before = self._monotonic() + pause

    def _drop(self, process: _Process) -> None:
        process.kill()
        process.end()
        if self._process is process:
            self._process = None


def stop_together(*lanes: Lane) -> None:
    """
    End the workers of all *lanes*, waiting for them at the same time.
    """
    for process in [lane.begin_stop() for lane in lanes]:
        if process is not None:
            process.end()


class _Process:
    # A child and the thread that talks to it: neither writing to nor reading from a stopped child ever blocks a caller.

    def __init__(self, name: str, command: tuple[str, ...]) -> None:
        self._child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            creationflags=_NO_WINDOW,
            env={name: value for name, value in os.environ.items() if not name.startswith(_OURS)},
        )
        self.pid = self._child.pid
        self.answers: queue.SimpleQueue[tuple[Kind, bytes] | None] = queue.SimpleQueue()
        self._requests: queue.SimpleQueue[tuple[Kind, bytes] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._talk, name=f"pms-{name}", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self._child.poll() is None

    def send(self, kind: Kind, body: bytes) -> None:
        self._requests.put((kind, body))

    def ask_to_end(self) -> None:
        self._requests.put(None)

    def kill(self) -> None:
        with suppress(OSError):
            self._child.kill()

    def end(self) -> None:
        self.ask_to_end()
        try:
            self._child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(STOP_S)
        self._thread.join(STOP_S)

    def _talk(self) -> None:
        stdin, stdout = self._pipe(self._child.stdin), self._pipe(self._child.stdout)
        try:
            while (request := self._requests.get()) is not None:
                wire.send(stdin, *request)
                while True:
                    answer = wire.receive(stdout)
                    self.answers.put(answer)
                    if answer[0] is not Kind.PROGRESS:
                        break
        except (OSError, EOFError, ValueError):
            pass
        finally:
            self.answers.put(None)
            for pipe in (stdin, stdout):
                with suppress(OSError):
                    pipe.close()

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        if pipe is None:
            raise OSError  # cannot be: both were asked for
        return pipe


def _lost(code: str, message: str, *, writes: bool) -> Transient:
    kind = OutcomeUnknown if writes else Transient
    return kind(code, message, remedy="Check that the database server is running and not overloaded.")
