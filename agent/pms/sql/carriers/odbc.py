"""
ODBC through pyodbc: the product's way to a practice's database.

Errors are told apart by SQLSTATE and by whether the connection still answers, never by pyodbc's exception classes, which differ
by driver.
"""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from typing import NoReturn

import pyodbc

from agent.domain.connection_text import drivers_of, fault_of, parts_of
from agent.domain.errors import AuthRequired, FrontdeskError, Misconfigured, Transient
from agent.domain.masked import Secret
from agent.pms.sql.carriers import (
    CHUNK,
    Access,
    Carrier,
    Table,
    as_table,
    away,
    bad_sql,
    busy,
    duplicate,
    lost,
    named,
    no_right,
    read_only,
)
from agent.pms.sql.profile import Profile
from agent.pms.sql.statements import Parameters, Statement

pyodbc.pooling = False  # a pooled connection would outlive `close` and keep its session settings

LOGIN_TIMEOUT_S = 5

CLOSED = (
    "not currently accepting connections",  # PostgreSQL: ALLOW_CONNECTIONS false
    "database system is ",  # PostgreSQL: starting up, shutting down, in recovery
    "one user at a time",  # SQL Server, 924: single-user mode
    "in single user mode",  # SQL Server, 18461
    "in the middle of a restore",  # SQL Server, 927
    "cannot open database",  # SQL Server, 4060: each of these, or no rights there
)
"""How databases say that they let nobody in for now. SQL Server's words were never seen on a real server."""

REFUSED = (
    "access denied",  # MariaDB
    "password authentication failed",  # PostgreSQL
    "login failed for user",  # SQL Server, 18456: FreeTDS gives it no state of its own
)
"""How databases refuse a login."""


def connect(profile: Profile, connection: str, password: Secret | None, access: Access) -> Carrier:
    """
    Open a connection.

    Args:
        connection: An ODBC connection text without the password.

    Raises:
        Transient: `pms-connect`; `pms-closed` while the database lets nobody in.
        AuthRequired: `pms-login`.
        Misconfigured: `pms-driver` unless the driver is one that is registered, `pms-connection` if the text says what it
            may not say.
    """
    if fault := fault_of(connection):
        raise Misconfigured("pms-connection", f"The connection text {fault[0]}.", remedy=f"{fault[1]}.")
    registered = {driver.casefold() for driver in pyodbc.drivers()}
    if any(driver.casefold() not in registered for driver in drivers_of(connection)):
        raise _no_driver()
    text = connection.rstrip("; ") + ";"
    said = {key for key, _ in parts_of(connection)}
    text += "".join(f"{key}={value};" for key, value in profile.dialect.odbc_defaults if key.casefold() not in said)
    if password is not None:
        text += f"{profile.password_key}={_quoted(password.reveal())};"
    try:
        link = pyodbc.connect(text, autocommit=True, timeout=LOGIN_TIMEOUT_S)
    except pyodbc.Error as error:
        raise at_connect(error) from None
    if profile.dialect.utf8_parameters and sys.platform != "win32":
        link.setencoding(encoding="utf-8", ctype=pyodbc.SQL_CHAR)
    carrier = _Odbc(link, profile.dialect.begin)
    try:
        for statement in profile.read_setup if access is Access.READ else profile.write_setup:
            carrier.plain(statement)
    except FrontdeskError:
        carrier.close()
        raise
    return carrier


