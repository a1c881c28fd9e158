from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from threading import Timer

import pytest

from agent.domain.errors import Misconfigured, Transient
from agent.store import Store, database
from agent.store.migrations import Migration, migrate, shipped

WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from agent.domain.booking import BookingState as S
from agent.ports.ledger import LedgerBooking
from agent.store import Store

store = Store.open(Path(sys.argv[1]))
at = datetime(2026, 11, 20, tzinfo=UTC)
for number in range(int(sys.argv[2]), 10**9):
    for state in (S.REQUESTED, S.INSERTING, S.INSERTED, S.CONFIRMING, S.CONFIRMED):
        store.ledger.write(LedgerBooking(
            practice_id="1001", booking_id=number, state=state, resource_id="r", practitioner_id="p", location_id="l",
            type_id="t", start=datetime(2026, 11, 23, 9), minutes=15, booked_at=at, seen_at=at, updated_at=at))
        print(number, state.value, flush=True)
"""

CONTEXT = [Migration(1, "PRAGMA application_id = 0x46447368; CREATE TABLE a (x); INSERT INTO a VALUES (1);")]


def open_at(path: Path, migrations: list[Migration]) -> None:
    with closing(database.connect(path)) as connection:
        migrate(connection, path, migrations)


def value(path: Path, sql: str) -> object:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchone()[0]


def test_a_new_file_is_complete(store: Store, store_path: Path) -> None:
    """
    A new file has the newest version, is flushed at each commit, checks references and needs no copy of itself.
    """
    with store._database.reading() as connection:
        settings = [
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
        version = connection.execute("PRAGMA user_version").fetchone()[0]

    assert ["wal", 2, 1] == settings
    assert version == shipped()[-1].number == len(shipped())
    assert [] == list(store_path.parent.glob("*.v*"))
    if sys.platform != "win32":
        assert store_path.stat().st_mode & 0o777 == 0o600


@pytest.mark.timeout(60)
def test_a_killed_writer_leaves_a_consistent_file(store_path: Path) -> None:
    """
    Killed at any moment, the writer leaves a readable file with everything it was told is committed.
    """
    chance = random.Random(7)
    first = 1
    for _ in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(store_path), str(first)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            lines = [writer.stdout.readline() for _ in range(chance.randrange(1, 30))]
            timer = Timer(chance.random() / 50, writer.kill)
            timer.start()
            lines += writer.stdout.readlines()
            timer.join()
        told = [tuple(line.split()) for line in lines if line.endswith("\n")]
        with Store.open(store_path) as store:
            bookings = [entry for entry in store.ledger.bookings("1001") if entry.booking_id >= first]
            kept = [
                (str(entry.booking_id), step.state) for entry in bookings for step in store.ledger.steps("1001", entry.booking_id)
            ]

            assert told == kept[: len(told)]
            assert len(kept) - len(told) <= 1
            assert (str(bookings[-1].booking_id), bookings[-1].state.value) == kept[-1]
            first = bookings[-1].booking_id + 1


def test_migrations_run_once_and_copy_the_file_first(tmp_path: Path) -> None:
    """
    Each migration runs once, the file as it was before is kept, and of such copies only the newest three.
    """
    path = tmp_path / "state.db"
    migrations = list(CONTEXT)
    for number in range(2, 7):
        open_at(path, migrations)
        migrations.append(Migration(number, "UPDATE a SET x = x + 1;"))
    open_at(path, migrations)
    open_at(path, migrations)

    assert value(path, "SELECT x FROM a") == 6
    assert value(path, "PRAGMA user_version") == 6
    assert ["state.db.v3", "state.db.v4", "state.db.v5"] == sorted(p.name for p in tmp_path.glob("state.db.*v*"))
    assert [3, 4, 5] == [value(tmp_path / f"state.db.v{n}", "SELECT x FROM a") for n in (3, 4, 5)]


def test_a_failing_migration_changes_nothing(tmp_path: Path) -> None:
    """
    A migration that fails half-way leaves contents and version as they were.
    """
    path = tmp_path / "state.db"
    open_at(path, CONTEXT)
    with pytest.raises(Misconfigured, match="store-broken"):
        open_at(path, [*CONTEXT, Migration(2, "UPDATE a SET x = 2; INSERT INTO nowhere VALUES (1);")])

    assert value(path, "SELECT x FROM a") == 1
    assert value(path, "PRAGMA user_version") == 1


def test_a_newer_file_is_refused(store: Store, store_path: Path) -> None:
    """
    A file of a newer program is refused with a remedy, and left alone.
    """
    with store._database.writing() as connection:
        connection.execute("PRAGMA user_version = 99")
    store.close()
    with pytest.raises(Misconfigured, match="store-newer") as caught:
        Store.open(store_path)

    assert caught.value.remedy
    assert value(store_path, "PRAGMA user_version") == 99


@pytest.mark.parametrize("damage", ["head", "middle"])
def test_a_damaged_file_is_refused_and_kept(store: Store, store_path: Path, damage: str) -> None:
    """
    A damaged file is named as such, and never replaced.
    """
    store.close()
    contents = bytearray(store_path.read_bytes())
    begin = 0 if damage == "head" else 4096
    contents[begin : begin + 3000] = b"\x5a" * 3000
    store_path.write_bytes(contents)
    with pytest.raises(Misconfigured, match="store-corrupt") as caught:
        Store.open(store_path)

    assert caught.value.remedy
    assert bytes(contents) == store_path.read_bytes()


def test_another_programs_file_is_refused(store_path: Path) -> None:
    """
    Another program's database in our place is left exactly as it is.
    """
    with closing(sqlite3.connect(store_path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    before = store_path.read_bytes()
    with pytest.raises(Misconfigured, match="store-foreign"):
        Store.open(store_path)

    assert before == store_path.read_bytes()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """
    A place that cannot be written is an error that may pass, with a remedy.
    """
    with pytest.raises(Transient, match="store-unwritable"):
        Store.open(tmp_path / "missing" / "state.db")


def test_a_file_held_by_another_program_may_pass(store: Store, store_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A write while a support tool holds the file waits, then fails in a way that may be tried again, and then works.
    """
    with store._database.reading() as connection:
        connection.execute("PRAGMA busy_timeout = 50")
    with closing(sqlite3.connect(store_path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(Transient, match="store-busy"):
            store.published.set_note("1001", "types", "x")
        holder.rollback()
    store.published.set_note("1001", "types", "y")

    assert store.published.note("1001", "types") == "y"
