"""
The PMS port over a profile and a carrier, in this process. `agent.pms.sql.process` puts it into child processes.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from itertools import repeat
from typing import TypeVar

from agent.domain.booking import BookRequest, BookResult, CancelResult, FoundBooking
from agent.domain.carrying import NO_LINKS, AppointmentLinks
from agent.domain.days import DateRange
from agent.domain.diary import Appointment, Diary, Leave, Location, PmsIdentity, PmsType, Practitioner, Session
from agent.domain.errors import AuthRequired, FrontdeskError, Transient
from agent.domain.patients import PatientDetails, PmsPatient
from agent.domain.tasks import Notice
from agent.pms.sql.apis import Api
from agent.pms.sql.booking import Bookings
from agent.pms.sql.carriers import Access, Carrier, ConnectionLost, Connector
from agent.pms.sql.messages import leave_message
from agent.pms.sql.normalise import BadValue
from agent.pms.sql.profile import FreeTime, Profile
from agent.pms.sql.queries import Queries
from agent.pms.sql.rows import AppointmentColumns, AppointmentRow, LeaveRow, SessionRow
from agent.ports.pms import MAY_NOT_WRITE, Capabilities, CheckLine

T = TypeVar("T")
Row = TypeVar("Row", Session, Appointment)

READINGS = 3
"""How often a diary that changes while it is read is read."""

MAY_WRITE = "may_write"

GIVE_RIGHTS = "Give the login the right to write, or set read_only = true under [pms]; until then reception enters bookings."

_NO_APPOINTMENTS: AppointmentColumns = ([], [], [], [], [], [], [], [], [])


@dataclass(frozen=True, slots=True)
class DiaryRows:
    """
    A diary before its rows are made objects: what crosses from a worker.
    """

    markers: dict[date, str]
    sessions: list[SessionRow]
    appointments: AppointmentColumns
    slots_are_free: bool
    leave: list[LeaveRow]

    def diary(self) -> Diary:
        """
        Return the objects.
        """
        return Diary(
            markers=self.markers,
            sessions=_built(Session, list(zip(*self.sessions, strict=True))),
            appointments=_built(Appointment, self.appointments),
            slots_are_free=self.slots_are_free,
            leave=tuple(Leave(practitioner_id=who, date=day, start=start, end=end) for who, day, start, end in self.leave),
        )


def _built(kind: type[Row], columns: Sequence[Sequence[object]]) -> tuple[Row, ...]:
    # Frozen objects are made by their slots, column by column: five times as fast as calling the class for each row.
    if not columns:
        return ()
    made = tuple(map(object.__new__, repeat(kind, len(columns[0]))))
    for field, column in zip(fields(kind), columns, strict=True):
        deque(map(getattr(kind, field.name).__set__, made, column), maxlen=0)
    return made


def appointment(row: AppointmentRow) -> Appointment:
    """
    Return one row as an object.
    """
    i, p, w, start, minutes, patient, kind, state, reference = row
    return Appointment(
        id=i,
        practitioner_id=p,
        location_id=w,
        start=start,
        minutes=minutes,
        patient_id=patient,
        type_id=kind,
        state=state,
        reference=reference,
    )


def _nothing(_carrier: Carrier) -> None:
    """
    Nothing has to come first.
    """


class SqlPms:
    """
    A practice database (implements `agent.ports.pms.Pms`).

    Safe to call from several threads; reads wait for reads and bookings for bookings, each on a connection of its own.

    Args:
        connector: Opens connections.
        now: The present, aware UTC.
        progress: Called after each statement.
        api: What writes in place of the profile's SQL, where the practice has configured it.
        is_engine: It writes only over connections that hold the database's lock for one engine, where the profile has one.
    """

    def __init__(
        self,
        profile: Profile,
        connector: Connector,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        progress: Callable[[], None] = lambda: None,
        api: Api | None = None,
        is_engine: bool = False,
    ) -> None:
        self._api = api
        self._profile = profile if api is None else profile.over_api()
        self._now = now
        self._queries = Queries(self._profile, progress)
        self._bookings = Bookings(self._queries, now, api)
        self._reads = _Link(connector, Access.READ)
        must_lock = is_engine and profile.has("engine_lock")
        # Where nothing is written, not even the connection allows it.
        access = Access.WRITE if profile.writes and api is None else Access.READ
        self._writes = _Link(connector, access, first=self._bookings.lock_out_others if must_lock else _nothing)

    @property
    def capabilities(self) -> Capabilities:
        """
        What the profile promises.
        """
        return self._profile.capabilities

    def ping(self) -> None:
        """
        Reach the database.
        """
        self._reads.use(lambda _: None)

    def identity(self) -> PmsIdentity:
        """
        Return which database this is.
        """
        return self._reads.use(self._queries.identity)

    def engine_lock(self) -> None:
        """
        Make sure that no other engine works with this database.
        """
        self._writes.use(self._bookings.lock_out_others)

    def check(self) -> Sequence[CheckLine]:
        """
        Try every read operation, and whether the login may write what the profile writes; nothing is changed.
        """
        self.ping()
        lines = [self._check(name, self._reads, read) for name, read in self._trials().items() if self._profile.has(name)]
        if self._profile.writes and self._profile.has(MAY_WRITE):
            lines.append(self._check(MAY_WRITE, self._writes, self._bookings.try_writing))
        if (api := self._api) is not None:
            lines.append(self._check("api", self._reads, lambda _: range(api.check())))
        return lines

    def locations(self) -> Sequence[Location]:
        """
        Return every place.
        """
        return self._reads.use(self._queries.locations)

    def practitioners(self) -> Sequence[Practitioner]:
        """
        Return everyone who can be booked.
        """
        return self._reads.use(self._queries.practitioners)

    def appointment_types(self) -> Sequence[PmsType]:
        """
        Return every appointment type in use.
        """
        return self._reads.use(self._queries.appointment_types)

    def markers(self, window: DateRange) -> Mapping[date, str]:
        """
        Return a fingerprint for every date.
        """
        return self._reads.use(lambda carrier: self._queries.markers(carrier, window))

    def diary(self, window: DateRange) -> Diary:
        """
        Return the diary, read between two equal markers.
        """
        return self.diary_rows(window).diary()

    def diary_rows(self, window: DateRange) -> DiaryRows:
        """
        Return the diary's rows.

        Raises:
            Transient: `pms-torn-read`.
        """
        return self._reads.use(lambda carrier: self._diary_rows(carrier, window))

    def find_patients(self, people: Sequence[PatientDetails]) -> Sequence[Sequence[PmsPatient]]:
        """
        Return for each of *people* the records that might be this person.
        """
        return self._reads.use(lambda carrier: self._queries.find_patients(carrier, people))

    def patients(self, ids: Sequence[str]) -> Sequence[PmsPatient]:
        """
        Return the records with these ids.
        """
        return self._reads.use(lambda carrier: self._queries.patients(carrier, ids))

    def book(self, request: BookRequest) -> BookResult:
        """
        Put one booking in, once.
        """
        return self.book_all([request])[0]

    def book_all(self, requests: Sequence[BookRequest]) -> Sequence[BookResult]:
        """
        Put several bookings in, in one transaction.
        """
        return self._writes.use(lambda carrier: self._bookings.book(carrier, requests))

    def find_booked(self, booking_id: int) -> FoundBooking:
        """
        Return what there is of a booking.
        """
        return self._writes.use(lambda carrier: self._bookings.find(carrier, booking_id))

    def cancel(self, appointment_id: str, *, patient_id: str, start: datetime, after: datetime) -> CancelResult:
        """
        Cancel an appointment that still is as expected.
        """
        return self._writes.use(
            lambda carrier: self._bookings.cancel(carrier, appointment_id, patient_id=patient_id, start=start, after=after)
        )

    def states(self, ids: Sequence[str]) -> Mapping[str, Appointment]:
        """
        Return where each appointment is now.
        """
        return {row[0]: appointment(row) for row in self._reads.use(lambda carrier: self._queries.states(carrier, ids))}

    def appointments_of(self, patient_id: str, since: datetime) -> Sequence[Appointment]:
        """
        Return a patient's appointments from *since* on.
        """
        rows = self._reads.use(lambda carrier: self._queries.patient_appointments(carrier, patient_id, since))
        return [appointment(row) for row in rows]

    def leave_message(self, notice: Notice, subject: str, text: str) -> None:
        """
        Put a message about a task there.
        """
        self._writes.use(lambda carrier: leave_message(self._queries, carrier, notice, subject, text))

    def renew(self) -> None:
        """
        Read over a new connection from the next reading on.
        """
        self._reads.close()

    def links(self, appointment_ids: Sequence[str]) -> AppointmentLinks:
        """
        Return the telehealth links of an appointment.
        """
        found = self._writes.use(lambda carrier: self._queries.links(carrier, appointment_ids))
        return found[0] if found else NO_LINKS

    def close(self) -> None:
        """
        Let go of both connections.
        """
        self._reads.close()
        self._writes.close()

    def _diary_rows(self, carrier: Carrier, window: DateRange) -> DiaryRows:
        free = self._profile.free_time is FreeTime.SLOTS
        before = self._queries.markers(carrier, window)
        for _ in range(READINGS):
            leave = [] if free else self._queries.leave(carrier, window)
            sessions = self._queries.sessions(carrier, window, leave)
            appointments = _NO_APPOINTMENTS if free else self._queries.appointment_columns(carrier, window)
            after = self._queries.markers(carrier, window)
            if before == after:
                return DiaryRows(after, sessions, appointments, free, leave)
            before = after
        raise Transient("pms-torn-read", f"The diary changed during each of {READINGS} readings.")

    def _trials(self) -> Mapping[str, Callable[[Carrier], object]]:
        queries = self._queries
        week = DateRange.of_days(self._now().date(), 7)
        nobody = PatientDetails(first_name="-", last_name="-", date_of_birth=date(1900, 1, 1), phone="-", email="-")
        free = "sessions" if self._profile.free_time is FreeTime.SESSIONS else "free_slots"
        return {
            "identity": lambda c: [queries.identity(c)],
            "locations": queries.locations,
            "practitioners": queries.practitioners,
            "appointment_types": queries.appointment_types,
            "markers": lambda c: queries.markers(c, week),
            free: lambda c: queries.sessions(c, week),
            "appointments": lambda c: queries.appointments(c, week),
            "states": lambda c: queries.states(c, ["0"]),
            "patient_appointments": lambda c: queries.patient_appointments(c, "0", self._now().replace(tzinfo=None)),
            "links": lambda c: queries.links(c, ["0"]),
            "patients": lambda c: queries.patients(c, ["0"]),
            "find_patients": lambda c: queries.find_patients(c, [nobody])[0],
            "find_booked": lambda c: queries.find_booked(c, 0),
        }

    def _check(self, operation: str, link: _Link, work: Callable[[Carrier], object]) -> CheckLine:
        try:
            found = link.use(work)
        except (AuthRequired, ConnectionLost):
            raise
        except FrontdeskError as error:
            place = error.place if isinstance(error, BadValue) else f"{operation}.sql"
            remedy = GIVE_RIGHTS if operation == MAY_WRITE and error.code in MAY_NOT_WRITE else error.remedy
            return CheckLine(operation=operation, ok=False, place=place, message=error.message, remedy=remedy)
        return CheckLine(operation=operation, ok=True, rows=len(found))  # type: ignore[arg-type]  # every trial gives a collection


class _Link:
    # One connection, opened when first needed and again after it broke; one user at a time. What has to come `first` on every
    # new one does, or there is none.

    def __init__(self, connector: Connector, access: Access, *, first: Callable[[Carrier], None] = _nothing) -> None:
        self._connector = connector
        self._access = access
        self._first = first
        self._lock = threading.Lock()
        self._carrier: Carrier | None = None

    def use(self, work: Callable[[Carrier], T]) -> T:
        with self._lock:
            kept = self._carrier is not None
            try:
                return self._work(work)
            except ConnectionLost:
                if not kept:
                    raise
            # It broke while nobody used it, or in the middle of something that did not happen: once more on a new one.
            return self._work(work)

    def close(self) -> None:
        with self._lock:
            self._drop()

    def _work(self, work: Callable[[Carrier], T]) -> T:
        if self._carrier is None:
            self._carrier = self._opened()
        try:
            return work(self._carrier)
        finally:
            if self._carrier.is_broken:
                self._drop()

    def _opened(self) -> Carrier:
        carrier = self._connector(self._access)
        try:
            self._first(carrier)
        except FrontdeskError:
            carrier.close()
            raise
        return carrier

    def _drop(self) -> None:
        if self._carrier is not None:
            self._carrier.close()
            self._carrier = None
