# ruff: noqa: PLR2004 (how often something happens in an invented year means nothing beyond its line)
"""
A practice's database and the people who work in it, for a year.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from agent.domain.booking import reference_text, referenced_booking
from agent.domain.patients import PatientDetails
from agent.sandbox.practice.build import ARRIVED, BLOCKED, BOOKED, CANCELLED, COMPLETED, DID_NOT_ATTEND, INSERT_APPOINTMENT
from agent.sandbox.practice.database import Database, connect_sqlite, create_tables
from agent.sandbox.year.world import Cast

LIVE = (BOOKED, ARRIVED, COMPLETED, BLOCKED)
"""States of a row that takes time; a patient who did not attend no longer does."""

KNOWN_PATIENTS = 60
DESK_PATIENTS = 1000
"""From this patient id on they are the desk's own, who never book online."""

AROUND = timedelta(hours=3)
"""More than any two places' clocks differ by."""

_ROWS = "SELECT id, practitioner_id, location_id, patient_id, type_id, starts_at, minutes, status, notes FROM appointments "
_CHANGE = "UPDATE appointments SET {}, version = version + 1 WHERE id = ?"
_CONSONANTS = "bcdfghjklmnpqrstvwxz"
_TYPES = ((1, "Standard", 15), (2, "Long", 30), (3, "Telehealth", 15))


class Row(NamedTuple):
    """
    An appointment as it stands in the database; its times are those of the clocks at its location.
    """

    id: int
    practitioner_id: int
    location_id: int
    patient_id: int | None
    type_id: int | None
    start: datetime
    minutes: int
    status: int
    notes: str

    @property
    def end(self) -> datetime:
        """
        Its end, local and naive.
        """
        return self.start + timedelta(minutes=self.minutes)

    @property
    def booking_id(self) -> int:
        """
        Whose reference it carries; 0: nobody's.
        """
        return referenced_booking(self.notes)


class Slot(NamedTuple):
    """
    Free time that the desk found, on the clocks of its location.
    """

    practitioner_id: int
    location_id: int
    start: datetime
    minutes: int


