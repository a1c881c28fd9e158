"""
SQLite through Python's own module: no driver, for the demo and for systems that are a SQLite file.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn

from agent.domain.errors import Misconfigured, Transient
from agent.pms.sql.carriers import CHUNK, Access, Carrier, Table, as_table, away, bad_sql, busy, duplicate, lost, named, read_only
from agent.pms.sql.profile import Profile
from agent.pms.sql.statements import Parameters, Statement, Value


def connect(profile: Profile, connection: str, access: Access) -> Carrier:
    """
    Open the file that *connection* names.

    Raises:
        Transient: `pms-connect`, if it is not there or cannot be opened.
    """
    try:
        file = Path(connection).absolute().as_uri() + "?mode=rw"
        # Several threads may use it, one after another: whoever holds the connection holds a lock.
        link = sqlite3.connect(file, uri=True, isolation_level=None, timeout=5, check_same_thread=False)
        setup = profile.read_setup if access is Access.READ else profile.write_setup
        for statement in setup:
            link.execute(statement)
        link.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        raise away(": the file cannot be opened") from None
    except sqlite3.DatabaseError:
        raise Misconfigured(
            "pms-connect", "The practice database's file is no SQLite database.", remedy="Check the file's name."
        ) from None
    return _Sqlite(link, profile.dialect.begin)


class _Sqlite:
    def __init__(self, link: sqlite3.Connection, begin: str) -> None:
        self._link = link
        self._begin = begin
        self._broken = False

    @property
    def is_broken(self) -> bool:
        return self._broken

    def query(self, statement: Statement, parameters: Parameters) -> Table:
        sql, values = statement.bind(parameters)
        try:
            cursor = self._link.execute(sql, [_plain(v) for v in values])
            return as_table([d[0] for d in cursor.description or ()], lambda: cursor.fetchmany(CHUNK), statement.place)
        except sqlite3.Error as error:
            self._translate(error, statement.place, sql)

    def execute(self, statement: Statement, parameters: Parameters) -> int:
        sql, values = statement.bind(parameters)
        try:
            return self._link.execute(sql, [_plain(v) for v in values]).rowcount
        except sqlite3.Error as error:
            self._translate(error, statement.place, sql)

    def begin(self) -> None:
        self._plain(self._begin)

    def commit(self) -> None:
        self._plain("COMMIT")

    def rollback(self) -> None:
        if not self._broken and self._link.in_transaction:
            try:
                self._link.execute("ROLLBACK")
            except sqlite3.Error:
                self._broken = True

    def close(self) -> None:
        self._broken = True
        with suppress(sqlite3.Error):
            self._link.close()

    def _plain(self, sql: str) -> None:
        try:
            self._link.execute(sql)
        except sqlite3.Error as error:
            self._translate(error, sql, sql)

    def _translate(self, error: sqlite3.Error, place: str, sql: str) -> NoReturn:
        raise translate(error, place, sql) from None


def translate(error: sqlite3.Error, place: str, sql: str = "") -> Transient | Misconfigured:
    """
    Return our error for SQLite's; its text is looked at and dropped, but for names out of *sql* itself.
    """
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    if primary in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return busy(place)
    if code in {sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE}:
        return duplicate(place)
    if primary == sqlite3.SQLITE_READONLY:
        return read_only(place)
    if primary in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
        return lost(place)
    detail = getattr(error, "sqlite_errorname", "") or type(error).__name__
    return bad_sql(place, detail, named(str(error).casefold(), sql))


def _plain(value: Value) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date) else value
