"""
The sample practice as built: complete, in order, fictional, and open at any hour.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.days import Span, merge, subtract
from agent.sandbox.practice import staff
from agent.sandbox.practice.build import build_practice, create_sqlite
from agent.sandbox.practice.facts import PracticeFacts, bare_digits

NOW = datetime(2026, 11, 18, 10, 20)
TAKES_TIME = "status IN (0, 1, 2, 5)"


def minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def free_minutes(connection: sqlite3.Connection, day: date) -> list[Span]:
    """
    Work out when anybody is free on *day*, from the tables alone.
    """
    free: list[Span] = []
    for practitioner, start, end in connection.execute(
        "SELECT practitioner_id, start_time, end_time FROM roster WHERE roster_date = ?", (day.isoformat(),)
    ).fetchall():
        busy = [
            Span(minutes(a), minutes(b))
            for a, b in connection.execute(
                "SELECT start_time, end_time FROM absences WHERE absence_date = ? AND practitioner_id = ?",
                (day.isoformat(), practitioner),
            )
        ]
        for starts_at, length in connection.execute(
            f"SELECT starts_at, minutes FROM appointments WHERE practitioner_id = ? AND date(starts_at) = ? AND {TAKES_TIME}",  # noqa: S608 (a constant)
            (practitioner, day.isoformat()),
        ):
            first = minutes(starts_at[11:16])
            busy.append(Span(first, first + length))
        free.extend(subtract(Span(minutes(start), minutes(end)), merge(busy)))
    return merge(free)


def test_the_practice_has_its_people_places_and_types(connection: sqlite3.Connection, facts: PracticeFacts) -> None:
    """
    Eight practitioners at two places, twelve types with names of their own, and as many patients as asked for.
    """
    counts = {
        table: connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]  # noqa: S608 (constants)
        for table in ("locations", "practitioners", "practitioner_places", "appointment_types", "patients", "appointments")
    }
    names = connection.execute("SELECT COUNT(DISTINCT name) FROM appointment_types").fetchone()[0]

    assert counts == {
        "locations": 2,
        "practitioners": 8,
        "practitioner_places": 10,
        "appointment_types": 12,
        "patients": 600,
        "appointments": facts.appointments,
    }
    assert names == 12


def test_somebody_has_two_specialties_and_somebody_two_places(connection: sqlite3.Connection, facts: PracticeFacts) -> None:
    """
    One practitioner has two specialties at one place, another one specialty at two places, and one type has an owner.
    """
    rows = connection.execute("SELECT practitioner_id, location_id, specialty_code FROM practitioner_places").fetchall()
    owner = connection.execute("SELECT practitioner_id FROM appointment_types WHERE id = ?", (facts.own_type,)).fetchone()

    assert {(1, "GP"), (1, "SKIN")} == {row[1:] for row in rows if row[0] == facts.two_specialties}
    assert {(1, "GP"), (2, "GP")} == {row[1:] for row in rows if row[0] == facts.two_places}
    assert (facts.own_type_practitioner,) == owner


def test_every_date_of_the_six_weeks_that_is_no_sunday_is_worked(connection: sqlite3.Connection, facts: PracticeFacts) -> None:
    """
    The window has a roster and appointments on every day from Monday to Saturday.
    """
    for table, column in (("roster", "roster_date"), ("appointments", "date(starts_at)")):
        found = {row[0] for row in connection.execute(f"SELECT DISTINCT {column} FROM {table}")}  # noqa: S608 (constants)
        days = [facts.first + timedelta(days=n) for n in range(42)]

        assert [day.isoformat() for day in days if day.weekday() < 6] == sorted(found)
        assert days[-1] + timedelta(days=1) == facts.end


def test_no_two_entries_of_a_practitioner_overlap_or_cross_midnight(connection: sqlite3.Connection) -> None:
    """
    As built the diary is in order: what takes time neither overlaps nor reaches into the next day.
    """
    rows = connection.execute(
        f"SELECT practitioner_id, starts_at, minutes FROM appointments WHERE {TAKES_TIME} ORDER BY practitioner_id, starts_at"  # noqa: S608 (a constant)
    ).fetchall()
    spans = [
        (practitioner, datetime.fromisoformat(start), datetime.fromisoformat(start) + timedelta(minutes=length))
        for practitioner, start, length in rows
    ]

    assert [] == [(a, b) for a, b in pairwise(spans) if a[0] == b[0] and b[1] < a[2]]
    assert [] == [span for span in spans if (span[2] - timedelta(minutes=1)).date() != span[1].date()]


def test_about_half_of_the_working_time_is_taken(connection: sqlite3.Connection) -> None:
    """
    Between two and three fifths of what the roster offers, less absences, is taken.
    """
    offered = 0
    for practitioner, day, start, end in connection.execute(
        "SELECT practitioner_id, roster_date, start_time, end_time FROM roster"
    ).fetchall():
        away = connection.execute(
            "SELECT start_time, end_time FROM absences WHERE practitioner_id = ? AND absence_date = ?", (practitioner, day)
        ).fetchall()
        spans = subtract(Span(minutes(start), minutes(end)), merge(Span(minutes(a), minutes(b)) for a, b in away))
        offered += sum(span.end - span.start for span in spans)
    taken = connection.execute(f"SELECT SUM(minutes) FROM appointments WHERE {TAKES_TIME}").fetchone()[0]  # noqa: S608 (a constant)

    assert 0.4 <= taken / offered <= 0.6


def test_the_past_is_over_and_the_future_is_not(connection: sqlite3.Connection) -> None:
    """
    Nobody has arrived, been seen or stayed away in the future, and nothing in the past still waits.
    """
    now = NOW.strftime("%Y-%m-%d %H:%M:%S")
    past = {row[0] for row in connection.execute("SELECT DISTINCT status FROM appointments WHERE starts_at <= ?", (now,))}
    future = {row[0] for row in connection.execute("SELECT DISTINCT status FROM appointments WHERE starts_at > ?", (now,))}

    assert {1, 2, 3, 4, 5} == past
    assert {0, 3, 5} == future


def test_patients_are_families_twins_and_namesakes_with_hard_names(connection: sqlite3.Connection) -> None:
    """
    The patients hold what makes matching hard.
    """
    rows = connection.execute("SELECT first_name, last_name, date_of_birth, address, phone FROM patients").fetchall()
    names = " ".join(f"{row[0]} {row[1]}" for row in rows)
    households = Counter((row[1], row[3]) for row in rows)
    births = Counter((row[1], row[2], row[3]) for row in rows if row[2])
    people = Counter(row[:3] for row in rows if row[2])

    assert [] == [mark for mark in ("'", "’", "-", "é", "ü", "李", "van der ", "Ł") if mark not in names]
    assert any(count > 2 for count in households.values())
    assert any(count > 1 for count in births.values())
    assert any(count > 1 for count in people.values())


def test_numbers_are_fictional(connection: sqlite3.Connection) -> None:
    """
    Telephone numbers come from the ranges kept for fiction, e-mails from example domains, Medicare numbers begin with 9.
    """
    rows = connection.execute("SELECT phone, email, medicare_number FROM patients").fetchall()
    phones = {bare_digits(row[0]) for row in rows}

    assert {10} == {len(phone) for phone in phones}
    assert set() == {p for p in phones if not (p.startswith("049157") or p[2:6] in ("5550", "7010"))}
    assert {"example.com", "example.net"} == {row[1].partition("@")[2] for row in rows if row[1]}
    assert {"9"} == {row[2][0] for row in rows}


def test_a_scan_finds_any_patient_value(connection: sqlite3.Connection, facts: PracticeFacts) -> None:
    """
    Phone, e-mail, address, notes and longer names of every patient are found in a text, whatever stands around them.
    """
    rows = connection.execute(
        "SELECT phone, email, address, medicare_number, first_name || ' ' || last_name FROM patients"
    ).fetchall()
    notes = connection.execute("SELECT notes FROM appointments WHERE notes <> ''").fetchall()
    missed = [value for row in rows for value in row[:4] if value and not facts.leaks(f"error: <{value}>, see id 12")]
    unlisted = [row[4] for row in rows if row[4] not in facts.tokens]

    assert [] == missed
    assert [] == unlisted
    assert [] == [note for (note,) in notes if not facts.leaks(note)]
    assert frozenset({"charlotte"}) == facts.leaks("Booking of CHARLOTTE failed")
    assert frozenset() == facts.leaks("2026-11-18 10:20:00 INFO booking 4711 of resource 2@1:SKIN confirmed after 3.2 s")


def test_practitioners_share_no_name_with_patients(facts: PracticeFacts) -> None:
    """
    The names of practitioners and places, which may be logged, are not taken for patients.
    """
    texts = [f"{worker.first_name} {worker.last_name}" for worker in staff.WORKERS] + [name for _, name in staff.LOCATIONS]

    assert [] == [text for text in texts if facts.leaks(text)]


def test_the_same_seed_gives_the_same_practice(tmp_path: Path) -> None:
    """
    A practice can be built again, row for row; another seed gives another.
    """
    dumps = []
    for number, seed in enumerate((3, 3, 4)):
        path = tmp_path / f"{number}.db"
        create_sqlite(path, today=NOW.date(), now=NOW, seed=seed, patients=50)
        with closing(sqlite3.connect(path)) as connection:
            dumps.append("\n".join(connection.iterdump()))

    assert dumps[0] == dumps[1]
    assert dumps[0] != dumps[2]


def test_readers_do_not_wait_for_a_writer(path: Path) -> None:
    """
    While somebody is in the middle of a change, others read the state before it at once.
    """
    with closing(sqlite3.connect(path, timeout=0)) as writer, closing(sqlite3.connect(path, timeout=0)) as reader:
        writer.execute("DELETE FROM roster")
        rows = reader.execute("SELECT COUNT(*) FROM roster").fetchone()[0]
        writer.rollback()

    assert rows > 0


@pytest.mark.parametrize(
    ("today", "patients", "token"),
    [(date(2026, 11, 17), 10, "Quorvane"), (date(2026, 11, 18), 0, "Quorvane"), (date(2026, 11, 18), 10, "two words")],
)
def test_nonsense_is_refused(today: date, patients: int, token: str) -> None:
    """
    A time of another day, no patients, or a token that could not be searched for are refused before anything is written.
    """
    with closing(sqlite3.connect(":memory:")) as connection:
        with pytest.raises(ValueError, match="sample practice needs"):
            build_practice(connection, today=today, now=NOW, seed=1, patients=patients, token=token)

        assert [] == connection.execute("SELECT name FROM sqlite_master").fetchall()


@settings(max_examples=25, deadline=None)
@given(
    now=st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2028, 1, 1)).map(lambda at: at.replace(microsecond=0)),
    seed=st.integers(0, 1000),
)
def test_whatever_the_hour_there_is_something_to_book_soon(now: datetime, seed: int) -> None:
    """
    At every minute of any day somebody works now and is free between one and nine hours from now, today or tomorrow.
    """
    with closing(sqlite3.connect(":memory:")) as connection:
        build_practice(connection, today=now.date(), now=now, seed=seed, patients=5)
        spans = connection.execute(
            "SELECT start_time, end_time FROM roster WHERE roster_date = ?", (now.date().isoformat(),)
        ).fetchall()
        free = [
            midnight + timedelta(minutes=minute)
            for day in (now.date(), now.date() + timedelta(days=1))
            for midnight in (datetime(day.year, day.month, day.day),)
            for span in free_minutes(connection, day)
            for minute in range(span.start, span.end)
        ]
    minute_now = now.hour * 60 + now.minute

    assert any(minutes(start) <= minute_now < minutes(end) for start, end in spans)
    assert any(now + timedelta(hours=1) <= at < now + timedelta(hours=9) for at in free)


@settings(max_examples=60, deadline=None)
@given(hour=st.integers(0, 23), day=st.integers(-14, 27), today=st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_working_time_stays_within_its_day(hour: int, day: int, today: date) -> None:
    """
    No stretch of working time is empty, crosses midnight, or overlaps another of the same practitioner.
    """
    now = datetime(today.year, today.month, today.day, hour, 30)
    shifts = staff.shifts_on(today + timedelta(days=day), today=today, now=now)

    for worker in staff.WORKERS:
        spans = sorted(shift.span for shift in shifts if shift.practitioner_id == worker.id)

        assert all(0 <= span.start < span.end <= 1440 for span in spans)
        assert all(a.end <= b.start for a, b in pairwise(spans))
