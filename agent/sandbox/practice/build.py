# ruff: noqa: PLR2004 (how often and when something happens in an invented practice means nothing beyond its line)
"""
Build the sample practice: eight practitioners at two places, thousands of patients, six weeks of appointments.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from agent.domain.days import DateRange, Span, merge, subtract
from agent.sandbox.practice import people, staff
from agent.sandbox.practice.database import Connection, Database, connect_sqlite, create_tables
from agent.sandbox.practice.facts import PracticeFacts

DAYS_BACK = 14
DAYS_AHEAD = 28
TOKEN = "Quorvane"  # noqa: S105 (a made-up word that marks invented patients)
SCHEMA_VERSION = "1"

BOOKED, ARRIVED, COMPLETED, CANCELLED, DID_NOT_ATTEND, BLOCKED = range(6)
"""The codes of `appointments.status`."""

_INSERT_ROSTER = "INSERT INTO roster VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)"
_INSERT_ABSENCE = "INSERT INTO absences VALUES (?, ?, ?, ?, ?, ?, 1)"
INSERT_APPOINTMENT = "INSERT INTO appointments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)"
"""Parameters: id, practitioner, location, patient, type, start, minutes, status, notes."""

_REMARKS = ("rang this morning", "prefers a text message", "bring the referral", "second visit", "needs the ramp")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    practitioner_id: int
    location_id: int
    start: datetime
    minutes: int
    status: int
    type_id: int | None
    patient_id: int | None
    notes: str


def build_practice(
    connection: Connection,
    *,
    today: date,
    now: datetime,
    seed: int,
    patients: int = 5000,
    token: str = TOKEN,
) -> PracticeFacts:
    """
    Create the tables in an empty database and fill them; committed when it returns.

    The same arguments give the same practice. Working time is laid around *now*, so that the practice looks open at any hour.

    Args:
        connection: Of `sqlite3` or `pyodbc`, not in autocommit mode.
        today: The date at the practice.
        now: Its wall time, naive; on *today*.
        token: A word that nothing else holds; it goes into every address, e-mail address and note.

    Raises:
        ValueError: if *now* is not on *today*, the token is not a plain word, or there are no patients.
    """
    if now.date() != today or patients < 1 or not (token.isascii() and token.isalpha() and len(token) > 3):
        raise ValueError("the sample practice needs a time of today, at least one patient and a token of ASCII letters")
    random = Random(seed)
    database = Database(connection)
    create_tables(database)
    database_id = f"sample-practice-{seed}"
    database.run("INSERT INTO practice_info VALUES (?, ?)", database_id, SCHEMA_VERSION)
    _insert_staff(database)
    persons = people.invent(random, today=today, count=patients, token=token)
    database.run_many(people.INSERT, [person.row() for person in persons])
    window = DateRange.of_days(today - timedelta(days=DAYS_BACK), DAYS_BACK + DAYS_AHEAD)
    shifts = [shift for day in window for shift in staff.shifts_on(day, today=today, now=now)]
    absences = [absence for day in window for absence in staff.absences_on(day, today=today)]
    _insert_rosters(database, shifts, absences)
    entries = list(_entries(random, shifts, absences, now=now, patients=patients, token=token))
    database.run_many(INSERT_APPOINTMENT, _appointment_rows(entries))
    database.commit()
    return PracticeFacts(
        database_id=database_id,
        location_ids=tuple(row[0] for row in staff.LOCATIONS),
        practitioner_ids=tuple(worker.id for worker in staff.WORKERS),
        type_ids=tuple(row[0] for row in staff.TYPES),
        two_specialties=staff.TWO_SPECIALTIES,
        two_places=staff.TWO_PLACES,
        own_type=staff.OWN_TYPE,
        own_type_practitioner=staff.TWO_SPECIALTIES,
        first=window.first,
        end=window.end,
        patients=len(persons),
        appointments=len(entries),
        token=token,
        tokens=frozenset({token, *(word for person in persons for word in person.tokens())}),
    )


def create_sqlite(
    path: Path, *, today: date, now: datetime, seed: int, patients: int = 5000, token: str = TOKEN
) -> PracticeFacts:
    """
    Build the sample practice in the new SQLite file *path*, as `build_practice` does.

    The file keeps a write-ahead log, so that readers and the one writer do not wait for each other.
    """
    connection = connect_sqlite(path)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        return build_practice(connection, today=today, now=now, seed=seed, patients=patients, token=token)
    finally:
        connection.close()


def _insert_staff(database: Database) -> None:
    database.run_many("INSERT INTO locations VALUES (?, ?, 1)", staff.LOCATIONS)
    database.run_many(
        "INSERT INTO practitioners VALUES (?, ?, ?, ?, 1)",
        [(worker.id, worker.title, worker.first_name, worker.last_name) for worker in staff.WORKERS],
    )
    database.run_many(
        "INSERT INTO practitioner_places VALUES (?, ?, ?, ?)",
        [(worker.id, *place) for worker in staff.WORKERS for place in worker.places],
    )
    database.run_many("INSERT INTO appointment_types VALUES (?, ?, ?, ?, 1)", staff.TYPES)


def _insert_rosters(database: Database, shifts: Sequence[staff.Shift], absences: Sequence[staff.Absence]) -> None:
    database.run_many(
        _INSERT_ROSTER,
        [
            (
                number,
                shift.practitioner_id,
                shift.location_id,
                shift.day,
                _clock(shift.span.start),
                _clock(shift.span.end),
                shift.slot_minutes,
                shift.type_ids,
            )
            for number, shift in enumerate(shifts, start=1)
        ],
    )
    database.run_many(
        _INSERT_ABSENCE,
        [
            (number, away.practitioner_id, away.day, _clock(away.span.start), _clock(away.span.end), away.reason)
            for number, away in enumerate(absences, start=1)
        ],
    )


def _entries(
    random: Random,
    shifts: Sequence[staff.Shift],
    absences: Sequence[staff.Absence],
    *,
    now: datetime,
    patients: int,
    token: str,
) -> Iterator[_Entry]:
    away: dict[tuple[int, date], list[Span]] = {}
    for absence in absences:
        away.setdefault((absence.practitioner_id, absence.day), []).append(absence.span)
    for shift in shifts:
        for span in subtract(shift.span, merge(away.get((shift.practitioner_id, shift.day), ()))):
            yield from _fill(random, shift, span, now=now, patients=patients, token=token)


def _fill(random: Random, shift: staff.Shift, span: Span, *, now: datetime, patients: int, token: str) -> Iterator[_Entry]:
    """
    Fill about half of *span*; every fourth slot stays free, so that there is always something to book.
    """
    midnight = datetime(shift.day.year, shift.day.month, shift.day.day)
    slot = shift.slot_minutes
    index = 0
    while span.start + (index + 1) * slot <= span.end:
        length = 1
        if index % 4 != 3:
            chance = random.random()
            if chance < 0.14 and index % 4 < 2 and span.start + (index + 2) * slot <= span.end:
                length = 2
            status = _status(random, chance, midnight + timedelta(minutes=span.start + index * slot), now)
            if status is not None:
                start = midnight + timedelta(minutes=span.start + index * slot)
                yield _entry(random, shift, start, length * slot, status, patients=patients, token=token)
        index += length


def _status(random: Random, chance: float, start: datetime, now: datetime) -> int | None:
    """
    Return the state of the entry to put at *start*, None for none.
    """
    if chance < 0.68:
        if start > now:
            return BOOKED
        if start > now - timedelta(minutes=45):
            return ARRIVED
        return DID_NOT_ATTEND if random.random() < 0.04 else COMPLETED
    if chance < 0.73:
        return CANCELLED
    return BLOCKED if chance < 0.76 else None


def _entry(
    random: Random, shift: staff.Shift, start: datetime, minutes: int, status: int, *, patients: int, token: str
) -> _Entry:
    blocked = status == BLOCKED
    type_id = random.choice([row[0] for row in staff.TYPES if row[3] in (None, shift.practitioner_id)])
    return _Entry(
        practitioner_id=shift.practitioner_id,
        location_id=shift.location_id,
        start=start,
        minutes=minutes,
        status=status,
        type_id=None if blocked else int(shift.type_ids or type_id),
        patient_id=None if blocked else random.randint(1, patients),
        notes="" if blocked or random.random() < 0.5 else f"{token}: {random.choice(_REMARKS)}",
    )


def _appointment_rows(entries: Sequence[_Entry]) -> list[tuple[object, ...]]:
    return [
        (
            number,
            entry.practitioner_id,
            entry.location_id,
            entry.patient_id,
            entry.type_id,
            entry.start,
            entry.minutes,
            entry.status,
            entry.notes,
        )
        for number, entry in enumerate(entries, start=1)
    ]


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
