"""
A profile's operations: run on a connection, checked, and made ours.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import compress
from typing import NamedTuple

from agent.domain.carrying import NO_LINKS, AppointmentLinks
from agent.domain.days import DateRange, Span, subtract
from agent.domain.diary import AppointmentState, Location, PmsIdentity, PmsType, Practitioner
from agent.domain.errors import ContractBroken, Misconfigured
from agent.domain.patients import PatientDetails, PmsPatient
from agent.pms.sql import normalise, parameters
from agent.pms.sql.carriers import Carrier, Table
from agent.pms.sql.normalise import Place
from agent.pms.sql.operations import OPERATIONS
from agent.pms.sql.parameters import Bound
from agent.pms.sql.profile import FreeTime, Per, Profile
from agent.pms.sql.statements import Expects, Statement

IDS_AT_ONCE = 100
"""How many ids one statement is given."""

AppointmentRow = tuple[str, str, str, datetime, int, str, str, AppointmentState, int]
"""The fields of `agent.domain.diary.Appointment` in their order."""

AppointmentColumns = tuple[
    list[str], list[str], list[str], list[datetime], list[int], list[str], list[str], list[AppointmentState], list[int]
]
"""The same, column by column: a diary has hundreds of thousands of them."""

SessionRow = tuple[str, str, date, int, int, int, tuple[str, ...]]
"""The fields of `agent.domain.diary.Session` in their order."""

LeaveRow = tuple[str, date, int, int]
"""The fields of `agent.domain.diary.Leave` in their order."""


class Outcome(NamedTuple):
    """
    What steps gave: the values of their single rows, and how many rows the last counting step changed.
    """

    values: Bound
    changed: int


class Queries:
    """
    One profile's operations.

    Args:
        progress: Called after each statement, so that whoever waits can tell slow from hung.
    """

    def __init__(self, profile: Profile, progress: Callable[[], None] = lambda: None) -> None:
        self.profile = profile
        self._progress = progress
        self._narrow: dict[str, Statement | None] = {}

    def identity(self, carrier: Carrier) -> PmsIdentity:
        """
        Return which database this is.
        """
        table = self._table(carrier, "identity", {})
        _exactly_one(table, self.profile.statements["identity"][0])
        return PmsIdentity(
            database_id=normalise.ids(table.columns["database_id"], Place("identity", "database_id"))[0],
            version=normalise.texts(table.columns["version"], Place("identity", "version"))[0],
            newest_change=normalise.growing(table.columns["newest_change"][0], Place("identity", "newest_change")),
        )

    def locations(self, carrier: Carrier) -> list[Location]:
        """
        Return every place; none where the PMS knows no places.
        """
        if not self.profile.has("locations"):
            return []
        columns = _Columns("locations", self._table(carrier, "locations", {}))
        return [Location(id=i, name=n) for i, n in zip(columns.ids("id"), columns.texts("name"), strict=True)]

    def practitioners(self, carrier: Carrier) -> list[Practitioner]:
        """
        Return everyone who can be booked.
        """
        columns = _Columns("practitioners", self._table(carrier, "practitioners", {}))
        rows = zip(
            columns.ids("id"),
            columns.texts("title"),
            columns.texts("first_name"),
            columns.texts("last_name"),
            columns.ids("location_id", optional=True),
            columns.ids("specialty_id", optional=True),
            columns.texts("specialty_name"),
            strict=True,
        )
        return [
            Practitioner(
                id=i, title=t, first_name=f, last_name=last, location_id=where, specialty_id=specialty, specialty_name=name
            )
            for i, t, f, last, where, specialty, name in rows
        ]

    def appointment_types(self, carrier: Carrier) -> list[PmsType]:
        """
        Return every appointment type in use.
        """
        columns = _Columns("appointment_types", self._table(carrier, "appointment_types", {}))
        rows = zip(
            columns.ids("id"),
            columns.texts("name"),
            columns.lengths("length", self.profile, least=0),
            columns.ids("practitioner_id", optional=True),
            strict=True,
        )
        return [PmsType(id=i, name=n, minutes=m, practitioner_id=p) for i, n, m, p in rows]

    def markers(self, carrier: Carrier, window: DateRange) -> dict[date, str]:
        """
        Return a fingerprint for every date: of all rows for the date, in any order.
        """
        by_day: dict[date, list[tuple[str, ...]]] = defaultdict(list)
        for number, table in enumerate(self._tables(carrier, "markers", parameters.window(self.profile, window), window)):
            days = normalise.dates(table.columns["date"], Place("markers", "date"))
            rest = [
                normalise.texts(values, Place("markers", name))
                for name, values in sorted(table.columns.items())
                if name != "date"
            ]
            for day, *parts in zip(days, *rest, strict=True):
                by_day[day].append((str(number), *parts))
        return {
            day: hashlib.blake2b(repr(sorted(by_day[day])).encode(), digest_size=12).hexdigest() if day in by_day else ""
            for day in window
        }

    def sessions(self, carrier: Carrier, window: DateRange, leave: Sequence[LeaveRow] | None = None) -> list[SessionRow]:
        """
        Return working time less leave and breaks, or the free slots that the PMS works out.

        Args:
            leave: As `leave` gives it; None: read now.
        """
        if self.profile.free_time is FreeTime.SESSIONS:
            away = self.leave(carrier, window) if leave is None else leave
            return _less_leave(self._stretches(carrier, "sessions", window), away)
        if self.profile.per is Per.WINDOW:
            return self._stretches(carrier, "free_slots", window)
        practitioners = sorted({p.id for p in self.practitioners(carrier)})
        return [
            row for day in window for practitioner_id in practitioners for row in self.free_slots(carrier, practitioner_id, day)
        ]

    def free_slots(self, carrier: Carrier, practitioner_id: str, day: date) -> list[SessionRow]:
        """
        Return one practitioner's free slots on one day.
        """
        return self._stretches(carrier, "free_slots", DateRange.of_days(day, 1), practitioner_id)

    def appointments(self, carrier: Carrier, window: DateRange) -> list[AppointmentRow]:
        """
        Return what takes time in *window*, also what began the evening before; cancelled ones are left out.
        """
        return list(zip(*self.appointment_columns(carrier, window), strict=True))

    def appointment_columns(self, carrier: Carrier, window: DateRange) -> AppointmentColumns:
        """
        Return the same, column by column.
        """
        wider = DateRange(window.first - timedelta(days=1), window.end)
        columns = self._appointment_columns(
            "appointments", self._table(carrier, "appointments", parameters.window(self.profile, wider), wider)
        )
        starts, states = columns[3], columns[7]
        midnight = datetime(window.first.year, window.first.month, window.first.day)
        if not starts or (min(starts) >= midnight and AppointmentState.CANCELLED not in states):
            return columns
        wanted = [
            state is not AppointmentState.CANCELLED and (start >= midnight or start + timedelta(minutes=minutes) > midnight)
            for start, minutes, state in zip(starts, columns[4], states, strict=True)
        ]
        # mypy cannot see that each list keeps its type
        return tuple(list(compress(column, wanted)) for column in columns)  # type: ignore[return-value]

    def day_of(self, carrier: Carrier, practitioner_id: str, day: date) -> list[AppointmentRow]:
        """
        Return what takes one practitioner's time on one day: as `appointments`, but asking for no more than that.
        """
        window = DateRange(day - timedelta(days=1), day + timedelta(days=1))
        table = self._of_one(carrier, "appointments", window, practitioner_id)
        midnight = datetime(day.year, day.month, day.day)
        return [
            row
            for row in self._appointment_rows("appointments", table)
            if row[1] == practitioner_id
            and row[7] is not AppointmentState.CANCELLED
            and (row[3] >= midnight or row[3] + timedelta(minutes=row[4]) > midnight)
        ]

    def open_on(self, carrier: Carrier, practitioner_id: str, day: date) -> list[SessionRow]:
        """
        Return one practitioner's working time or free slots on one day: as `sessions`, but asking for no more than that.
        """
        window = DateRange.of_days(day, 1)
        if self.profile.free_time is FreeTime.SLOTS:
            if self.profile.per is Per.PRACTITIONER_DAY:
                return self.free_slots(carrier, practitioner_id, day)
            return self._stretch_rows("free_slots", self._of_one(carrier, "free_slots", window, practitioner_id))
        rows = self._stretch_rows("sessions", self._of_one(carrier, "sessions", window, practitioner_id))
        if not self.profile.has("absences"):
            return rows
        return _less_leave(rows, self._leave_rows(self._of_one(carrier, "absences", window, practitioner_id)))

    def states(self, carrier: Carrier, ids: Sequence[str]) -> list[AppointmentRow]:
        """
        Return the appointments with these ids, cancelled ones included.
        """
        return [
            row
            for some in self._id_chunks("appointment_id", ids)
            for row in self._appointment_rows("states", self._table(carrier, "states", {"ids": some}))
        ]

    def patient_appointments(self, carrier: Carrier, patient_id: str, since: datetime) -> list[AppointmentRow]:
        """
        Return the patient's appointments from *since* on; cancelled ones are left out.
        """
        table = self._table(carrier, "patient_appointments", parameters.of_patient(self.profile, patient_id, since))
        rows = self._appointment_rows("patient_appointments", table)
        return [row for row in rows if row[5] == patient_id and row[3] >= since and row[7] is not AppointmentState.CANCELLED]

    def find_booked(self, carrier: Carrier, booking_id: int) -> list[AppointmentRow]:
        """
        Return the appointments that carry the booking's reference, cancelled ones included.
        """
        table = self._table(carrier, "find_booked", parameters.reference(booking_id))
        return [row for row in self._appointment_rows("find_booked", table) if row[8] == booking_id]

    def links(self, carrier: Carrier, ids: Sequence[str]) -> list[AppointmentLinks]:
        """
        Return the telehealth links of the appointments that have any; none where the PMS has none.
        """
        if not self.profile.has("links"):
            return []
        return [link for some in self._id_chunks("appointment_id", ids) for link in self._links(carrier, some)]

    def _links(self, carrier: Carrier, ids: tuple[object, ...]) -> list[AppointmentLinks]:
        columns = _Columns("links", self._table(carrier, "links", {"ids": ids}))
        rows = zip(
            columns.texts("patient_link"),
            columns.texts("patient_description"),
            columns.texts("practitioner_link"),
            columns.texts("practitioner_description"),
            strict=True,
        )
        made = [
            AppointmentLinks(patient_link=a, patient_description=b, practitioner_link=c, practitioner_description=d)
            for a, b, c, d in rows
        ]
        return [links for links in made if links != NO_LINKS]

    def references(self, carrier: Carrier) -> set[int] | None:
        """
        Return every booking whose reference some appointment carries, by one look through the notes; None where the
        profile finds a reference in another way.
        """
        statement = self.profile.statements["find_booked"][0]
        if set(statement.names) != {"reference_pattern"}:
            return None
        table = self._table(carrier, "find_booked", parameters.any_reference())
        return {row[8] for row in self._appointment_rows("find_booked", table)}

    def find_patients(self, carrier: Carrier, details: PatientDetails) -> list[PmsPatient]:
        """
        Return records that might be this person, each once.
        """
        tables = self._tables(carrier, "find_patients", parameters.details(self.profile, details))
        return list({p.id: p for table in tables for p in _patients("find_patients", table)}.values())

    def patients(self, carrier: Carrier, ids: Sequence[str]) -> list[PmsPatient]:
        """
        Return the records with these ids.
        """
        return [
            patient
            for some in self._id_chunks("patient_id", ids)
            for patient in _patients("patients", self._table(carrier, "patients", {"ids": some}))
        ]

    def run(self, carrier: Carrier, operation: str, bound: Bound) -> Outcome:
        """
        Run the steps of a writing operation, within the caller's transaction.
        """
        known = dict(bound)
        count = 0
        for statement in self.profile.statements[operation]:
            if OPERATIONS[operation].skips and any(known.get(name) in {"", None} for name in statement.names):
                continue
            _check_names(statement, known)
            if statement.expects is Expects.COUNT:
                count = carrier.execute(statement, known)
                if count == 0:
                    break
            elif statement.expects is Expects.NONE:
                carrier.execute(statement, known)
            else:
                table = carrier.query(statement, known)
                if statement.expects is Expects.ONE:
                    _exactly_one(table, statement)
                    known |= parameters.from_step(table.columns)
            self._progress()
        return Outcome(known, count)

    def _stretches(
        self, carrier: Carrier, operation: str, window: DateRange, practitioner_id: str | None = None
    ) -> list[SessionRow]:
        bound = parameters.window(self.profile, window)
        if operation == "free_slots":
            bound["practitioner_id"] = (
                None if practitioner_id is None else parameters.one_id(self.profile, "practitioner_id", practitioner_id)
            )
        return self._stretch_rows(operation, self._table(carrier, operation, bound, window))

    def _stretch_rows(self, operation: str, table: Table) -> list[SessionRow]:
        columns = _Columns(operation, table)
        profile = self.profile
        return list(
            zip(
                columns.ids("practitioner_id"),
                columns.ids("location_id", optional=True),
                columns.dates("date"),
                columns.minutes("start_time", profile),
                columns.minutes("end_time", profile),
                columns.lengths("slot_length", profile, least=0),
                columns.type_lists("type_ids"),
                strict=True,
            )
        )

    def leave(self, carrier: Carrier, window: DateRange) -> list[LeaveRow]:
        """
        Return who is away when, where the profile keeps it apart from the sessions.
        """
        if not self.profile.has("absences"):
            return []
        return self._leave_rows(self._table(carrier, "absences", parameters.window(self.profile, window), window))

    def _leave_rows(self, table: Table) -> list[LeaveRow]:
        columns = _Columns("absences", table)
        return list(
            zip(
                columns.ids("practitioner_id"),
                columns.dates("date"),
                columns.minutes("start_time", self.profile),
                columns.minutes("end_time", self.profile),
                strict=True,
            )
        )

    def _appointment_rows(self, operation: str, table: Table) -> list[AppointmentRow]:
        return list(zip(*self._appointment_columns(operation, table), strict=True))

    def _appointment_columns(self, operation: str, table: Table) -> AppointmentColumns:
        columns = _Columns(operation, table)
        return (
            columns.ids("id"),
            columns.ids("practitioner_id"),
            columns.ids("location_id", optional=True),
            columns.moments("start"),
            columns.lengths("length", self.profile, least=1),
            columns.ids("patient_id", optional=True),
            columns.ids("type_id", optional=True),
            normalise.states(table.columns["status"], Place(operation, "status"), self.profile.status),
            normalise.references(table.columns["notes"], Place(operation, "notes")),
        )

    def _id_chunks(self, name: str, ids: Sequence[str]) -> Iterable[tuple[object, ...]]:
        known = parameters.many_ids(self.profile, name, tuple(dict.fromkeys(ids)))
        return (known[at : at + IDS_AT_ONCE] for at in range(0, len(known), IDS_AT_ONCE))

    def _of_one(self, carrier: Carrier, operation: str, window: DateRange, practitioner_id: str) -> Table:
        bound: Bound = parameters.window(self.profile, window)
        bound["practitioner_id"] = parameters.one_id(self.profile, "practitioner_id", practitioner_id)
        if operation not in self._narrow:
            self._narrow[operation] = self.profile.statements[operation][0].of_one("practitioner_id")
        narrow = self._narrow[operation]
        if narrow is None:
            if operation == "free_slots":
                bound["practitioner_id"] = None
            return self._table(carrier, operation, bound, window)
        return self._asked(carrier, operation, narrow, bound, window)

    def _table(self, carrier: Carrier, operation: str, bound: Mapping[str, object], window: DateRange | None = None) -> Table:
        return next(iter(self._tables(carrier, operation, bound, window)))

    def _tables(
        self, carrier: Carrier, operation: str, bound: Mapping[str, object], window: DateRange | None = None
    ) -> Iterable[Table]:
        known: Bound = dict(bound)  # type: ignore[arg-type]  # every caller builds it from `parameters`
        promised = OPERATIONS[operation]
        for statement in self.profile.statements[operation]:
            if promised.skips and any(known.get(name) in {"", None} for name in statement.names):
                continue
            _check_names(statement, known)
            yield self._asked(carrier, operation, statement, known, window)

    def _asked(self, carrier: Carrier, operation: str, statement: Statement, bound: Bound, window: DateRange | None) -> Table:
        promised = OPERATIONS[operation]
        table = carrier.query(statement, bound)
        self._progress()
        finish = self.profile.finish.get(operation)
        columns = promised.columns if finish is None else finish.columns
        _check_columns(statement, table, columns, any_columns=promised.any_columns)
        return table if finish is None or window is None else finish.make(table, window)


class _Columns:
    # The columns of one answer, each made ours when asked for.

    def __init__(self, operation: str, table: Table) -> None:
        self._operation = operation
        self._columns = table.columns

    def ids(self, name: str, *, optional: bool = False) -> list[str]:
        return normalise.ids(self._columns[name], self._place(name), optional=optional)

    def texts(self, name: str) -> list[str]:
        return normalise.texts(self._columns[name], self._place(name))

    def dates(self, name: str) -> list[date]:
        return normalise.dates(self._columns[name], self._place(name))

    def moments(self, name: str) -> list[datetime]:
        return normalise.moments(self._columns[name], self._place(name))

    def minutes(self, name: str, profile: Profile) -> list[int]:
        return normalise.minutes_of_day(self._columns[name], self._place(name), profile.time_unit)

    def lengths(self, name: str, profile: Profile, *, least: int) -> list[int]:
        return normalise.lengths(self._columns[name], self._place(name), profile.length_unit, least=least)

    def type_lists(self, name: str) -> list[tuple[str, ...]]:
        return normalise.type_lists(self._columns[name], self._place(name))

    def _place(self, name: str) -> Place:
        return Place(self._operation, name)


def _patients(operation: str, table: Table) -> list[PmsPatient]:
    columns = _Columns(operation, table)
    rows = zip(
        columns.ids("id"),
        columns.texts("first_name"),
        columns.texts("last_name"),
        normalise.optional_dates(table.columns["date_of_birth"], Place(operation, "date_of_birth")),
        columns.texts("phone"),
        columns.texts("email"),
        columns.texts("medicare_number"),
        normalise.flags(table.columns["active"], Place(operation, "active")),
        strict=True,
    )
    return [
        PmsPatient(
            id=i,
            first_name=first,
            last_name=last,
            date_of_birth=born,
            phone=phone,
            email=email,
            medicare_number=card,
            active=active,
        )
        for i, first, last, born, phone, email, card, active in rows
    ]


def _check_columns(statement: Statement, table: Table, promised: tuple[str, ...], *, any_columns: bool) -> None:
    missing = [name for name in promised if name not in table.columns]
    if missing:
        raise Misconfigured(
            "pms-columns",
            f"{statement.place}: there is no column {missing[0]} in the result.",
            remedy=f"Give the columns {', '.join(promised)}.",
        )
    unknown = [name for name in table.columns if name not in promised]
    if unknown and not any_columns:
        raise Misconfigured(
            "pms-columns",
            f"{statement.place}: the result has a column {unknown[0]} that nobody reads.",
            remedy=f"Give the columns {', '.join(promised)}.",
        )


def _check_names(statement: Statement, known: Bound) -> None:
    for name in statement.names:
        if name not in known:
            raise Misconfigured(
                "pms-profile",
                f"{statement.place}: nothing gives a value for :{name}.",
                remedy="Select it in an earlier step that expects one row.",
            )


def _less_leave(sessions: list[SessionRow], leave: Sequence[LeaveRow]) -> list[SessionRow]:
    if not leave:
        return sessions
    away: dict[tuple[str, date], list[tuple[int, int]]] = defaultdict(list)
    for who, day, start, end in leave:
        away[who, day].append((start, end))
    left: list[SessionRow] = []
    known: dict[tuple[object, ...], list[Span]] = {}  # most days are like most others
    for row in sessions:
        taken = away.get((row[0], row[2]))
        if taken is None:
            left.append(row)
            continue
        key = (row[3], row[4], *taken)
        if key not in known:
            known[key] = subtract(Span(row[3], row[4]), sorted(Span(*span) for span in taken))
        left += [(*row[:3], start, end, *row[5:]) for start, end in known[key]]
    return left


def _exactly_one(table: Table, statement: Statement) -> None:
    if table.rows != 1:
        raise ContractBroken("pms-rows", f"{statement.place}: one row was expected, {table.rows} came.")
