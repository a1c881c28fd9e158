"""
State files of every layout there ever was: each is brought up to date, whole or not at all, and there is a way back.
"""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.domain.booking import BookingState
from agent.domain.errors import Misconfigured
from agent.store import Store, database
from agent.store.copies import back_up, copies, is_readable_by, newest_for, put_back
from agent.store.damage import began
from agent.store.migrations import Migration, migrate, shipped

NOW = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
AT = "2026-11-20T01:00:00.000000+00:00"
VERSIONS = [migration.number for migration in shipped()]
NEWEST = VERSIONS[-1]

ROWS = {
    1: """
        INSERT INTO bookings (practice_id, booking_id, state, resource_id, practitioner_id, location_id, type_id, start, minutes,
                              booked_at, seen_at, updated_at, appointment_ids, patient_id, reason, last_step)
        VALUES
            ('1001', 7, 'confirmed', 'r', 'p', 'l', 't', '2026-11-24T09:00:00', 15, '<at>', '<at>', '<at>', '["a"]', '5', '', 1),
            ('1001', 8, 'requested', 'r', 'p', 'l', 't', '2026-11-24T10:00:00', 15, '<at>', '<at>', '<at>', '[]', '', '', 2);
        INSERT INTO booking_steps VALUES (1, '1001', 7, 'confirmed', '<at>', ''), (2, '1001', 8, 'requested', '<at>', '');
        INSERT INTO cancellations VALUES ('1001', 3, 7, 'asked', '<at>', '', 1);
        INSERT INTO cancellation_steps VALUES (1, '1001', 3, 'asked', '<at>', '');
        INSERT INTO published_days VALUES ('1001', '2026-11-24', 'r', 'f', 4, '', '<at>');
        INSERT INTO published_markers VALUES ('1001', '2026-11-24', 'm');
        INSERT INTO notes VALUES ('1001', 'stopped', 'by hand'), ('1001', 'resources', 'f');
        INSERT INTO tasks (practice_id, kind, booking_id, why, since) VALUES ('1001', 'conflict', 8, 'because', '<at>');
        INSERT INTO conditions VALUES ('pms', 'pms-connect', 'warning', 'm', 'r', '<at>', 1);
        INSERT INTO activity VALUES (1, '<at>', 'engine', 'engine-started', 'It started.', '');
        INSERT INTO uptime VALUES (1, '<at>', '<at>');
    """,
    2: """
        INSERT INTO live_hours (practice_id, contract, learned, learned_at, kept, answered_by)
        VALUES ('1001', '{}', '{}', '<at>', '', '');
    """,
    3: "INSERT INTO approvals VALUES (1, '1001', 'resource', 'r', 'Dr', '<at>', NULL, '');",
    4: "INSERT INTO statements VALUES (1, 'f', '[]');",
    5: "INSERT INTO home_identity VALUES (1, 'm', 'd', '1', '1', '<at>');",
    6: "INSERT INTO task_roads VALUES (1, 'mail', 1, NULL, '<at>'); UPDATE tasks SET changed_at = since;",
}
"""What is put into a file of a layout, besides what those before it have; `<at>` is an instant."""

DIGESTS = {
    1: "eef9fbc0f7a0",
    2: "eece3a6d910b",
    3: "dbf88f6b96f5",
    4: "543c336894de",
    5: "10a06509f337",
    6: "1e883bdee4e1",
    7: "de005383bd2f",
    8: "abfd4ae57536",
    9: "dfbe435062c5",
}
"""Of each layout's SQL, as there are state files of it: what a later program needs beside that is a layout of its own."""

KILLED = """
import sys
from contextlib import closing
from pathlib import Path
from agent.store import database
from agent.store.migrations import Migration, migrate, shipped

def pause():
    print("half-way", flush=True)
    sys.stdin.read()

path = Path(sys.argv[1])
with closing(database.connect(path)) as connection:
    connection.create_function("pause", 0, pause)
    migrate(connection, path, [*shipped(), Migration(shipped()[-1].number + 1, "DELETE FROM notes; SELECT pause();")])
"""


def file_of(path: Path, version: int) -> Path:
    """
    Make a file as the program left it that knew layouts up to *version*.
    """
    bring_to(path, shipped()[:version])
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("".join(sql for number, sql in ROWS.items() if number <= version).replace("<at>", AT))
    return path


def bring_to(path: Path, migrations: Sequence[Migration]) -> None:
    with closing(database.connect(path)) as connection:
        migrate(connection, path, migrations)


