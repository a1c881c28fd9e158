"""
A PMS in memory that keeps the port's promises, for tests of what stands above it.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from agent.domain.booking import Booked, BookRequest, BookResult, CancelResult, FoundBooking, NotFree, NotThere, Overlapped
from agent.domain.carrying import NO_LINKS, AppointmentLinks
from agent.domain.days import MINUTES_PER_DAY, DateRange, Span, merge, subtract
from agent.domain.diary import Appointment, AppointmentState, Diary, Leave, Location, PmsIdentity, PmsType, Practitioner, Session
from agent.domain.errors import FrontdeskError
from agent.domain.matching.looking_up import Finder, look_ups
from agent.domain.patients import PatientDetails, PmsPatient
from agent.domain.tasks import Notice
from agent.ports.pms import BookingWay, Capabilities, CheckLine


class FakePms:
    """
    Practice and PMS in one: `add_…`, `change_…` and `delete_…` are the desk's doing, the rest is the port.

    Attributes:
        calls: The port's operations in the order they were called.
        between: Run once inside the next `book`, after the time was found free: what the desk does at the same moment.
        lose_answer: The next `book` or `cancel` is done, and then raises this.
    """

    def __init__(self, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.capabilities = Capabilities(booking=BookingWay.TRANSACTION, create_patients=True, cancel=True)
        self.database_id = "fake"
        self.calls: list[str] = []
        self.between: Callable[[], None] | None = None
        self.lose_answer: FrontdeskError | None = None
        self.appointment_links = NO_LINKS
        self._now = now
        self._lock = threading.RLock()
        self._failures: dict[str, list[FrontdeskError]] = defaultdict(list)
        self._locations: dict[str, Location] = {}
        self._practitioners: list[Practitioner] = []
        self._types: list[PmsType] = []
        self._rosters: list[Session] = []
        self._absences: list[tuple[str, date, int, int]] = []
        self._patients: dict[str, PmsPatient] = {}
        self._appointments: dict[str, Appointment] = {}
        self._newest = 0
        self.messages: dict[int, str] = {}

    def add_location(self, location_id: str = "1", name: str = "Main Street", *, premises: str = "") -> None:
        self._locations[location_id] = Location(id=location_id, name=name, premises=premises)

    def add_practitioner(
        self,
        practitioner_id: str = "1",
        *,
        title: str = "Dr",
        first_name: str = "Ada",
        last_name: str = "Byron",
        location_id: str = "1",
        specialty_id: str = "gp",
        specialty_name: str = "General practice",
    ) -> None:
        self._practitioners.append(
            Practitioner(
                id=practitioner_id,
                title=title,
                first_name=first_name,
                last_name=last_name,
                location_id=location_id,
                specialty_id=specialty_id,
                specialty_name=specialty_name,
            )
        )

    def add_type(self, type_id: str = "1", name: str = "Standard", minutes: int = 15, *, practitioner_id: str = "") -> None:
        self._types.append(PmsType(id=type_id, name=name, minutes=minutes, practitioner_id=practitioner_id))

    def add_session(
        self,
        practitioner_id: str,
        day: date,
        start: int,
        end: int,
        *,
        location_id: str = "1",
        slot_minutes: int = 15,
        type_ids: tuple[str, ...] = (),
    ) -> None:
        self._rosters.append(
            Session(
                practitioner_id=practitioner_id,
                location_id=location_id,
                date=day,
                start=start,
                end=end,
                slot_minutes=slot_minutes,
                type_ids=type_ids,
            )
        )

    def add_absence(self, practitioner_id: str, day: date, start: int, end: int) -> None:
        self._absences.append((practitioner_id, day, start, end))

    def add_patient(
        self,
        patient_id: str = "7",
        *,
        first_name: str = "Ann",
        last_name: str = "Lee",
        date_of_birth: date | None = date(1980, 2, 3),
        phone: str = "",
        email: str = "",
        mobile: str = "",
        medicare_number: str = "",
        active: bool = True,
        deceased: bool = False,
    ) -> str:
        self._patients[patient_id] = PmsPatient(
            id=patient_id,
            first_name=first_name,
            last_name=last_name,
            date_of_birth=date_of_birth,
            phone=phone,
            email=email,
            mobile=mobile,
            medicare_number=medicare_number,
            active=active,
            deceased=deceased,
        )
        return patient_id

    def add_appointment(
        self,
        practitioner_id: str,
        start: datetime,
        minutes: int = 15,
        *,
        patient_id: str = "7",
        type_id: str = "1",
        location_id: str = "1",
        state: AppointmentState = AppointmentState.BOOKED,
        reference: int = 0,
    ) -> str:
        self._newest += 1
        added = Appointment(
            id=str(self._newest),
            practitioner_id=practitioner_id,
            location_id=location_id,
            start=start,
            minutes=minutes,
            patient_id=patient_id,
            type_id=type_id,
            state=state,
            reference=reference,
        )
        self._appointments[added.id] = added
        return added.id

    def change_appointment(
        self,
        appointment_id: str,
        *,
        start: datetime | None = None,
        minutes: int | None = None,
        practitioner_id: str | None = None,
        location_id: str | None = None,
        patient_id: str | None = None,
        state: AppointmentState | None = None,
    ) -> None:
        changed = self._appointments[appointment_id]
        self._appointments[appointment_id] = replace(
            changed,
            start=start or changed.start,
            minutes=changed.minutes if minutes is None else minutes,
            location_id=location_id or changed.location_id,
            practitioner_id=practitioner_id or changed.practitioner_id,
            patient_id=changed.patient_id if patient_id is None else patient_id,
            state=state or changed.state,
        )

    def delete_appointment(self, appointment_id: str) -> None:
        del self._appointments[appointment_id]

    def delete_practitioner(self, practitioner_id: str) -> None:
        self._practitioners = [p for p in self._practitioners if p.id != practitioner_id]

    def delete_sessions(self, practitioner_id: str, day: date) -> None:
        self._rosters = [s for s in self._rosters if (s.practitioner_id, s.date) != (practitioner_id, day)]

    def live_appointments(self) -> list[Appointment]:
        return [a for a in self._appointments.values() if a.state is not AppointmentState.CANCELLED]

    def fail(self, operation: str, error: FrontdeskError, *, times: int = 1) -> None:
        """
        Let the next *times* calls of *operation* raise *error*, nothing done; `*`: whatever is called.
        """
        self._failures[operation] += [error] * times

    def mend(self) -> None:
        """
        Forget the failures that have not happened yet.
        """
        self._failures.clear()

    def identity(self) -> PmsIdentity:
        self._called("identity")
        return PmsIdentity(database_id=self.database_id, version="1", newest_change=str(self._newest).zfill(20))

    def engine_lock(self) -> None:
        self._called("engine_lock")

    def check(self) -> Sequence[CheckLine]:
        self._called("check")
        return [CheckLine(operation="practitioners", ok=True, rows=len(self._practitioners))]

    def locations(self) -> Sequence[Location]:
        self._called("locations")
        return list(self._locations.values())

    def practitioners(self) -> Sequence[Practitioner]:
        self._called("practitioners")
        return list(self._practitioners)

    def appointment_types(self) -> Sequence[PmsType]:
        self._called("appointment_types")
        return list(self._types)

    def markers(self, window: DateRange) -> Mapping[date, str]:
        self._called("markers")
        return self._markers(window)

    def diary(self, window: DateRange) -> Diary:
        self._called("diary")
        with self._lock:
            return Diary(
                markers=self._markers(window),
                sessions=tuple(s for s in self._sessions() if s.date in window),
                appointments=tuple(a for a in self.live_appointments() if self._touches(a, window)),
                leave=tuple(
                    Leave(practitioner_id=who, date=day, start=start, end=end)
                    for who, day, start, end in self._absences
                    if day in window
                ),
            )

    def find_patients(self, people: Sequence[PatientDetails]) -> Sequence[Sequence[PmsPatient]]:
        self._called("find_patients")
        finder = Finder([look_ups(details) for details in people])
        return [[p for p in self._patients.values() if number in finder.whose(p)] for number in range(len(people))]

    def patients(self, ids: Sequence[str]) -> Sequence[PmsPatient]:
        self._called("patients")
        return [self._patients[i] for i in dict.fromkeys(ids) if i in self._patients]

    def book(self, request: BookRequest) -> BookResult:
        return self.book_all([request])[0]

    def book_all(self, requests: Sequence[BookRequest]) -> Sequence[BookResult]:
        self._called("book")
        with self._lock:
            results = [self._book(request) for request in requests]
        self._answer()
        return results

    def find_booked(self, booking_id: int) -> FoundBooking:
        self._called("find_booked")
        found = self._found(booking_id)
        if found is None:
            return NotThere()
        ours = [a for a in self.live_appointments() if a.reference == booking_id]
        others = [a for a in self.live_appointments() if a.reference != booking_id]
        shares = any(
            a.practitioner_id == b.practitioner_id
            and a.start < b.start + timedelta(minutes=b.minutes)
            and b.start < a.start + timedelta(minutes=a.minutes)
            for a in ours
            for b in others
        )
        return replace(found, shares_time=shares)

    def cancel(self, appointment_id: str, *, patient_id: str, start: datetime, after: datetime) -> CancelResult:
        self._called("cancel")
        with self._lock:
            found = self._appointments.get(appointment_id)
            if found is None or found.state is AppointmentState.CANCELLED:
                return CancelResult.ALREADY
            if (
                found.patient_id != patient_id
                or found.start != start
                or start <= after
                or found.state is not AppointmentState.BOOKED
            ):
                return CancelResult.CHANGED
            self._appointments[appointment_id] = replace(found, state=AppointmentState.CANCELLED)
        self._answer()
        return CancelResult.CANCELLED

    def states(self, ids: Sequence[str]) -> Mapping[str, Appointment]:
        self._called("states")
        return {i: self._appointments[i] for i in ids if i in self._appointments}

    def appointments_of(self, patient_id: str, since: datetime) -> Sequence[Appointment]:
        self._called("appointments_of")
        return [a for a in self.live_appointments() if a.patient_id == patient_id and a.start >= since]

    def renew(self) -> None:
        self._called("renew")

    def links(self, appointment_ids: Sequence[str]) -> AppointmentLinks:
        self._called("links")
        return self.appointment_links

    def leave_message(self, notice: Notice, subject: str, text: str) -> None:
        self._called("leave_message")
        self.messages[notice.task_id] = f"{subject}\n{text}"

    def close(self) -> None:
        self.calls.append("close")

    def _called(self, operation: str) -> None:
        self.calls.append(operation)
        for name in (operation, "*"):
            if self._failures[name]:
                raise self._failures[name].pop(0)

    def _answer(self) -> None:
        if self.lose_answer is not None:
            error, self.lose_answer = self.lose_answer, None
            raise error

    def _book(self, request: BookRequest) -> BookResult:
        booked = self._found(request.booking_id)
        created = ""
        if booked is None:
            why = self._why_not_free(request)
            if why:
                return NotFree(why=why)
            if self.between is not None:
                action, self.between = self.between, None
                action()
            patient_id = request.patient_id or self._create(request.patient)
            created = "" if request.patient_id else patient_id
            added = self.add_appointment(
                request.practitioner_id,
                request.start,
                request.minutes,
                patient_id=patient_id,
                type_id=request.type_id,
                location_id=request.location_id,
                reference=request.booking_id,
            )
            booked = Booked(appointment_ids=(added,), patient_id=patient_id)
        live = [a for a in self.live_appointments() if self._overlaps(a, request)]
        if any(a.reference == request.booking_id for a in live) and any(a.reference != request.booking_id for a in live):
            if request.withdraw_within <= timedelta():
                return Overlapped(appointment_ids=booked.appointment_ids, patient_id=booked.patient_id)
            for appointment_id in booked.appointment_ids:
                del self._appointments[appointment_id]
            self._patients.pop(created, None)
            return NotFree(why="the practice booked the same time at the same moment")
        return booked

    def _found(self, booking_id: int) -> Booked | None:
        rows = [a for a in self._appointments.values() if a.reference == booking_id]
        if not rows:
            return None
        return Booked(appointment_ids=tuple(a.id for a in rows), patient_id=rows[0].patient_id, already_there=True)

    def _create(self, details: PatientDetails) -> str:
        numbers = [int(i) for i in self._patients if i.isdigit()]
        return self.add_patient(
            str(max(numbers, default=0) + 1),
            first_name=details.first_name,
            last_name=details.last_name,
            date_of_birth=details.date_of_birth,
            phone=details.phone,
        )

    def _why_not_free(self, request: BookRequest) -> str:
        first = request.start.hour * 60 + request.start.minute
        end = first + request.minutes
        working = merge(
            Span(s.start, s.end)
            for s in self._sessions()
            if (s.practitioner_id, s.location_id, s.date) == (request.practitioner_id, request.location_id, request.start.date())
            and (not s.type_ids or not request.type_id or request.type_id in s.type_ids)
        )
        if end > MINUTES_PER_DAY or not any(s.start <= first and end <= s.end for s in working):
            return "it is outside working time"
        return "the time is taken" if any(self._overlaps(a, request) for a in self.live_appointments()) else ""

    def _sessions(self) -> list[Session]:
        return [
            replace(session, start=start, end=end)
            for session in self._rosters
            for start, end in subtract(
                Span(session.start, session.end),
                sorted(
                    Span(a_start, a_end)
                    for who, day, a_start, a_end in self._absences
                    if (who, day) == (session.practitioner_id, session.date)
                ),
            )
        ]

    def _markers(self, window: DateRange) -> dict[date, str]:
        parts: dict[date, list[str]] = defaultdict(list)
        for session in self._sessions():
            parts[session.date].append(repr(session))
        for appointment in self._appointments.values():
            parts[appointment.start.date()].append(repr(appointment))
            ends = appointment.start + timedelta(minutes=appointment.minutes - 1)
            if ends.date() != appointment.start.date():
                parts[ends.date()].append(repr(appointment))
        return {day: str(hash(tuple(sorted(parts[day])))) if day in parts else "" for day in window}

    @staticmethod
    def _touches(appointment: Appointment, window: DateRange) -> bool:
        ends = appointment.start + timedelta(minutes=appointment.minutes - 1)
        return appointment.start.date() in window or ends.date() in window

    @staticmethod
    def _overlaps(appointment: Appointment, request: BookRequest) -> bool:
        return (
            appointment.practitioner_id == request.practitioner_id
            and appointment.start < request.start + timedelta(minutes=request.minutes)
            and request.start < appointment.start + timedelta(minutes=appointment.minutes)
        )
