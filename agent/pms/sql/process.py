"""
The PMS port over child processes: one worker for reads and one for bookings.

An ODBC driver that hangs can be stopped in no other way: a worker that does not answer in time is killed and replaced.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

from agent.domain.booking import BookRequest, BookResult, CancelResult, FoundBooking
from agent.domain.carrying import AppointmentLinks
from agent.domain.days import DateRange
from agent.domain.diary import Appointment, Diary, Location, PmsIdentity, PmsType, Practitioner
from agent.domain.errors import Misconfigured
from agent.domain.masked import Secret
from agent.domain.patients import PatientDetails, PmsPatient
from agent.domain.tasks import Notice
from agent.pms.sql import wire
from agent.pms.sql.lane import Lane, Limits, WorkerState, stop_together
from agent.pms.sql.profile import load_profile
from agent.ports.pms import Capabilities, CheckLine

WORKER_COMMAND = (sys.executable, "-m", "agent", "pms-worker")
"""How a worker is started from a checkout; the frozen program gives its own."""

ROWS = Limits(silence_s=20, total_s=20)
DIARY = Limits(silence_s=20, total_s=60)
BOOKING = Limits(silence_s=5, total_s=7)
"""The silence is also the longest that the desk waits for a row which a frozen worker holds."""

IDENTITY = Limits(silence_s=5, total_s=5)
"""Short: a booking may have to wait for it."""

RENEW_S = 2.0
"""How long a new password waits for a call under way; one that hangs is ended by its own limits."""


class WorkerPms:
    """
    A practice database behind two child processes (implements `agent.ports.pms.Pms`).

    Safe to call from several threads; calls to one worker are made one after another, and waiting for the turn counts against
    the call's time. Children are started when first needed.

    Args:
        profile_folders: As for `load_profile`.
        carrier: `odbc` or `sqlite`.
        connection: What the carrier connects to, without the password.
        worker_command: Starts a process that calls `agent.pms.sql.worker.main`.
        read_only: The database is only to be read, whatever the profile promises.
        api_url, api_keys: The vendor's API, for a profile that has one; without an address reception enters what is booked.

    Raises:
        Misconfigured: if the profile is wrong, or has no API and is given one.
    """

    def __init__(
        self,
        profile_folders: Sequence[Path],
        carrier: str,
        connection: str,
        password: Secret | None = None,
        worker_command: Sequence[str] = WORKER_COMMAND,
        *,
        read_only: bool = False,
        api_url: str = "",
        api_keys: Secret | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        rows: Limits = ROWS,
        diary: Limits = DIARY,
        booking: Limits = BOOKING,
        identity: Limits = IDENTITY,
    ) -> None:
        profile = load_profile(*profile_folders)
        if api_url and not profile.api:
            raise Misconfigured(
                "pms-api-url", f"The profile {profile.name} writes through no API.", remedy="Take api_url out of [pms]."
            )
        if read_only:
            profile = profile.read_only()
        elif api_url and profile.api:
            profile = profile.over_api()
        self._capabilities = profile.capabilities
        self._password, self._api_keys = password, api_keys
        self._opening = wire.Opening(
            folders=tuple(str(folder) for folder in profile_folders),
            carrier=carrier,
            connection=connection,
            password=None,
            read_only=read_only,
            api_url=api_url,
        )
        opening = self._opened()
        self._rows, self._diary, self._booking, self._identity = rows, diary, booking, identity
        self._reads = Lane("reads", tuple(worker_command), opening, monotonic)
        self._bookings = Lane("bookings", tuple(worker_command), opening, monotonic)

    @property
    def capabilities(self) -> Capabilities:
        """
        What the profile promises, less all that writes if the database is only to be read.
        """
        return self._capabilities

    @property
    def workers(self) -> tuple[WorkerState, ...]:
        """
        The two workers, for the status window.
        """
        return (self._reads.state, self._bookings.state)

    def start(self) -> None:
        """
        Start both workers now, so that the first patient does not wait for it. The database is not asked yet.
        """
        for lane in (self._reads, self._bookings):
            lane.start()

    def use_password(self, password: Secret | None) -> None:
        """
        Log in with *password* from now on: over new connections, once what is under way has ended or has taken too long.
        """
        self._password = password
        self._renew()

    def use_api_keys(self, keys: Secret | None) -> None:
        """
        Call the vendor's API with *keys* from now on, as `use_password` does.
        """
        self._api_keys = keys
        self._renew()

    def _renew(self) -> None:
        opening = self._opened()
        for lane in (self._reads, self._bookings):
            lane.open_with(opening, RENEW_S)

    def _opened(self) -> bytes:
        password, keys = (None if secret is None else secret.reveal() for secret in (self._password, self._api_keys))
        return msgspec.msgpack.encode(msgspec.structs.replace(self._opening, password=password, api_keys=keys))

    def identity(self) -> PmsIdentity:
        """
        Return which database this is.
        """
        return self._call(self._reads, self._identity, "identity")  # type: ignore[no-any-return]  # `wire.RESULTS` says what comes back, here and below

    def engine_lock(self) -> None:
        """
        Make sure that this engine has the database's named lock; held by the booking worker.
        """
        self._book("engine_lock")

    def check(self) -> Sequence[CheckLine]:
        """
        Try every read operation.
        """
        return self._call(self._reads, self._diary, "check")  # type: ignore[no-any-return]

    def locations(self) -> Sequence[Location]:
        """
        Return every place.
        """
        return self._read("locations")  # type: ignore[no-any-return]

    def practitioners(self) -> Sequence[Practitioner]:
        """
        Return everyone who can be booked.
        """
        return self._read("practitioners")  # type: ignore[no-any-return]

    def appointment_types(self) -> Sequence[PmsType]:
        """
        Return every appointment type in use.
        """
        return self._read("appointment_types")  # type: ignore[no-any-return]

    def markers(self, window: DateRange) -> Mapping[date, str]:
        """
        Return a fingerprint for every date.
        """
        return self._read("markers", window)  # type: ignore[no-any-return]

    def diary(self, window: DateRange) -> Diary:
        """
        Return the diary, read between two equal markers.
        """
        return self._call(self._reads, self._diary, "diary_rows", window).diary()  # type: ignore[no-any-return]

    def find_patients(self, people: Sequence[PatientDetails]) -> Sequence[Sequence[PmsPatient]]:
        """
        Return for each of *people* the records that might be this person; asked of the booking worker, so that no large read
        delays a booking, unless that one has something to do and the other has not.
        """
        lane = self._reads if self._bookings.is_working and not self._reads.is_working else self._bookings
        return self._call(lane, self._booking, "find_patients", list(people))  # type: ignore[no-any-return]

    def patients(self, ids: Sequence[str]) -> Sequence[PmsPatient]:
        """
        Return the records with these ids.
        """
        return self._read("patients", list(ids))  # type: ignore[no-any-return]

    def book(self, request: BookRequest) -> BookResult:
        """
        Put one booking in, once.

        Raises:
            OutcomeUnknown: `pms-hung` or `pms-worker-died`, if the worker was lost meanwhile.
        """
        return self.book_all([request])[0]

    def book_all(self, requests: Sequence[BookRequest]) -> Sequence[BookResult]:
        """
        Put several bookings in, in one transaction.

        Raises:
            OutcomeUnknown: as `book`.
        """
        return self._book("book_all", list(requests))  # type: ignore[no-any-return]

    def find_booked(self, booking_id: int) -> FoundBooking:
        """
        Return what there is of a booking.
        """
        return self._book("find_booked", booking_id)  # type: ignore[no-any-return]

    def cancel(self, appointment_id: str, *, patient_id: str, start: datetime, after: datetime) -> CancelResult:
        """
        Cancel an appointment that still is as expected.

        Raises:
            OutcomeUnknown: as `book`.
        """
        return self._book("cancel", appointment_id, patient_id, start, after)  # type: ignore[no-any-return]

    def states(self, ids: Sequence[str]) -> Mapping[str, Appointment]:
        """
        Return where each appointment is now.
        """
        return self._read("states", list(ids))  # type: ignore[no-any-return]

    def appointments_of(self, patient_id: str, since: datetime) -> Sequence[Appointment]:
        """
        Return a patient's appointments from *since* on.
        """
        return self._read("appointments_of", patient_id, since)  # type: ignore[no-any-return]

    def leave_message(self, notice: Notice, subject: str, text: str) -> None:
        """
        Put a message about a task there.

        Raises:
            OutcomeUnknown: as `book`.
        """
        self._book("leave_message", notice, subject, text)

    def renew(self) -> None:
        """
        Read through a new worker, and so over a new connection, from the next reading on; bookings are not disturbed.
        """
        self._reads.renew(self._rows.total_s)

    def links(self, appointment_ids: Sequence[str]) -> AppointmentLinks:
        """
        Return the telehealth links of an appointment; asked of the booking worker, because a patient waits for them.
        """
        return self._book("links", list(appointment_ids))  # type: ignore[no-any-return]

    def close(self) -> None:
        """
        End both workers, within two seconds; a later call starts them again.
        """
        stop_together(self._reads, self._bookings)

    def _read(self, operation: str, *arguments: object) -> Any:
        return self._call(self._reads, self._rows, operation, *arguments)

    def _book(self, operation: str, *arguments: object) -> Any:
        return self._call(self._bookings, self._booking, operation, *arguments)

    def _call(self, lane: Lane, limits: Limits, operation: str, *arguments: object) -> Any:
        call = wire.Call(operation=operation, arguments=msgspec.Raw(msgspec.msgpack.encode(arguments)))
        body = lane.call(msgspec.msgpack.encode(call), limits, writes=operation in wire.WRITES)
        return wire.value_of(operation, body)
