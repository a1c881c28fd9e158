"""
Practices of two sizes, as SQLite files in the layout of the sandbox profile.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from agent.sandbox.practice import people
from benchmarks.process import ROOT

PATIENTS = 5000
BUSY_DAYS = 28
SLOT = 15
SCHEMA = ROOT / "agent" / "sandbox" / "practice" / "schema.sql"
_SHIFTS = ((8 * 60, 12 * 60), (13 * 60, 17 * 60))
_SATURDAY = 5
_PATIENT = people.INSERT


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """
    How large a practice is.

    Attributes:
        days: How far ahead its diary goes.
    """

    practitioners: int
    days: int

    def __str__(self) -> str:
        return f"{self.practitioners} practitioners, {self.days} days of diary"


LARGEST = Size(practitioners=100, days=365)
"""The most that publishing is made for."""

ORDINARY = Size(practitioners=40, days=56)
"""A busy practice, for what happens in one all day."""


def build(path: Path, size: Size, *, today: date) -> None:
    """
    Make the database. Everyone works from Monday to Friday; the next four weeks are fairly full, and what follows less so.
    """
    chance = random.Random(20)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(SCHEMA.read_text(encoding="utf-8"))
        connection.execute("INSERT INTO practice_info VALUES ('benchmark', '1')")
        connection.execute("INSERT INTO locations VALUES (1, 'Main', 1)")
        everyone = range(1, size.practitioners + 1)
        connection.executemany(
            "INSERT INTO practitioners VALUES (?, 'Dr', ?, 'Example', 1)", [(i, f"Number{i}") for i in everyone]
        )
        connection.executemany("INSERT INTO practitioner_places VALUES (?, 1, '', '')", [(i,) for i in everyone])
        connection.executemany(
            "INSERT INTO appointment_types VALUES (?, ?, ?, NULL, 1)", [(1, "Standard", 15), (2, "Long", 30), (3, "Review", 15)]
        )
        connection.executemany(_PATIENT, _patients())
        connection.executemany("INSERT INTO roster VALUES (?, ?, 1, ?, ?, ?, ?, '', 1)", _rosters(today, size))
        connection.executemany("INSERT INTO absences VALUES (?, ?, ?, '10:00', '10:15', 'tea', 1)", _absences(today, size))
        appointments = _appointments(today, size, chance)
        connection.executemany("INSERT INTO appointments VALUES (?, ?, 1, ?, ?, ?, ?, 0, '', 1)", appointments)
        connection.commit()


def free_slots(path: Path, count: int, *, after: datetime) -> list[tuple[int, datetime]]:
    """
    Return practitioner and start of *count* free slots, spread over the practitioners, at least a day after *after*.
    """
    found: list[tuple[int, datetime]] = []
    with closing(sqlite3.connect(path)) as connection:
        practitioners = [row[0] for row in connection.execute("SELECT id FROM practitioners ORDER BY id")]
        day = (after + timedelta(days=1)).date()
        while len(found) < count:
            day += timedelta(days=1)
            taken = {
                (row[0], row[1][:16])
                for row in connection.execute(
                    "SELECT practitioner_id, starts_at FROM appointments WHERE substr(starts_at, 1, 10) = ?", (day.isoformat(),)
                )
            }
            for practitioner in practitioners if day.weekday() < _SATURDAY else ():
                free = (
                    at
                    for minute in range(13 * 60, 17 * 60, SLOT)
                    if (practitioner, f"{(at := _at(day, minute)):%Y-%m-%d %H:%M}") not in taken
                )
                found.extend((practitioner, at) for at, _ in zip(free, range(4), strict=False))
    return found[:count]


def _at(day: date, minute: int) -> datetime:
    return datetime(day.year, day.month, day.day) + timedelta(minutes=minute)


def _working_days(today: date, size: Size) -> Iterator[tuple[int, date]]:
    for ahead in range(size.days):
        day = today + timedelta(days=ahead)
        if day.weekday() < _SATURDAY:
            yield ahead, day


def _patients() -> Iterator[tuple[object, ...]]:
    for i in range(1, PATIENTS + 1):
        born = date(1950, 1, 1) + timedelta(days=i * 5)
        yield (i, f"First{i}", f"Last{i}", born.isoformat(), "F", f"04{i:08d}", "", "", "", "NSW", "2000", "", "", "", 1)


def _rosters(today: date, size: Size) -> Iterator[tuple[object, ...]]:
    number = 0
    for _, day in _working_days(today, size):
        for practitioner in range(1, size.practitioners + 1):
            for start, end in _SHIFTS:
                number += 1
                yield number, practitioner, day.isoformat(), _clock(start), _clock(end), SLOT


def _absences(today: date, size: Size) -> Iterator[tuple[object, ...]]:
    number = 0
    for _, day in _working_days(today, size):
        for practitioner in range(1 + day.weekday(), size.practitioners + 1, 5):
            number += 1
            yield number, practitioner, day.isoformat()


def _appointments(today: date, size: Size, chance: random.Random) -> Iterator[tuple[object, ...]]:
    slots = [minute for start, end in _SHIFTS for minute in range(start, end, SLOT)]
    number = 0
    for ahead, day in _working_days(today, size):
        taken = 16 if ahead < BUSY_DAYS else 4
        for practitioner in range(1, size.practitioners + 1):
            for minute in chance.sample(slots, taken):
                number += 1
                patient = chance.randint(1, PATIENTS)
                yield number, practitioner, patient, 1, f"{_at(day, minute):%Y-%m-%d %H:%M:%S}", SLOT


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
