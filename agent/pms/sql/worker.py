"""
The child process: one SQL PMS behind a pair of pipes.

A thread of its own reads the requests. When the engine has gone it sees the end of the pipe and ends the process, even while a
driver hangs in the main thread (pyodbc lets other threads run meanwhile); whatever was not committed is then undone by the
database.
"""

from __future__ import annotations

import gc
import os
import queue
import signal
import threading
import time
from pathlib import Path

import msgspec

from agent.domain.errors import ContractBroken, FrontdeskError, OutcomeUnknown
from agent.domain.masked import Secret
from agent.pms.sql import wire
from agent.pms.sql.apis.registry import open_api
from agent.pms.sql.carriers.registry import connector
from agent.pms.sql.pms import SqlPms
from agent.pms.sql.profile import load_profile
from agent.pms.sql.wire import Kind

PROGRESS_S = 0.5
"""How often, at most, the engine is told that work goes on."""

GRACE_S = 1.0
"""How long a call may go on when the engine has gone."""


def main(stdin: wire.Reading, stdout: wire.Writing) -> int:
    """
    Serve the engine until its pipe ends.

    To be called in the main thread of a process of its own.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a console is for the engine, which ends us in its own order
    requests: queue.SimpleQueue[tuple[Kind, bytes] | None] = queue.SimpleQueue()
    finished = threading.Event()
    threading.Thread(target=_watch, args=(stdin, requests, finished), name="pms-watch", daemon=True).start()
    gc.disable()  # hundreds of thousands of rows make no cycles; what does is collected between calls
    served: _Served | None = None
    try:
        while (request := requests.get()) is not None:
            kind, body = request
            if kind is Kind.OPENING:
                served = _open(stdout, body)
                gc.collect()
                gc.freeze()  # what is loaded now stays: the collections after each call need not look at it again
            elif kind is Kind.CALL and served is not None:
                served.answer(body)
            gc.collect()
    except OSError:
        return 1  # nobody reads any more
    finally:
        if served is not None:
            served.pms.close()
        finished.set()
    return 0


class _Served:
    def __init__(self, stdout: wire.Writing, opening: wire.Opening) -> None:
        profile = load_profile(*(Path(folder) for folder in opening.folders))
        if opening.read_only:
            profile = profile.read_only()
        password = None if opening.password is None else Secret(opening.password)
        connect = connector(profile, opening.carrier, opening.connection, password)
        has_api = bool(profile.api and opening.api_url and not opening.read_only)
        api = open_api(profile.api, opening.api_url, Secret(opening.api_keys or "")) if has_api else None
        self.pms = SqlPms(profile, connect, progress=self._progress, api=api, is_engine=True)
        self._stdout = stdout
        self._told = time.monotonic()

    def answer(self, body: bytes) -> None:
        call = msgspec.msgpack.decode(body, type=wire.Call)
        arguments = msgspec.msgpack.decode(call.arguments, type=wire.ARGUMENTS[call.operation])
        try:
            value = self._perform(call.operation, arguments)
            wire.send(self._stdout, Kind.RESULT, wire.result(call.operation, value))
        except FrontdeskError as error:
            _fail(self._stdout, error)
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001  # the top level of a process: the engine has to be told, without the text
            _fail(self._stdout, _defect(error, writes=call.operation in wire.WRITES))

    def _perform(self, operation: str, arguments: tuple[object, ...]) -> object:
        if operation == "cancel":
            appointment_id, patient_id, start, after = arguments
            return self.pms.cancel(appointment_id, patient_id=patient_id, start=start, after=after)  # type: ignore[arg-type]  # decoded as such
        return getattr(self.pms, operation)(*arguments)

    def _progress(self) -> None:
        now = time.monotonic()
        if now - self._told >= PROGRESS_S:
            self._told = now
            wire.send(self._stdout, Kind.PROGRESS, b"")


def _open(stdout: wire.Writing, body: bytes) -> _Served | None:
    try:
        served = _Served(stdout, msgspec.msgpack.decode(body, type=wire.Opening))
    except FrontdeskError as error:
        _fail(stdout, error)
        return None
    wire.send(stdout, Kind.RESULT, wire.result("ping", None))
    return served


def _watch(stdin: wire.Reading, requests: queue.SimpleQueue[tuple[Kind, bytes] | None], finished: threading.Event) -> None:
    try:
        while True:
            requests.put(wire.receive(stdin))
    except (EOFError, OSError, ValueError):
        requests.put(None)
    if not finished.wait(GRACE_S):
        os._exit(1)


def _fail(stdout: wire.Writing, error: FrontdeskError) -> None:
    wire.send(stdout, Kind.FAILURE, msgspec.msgpack.encode(wire.failure(error)))


def _defect(error: Exception, *, writes: bool) -> FrontdeskError:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{Path(trace.tb_frame.f_code.co_filename).name}, line {trace.tb_lineno}" if trace else "an unknown place"
    kind = OutcomeUnknown if writes else ContractBroken
    return kind("pms-defect", f"The program met something it does not handle ({type(error).__name__} in {where}).")
