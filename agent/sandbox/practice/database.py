"""
The little that SQLite, MariaDB and PostgreSQL see differently, in one place.

Connections are DB-API connections of `sqlite3` or `pyodbc`, not in autocommit mode; both write parameters as question marks.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

_SQL_DBMS_NAME = 17  # ODBC's number for "which product is this"; written out because pyodbc may not be installed
_BUSY_SECONDS = 5.0


class Cursor(Protocol):
    """
    What is used of a DB-API cursor.
    """

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Any:
        """
        Run one statement.
        """

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]], /) -> Any:
        """
        Run one statement for every row.
        """

    def fetchall(self) -> list[Any]:
        """
        Return all rows that are left.
        """

    def close(self) -> None:
        """
        Let go of it.
        """

    @property
    def rowcount(self) -> int:
        """
        How many rows the last statement changed.
        """


class Connection(Protocol):
    """
    What is used of a DB-API connection.
    """

    def cursor(self) -> Any:
        """
        Return a `Cursor`.
        """

    def commit(self) -> None:
        """
        Keep what was written.
        """

    def rollback(self) -> None:
        """
        Undo what was written.
        """

    def close(self) -> None:
        """
        Let go of it.
        """


class Database:
    """
    A connection that speaks dates and naive datetimes whatever the product. Belongs to one thread.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._times_as_text = _is_sqlite(connection)

    def run(self, sql: str, *parameters: object) -> int:
        """
        Run a statement that returns no rows, and return how many it changed.
        """
        with self._cursor() as cursor:
            cursor.execute(sql, self._bound(parameters))
            return cursor.rowcount

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """
        Run a statement for every row.
        """
        bound = [self._bound(row) for row in rows]
        if bound:
            with self._cursor() as cursor:
                cursor.executemany(sql, bound)

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """
        Return every row of a query.
        """
        with self._cursor() as cursor:
            cursor.execute(sql, self._bound(parameters))
            return [tuple(row) for row in cursor.fetchall()]

    def commit(self) -> None:
        """
        Keep what was written.
        """
        self._connection.commit()

    def rollback(self) -> None:
        """
        Undo what was written.
        """
        self._connection.rollback()

    def close(self) -> None:
        """
        Let go of the connection.
        """
        self._connection.close()

    @contextmanager
    def _cursor(self) -> Iterator[Cursor]:
        cursor: Cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def _bound(self, values: Sequence[object]) -> tuple[object, ...]:
        return tuple(_time_text(value) for value in values) if self._times_as_text else tuple(values)


def connect_sqlite(path: Path) -> sqlite3.Connection:
    """
    Open the sample practice in *path*, waiting up to five seconds for whoever is writing.
    """
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS)
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def as_datetime(value: object) -> datetime:
    """
    Return a stored time, which SQLite gives as text and the others as a datetime.
    """
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value)[:19])


def as_date(value: object) -> date:
    """
    Return a stored date, which SQLite gives as text and the others as a date.
    """
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def create_tables(database: Database) -> None:
    """
    Create the tables of `schema.sql`, which stands beside this module.
    """
    text = Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")
    bare = "\n".join(line.partition("--")[0] for line in text.splitlines())
    for statement in filter(None, (part.strip() for part in bare.split(";"))):
        database.run(statement)


def _is_sqlite(connection: Connection) -> bool:
    if isinstance(connection, sqlite3.Connection):
        return True
    ask = getattr(connection, "getinfo", None)
    return ask is not None and "sqlite" in str(ask(_SQL_DBMS_NAME)).lower()


def _time_text(value: object) -> object:
    # SQLite keeps times as text and compares them as text, so there may be one spelling only
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return value.isoformat() if isinstance(value, date) else value
