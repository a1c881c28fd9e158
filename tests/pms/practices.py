"""
Practices for tests: empty databases with the sample schema, and how the agent reaches them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyodbc
import pytest
from database_servers import SCHEMA, Server, braced
from sql_desk import SqlDesk

from agent.domain.masked import Secret
from agent.pms.sql.carriers.registry import connector
from agent.pms.sql.pms import SqlPms
from agent.pms.sql.profile import Profile, load_profile, profile_folders


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """
    A database with the sample schema, and how the agent reaches it.
    """

    folders: tuple[Path, ...]
    carrier: str
    connection: str
    password: Secret | None
    open_desk: Callable[[], Any]  # a DB-API connection in autocommit, as the desk's program has

    @property
    def profile(self) -> Profile:
        return load_profile(*self.folders)

    def pms(self, **options: Any) -> SqlPms:
        profile = self.profile
        return SqlPms(profile, connector(profile, self.carrier, self.connection, self.password), **options)

    @property
    def desk(self) -> SqlDesk:
        return SqlDesk(self.open_desk)


def sqlite_practice(folder: Path, carrier: str) -> Practice:
    file = folder / "practice.sqlite"
    connection = sqlite3.connect(file)
    connection.executescript(SCHEMA)
    connection.execute("INSERT INTO practice_info VALUES ('practice-1', '1.0')")
    connection.commit()
    connection.close()
    return Practice(
        folders=profile_folders("sandbox"),
        carrier=carrier,
        connection=str(file) if carrier == "sqlite" else f"Driver={{SQLite3}};Database={file}",
        password=None,
        open_desk=lambda: sqlite3.connect(file, isolation_level=None, timeout=5),
    )


def server_practice(server: Server) -> Practice:
    server.empty_database()
    server.run("INSERT INTO practice_info VALUES ('practice-1', '1.0')")
    return Practice(
        folders=profile_folders("sandbox", dialect=server.dialect),
        carrier="odbc",
        connection=server.connection,
        password=Secret(server.password),
        open_desk=lambda: pyodbc.connect(f"{server.connection};PWD={braced(server.password)}", autocommit=True),
    )


def practice_of(kind: str, request: pytest.FixtureRequest, folder: Path) -> Practice:
    if kind in {"sqlite", "odbc-sqlite"}:
        if kind == "odbc-sqlite" and "SQLite3" not in pyodbc.drivers():
            pytest.skip("the ODBC driver {SQLite3} (libsqliteodbc) is not installed")
        return sqlite_practice(folder, "sqlite" if kind == "sqlite" else "odbc")
    return server_practice(request.getfixturevalue(kind))


EVERY_DATABASE = (
    "sqlite",
    "odbc-sqlite",
    pytest.param("mariadb", marks=pytest.mark.servers),
    pytest.param("postgresql", marks=pytest.mark.servers),
)
