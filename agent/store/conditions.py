"""
What is not as it should be, kept over restarts.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from agent.domain.errors import Misconfigured, Transient
from agent.domain.status import Condition, Severity
from agent.store.database import Database
from agent.store.instants import instant_text

_COLUMNS = "area, code, severity, message, remedy, since, count"


class Conditions:
    """
    The open conditions, one for each area and code. Safe to call from several threads.

    One that cannot be written, because the disk is full or the file damaged, is shown all the same, until it is ended or the
    engine is.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._unwritten: dict[tuple[str, str], Condition] = {}

    def raise_condition(self, condition: Condition) -> Condition:
        """
        Open a condition, or count once more the one that is open already, and return it as it now is.

        An open one keeps its *since* and takes over severity, message and remedy.
        """
        key = (condition.area, condition.code)
        try:
            written = self._write(condition)
        except (Transient, Misconfigured):
            known = self._unwritten.get(key)
            self._unwritten[key] = condition if known is None else replace(condition, since=known.since, count=known.count + 1)
            return self._unwritten[key]
        self._unwritten.pop(key, None)
        return written

    def _write(self, condition: Condition) -> Condition:
        with self._database.writing() as connection:
            row = connection.execute(
                f"INSERT INTO conditions ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, 1)"  # noqa: S608 - a constant of ours
                " ON CONFLICT (area, code) DO UPDATE SET severity = excluded.severity, message = excluded.message,"
                f" remedy = excluded.remedy, count = count + 1 RETURNING {_COLUMNS}",
                (
                    condition.area,
                    condition.code,
                    condition.severity.value,
                    condition.message,
                    condition.remedy,
                    instant_text(condition.since),
                ),
            ).fetchall()[0]
            return _condition(row)

    def clear_condition(self, area: str, code: str = "") -> int:
        """
        End a condition, or with *code* empty all of an area, and return how many were open.
        """
        ended = [key for key in list(self._unwritten) if key[0] == area and code in ("", key[1])]
        for key in ended:
            self._unwritten.pop(key, None)
        with self._database.writing() as connection:
            written = connection.execute("DELETE FROM conditions WHERE area = ? AND ? IN ('', code)", (area, code)).rowcount
        return written + len(ended)

    def open_conditions(self) -> Sequence[Condition]:
        """
        Return the open ones, oldest first.
        """
        found: dict[tuple[str, str], Condition] = {}
        try:
            with self._database.reading() as connection:
                rows = connection.execute(f"SELECT {_COLUMNS} FROM conditions ORDER BY since, area, code")  # noqa: S608 - as above
                found = {(row["area"], row["code"]): _condition(row) for row in rows}
        except Misconfigured:
            if not self._unwritten:
                raise
        return [*(found | self._unwritten).values()]


def _condition(row: sqlite3.Row) -> Condition:
    return Condition(
        area=row["area"],
        code=row["code"],
        severity=Severity(row["severity"]),
        message=row["message"],
        remedy=row["remedy"],
        since=datetime.fromisoformat(row["since"]),
        count=row["count"],
    )
