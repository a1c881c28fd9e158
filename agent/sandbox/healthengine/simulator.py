"""
The simulator as a Python object: start it, act as patients and marketplace, ask what happened.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from types import TracebackType
from typing import Any, Self

from msgspec import to_builtins

from agent.sandbox.clock import SandboxClock
from agent.sandbox.healthengine import asking, control, openings, timing
from agent.sandbox.healthengine.acting import Acting
from agent.sandbox.healthengine.config import SimulatorConfig
from agent.sandbox.healthengine.dispatch import Dispatcher, Request, Response
from agent.sandbox.healthengine.openings import Opening
from agent.sandbox.healthengine.records import Answer, BookingRecord, CallRecord, Kind, Violation
from agent.sandbox.healthengine.routes import BASE_PATH
from agent.sandbox.healthengine.server import SimulatorServer
from agent.sandbox.healthengine.verdict import Verdict, judge

_LOOK_AGAIN = 0.02
"""Real seconds after which `wait_for` asks again without being woken: time alone may make its predicate true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingAnswer:
    """
    What the agent said to a booking; *seconds* of simulator time after it was made.
    """

    answer: Answer
    at: datetime
    seconds: float
    appointment_ids: tuple[str, ...]
    patient_id: str | None


class Simulator(Acting):
    """
    Healthengine's side of the wire, on loopback. Safe to call from several threads.

    Args:
        config: Practices, keys and readings.
        clock: Simulator time; share it with the engine under test.
    """

    def __init__(self, config: SimulatorConfig, clock: SandboxClock | None = None) -> None:
        super().__init__(config, clock or SandboxClock())
        self._dispatcher = Dispatcher(self._world, self._faults)
        self._stopping = threading.Event()
        self._server: SimulatorServer | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> str:
        """
        Listen, and return the base URL that the agent is to be given.

        Raises:
            OSError: if the port is taken.
        """
        self._stopping.clear()
        self._server = SimulatorServer(self._world, self._answer, self._stopping)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="healthengine-simulator", daemon=True
        )
        self._thread.start()
        return self.base_url

    def stop(self) -> None:
        """
        Stop listening and end every connection; the state stays readable, and `start` listens again.
        """
        server, thread = self._server, self._thread
        if server is None or thread is None:
            return
        self._stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()
        server.end_connections()
        self._server = self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def root_url(self) -> str:
        """
        The address of the server itself.

        Raises:
            RuntimeError: if it is not running.
        """
        if self._server is None:
            raise RuntimeError("the simulator is not running")
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    @property
    def base_url(self) -> str:
        """
        The address below which the definition's paths are.
        """
        return self.root_url + BASE_PATH

    def tell(self, listener: Callable[[CallRecord], None]) -> None:
        """
        Call *listener* with each call once it is processed and before its answer is sent, by the thread that answers it.
        """
        self._dispatcher.on_call = listener

    def _answer(self, request: Request) -> Response:
        if request.path.startswith(control.PATH):
            return control.answer(self, request)
        return self._dispatcher.answer(request)

    def booking(self, booking_id: int) -> BookingRecord:
        """
        Return a copy of a booking.

        Raises:
            KeyError: if there is no such booking.
        """
        with self._world.changed:
            return dataclasses.replace(self._world.booking(booking_id))

    def bookings(self, practice_id: str | None = None) -> list[BookingRecord]:
        """
        Return copies of every booking, oldest first.
        """
        with self._world.changed:
            return [dataclasses.replace(row) for row in self._world.practice(practice_id).bookings.values()]

    def answer_of(self, booking_id: int) -> BookingAnswer | None:
        """
        Return what the agent said to a booking, or None.

        Raises:
            KeyError: if there is no such booking.
        """
        booking = self.booking(booking_id)
        if booking.answer is None or booking.answered_at is None:
            return None
        return BookingAnswer(
            answer=booking.answer,
            at=booking.answered_at,
            seconds=(booking.answered_at - booking.booked_at).total_seconds(),
            appointment_ids=booking.answer_ids,
            patient_id=booking.answer_patient,
        )

    def openings(
        self, practice_id: str | None = None, *, resource_id: str | None = None, day: date | None = None
    ) -> list[Opening]:
        """
        Return what patients are offered now; nothing while the practice is unhealthy.
        """
        with self._world.changed:
            practice = self._world.practice(practice_id)
            return list(openings.openings(self._world, practice, resource_id=resource_id, day=day))

    def some_openings(self, practice_id: str | None, choose: Random, *, within: timedelta) -> list[Opening]:
        """
        Return what one resource offers on one day, both chosen at random, or nothing if that day happens to be full.

        Going through everything takes long in a large practice; a patient looks at one page at a time.
        """
        with self._world.changed:
            practice = self._world.practice(practice_id)
            last = practice.local(self._world.now() + within).date()
            keys = [key for key, day in practice.published.items() if day.ranges and key[1] <= last]
            if not keys:
                return []
            resource_id, day = choose.choice(keys)
            return list(openings.openings(self._world, practice, resource_id=resource_id, day=day))

    def published(self, practice_id: str | None = None) -> dict[tuple[str, date], list[dict[str, Any]]]:
        """
        Return the ranges that stand for each resource and day, under the definition's names.
        """
        with self._world.changed:
            rows = self._world.practice(practice_id).published
            return {key: [to_builtins(row) for row in day.ranges] for key, day in rows.items()}

    def configuration(self, practice_id: str | None = None) -> dict[str, Any]:
        """
        Return the resources, types and contract that stand, under the definition's names, and how often they came.
        """
        with self._world.changed:
            practice = self._world.practice(practice_id)
            return {
                "resources": [to_builtins(row) for row in practice.resources.values()],
                "types": [to_builtins(row) for row in practice.types.values()],
                "contract": practice.contract,
                "resources_sent": practice.resources_sent,
                "types_sent": practice.types_sent,
            }

    def outstanding(self, practice_id: str | None = None) -> list[Kind]:
        """
        Return the kinds of request that wait.
        """
        with self._world.changed:
            return asking.outstanding(self._world.practice(practice_id))

    def hidden(self, practice_id: str | None = None) -> tuple[str, ...]:
        """
        Return why the practice's times are hidden now; nothing if they are shown.
        """
        with self._world.changed:
            return timing.health(self._world, self._world.practice(practice_id), self._world.now())

    def practice_ids(self) -> list[str]:
        """
        Return the ids of all practices.
        """
        return list(self._world.practices)

    @property
    def violations(self) -> list[Violation]:
        """
        What was done wrong so far, judged up to now.
        """
        return list(self.verdict().violations)

    @property
    def requests_log(self) -> list[CallRecord]:
        """
        The calls so far, oldest first; only the latest are kept.
        """
        with self._world.changed:
            return list(self._world.requests_log)

    def calls(self, operation: str, practice_id: str | None = None) -> list[CallRecord]:
        """
        Return the calls of one operation, oldest first.
        """
        rows = self.requests_log
        return [r for r in rows if r.operation == operation and practice_id in (None, r.practice_id)]

    def verdict(self) -> Verdict:
        """
        Take stock.
        """
        with self._world.changed:
            return judge(self._world)

    def wait_for(self, predicate: Callable[[Simulator], bool], timeout: float) -> bool:
        """
        Wait until *predicate* holds, at most *timeout* real seconds; False if it never did.
        """
        limit = time.monotonic() + timeout
        with self._world.changed:
            while not predicate(self):
                left = limit - time.monotonic()
                if left <= 0:
                    return False
                self._world.changed.wait(min(left, _LOOK_AGAIN))
            return True