class _Odbc:
    # Transactions are begun and ended by statements, with the driver in autocommit: the same in every dialect, and SQLite can be
    # asked for its write lock at once.

    def __init__(self, link: pyodbc.Connection, begin: str) -> None:
        self._link = link
        self._begin = begin
        self._broken = False
        self._in_transaction = False

    @property
    def is_broken(self) -> bool:
        return self._broken

    def query(self, statement: Statement, parameters: Parameters) -> Table:
        sql, values = statement.bind(parameters)
        cursor = None
        try:
            cursor = self._link.execute(sql, *values)
            while cursor.description is None and cursor.nextset():
                pass  # a procedure may count before it selects
            fetch = cursor.fetchmany
            names = [d[0] for d in cursor.description or ()]
            return as_table(names, (lambda: fetch(CHUNK)) if names else list, statement.place)
        except pyodbc.Error as error:
            self._translate(error, statement.place, sql)
        finally:
            _close(cursor)

    def execute(self, statement: Statement, parameters: Parameters) -> int:
        sql, values = statement.bind(parameters)
        cursor = None
        try:
            cursor = self._link.execute(sql, *values)
            return int(cursor.rowcount)
        except pyodbc.Error as error:
            self._translate(error, statement.place, sql)
        finally:
            _close(cursor)

    def begin(self) -> None:
        self.plain(self._begin)
        self._in_transaction = True

    def commit(self) -> None:
        self.plain("COMMIT")
        self._in_transaction = False

    def rollback(self) -> None:
        if self._in_transaction and not self._broken:
            self._in_transaction = False
            try:
                self.plain("ROLLBACK")
            except FrontdeskError:
                self._broken = True

    def close(self) -> None:
        self._broken = True
        with suppress(pyodbc.Error):
            self._link.close()

    def plain(self, sql: str) -> None:
        cursor = None
        try:
            cursor = self._link.execute(sql)
        except pyodbc.Error as error:
            self._translate(error, sql, sql)
        finally:
            _close(cursor)

    def _translate(self, error: pyodbc.Error, place: str, sql: str) -> NoReturn:
        translated = translate(error, place, sql)
        if translated.code == "pms-failed" and not self._answers():
            translated = lost(place)  # drivers have words of their own for a link that is gone
        if translated.code == "pms-connection-lost":
            self._broken = True
        raise translated from None

    def _answers(self) -> bool:
        try:
            self._link.execute("SELECT 1").close()
        except pyodbc.Error as error:
            return _state(error)[:2] == "25"  # a transaction that has failed, on a link that lives
        return True


def translate(error: pyodbc.Error, place: str, sql: str = "") -> Transient | Misconfigured:
    """
    Return our error for a failed statement; the driver's text is looked at and dropped, but for names out of *sql* itself.
    """
    state, text = _state(error), _text(error)
    if state[:2] == "08" or state[:3] == "57P" or "server has gone away" in text or "lost connection" in text:
        return lost(place)
    if state in {"23000", "23505"} or "unique constraint failed" in text:
        return duplicate(place)
    if state == "25006" or "readonly database" in text or "read-only" in text:
        return read_only(place)
    if state == "42501" or "command denied" in text or "permission was denied" in text:
        return no_right(place, named(text, sql))
    if state in {"40001", "40P01", "55P03", "HYT00", "HYT01"} or "database is locked" in text or "lock wait timeout" in text:
        return busy(place)
    if state in {"57014", "HY018", "HY008", "70100"} or "max_statement_time" in text:
        return Transient("pms-slow", f"The practice database took too long ({place}).")
    if state[:2] in {"42", "07", "22", "21"} or "no such" in text or "syntax error" in text:
        return bad_sql(place, f"SQLSTATE {state}", named(text, sql))
    return Transient("pms-failed", f"The practice database refused {place} (SQLSTATE {state}).")


def at_connect(error: pyodbc.Error) -> FrontdeskError:
    """
    Return our error for a connection that was not let in; the driver's text is looked at and dropped.
    """
    state, text = _state(error), _text(error)
    if state[:2] == "IM" or "can't open lib" in text:
        return _no_driver()
    if "to database" in text or "unknown database" in text or ("database " in text and "does not exist" in text):
        return Misconfigured(
            "pms-database",
            "The database that the connection text names is not there, or not open to this login.",
            remedy="Correct Database= in the connection text, or give the login its rights in that database.",
        )
    if any(words in text for words in CLOSED):
        return Transient(
            "pms-closed",
            "The practice database lets nobody in: somebody works on it or restores it, or it is not open to this login.",
            remedy="If somebody works on the database, wait: it goes on by itself. Else correct Database= in the connection text "
            "or give the login its rights there.",
        )
    if state[:2] == "28" or any(words in text for words in REFUSED):
        return AuthRequired(
            "pms-login",
            "The practice database refused the login.",
            remedy="Check the user's name in the connection text and store the password again.",
        )
    return away()


def _no_driver() -> Misconfigured:
    return Misconfigured(
        "pms-driver",
        "The ODBC driver that the connection text names is not installed, or not for this kind of processor.",
        remedy="Install the driver, or correct Driver= in the connection text. Installed drivers: 'frontdesk check'.",
    )


def _state(error: pyodbc.Error) -> str:
    return str(error.args[0]).upper() if error.args else ""


def _text(error: pyodbc.Error) -> str:
    return str(error.args[1]).casefold() if len(error.args) > 1 else ""


def _quoted(password: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_.!$%&*+-]*", password):
        return password
    return "{" + password.replace("}", "}}") + "}"


def _close(cursor: pyodbc.Cursor | None) -> None:
    if cursor is not None:
        with suppress(pyodbc.Error):
            cursor.close()