def contents(path: Path, columns: dict[str, list[str]] | None = None) -> dict[str, list[tuple[object, ...]]]:
    """
    Return every row of every table, or of *columns* only.
    """
    with closing(sqlite3.connect(path)) as connection:
        return {
            table: connection.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY 1, 2").fetchall()  # noqa: S608 - names of ours
            for table, names in (columns or columns_of(path)).items()
        }


def columns_of(path: Path) -> dict[str, list[str]]:
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'").fetchall()
        return {name: [row[1] for row in connection.execute(f"PRAGMA table_info({name})")] for (name,) in tables}


def test_no_layout_is_changed_afterwards() -> None:
    """
    Else the files that are made here are not those that an earlier version left.
    """
    assert DIGESTS == {step.number: hashlib.sha256(step.sql.encode()).hexdigest()[:12] for step in shipped()}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_file_of_every_layout_is_brought_up_to_date(store_path: Path, version: int) -> None:
    """
    Nothing in it is lost, it is whole, and as the old program left it there is a copy.
    """
    columns = columns_of(file_of(store_path, version))
    before = contents(store_path)
    with Store.open(store_path) as store:
        bookings = {entry.booking_id: entry.state for entry in store.ledger.bookings("1001")}
        tasks = [task.booking_id for task in store.tasks.open_tasks()]
        with store._database.reading() as connection:
            checked = [*connection.execute("PRAGMA foreign_key_check"), *connection.execute("PRAGMA integrity_check")]

    assert before == contents(store_path, columns)
    assert {7: BookingState.CONFIRMED, 8: BookingState.REQUESTED} == bookings
    assert [8] == tasks
    assert ["ok"] == [row[0] for row in checked]
    assert is_readable_by(store_path, NEWEST)
    assert ([] if version == NEWEST else [version]) == [copy.version for copy in copies(store_path)]
    assert version == NEWEST or before == contents(copies(store_path)[0].path)


@pytest.mark.parametrize("version", [1, NEWEST])
def test_a_migration_that_is_killed_half_way_leaves_the_file_to_the_old_program(store_path: Path, version: int) -> None:
    """
    Whole and as it was, whatever layouts lay between; and the next try succeeds.
    """
    file_of(store_path, version)
    before = contents(store_path)
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(store_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as upgrade:
        assert upgrade.stdout is not None
        assert "half-way\n" == upgrade.stdout.readline()
        upgrade.kill()
        upgrade.wait(10)

    bring_to(store_path, shipped()[:version])
    assert before == contents(store_path)
    bring_to(store_path, [*shipped(), Migration(NEWEST + 1, "DELETE FROM notes;")])
    assert not is_readable_by(store_path, NEWEST)


def test_going_on_from_a_copy(store_path: Path) -> None:
    """
    What people said and what was confirmed stays; what may have happened since counts as unknown or not sent. The newer file is
    kept, and so is the copy.
    """
    file_of(store_path, NEWEST)
    copy = back_up(store_path)
    bring_to(store_path, [*shipped(), Migration(NEWEST + 1, "DELETE FROM notes;")])

    put_back(copy, store_path, NOW)

    with Store.open(store_path) as store:
        (day,) = store.published.days("1001", NOW.date(), datetime.max.date()).values()  # noqa: DTZ901 - only its date
        assert NOW == began(store)
        assert ["confirmed"] == [entry.state for entry in store.ledger.bookings("1001")]
        assert ("", 5) == (day.fingerprint, day.generation)
        assert {} == store.published.markers("1001")
        assert ("by hand", "") == tuple(store.published.note("1001", name) for name in ("stopped", "resources"))
        with store._database.reading() as connection:
            assert [] == connection.execute("PRAGMA foreign_key_check").fetchall()
    assert copy.path.exists()
    assert not is_readable_by(store_path.with_name("state.db.undone-20261123010203"), NEWEST)
    if sys.platform != "win32":
        assert 0o600 == store_path.stat().st_mode & 0o777


@pytest.mark.parametrize("version", VERSIONS)
def test_there_is_a_way_back_to_every_layout(store_path: Path, version: int) -> None:
    """
    The old program opens what is put back.
    """
    copy = back_up(file_of(store_path, version))
    bring_to(store_path, [*shipped(), Migration(NEWEST + 1, "DELETE FROM notes;")])

    assert copy == newest_for(store_path, version)
    put_back(copy, store_path, NOW)
    bring_to(store_path, shipped()[:version])
    assert is_readable_by(store_path, version)


def test_no_copy_that_an_older_program_could_use(store_path: Path) -> None:
    """
    It is said, with what to do instead.
    """
    back_up(file_of(store_path, NEWEST))
    with pytest.raises(Misconfigured, match="store-no-copy") as caught:
        newest_for(store_path, NEWEST - 1)

    assert "newer version" in caught.value.remedy
