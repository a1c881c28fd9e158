"""
What a PMS answered, made ours: the columns of one answer as rows of plain values, or as objects of the domain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime

from agent.domain.carrying import NO_LINKS, AppointmentLinks
from agent.domain.days import Span, subtract
from agent.domain.diary import AppointmentState, Location, PmsIdentity, PmsType, Practitioner
from agent.domain.patients import PmsPatient
from agent.pms.sql import normalise
from agent.pms.sql.carriers import Table
from agent.pms.sql.normalise import Place
from agent.pms.sql.profile import Profile

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


def identity(table: Table) -> PmsIdentity:
    """
    Return which database this is; *table* has one row.
    """
    columns = _Columns("identity", table)
    return PmsIdentity(
        database_id=columns.ids("database_id")[0],
        version=columns.texts("version")[0],
        newest_change=normalise.growing(table.columns["newest_change"][0], Place("identity", "newest_change")),
    )


def locations(table: Table) -> list[Location]:
    """
    Return places.
    """
    columns = _Columns("locations", table)
    ids, names = columns.ids("id"), columns.texts("name")
    premises = columns.ids("premises", optional=True) if "premises" in table.columns else [""] * len(ids)
    return [Location(id=i, name=n, premises=p) for i, n, p in zip(ids, names, premises, strict=True)]


def practitioners(table: Table) -> list[Practitioner]:
    """
    Return people who can be booked.
    """
    columns = _Columns("practitioners", table)
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
        Practitioner(id=i, title=t, first_name=f, last_name=last, location_id=where, specialty_id=specialty, specialty_name=name)
        for i, t, f, last, where, specialty, name in rows
    ]


def appointment_types(profile: Profile, table: Table) -> list[PmsType]:
    """
    Return appointment types.
    """
    columns = _Columns("appointment_types", table)
    rows = zip(
        columns.ids("id"),
        columns.texts("name"),
        columns.lengths("length", profile, least=0),
        columns.ids("practitioner_id", optional=True),
        strict=True,
    )
    return [PmsType(id=i, name=n, minutes=m, practitioner_id=p) for i, n, m, p in rows]


def marks(table: Table) -> list[tuple[date, tuple[str, ...]]]:
    """
    Return each row's date with everything else it says.
    """
    columns = _Columns("markers", table)
    rest = [columns.texts(name) for name in sorted(table.columns) if name != "date"]
    return [(day, tuple(parts)) for day, *parts in zip(columns.dates("date"), *rest, strict=True)]


def stretches(profile: Profile, operation: str, table: Table) -> list[SessionRow]:
    """
    Return working time, or free slots.
    """
    columns = _Columns(operation, table)
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


def leave(profile: Profile, table: Table) -> list[LeaveRow]:
    """
    Return who is away when.
    """
    columns = _Columns("absences", table)
    return list(
        zip(
            columns.ids("practitioner_id"),
            columns.dates("date"),
            columns.minutes("start_time", profile),
            columns.minutes("end_time", profile),
            strict=True,
        )
    )


def less_leave(sessions: list[SessionRow], away: Sequence[LeaveRow]) -> list[SessionRow]:
    """
    Return what is left of working time where people are away.
    """
    if not away:
        return sessions
    by_day: dict[tuple[str, date], list[tuple[int, int]]] = defaultdict(list)
    for who, day, start, end in away:
        by_day[who, day].append((start, end))
    left: list[SessionRow] = []
    known: dict[tuple[object, ...], list[Span]] = {}  # most days are like most others
    for row in sessions:
        taken = by_day.get((row[0], row[2]))
        if taken is None:
            left.append(row)
            continue
        key = (row[3], row[4], *taken)
        if key not in known:
            known[key] = subtract(Span(row[3], row[4]), sorted(Span(*span) for span in taken))
        left += [(*row[:3], start, end, *row[5:]) for start, end in known[key]]
    return left


def appointment_columns(profile: Profile, operation: str, table: Table) -> AppointmentColumns:
    """
    Return appointments, column by column.
    """
    columns = _Columns(operation, table)
    return (
        columns.ids("id"),
        columns.ids("practitioner_id"),
        columns.ids("location_id", optional=True),
        columns.moments("start"),
        columns.lengths("length", profile, least=1),
        columns.ids("patient_id", optional=True),
        columns.ids("type_id", optional=True),
        normalise.states(table.columns["status"], Place(operation, "status"), profile.status),
        normalise.references(table.columns["notes"], Place(operation, "notes")),
    )


def appointments(profile: Profile, operation: str, table: Table) -> list[AppointmentRow]:
    """
    Return appointments, row by row.
    """
    return list(zip(*appointment_columns(profile, operation, table), strict=True))


def links(table: Table) -> list[AppointmentLinks]:
    """
    Return the telehealth links of the appointments that have any.
    """
    columns = _Columns("links", table)
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
    return [one for one in made if one != NO_LINKS]


def patients(operation: str, table: Table, profile: Profile) -> list[PmsPatient]:
    """
    Return patients' records; what the profile does not give is empty.
    """
    columns = _Columns(operation, table)
    nothing = [""] * table.rows
    sexes = {code: word for word, code in profile.sex.items() if code and word != "*"}

    def texts(name: str) -> list[str]:
        return columns.texts(name) if name in table.columns else nothing

    rows = zip(
        columns.ids("id"),
        columns.texts("first_name"),
        columns.texts("last_name"),
        normalise.optional_dates(table.columns["date_of_birth"], Place(operation, "date_of_birth")),
        columns.texts("phone"),
        columns.texts("email"),
        columns.texts("medicare_number"),
        normalise.flags(table.columns["active"], Place(operation, "active")),
        *(texts(name) for name in ("preferred_name", "former_name", "mobile", "other_phone", "address", "suburb", "postcode")),
        [sexes.get(code, "") for code in texts("sex")],
        texts("medicare_irn"),
        normalise.flags(table.columns.get("deceased", nothing), Place(operation, "deceased")),
        columns.ids("merged_into", optional=True) if "merged_into" in table.columns else nothing,
        strict=True,
    )
    names = [field.name for field in fields(PmsPatient)]
    return [PmsPatient(**dict(zip(names, row, strict=True))) for row in rows]


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