class Premises:
    """
    The database of one world, what the desk does in it, and what its people know of our bookings.

    Where places show different times, moments are compared on the clocks of the first place: *here*.

    Attributes:
        retyped: Rows that stand for a booking without its reference.
        on_their_way: Bookings that somebody at the desk is just typing again.
        given_away: Rows that carry a reference, and the other patient to whom the desk gave them.
        put_back: Bookings that were restored after Healthengine had been told of their end.
        ended: Bookings that the practice itself ended or lost.
    """

    def __init__(self, cast: Cast, folder: Path, random: Random, first: date, days: int) -> None:
        self.file = folder / f"{cast.name}.sqlite"
        self._cast = cast
        self._zones = {number: place.zone_at(number) for place in cast.places for number in place.locations}
        self._random = random
        self._last = first + timedelta(days=days + 60)
        self._folder = folder
        with closing(connect_sqlite(self.file)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            self._build(Database(connection), first)
            connection.commit()
        self._link = sqlite3.connect(self.file, isolation_level=None, check_same_thread=False)  # they take turns
        self._database = Database(self._link)
        self.retyped: dict[int, set[int]] = {}
        self.on_their_way: set[int] = set()
        self.given_away: dict[int, int] = {}
        self.put_back: set[int] = set()
        self.ended: set[int] = set()

    def close(self) -> None:
        """
        Let go of the file.
        """
        self._link.close()

    # What the clocks say.

    def zone_at(self, location: int) -> ZoneInfo:
        """
        Return the zone of the clocks at a location.
        """
        return self._zones[location]

    def here(self, local: datetime, location: int) -> datetime:
        """
        Return what the clocks of the first place show when those at *location* show *local*; both naive.
        """
        there = self._zones[location]
        if there.key == self._cast.zone.key:
            return local
        return local.replace(tzinfo=there).astimezone(self._cast.zone).replace(tzinfo=None)

    def span(self, row: Row) -> tuple[datetime, datetime]:
        """
        Return when an appointment begins and ends, here.
        """
        start = self.here(row.start, row.location_id)
        return start, start + timedelta(minutes=row.minutes)

    # What is there.

    def rows(self, where: str, *values: object) -> list[Row]:
        """
        Return the appointments that a condition selects.
        """
        return [
            Row._make((*row[:5], datetime.fromisoformat(str(row[5])[:19]), *row[6:]))
            for row in self._database.rows(f"{_ROWS} WHERE {where} ORDER BY starts_at, id", *values)
        ]

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """
        Return the rows of a query.
        """
        return self._database.rows(sql, *values)

    def run(self, sql: str, *values: object) -> int:
        """
        Change something as the PMS's own program would.
        """
        return self._database.run(sql, *values)

    def of_booking(self, booking_id: int) -> list[Row]:
        """
        Return the rows that stand for a booking, whatever they carry.
        """
        retyped = self.retyped.get(booking_id, set())
        found = self.rows("notes LIKE ?", f"%{reference_text(booking_id)}%")
        found += [row for number in retyped for row in self.rows("id = ?", number)]
        standing = {row.id: row for row in found if row.status != CANCELLED and not self._is_given_away(row)}
        return list(standing.values())

    def lives(self, booking_id: int) -> bool:
        """
        Return whether the practice's people would say that the appointment stands.
        """
        return booking_id in self.on_their_way or bool(self.of_booking(booking_id))

    def did_not_attend(self, booking_id: int) -> bool:
        """
        Return whether it is marked so.
        """
        return any(row.status == DID_NOT_ATTEND for row in self.of_booking(booking_id))

    def ours(self, since: datetime) -> list[Row]:
        """
        Return the booked rows that carry a reference and start at *since* or later, here.
        """
        rows = self.rows("starts_at >= ? AND status = ? AND notes LIKE '%HE:%'", since - AROUND, BOOKED)
        return [row for row in rows if row.booking_id and not self._is_given_away(row) and self.span(row)[0] >= since]

    # What the desk does.

    def free_slots(self, day: date, *, after: datetime, minutes: int = 0, practitioner_id: int = 0) -> list[Slot]:
        """
        Look at the diary of a day as the desk sees it; *after* is what the clocks show here.
        """
        taken = self._taken(day)
        found: list[Slot] = []
        for who, where, start, end, slot in self.query(
            "SELECT practitioner_id, location_id, start_time, end_time, slot_minutes FROM roster WHERE roster_date = ?", day
        ):
            if practitioner_id not in (0, who):
                continue
            length = minutes or int(slot)
            for at in _starts(day, _minute(start), _minute(end) - length, int(slot)):
                begin = self.here(at, int(where))
                end_of_it = begin + timedelta(minutes=length)
                is_taken = any(s < end_of_it and begin < e for s, e in taken.get(int(who), ()))
                if begin > after and not is_taken and _exists(at, self._zones[int(where)]):
                    found.append(Slot(int(who), int(where), at, length))
        return found

    def is_free(self, row: Row, minutes: int) -> bool:
        """
        Return whether *row* could last so long.
        """
        start, _ = self.span(row)
        end = start + timedelta(minutes=minutes)
        others = self.rows(
            "practitioner_id = ? AND id <> ? AND starts_at < ? AND starts_at >= ? AND status IN (0, 1, 2, 5)",
            row.practitioner_id,
            row.id,
            end + AROUND,
            start - timedelta(days=1) - AROUND,
        )
        return not any(begin < end and start < until for begin, until in map(self.span, others))

    def has_room(self, slot: Slot) -> bool:
        """
        Return whether nobody has any of that time.
        """
        return self.is_free(Row(0, slot.practitioner_id, slot.location_id, None, None, slot.start, 0, BOOKED, ""), slot.minutes)

    def insert(self, slot: Slot, patient_id: int | None, *, status: int = BOOKED, notes: str = "at the desk") -> int:
        """
        Enter an appointment under the next id.
        """
        number = int(self.query("SELECT COALESCE(MAX(id), 0) + 1 FROM appointments")[0][0])
        self.run(
            INSERT_APPOINTMENT,
            number,
            slot.practitioner_id,
            slot.location_id,
            patient_id,
            1,
            slot.start,
            slot.minutes,
            status,
            notes,
        )
        return number

    def change(self, row_id: int, assignments: str, *values: object) -> None:
        """
        Change a row.
        """
        self.run(_CHANGE.format(assignments), *values, row_id)

    def end_booking(self, row: Row) -> None:
        """
        Cancel a row of ours: its booking has ended.
        """
        self.change(row.id, f"status = {CANCELLED}")
        self.ended.add(row.booking_id)

    def type_again(self, row: Row, *, with_reference: bool) -> int:
        """
        Enter what was deleted once more; returns the new id.
        """
        number = self.insert(
            Slot(row.practitioner_id, row.location_id, row.start, row.minutes),
            row.patient_id,
            notes=row.notes if with_reference else "typed again",
        )
        self.retyped.setdefault(row.booking_id, set()).add(number)
        return number

    def end_day(self, now: datetime) -> None:
        """
        What has passed is completed, or the patient did not come; what is long past goes to the archive.
        """
        self.run("DELETE FROM appointments WHERE starts_at < ?", now - timedelta(days=45))
        for row in self.rows("starts_at < ? AND starts_at >= ? AND status IN (0, 1)", now, now - timedelta(days=4)):
            if self.span(row)[0] >= now:
                continue
            missed = row.booking_id and self._random.random() < 0.05
            self.change(row.id, f"status = {DID_NOT_ATTEND if missed else COMPLETED}")

    # What is done to the database as a whole.

    def backup(self, name: str) -> Path:
        """
        Write a copy of the database.
        """
        path = self._folder / name
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as copy:
            self._link.backup(copy)
        return path

    def restore(self, path: Path) -> list[Row]:
        """
        Put a copy back into its place; returns our appointments that are lost with it.
        """
        before = {row.id: row for row in self.rows("notes LIKE '%HE:%' OR notes = 'typed again'")}
        with closing(sqlite3.connect(path)) as copy:
            copy.backup(self._link)
        left = {row.id for row in self.rows("1 = 1")}
        owners = {number: booking for booking, numbers in self.retyped.items() for number in numbers}
        self.retyped = {booking: kept for booking, numbers in self.retyped.items() if (kept := numbers & left)}
        lost = [row for number, row in before.items() if number not in left and row.status == BOOKED]
        self.ended |= {row.booking_id or owners.get(row.id, 0) for row in lost}
        return lost

    # How it is built.

    def add_doctor(self, number: int, first: date, places: Sequence[int]) -> None:
        """
        Somebody begins to work.
        """
        self._staff(self._database, number, places)
        self._rosters(self._database, number, first, places)

    def remove_doctor(self, number: int, day: date) -> list[Row]:
        """
        Somebody leaves: not bookable any more, and what is booked is cancelled; returns our rows of that.
        """
        self.run("UPDATE practitioners SET active = 0 WHERE id = ?", number)
        self.run("DELETE FROM roster WHERE practitioner_id = ? AND roster_date >= ?", number, day)
        rows = self.rows("practitioner_id = ? AND starts_at >= ? AND status = 0", number, day)
        for row in rows:
            self.end_booking(row)
        return [row for row in rows if row.booking_id]

    def doctors(self) -> list[int]:
        """
        Return who works here.
        """
        return [int(row[0]) for row in self.query("SELECT id FROM practitioners WHERE active = 1 ORDER BY id")]

    def _build(self, database: Database, first: date) -> None:
        create_tables(database)
        database.run("INSERT INTO practice_info VALUES (?, '1')", f"year-{self._cast.name}")
        locations = sorted({number for place in self._cast.places for number in place.locations})
        database.run_many("INSERT INTO locations VALUES (?, ?, 1)", [(n, f"Place {n}") for n in locations])
        database.run_many("INSERT INTO appointment_types VALUES (?, ?, ?, NULL, 1)", _TYPES)
        for number in range(1, self._cast.doctors + 1):
            where = locations if number == 1 else [locations[number % len(locations)]]
            self._staff(database, number, where)
            self._rosters(database, number, first, where)
        for number in range(1, KNOWN_PATIENTS + 1):
            if number % 3:
                _patient(database, number, person(number))
        for number in range(DESK_PATIENTS, DESK_PATIENTS + 40):
            _patient(database, number, person(number))

    @staticmethod
    def _staff(database: Database, number: int, places: Sequence[int]) -> None:
        database.run("INSERT INTO practitioners VALUES (?, 'Dr', ?, ?, 1)", number, f"First{number}", f"Last{number}")
        for place in places:
            database.run("INSERT INTO practitioner_places VALUES (?, ?, 'GP', 'General')", number, place)
        if number == 2:  # one diary behind two resources
            database.run("INSERT INTO practitioner_places VALUES (?, ?, 'SK', 'Skin')", number, places[0])

    def _rosters(self, database: Database, number: int, first: date, places: Sequence[int]) -> None:
        rows: list[tuple[object, ...]] = []
        last = int(database.rows("SELECT COALESCE(MAX(id), 0) FROM roster")[0][0])
        lunch = 12 * 60 + 30 * (number % 3)
        for offset in range((self._last - first).days):
            day = first + timedelta(days=offset)
            span = self._cast.hours[day.weekday()]
            if span is None or (self._cast.doctors > 5 and (number + day.weekday()) % 5 == 0):
                continue
            place = places[day.toordinal() % len(places)]
            parts = [(span.start, lunch), (lunch + 30, span.end)] if span.end > 13 * 60 + 30 else [(span.start, span.end)]
            for start, end in parts:
                last += 1
                rows.append((last, number, place, day, _clock(start), _clock(end), self._cast.slot, "", 1))
                place = places[(day.toordinal() + 1) % len(places)]  # in the afternoon somewhere else
        for day, start, end in self._nights(first) if number == self._cast.doctors else ():
            last += 1
            rows.append((last, number, places[0], day, _clock(start), _clock(end), self._cast.slot, "", 1))
        database.run_many("INSERT INTO roster VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def _nights(self, first: date) -> Iterator[tuple[date, int, int]]:
        """
        Return the nights into the first Sunday of each month, as two stretches; the clocks change in two of them.
        """
        for offset in range((self._last - first).days if self._cast.works_at_night else 0):
            day = first + timedelta(days=offset)
            if day.weekday() == 6 and day.day <= 7:
                yield day - timedelta(days=1), 22 * 60, 24 * 60
                yield day, 0, 6 * 60

    def _is_given_away(self, row: Row) -> bool:
        """
        Return whether it is somebody else's; a backup that is put back may undo that.
        """
        return row.id in self.given_away and self.given_away[row.id] == row.patient_id

    def _taken(self, day: date) -> dict[int, list[tuple[datetime, datetime]]]:
        midnight = datetime(day.year, day.month, day.day)
        taken: dict[int, list[tuple[datetime, datetime]]] = {}
        for who, start, end in self.query(
            "SELECT practitioner_id, start_time, end_time FROM absences WHERE absence_date = ?", day
        ):
            span = (midnight + timedelta(minutes=_minute(start)), midnight + timedelta(minutes=_minute(end)))
            taken.setdefault(int(who), []).append(span)
        rows = self.rows(
            "starts_at >= ? AND starts_at < ? AND status IN (0, 1, 2, 5)",
            midnight - timedelta(days=1) - AROUND,
            midnight + timedelta(days=1) + AROUND,
        )
        for row in rows:
            taken.setdefault(row.practitioner_id, []).append(self.span(row))
        return taken


def resource_id(practitioner: int, location: int, specialty: str) -> str:
    """
    Return under which id somebody is published.
    """
    return f"{practitioner}@{location}:{specialty}"


def person(number: int) -> PatientDetails:
    """
    Return the invented person with that number; people differ in every detail.
    """
    names = ("Amber", "Bilal", "Chiara", "Dmitri", "Esther", "Farid", "Greta", "Hugo", "Imani", "Jonas")
    return PatientDetails(
        first_name=f"{names[number % 10]}{'abcdefghij'[number // 10 % 10]}",
        last_name=f"Quor{_CONSONANTS[number % 20]}{'aeiou'[number // 20 % 5]}{_CONSONANTS[number * 7 % 20]}en",
        date_of_birth=date(1940, 1, 1) + timedelta(days=number * 379 % 27000),
        phone=f"04{number:08d}",
    )


def _patient(database: Database, number: int, details: PatientDetails) -> None:
    database.run(
        "INSERT INTO patients (id, first_name, last_name, date_of_birth, sex, phone, email, address, suburb, state, postcode, "
        "medicare_number, medicare_irn, medicare_expiry, active) "
        "VALUES (?, ?, ?, ?, '', ?, '', '', '', '', '', '', '', '', 1)",
        number,
        details.first_name,
        details.last_name,
        details.date_of_birth,
        details.phone,
    )


def _starts(day: date, first: int, last: int, step: int) -> Iterator[datetime]:
    midnight = datetime(day.year, day.month, day.day)
    for minute in range(first, last + 1, step):
        yield midnight + timedelta(minutes=minute)


def _exists(local: datetime, zone: ZoneInfo) -> bool:
    return local.hour > 4 or local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local


def _minute(text: object) -> int:
    hours, _, minutes = str(text).partition(":")
    return int(hours) * 60 + int(minutes)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
