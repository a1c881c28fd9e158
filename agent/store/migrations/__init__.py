"""
Forward-only changes to the state file's layout.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from agent.domain.errors import Misconfigured
from agent.store.database import corrupt, translated

COPIES = 3
"""How many copies of the file, from before a migration each, are kept beside it."""


@dataclass(frozen=True, slots=True)
class Migration:
    """
    One step from version *number* - 1 to *number*.
    """

    number: int
    sql: str


def shipped() -> Sequence[Migration]:
    """
    Return the migrations that come with this program, in order.
    """
    found = [
        Migration(int(entry.name[:4]), entry.read_text(encoding="utf-8"))
        for entry in files("agent.store.migrations").iterdir()
        if entry.name.endswith(".sql")
    ]
    return sorted(found, key=lambda m: m.number)


def migrate(connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration]) -> None:
    """
    Bring the file at *path* up to the newest of *migrations*, each in a transaction with its version number.

    Raises:
        Misconfigured: `store-newer` if the file was written by a newer program, `store-corrupt` if it is damaged.
    """
    with translated():
        present: int = connection.execute("PRAGMA user_version").fetchone()[0]
        newest = migrations[-1].number
        if present > newest:
            raise Misconfigured(
                "store-newer",
                f"The agent's state file is of version {present}, this program knows versions up to {newest}.",
                remedy="Install the newer version of the program again, or put back the copy made before the update.",
            )
        if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise corrupt()
        due = [m for m in migrations if m.number > present]
        if due and present:
            _copy(connection, path, present)
        for migration in due:
            _apply(connection, migration)


def _apply(connection: sqlite3.Connection, migration: Migration) -> None:
    try:
        connection.executescript(f"BEGIN IMMEDIATE;\n{migration.sql}\nPRAGMA user_version = {migration.number};\nCOMMIT;")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.rollback()
        raise


def _copy(connection: sqlite3.Connection, path: Path, version: int) -> None:
    """
    Copy the file as it is before a migration; a copy appears under its name only when it is complete.
    """
    unfinished = path.with_name(f"{path.name}.copying")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(unfinished)) as target:
        connection.backup(target)
    unfinished.replace(path.with_name(f"{path.name}.v{version}"))
    for old in _copies(path)[:-COPIES]:
        old.unlink()


def _copies(path: Path) -> list[Path]:
    pattern = re.compile(re.escape(path.name) + r"\.v(\d+)")
    found = [(int(match[1]), entry) for entry in path.parent.iterdir() if (match := pattern.fullmatch(entry.name))]
    return [entry for _, entry in sorted(found)]
