"""
What libraries raise, and what becomes of it.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pyodbc
import pytest
from database_servers import braced
from practices import Practice

from agent.domain.errors import AuthRequired, FrontdeskError, Misconfigured
from agent.domain.masked import Secret
from agent.pms.sql.carriers import Access, named, odbc, sqlite
from agent.pms.sql.carriers.registry import connector


@pytest.mark.parametrize(
    ("state", "text", "code"),
    [
        ("08S01", "Lost connection", "pms-connection-lost"),
        ("57P01", "terminating connection", "pms-connection-lost"),
        ("HY000", "Server has gone away", "pms-connection-lost"),
        ("23000", "Duplicate entry 'Ann Lee'", "pms-duplicate-key"),
        ("23505", "Key (name)=(Ann Lee)", "pms-duplicate-key"),
        ("HY000", "UNIQUE constraint failed: patients.id", "pms-duplicate-key"),
        ("25006", "cannot execute INSERT", "pms-read-only"),
        ("HY000", "attempt to write a readonly database", "pms-read-only"),
        ("40001", "Deadlock found", "pms-busy"),
        ("55P03", "lock timeout", "pms-busy"),
        ("HY000", "database is locked (5)", "pms-busy"),
        ("HY018", "max_statement_time exceeded", "pms-slow"),
        ("57014", "statement timeout", "pms-slow"),
        ("42S02", "Table 'x' doesn't exist", "pms-sql"),
        ("22001", "Data too long 'Ann Lee'", "pms-sql"),
        ("HY000", "no such table: x", "pms-sql"),
        ("HY000", "Ann Lee", "pms-failed"),
    ],
)
def test_odbc_errors(state: str, text: str, code: str) -> None:
    """
    SQLSTATE decides, the text only where a driver has no state for it, and it is never told.
    """
    found = odbc.translate(pyodbc.Error(state, text), "book.sql, line 5")

    assert code == found.code
    assert "book.sql, line 5" in found.message
    assert "Ann Lee" not in f"{found!r} {found.message} {found.remedy}"


@pytest.mark.parametrize(
    ("state", "text", "code"),
    [
        ("08001", 'FATAL: database "practice" is not currently accepting connections', "pms-closed"),
        ("08001", "FATAL: the database system is starting up", "pms-closed"),
        ("42000", "Database 'Practice' is already open and can only have one user at a time.", "pms-closed"),
        ("28000", "Login failed for user 'agent'. Reason: Server is in single user mode.", "pms-closed"),
        ("42000", "Database 'Practice' cannot be opened. It is in the middle of a restore.", "pms-closed"),
        ("28000", 'Cannot open database "Practice" requested by the login. The login failed.', "pms-closed"),
        ("28000", "Login failed for user 'agent'.", "pms-login"),
        ("42000", "Login failed for user 'agent'. (18456)", "pms-login"),
        ("28000", "Access denied for user 'agent'@'here' (using password: YES)", "pms-login"),
        ("HY000", "Access denied for user 'agent'@'here' to database 'practice'", "pms-database"),
        ("HY000", "Unknown database 'practice'", "pms-database"),
        ("08001", "Connection refused", "pms-connect"),
    ],
)
def test_odbc_errors_at_the_door(state: str, text: str, code: str) -> None:
    """
    A database that lets nobody in for now is waited for; it must not look like a refused login, which is left alone for an hour.
    """
    found = odbc.at_connect(pyodbc.Error(state, text))

    assert code == found.code
    assert "agent" not in f"{found.message} {found.remedy}"


@pytest.mark.parametrize(
    ("text", "sql", "what"),
    [
        ("Unknown column 'p.ishidden' in 'SELECT'", "SELECT p.IsHidden FROM provider p", "column IsHidden"),
        ("Table 'here.provider' doesn't exist", "SELECT 1 FROM provider", "table provider"),
        ("no such table: provider", "SELECT 1 FROM Provider", "table Provider"),
        ("no such column: p.shown", "SELECT p.shown", "column shown"),
        ('column "shown" does not exist', "SELECT shown", "column shown"),
        ('relation "provider" does not exist', "SELECT 1 FROM provider", "table provider"),
        ("Invalid object name 'dbo.USERS'.", "SELECT 1 FROM dbo.USERS", "table USERS"),
        ("Invalid column name 'TITLE'.", "SELECT TITLE FROM dbo.USERS", "column TITLE"),
        ("SELECT command denied to user 'a'@'b' for column 'Note' in table 'appointment'", "SELECT Note FROM x", "column Note"),
        ("SELECT command denied to user 'a'@'b' for table `here`.`settings`", "SELECT 1 FROM here.settings", "table settings"),
        ("Data too long for column 'name' at row 1: 'Ann Lee'", "INSERT INTO x (note) VALUES (?)", ""),
        ("no such table: Ann Lee", "SELECT 1 FROM provider", ""),
        ("syntax error near 'provider'", "SELECT FROM provider", ""),
    ],
)
def test_what_is_missing_is_named_if_the_statement_says_it(text: str, sql: str, what: str) -> None:
    """
    A column or table, spelled as in the statement; nothing that could be a value.
    """
    assert what == named(text.casefold(), sql)


def test_sqlite_errors_tell_no_values(local_practice: Practice) -> None:
    """
    Only the kind of error is told.
    """
    found = sqlite.translate(sqlite3.OperationalError("near Ann Lee"), "book.sql")

    assert ("pms-sql", "The database does not accept book.sql (OperationalError).") == (found.code, found.message)


def test_a_password_in_the_connection_text(local_practice: Practice) -> None:
    """
    It is refused: connection texts are shown and stored.
    """
    with pytest.raises(Misconfigured, match="pms-connection"):
        odbc.connect(local_practice.profile, "Driver={SQLite3};Database=x;PWD=geheim", None, Access.READ)


@pytest.mark.parametrize("text", ["Driver={No Such Driver};Database=x", "DSN=a;Driver=libsqlite3odbc"])
def test_a_driver_that_is_not_installed(local_practice: Practice, text: str) -> None:
    """
    The remedy is to install it.
    """
    with pytest.raises(Misconfigured, match="pms-driver"):
        odbc.connect(local_practice.profile, text, None, Access.READ)


def test_a_driver_by_its_path_is_never_loaded(local_practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The driver manager, which would load whatever library lies there, is not even asked.
    """
    asked: list[str] = []
    monkeypatch.setattr(pyodbc, "connect", lambda text, **_: asked.append(text))
    with pytest.raises(Misconfigured, match="pms-connection"):
        odbc.connect(local_practice.profile, "Driver=/srv/library.so;Database=x", None, Access.READ)

    assert [] == asked


