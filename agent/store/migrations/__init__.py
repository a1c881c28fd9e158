"""
Forward-only changes to the state file's layout: all that are due, or none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from agent.domain.errors import Misconfigured
from agent.store.copies import copy_state
from agent.store.database import corrupt, translated


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
    Bring the file at *path* up to the newest of *migrations*, in one transaction: wherever it is interrupted, the file is as the
    old program left it, and a copy of that is kept besides.

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
                remedy="Install the newer version of the program again. Or go on with this one from the copy that was made before"
                " the upgrade, as an administrator: frontdesk service roll-back",
            )
        if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise corrupt()
        due = [m for m in migrations if m.number > present]
        if due and present:
            copy_state(connection, path)
        if due:
            _apply(connection, due)


def _apply(connection: sqlite3.Connection, due: Sequence[Migration]) -> None:
    steps = "\n".join(migration.sql for migration in due)
    try:
        connection.executescript(f"BEGIN IMMEDIATE;\n{steps}\nPRAGMA user_version = {due[-1].number};\nCOMMIT;")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.rollback()
        raise
