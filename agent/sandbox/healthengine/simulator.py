"""
The simulator as a Python object: start it, act as patients and marketplace, ask what happened.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from types import TracebackType
from typing import Any, Self

from msgspec import to_builtins

from agent.sandbox.clock import SandboxClock
from agent.sandbox.healthengine import asking, control, openings, timing
from agent.sandbox.healthengine.config import EarlyCancel, SimulatorConfig
from agent.sandbox.healthengine.dispatch import Dispatcher, Request, Response
from agent.sandbox.healthengine.extras import error_row
from agent.sandbox.healthengine.faults import Fault, Faults
from agent.sandbox.healthengine.openings import Opening
from agent.sandbox.healthengine.routes import BASE_PATH
from agent.sandbox.healthengine.server import SimulatorServer
from agent.sandbox.healthengine.state import (
    Answer,
    AttachDocument,
    BookingRecord,
    CallRecord,
    ChangeAsk,
    DocumentAsk,
    Kind,
    Violation,
    World,
)
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


class Simulator:
    """
    Healthengine's side of the wire, on loopback. Safe to call from several threads.

    Args:
        config: Practices, keys and readings.
        clock: Simulator time; share it with the engine under test.
    """

    def __init__(self, config: SimulatorConfig, clock: SandboxClock | None = None) -> None:
        self.config = config
        self.clock = clock or SandboxClock()
        self._world = World(config, self.clock)
        self._faults = Faults()
        self._dispatcher = Dispatcher(self._world, self._faults)
        self._stopping = threading.Event()
        self._server: SimulatorServer | None = None
        self._thread: threading.Thread | None = None

    # --- running

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

    def _answer(self, request: Request) -> Response:
        if request.path.startswith(control.PATH):
            return control.answer(self, request)
        return self._dispatcher.answer(request)

    # --- acting as a patient

    def book(
        self,
        practice_id: str | None,
        resource_id: str | None,
        start: datetime,
        type_id: str | None,
        person: Mapping[str, str | None],
        *,
        seconds: int | None = None,
        reason: str = "",
        comments: str = "",
        is_new_patient: bool = False,
        telehealth_url: str | None = None,
        appointment_ids: Sequence[str] = (),
        patient_id: str | None = None,
        booked_at: datetime | None = None,
    ) -> int:
        """
        Make a booking as a test wants it, whether or not the time is offered, and return its id.

        Args:
            practice_id: None: the first practice.
            start: Local and naive.
            person: The patient under the definition's names (`firstname`, `lastname`, `dob` as DD-MM-YYYY, ...).
            seconds: By default the appointment type's length, else the configured one.
            appointment_ids, patient_id: Ids of an earlier answer, sent along.
            booked_at: By default the present; earlier for one that has been waiting.
        """
        with self._world.changed:
            practice = self._world.practice(practice_id)
            kind = practice.types.get(type_id) if type_id is not None else None
            slot = int(self.config.own_length.total_seconds())
            booking = BookingRecord(
                id=self._world.next_booking_id(),
                practice_id=practice.id,
                resource_id=resource_id,
                type_id=type_id,
                booked_at=self._world.now() if booked_at is None else booked_at,
                start=start,
                seconds=openings.length_of(self._world, kind, slot) if seconds is None else seconds,
                person=dict(person),
                reason=reason,
                comments=comments,
                telehealth_url=telehealth_url,
                is_new_patient=is_new_patient,
                given_ids=tuple(appointment_ids),
                given_patient=patient_id,
            )
            self._world.add_booking(practice, booking)
            return booking.id

    def book_opening(
        self, opening: Opening, person: Mapping[str, str | None], *, reason: str = "", is_new_patient: bool = False
    ) -> int | None:
        """
        Book what is offered, or return None if it no longer is.
        """
        with self._world.changed:
            practice = self._world.practice(opening.practice_id)
            if not openings.is_open(self._world, practice, opening):
                return None
            return self.book(
                opening.practice_id,
                opening.resource_id,
                opening.start,
                opening.type_id,
                person,
                seconds=opening.seconds,
                reason=reason,
                is_new_patient=is_new_patient,
            )

    def add_earlier_booking(
        self,
        practice_id: str | None,
        resource_id: str,
        start: datetime,
        *,
        appointment_ids: Sequence[str],
        patient_id: str,
        seconds: int = 900,
    ) -> int:
        """
        Let there be a booking that an earlier integration confirmed (L5), and return its id.
        """
        with self._world.changed:
            practice = self._world.practice(practice_id)
            booking = BookingRecord(
                id=self._world.next_booking_id(),
                practice_id=practice.id,
                resource_id=resource_id,
                type_id=None,
                booked_at=self._world.now() - timedelta(days=1),
                start=start,
                seconds=seconds,
                person={},
                given_ids=tuple(appointment_ids),
                given_patient=patient_id,
                listed=False,
                asked=False,
                answer=Answer.CONFIRMED,
            )
            self._world.add_booking(practice, booking)
            return booking.id

    def cancel(self, booking_id: int) -> bool:
        """
        Cancel a booking as its patient; False if it no longer stands.

        Raises:
            KeyError: if there is no such booking.
        """
        with self._world.changed:
            booking = self._world.booking(booking_id)
            if not booking.stands:
                return False
            booking.cancelled_at = self._world.now()
            early = self.config.early_cancel if booking.listed else None
            if early is EarlyCancel.VANISHES:
                booking.listed = False
            if early is not EarlyCancel.STAYS:
                self._world.add_update(self._world.practice(booking.practice_id), booking_id, "Cancelled")
            self._world.touch()
            return True

    # --- acting as the marketplace

    def request_update(self, booking_id: int, status: str = "Confirmed", practice_id: str | None = None) -> int:
        """
        Want a change that need not be a cancellation, of a booking that need not be known; return the request id.
        """
        with self._world.changed:
            return self._world.add_update(self._world.practice(practice_id), booking_id, status).request_id

    def request_availability(self, day: date, resource_id: str | None = None, practice_id: str | None = None) -> None:
        """
        Want a day again, for one resource or for all.
        """
        with self._world.changed:
            self._world.ask_availability(self._world.practice(practice_id), day, resource_id)

    def request_resources(self, practice_id: str | None = None) -> None:
        """
        Want the resource snapshot again.
        """
        with self._world.changed:
            self._world.practice(practice_id).resources_wanted = True
            self._world.touch()

    def request_types(self, practice_id: str | None = None) -> None:
        """
        Want the appointment type snapshot again.
        """
        with self._world.changed:
            self._world.practice(practice_id).types_wanted = True
            self._world.touch()

    def request_changes(self, booking_id: int, practice_id: str | None = None) -> None:
        """
        Want to know what became of a booking; one that nobody knows may be asked about too.
        """
        with self._world.changed:
            practice = self._world.practice(practice_id)
            booking = practice.bookings.get(booking_id)
            practice.change_asks[booking_id] = ChangeAsk(
                booking_id=booking_id,
                ids=booking.ids if booking else (),
                patient_id=booking.patient_id if booking else None,
                asked_at=self._world.now(),
            )
            self._world.touch()

    def request_documents(self, booking_id: int, document_id: str | None = None, practice_id: str | None = None) -> None:
        """
        Want the list of a booking's documents, or one of them.
        """
        with self._world.changed:
            practice = self._world.practice(practice_id)
            booking = practice.bookings.get(booking_id)
            ids, patient = (booking.ids, booking.patient_id) if booking else ((), None)
            practice.document_asks.append(
                DocumentAsk(booking_id=booking_id, ids=ids, patient_id=patient, document_id=document_id)
            )
            self._world.touch()

    def request_client_snapshot(self, day: date, date_type: str = "appt_datetime", practice_id: str | None = None) -> None:
        """
        Want the client snapshot of a day.
        """
        with self._world.changed:
            self._world.practice(practice_id).client_asks.append((day, date_type))
            self._world.touch()

    def attach_document(self, patient_id: str, content: bytes, name: str = "Form", practice_id: str | None = None) -> int:
        """
        Have a document for the PMS; return its request id.
        """
        with self._world.changed:
            request_id = self._world.next_request_id()
            self._world.practice(practice_id).attach[request_id] = AttachDocument(
                request_id=request_id, pmsPatientId=patient_id, content=content, name=name, created_at=self._world.now()
            )
            self._world.touch()
            return request_id

    def add_subscription_error(self, subscription_id: str, practice_id: str | None = None) -> None:
        """
        Let a callback have failed.

        Raises:
            KeyError: if there is no such subscription.
        """
        with self._world.changed:
            practice = self._world.practice(practice_id)
            attempt = 1 + len(practice.subscription_errors)
            row = practice.subscriptions[subscription_id]
            practice.subscription_errors.append(error_row(self._world.now(), subscription_id, row, attempt))

    def set_consent(self, practice_id: str | None, *, given: bool) -> None:
        """
        Let the practice give or revoke its consent (L2).
        """
        with self._world.changed:
            self._world.practice(practice_id).consent = given
            self._world.touch()

    def expect_alive(self, practice_id: str | None, *, alive: bool) -> None:
        """
        Say whether silence is the agent's fault; a test that stops it on purpose says no first.
        """
        with self._world.changed:
            timing.expect_alive(self._world, self._world.practice(practice_id), alive=alive)

    def add_fault(self, fault: Fault) -> None:
        """
        Let something go wrong from now on.
        """
        self._faults.add(fault, self._world.now())

    def clear_faults(self) -> int:
        """
        Let nothing more go wrong; return how many faults were still waiting.
        """
        return self._faults.clear()

    # --- asking what happened

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
