"""
The contract suite of `frontdesk profiles test`: every operation of a profile tried on a real database, and each answer held
against the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from agent.domain.days import DateRange
from agent.domain.diary import AppointmentState, PmsType
from agent.domain.errors import AuthRequired, ContractBroken, FrontdeskError
from agent.domain.matching.looking_up import look_ups
from agent.domain.patients import PatientDetails, PmsPatient
from agent.pms.sql import parameters, promises, rows
from agent.pms.sql.booking import Bookings
from agent.pms.sql.carriers import Access, Carrier, ConnectionLost, Connector
from agent.pms.sql.normalise import BadValue, Place
from agent.pms.sql.profile import FreeTime, Profile
from agent.pms.sql.queries import Queries
from agent.pms.sql.rehearsal import BOOKINGS, NOBODY, Rehearsal, free_slot
from agent.pms.sql.rows import AppointmentRow, LeaveRow, SessionRow
from agent.ports.pms import BookingWay, CheckLine

PEOPLE = 20
"""How many patients of the diary are looked up in every way."""

APPOINTMENTS = 300
"""How many appointments are asked for by their ids."""

_NO_ID = "0"  # asked for where there is nobody to ask for, so that the statement runs all the same

_LOOK_UPS = {"birthdays": "date_of_birth", "phones": "phone", "emails": "email", "cards": "medicare_number"}


class Proof:
    """
    One profile against one database; for one use.

    Args:
        connector: Opens connections.
        window: The dates that are read: they need to have sessions and appointments.
        now: The present, aware UTC.
    """

    def __init__(self, profile: Profile, connector: Connector, window: DateRange, now: Callable[[], datetime]) -> None:
        self._profile = profile
        self._connector = connector
        self._window = window
        self._now = now
        self._queries = _Questions(profile)
        self._places: set[str] | None = None
        self._people: set[str] | None = None
        self._types: list[PmsType] | None = None
        self._sessions: list[SessionRow] = []
        self._leave: list[LeaveRow] = []
        self._appointments: list[AppointmentRow] = []
        self._patients: list[tuple[int, PmsPatient]] = []  # with the row of the appointment that led there

    def reading(self) -> list[CheckLine]:
        """
        Try everything that reads, an operation after the other; later ones are held against what earlier ones gave.

        Raises:
            FrontdeskError: if the database cannot be reached, or lets nobody in.
        """
        carrier = self._connector(Access.READ)
        try:
            return [self._line(name, work, carrier) for name, work in self._trials().items() if self._profile.has(name)]
        finally:
            carrier.close()

    def writing(self) -> list[CheckLine]:
        """
        Try everything that writes on the latest free slot, and take it back; after `reading`.
        """
        lines: list[CheckLine] = []
        carrier = self._connector(Access.WRITE)
        try:
            if self._profile.has("may_write"):
                bookings = Bookings(self._queries, self._now)
                lines.append(self._line("may_write", lambda c: len(bookings.try_writing(c)), carrier))
            if self._profile.capabilities.booking is BookingWay.STEPS:
                return [
                    *lines,
                    _bad("book", "not tried: procedures cannot be taken back", "Try it through the engine, on a copy."),
                ]
            if not (self._profile.has("book") and self._profile.capabilities.create_patients):
                return [*lines, _bad("book", "not tried: it needs booking and create_patients", "Promise both in profile.toml.")]
            if not (self._profile.has("lock") or self._profile.dialect.begin_locks):
                lines.append(_bad("lock", "nothing keeps two bookings of ours apart", "Write lock.sql and unlock.sql."))
            slot = free_slot(rows.less_leave(self._sessions, self._leave), self._appointments, self._now().date())
            if slot is None:
                return [*lines, _bad("book", "there is no free slot of 15 minutes to try it on", "Choose later weeks by --date.")]
            lines += Rehearsal(self._queries, carrier, self._now).run(*slot)
        finally:
            carrier.close()
        return [*lines, *self._left_behind()]

    def _trials(self) -> dict[str, Callable[[Carrier], int]]:
        free = "sessions" if self._profile.free_time is FreeTime.SESSIONS else "free_slots"
        return {
            "identity": self._identity,
            "locations": self._read_places,
            "practitioners": self._read_people,
            "appointment_types": self._read_types,
            free: self._read_sessions,
            "absences": self._read_leave,
            "appointments": self._read_appointments,
            "markers": self._read_markers,
            "states": self._read_states,
            "patients": self._read_patients,
            "patient_appointments": self._read_diaries,
            "find_patients": self._look_up,
            "find_booked": self._find_booked,
            "links": lambda c: len(self._queries.links(c, [row[0] for row in self._appointments[:APPOINTMENTS]])),
        }

    def _line(self, operation: str, work: Callable[[Carrier], int], carrier: Carrier) -> CheckLine:
        try:
            return CheckLine(operation=operation, ok=True, rows=work(carrier))
        except (AuthRequired, ConnectionLost):
            raise
        except FrontdeskError as error:
            place = error.place if isinstance(error, BadValue) else f"{operation}.sql"
            return CheckLine(operation=operation, ok=False, place=place, message=error.message, remedy=error.remedy)

    def _identity(self, carrier: Carrier) -> int:
        first, second = self._queries.identity(carrier), self._queries.identity(carrier)
        if not first.database_id or first.database_id != second.database_id:
            raise Place("identity", "database_id").broken(1, "is empty, or changes by itself", "Take what stays for ever.")
        if second.newest_change < first.newest_change:
            raise Place("identity", "newest_change").broken(1, "went backwards", "Take what only grows.")
        return 1

    def _read_places(self, carrier: Carrier) -> int:
        found = self._queries.locations(carrier)
        promises.some("locations", found, "leave the file out where the system knows no places")
        promises.each_once("locations", "id", (place.id for place in found))
        self._places = {place.id for place in found}
        return len(found)

    def _read_people(self, carrier: Carrier) -> int:
        found = self._queries.practitioners(carrier)
        promises.practitioners(found, self._places)
        self._people = {person.id for person in found}
        return len(found)

    def _read_types(self, carrier: Carrier) -> int:
        found = self._queries.appointment_types(carrier)
        promises.types(found, self._people)
        self._types = found
        return len(found)

    def _read_sessions(self, carrier: Carrier) -> int:
        found = self._queries.sessions(carrier, self._window, [])
        operation = "sessions" if self._profile.free_time is FreeTime.SESSIONS else "free_slots"
        promises.stretches(operation, found, self._window, self._people, self._places)
        promises.types_of_sessions(operation, found, None if self._types is None else {kind.id for kind in self._types})
        self._same_in_halves(
            operation, found, [row for half in self._halves() for row in self._queries.sessions(carrier, half, [])]
        )
        self._sessions = found
        return len(found)

    def _read_leave(self, carrier: Carrier) -> int:
        found = self._queries.leave(carrier, self._window)
        promises.leave(found, self._window, self._people)
        self._same_in_halves("absences", found, [row for half in self._halves() for row in self._queries.leave(carrier, half)])
        self._leave = found
        return len(found)

    def _read_appointments(self, carrier: Carrier) -> int:
        found = self._queries.diary(carrier, self._window)
        promises.appointments(found, self._window)
        self._same_in_halves(
            "appointments", found, [row for half in self._halves() for row in self._queries.diary(carrier, half)]
        )
        promises.as_long_as_types(found, self._types or [])
        if self._profile.free_time is FreeTime.SESSIONS:  # what is booked is no longer a free slot
            promises.in_sessions(found, self._sessions)
        self._appointments = found
        return len(found)

    def _read_markers(self, carrier: Carrier) -> int:
        found = self._queries.markers(carrier, self._window)
        halves = {day: mark for half in self._halves() for day, mark in self._queries.markers(carrier, half).items()}
        if found != halves:
            raise _broken(
                "markers", "another window gives a date another marker", "A date's marker may come from its rows alone."
            )
        live = (
            {row[2] for row in self._sessions} | {row[1] for row in self._leave} | {row[3].date() for row in self._appointments}
        )
        without = sorted(day for day in live if not found[day])
        if without:
            raise _broken(
                "markers",
                f"{without[0]} has rows but no marker",
                "Give a step for each table that sessions and diary are read from.",
            )
        return len(found)

    def _read_states(self, carrier: Carrier) -> int:
        wanted = self._appointments[-APPOINTMENTS:]
        first = len(self._appointments) - len(wanted) + 1
        found = {row[0]: row for row in self._queries.states(carrier, [row[0] for row in wanted] or [_NO_ID])}
        for number, row in enumerate(wanted, first):
            promises.same("states", row, number, found.get(row[0]))
        return len(found)

    def _read_patients(self, carrier: Carrier) -> int:
        first_rows: dict[str, int] = {}
        for number, row in enumerate(self._appointments, 1):
            if row[5]:
                first_rows.setdefault(row[5], number)
        wanted = dict(list(first_rows.items())[-PEOPLE:])
        found = {patient.id: patient for patient in self._queries.patients(carrier, list(wanted) or [_NO_ID])}
        for patient_id, number in wanted.items():
            if patient_id not in found:
                raise Place("appointments", "patient_id").broken(
                    number,
                    f"is a patient that patients.sql does not give (id {patient_id})",
                    "Inactive and deceased patients belong there too.",
                )
            self._patients.append((number, found[patient_id]))
        return len(found)

    def _read_diaries(self, carrier: Carrier) -> int:
        total = len(self._queries.patient_appointments(carrier, _NO_ID, self._now().replace(tzinfo=None)))
        since = datetime(self._window.first.year, self._window.first.month, self._window.first.day)
        for _, patient in self._patients:
            found = {row[0]: row for row in self._queries.patient_appointments(carrier, patient.id, since)}
            total += len(found)
            for at, row in enumerate(self._appointments, 1):
                if row[5] == patient.id and row[7] is not AppointmentState.CANCELLED:
                    promises.same("patient_appointments", row, at, found.get(row[0]))
        return total

    def _look_up(self, carrier: Carrier) -> int:
        total = len(self._queries.find_patients(carrier, [NOBODY])[0])
        used = {name for statement in self._profile.statements["find_patients"] for name in statement.names}
        for number, patient in self._patients:
            names = PatientDetails(first_name=patient.first_name, last_name=patient.last_name)
            for parameter, field in _LOOK_UPS.items():
                details = replace(names, **{field: getattr(patient, field)})
                if parameter not in used or not getattr(look_ups(details), parameter):
                    continue
                found = self._queries.find_patients(carrier, [details])[0]
                total += len(found)
                if patient.id not in {one.id for one in found}:
                    raise Place("appointments", "patient_id").broken(
                        number,
                        f"is a patient whom find_patients.sql does not find by {field} (id {patient.id})",
                        f"Give a step for each column of it; compare with :{parameter} without padding, whatever the status.",
                    )
        return total

    def _find_booked(self, carrier: Carrier) -> int:
        if self._queries.find_booked(carrier, BOOKINGS[0]):
            raise _broken("find_booked", "it finds a booking that cannot be there", "Compare with the whole reference.")
        marked = [(number, row) for number, row in enumerate(self._appointments, 1) if row[8]][-PEOPLE:]
        for number, row in marked:
            found = {one[0]: one for one in self._queries.find_booked(carrier, row[8])}
            promises.same("find_booked", row, number, found.get(row[0]))
        return len(marked)

    def _left_behind(self) -> Sequence[CheckLine]:
        # A table that knows no transactions keeps what was taken back.
        carrier = self._connector(Access.READ)
        try:
            found = [row for number in BOOKINGS for row in self._queries.find_booked(carrier, number)]
        finally:
            carrier.close()
        if not found:
            return []
        return [
            _bad(
                "book",
                f"the test bookings {BOOKINGS[0]} and {BOOKINGS[1]} are still there: a table takes no part in transactions",
                'Take them and the patient FRONTDESK-TEST out by hand; promise booking = "none".',
            )
        ]

    def _halves(self) -> tuple[DateRange, DateRange]:
        middle = self._window.first + (self._window.end - self._window.first) // 2
        return DateRange(self._window.first, middle), DateRange(middle, self._window.end)

    @staticmethod
    def _same_in_halves(operation: str, whole: Sequence[object], halves: Sequence[object]) -> None:
        if sorted(map(repr, whole)) != sorted(map(repr, halves)):
            raise _broken(
                operation,
                f"the window gives {len(whole)} rows, its two halves {len(halves)}",
                "Look for a limit, and take what is >= first and < end.",
            )


class _Questions(Queries):
    # The profile's queries, and the diary as it comes, so that a row's number is that of the answer.

    def diary(self, carrier: Carrier, window: DateRange) -> list[AppointmentRow]:
        table = self._table(carrier, "appointments", parameters.window(self.profile, window), window)
        return rows.appointments(self.profile, "appointments", table)


def _broken(operation: str, why: str, remedy: str) -> ContractBroken:
    return ContractBroken("pms-contract", f"{operation}: {why}.", remedy=remedy)


def _bad(operation: str, message: str, remedy: str) -> CheckLine:
    return CheckLine(operation=operation, ok=False, place=f"{operation}.sql", message=message, remedy=remedy)
