"""
The front desk: what it does by itself, what on demand, and how it gets on with others.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread
from typing import Self

import pytest

from agent.sandbox.practice.audit import audit
from agent.sandbox.practice.build import INSERT_APPOINTMENT
from agent.sandbox.practice.database import connect_sqlite
from agent.sandbox.practice.desk import DeskStaff

NOW = datetime(2026, 11, 18, 10, 20)


@pytest.fixture
def connect(path: Path) -> Callable[[], sqlite3.Connection]:
    return lambda: connect_sqlite(path)


@pytest.fixture
def desk(connect: Callable[[], sqlite3.Connection]) -> DeskStaff:
    return DeskStaff(connect, lambda: NOW, every=0.001, seed=1)


def one(connection: sqlite3.Connection, sql: str) -> int:
    return int(connection.execute(sql).fetchone()[0])


def insert_booking(connection: sqlite3.Connection, booking_id: int, *, number: int = 90001) -> None:
    row = (number, 1, 1, 5, 1, "2026-11-20 15:00:00", 15, 0, f"prefers mornings HE:{booking_id};")
    connection.execute("DELETE FROM appointments WHERE practitioner_id = 1 AND date(starts_at) = '2026-11-20'")
    connection.execute(INSERT_APPOINTMENT, row)
    connection.commit()


def overlaps(connection: sqlite3.Connection) -> int:
    rows = connection.execute(
        "SELECT practitioner_id, starts_at, minutes FROM appointments WHERE status IN (0, 1, 2, 5) ORDER BY 1, 2"
    ).fetchall()
    return sum(
        a[0] == b[0] and datetime.fromisoformat(a[1]) + timedelta(minutes=a[2]) > datetime.fromisoformat(b[1])
        for a, b in pairwise(rows)
    )


def test_every_change_raises_the_version_and_none_overlaps(desk: DeskStaff, connection: sqlite3.Connection) -> None:
    """
    A busy morning leaves the diary in order: no overlaps, and everything that changed has a higher version or a new id.
    """
    before = one(connection, "SELECT SUM(version) FROM appointments")
    done = [desk.act() for _ in range(150)]
    changes = sum(count for name, count in desk.counts.items() if name != "nothing_to_do")

    assert {"booked", "moved", "cancelled", "arrived"} <= set(done)
    assert 150 == sum(desk.counts.values())
    assert before + changes == one(connection, "SELECT SUM(version) FROM appointments")
    assert 0 == overlaps(connection)


def test_rows_of_ours_are_left_alone(desk: DeskStaff, connection: sqlite3.Connection) -> None:
    """
    Random changes never touch a row with a reference.
    """
    connection.execute("UPDATE appointments SET notes = 'HE:' || id || ';' WHERE status = 0")
    connection.commit()
    query = "SELECT id, starts_at, practitioner_id, status, version FROM appointments WHERE notes LIKE '%HE:%' ORDER BY id"
    before = connection.execute(query).fetchall()
    for _ in range(60):
        desk.act()

    assert before == connection.execute(query).fetchall()
    assert desk.counts["booked"] > 10


@pytest.mark.parametrize(
    ("order", "status", "start"),
    [
        (DeskStaff.cancel_booking_row, 3, "2026-11-20 15:00:00"),
        (DeskStaff.mark_did_not_attend, 4, "2026-11-20 15:00:00"),
        (DeskStaff.mark_arrived, 1, "2026-11-20 15:00:00"),
        (lambda desk, booking: desk.move_booking_row(booking, datetime(2026, 11, 21, 9)), 0, "2026-11-21 09:00:00"),
    ],
)
def test_a_row_of_ours_is_changed_on_demand(
    desk: DeskStaff, connection: sqlite3.Connection, order: Callable[[DeskStaff, int], list[int]], status: int, start: str
) -> None:
    """
    Told to, the desk cancels, moves or marks exactly the booking's own row.
    """
    insert_booking(connection, 41)
    connection.execute("UPDATE appointments SET notes = 'HE:141;' WHERE id = 1")
    connection.commit()

    assert [90001] == order(desk, 41)
    assert [(90001, start, status, 2)] == connection.execute(
        "SELECT id, starts_at, status, version FROM appointments WHERE version > 1"
    ).fetchall()
    assert [] == order(desk, 999)


def test_a_booking_can_be_moved_to_somebody_else(desk: DeskStaff, connection: sqlite3.Connection) -> None:
    """
    A move may change the practitioner too.
    """
    insert_booking(connection, 41)
    desk.move_booking_row(41, datetime(2026, 11, 20, 16), practitioner_id=2)

    assert 2 == one(connection, "SELECT practitioner_id FROM appointments WHERE id = 90001")


def test_booking_over_ours_does_not_look(desk: DeskStaff, connection: sqlite3.Connection) -> None:
    """
    `book_over` puts a row on top of whatever is there, as a program without our locks can.
    """
    insert_booking(connection, 41)
    number = desk.book_over(1, datetime(2026, 11, 20, 15, 5), 20)

    assert [number] == [found.other_id for found in audit(connection, confirmed={41}).double_booked]
    assert {"booked_over": 1} == desk.counts


def test_an_entry_that_lands_on_another_is_taken_away_again(path: Path, connection: sqlite3.Connection) -> None:
    """
    Where somebody booked between the desk's look and its entry, the desk withdraws its own.
    """
    insert_booking(connection, 41)

    class Meanwhile(sqlite3.Connection):
        """
        Moves the booking onto the desk's new row as soon as that is committed.
        """

        def commit(self) -> None:
            super().commit()
            self.execute(
                "UPDATE appointments SET (starts_at, practitioner_id) = "
                "(SELECT starts_at, practitioner_id FROM appointments WHERE id = (SELECT MAX(id) FROM appointments)) "
                "WHERE id = 90001 AND (SELECT MAX(id) FROM appointments) > 90001"
            )
            super().commit()

    desk = DeskStaff(lambda: sqlite3.connect(path, factory=Meanwhile), lambda: NOW, seed=3)
    while (done := desk.act()) not in ("booked", "withdrawn"):
        pass

    assert "withdrawn" == done
    assert 0 == overlaps(connection)


def test_an_id_that_somebody_took_meanwhile_is_tried_again(path: Path, connection: sqlite3.Connection) -> None:
    """
    Two programs that pick the same next id both get their rows in.
    """
    newest = one(connection, "SELECT MAX(id) FROM appointments")
    taken: list[int] = []

    class Raced(sqlite3.Connection):
        """
        Lets somebody else take the next id just before the desk's first insert.
        """

        def cursor(self, factory: type[sqlite3.Cursor] | None = None) -> sqlite3.Cursor:  # type: ignore[override]  # narrower
            cursor = super().cursor(Watching)
            assert isinstance(cursor, Watching)
            return cursor

    class Watching(sqlite3.Cursor):
        def execute(self, sql: str, parameters: object = (), /) -> Self:
            if sql == INSERT_APPOINTMENT and not taken:
                taken.append(newest + 1)
                with closing(connect_sqlite(path)) as other, other:
                    other.execute(INSERT_APPOINTMENT, (newest + 1, 1, 1, 1, 1, "2027-05-01 09:00:00", 15, 0, ""))
            return super().execute(sql, parameters)  # type: ignore[arg-type]  # whatever the caller gave

    desk = DeskStaff(lambda: sqlite3.connect(path, factory=Raced), lambda: NOW)

    assert newest + 2 == desk.book_over(1, datetime(2027, 5, 2, 9), 15)
    assert [newest + 1] == taken


def test_a_locked_database_is_a_failed_change_and_not_the_end(path: Path) -> None:
    """
    A change that cannot be written is counted and dropped.
    """
    desk = DeskStaff(lambda: sqlite3.connect(path, timeout=0), lambda: NOW, seed=1)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        done = {desk.act() for _ in range(20)}
        other.execute("ROLLBACK")

    assert done <= {"failed", "nothing_to_do"}
    assert desk.act() != "failed"


def test_the_thread_works_beside_others_and_stops(connect: Callable[[], sqlite3.Connection]) -> None:
    """
    Two front desks and a reader work in one database at once; both desks go home when told.
    """
    enough = Event()
    done: list[int] = []

    def clock() -> datetime:
        done.append(1)
        if len(done) > 60:
            enough.set()
        return NOW

    def read() -> None:
        while not enough.is_set():
            with closing(connect()) as connection:
                audit(connection, confirmed=())

    reader = Thread(target=read)
    reader.start()
    with DeskStaff(connect, clock, every=0.001, seed=1) as first, DeskStaff(connect, clock, every=0.001, seed=2) as second:
        assert enough.wait(30)
    reader.join(30)

    assert not reader.is_alive()
    assert "failed" not in {*first.counts, *second.counts}
    assert first.counts["booked"] > 0
    with closing(connect()) as connection:
        assert 0 == overlaps(connection)