def test_a_carrier_the_profile_does_not_know(local_practice: Practice) -> None:
    """
    A carrier has to be named by the profile.
    """
    with pytest.raises(Misconfigured, match="pms-carrier"):
        connector(local_practice.profile, "fax", "", None)


@pytest.mark.servers
def test_logging_in(practice: Practice) -> None:
    """
    A refused login asks for a person, and tells no password; the right one works whatever characters are in it.
    """
    if practice.password is None:
        pytest.skip("a file has no login")
    wrong = replace(practice, password=Secret("made-up-wrong"))

    with pytest.raises(AuthRequired, match="pms-login") as raised:
        wrong.pms().locations()

    assert "made-up-wrong" not in repr(raised.value)
    assert [] == list(practice.pms().locations())


@pytest.mark.servers
def test_a_server_that_is_not_there(practice: Practice) -> None:
    """
    A closed port is a database that is away.
    """
    if practice.password is None:
        pytest.skip("a file has no port")
    elsewhere = replace(practice, connection=practice.connection.split("Port=")[0] + "Port=1;Database=practice;UID=agent")

    with pytest.raises(FrontdeskError, match="pms-connect"):
        elsewhere.pms().locations()


def test_braces_in_passwords() -> None:
    """
    What a connection text treats as special is put between braces.
    """
    assert ["abc", braced("a;b}c")] == [odbc._quoted("abc"), odbc._quoted("a;b}c")]
