# ruff: noqa: S608  # the names and values in these statements are the tests' own
"""
Real database servers on loopback, each with a data folder of its own that is deleted afterwards.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyodbc
import pytest

SCHEMA = (Path(__file__).parents[1] / "agent" / "sandbox" / "practice" / "schema.sql").read_text("utf-8")

TABLES = tuple(re.findall(r"CREATE TABLE (\w+)", SCHEMA))

START_S = 60


def statements_of(script: str) -> list[str]:
    """
    Return the statements of a script, without its comments.
    """
    lines = [line.split("--")[0] for line in script.splitlines()]
    return [s for s in (part.strip() for part in "\n".join(lines).split(";")) if s]


PASSWORD = "se;cret}{ value"  # with what a connection text treats as special


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """
    A running server with one database, `practice`, that is emptied for each test.
    """

    dialect: str
    pid: int
    connection: str
    administration: str
    password: str = PASSWORD

    def create_database(self) -> None:
        self.create_empty_database()
        self.run(*statements_of(SCHEMA))

    def create_empty_database(self) -> None:
        link = pyodbc.connect(self.administration, autocommit=True)
        for statement in CREATE[self.dialect]:
            link.execute(statement)
        link.close()

    def empty_database(self) -> None:
        self.run(*(f"DELETE FROM {table}" for table in TABLES))

    def run(self, *statements: str) -> None:
        link = pyodbc.connect(f"{self.connection};PWD={braced(self.password)}", autocommit=True)
        for statement in statements:
            link.execute(statement)
        link.close()


CREATE = {
    "mariadb": ("CREATE DATABASE practice CHARACTER SET utf8mb4", "GRANT ALL ON practice.* TO agent@localhost"),
    "postgresql": ("CREATE DATABASE practice OWNER agent",),
}


def braced(password: str) -> str:
    return "{" + password.replace("}", "}}") + "}"


class MariaDb:
    @staticmethod
    @contextmanager
    def running() -> Iterator[Server]:
        need("MariaDB Unicode", "mysql", "mariadb-install-db", "mariadbd")
        with _folder_of("mysql") as folder:
            data, port = folder / "data", _free_port()
            subprocess.run(
                [
                    "mariadb-install-db",
                    "--no-defaults",
                    "--user=mysql",
                    f"--datadir={data}",
                    "--auth-root-authentication-method=normal",
                    "--skip-test-db",
                ],
                check=True,
                capture_output=True,
            )
            server = subprocess.Popen(
                [
                    "mariadbd",
                    "--no-defaults",
                    "--user=mysql",
                    f"--datadir={data}",
                    f"--socket={folder / 's'}",
                    "--bind-address=127.0.0.1",
                    f"--port={port}",
                    "--skip-name-resolve=0",
                    "--innodb-flush-log-at-trx-commit=0",
                ],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                base = f"Driver={{MariaDB Unicode}};Server=127.0.0.1;Port={port}"
                link = _connected(f"{base};User=root")
                link.execute(f"CREATE USER agent@localhost IDENTIFIED BY '{PASSWORD}'")
                link.close()
                yield Server(
                    dialect="mariadb",
                    pid=server.pid,
                    connection=f"{base};Database=practice;User=agent",
                    administration=f"{base};User=root",
                )
            finally:
                server.kill()
                server.wait()


class PostgreSql:
    @staticmethod
    @contextmanager
    def running() -> Iterator[Server]:
        programs = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/nowhere"))
        need("PostgreSQL Unicode", "postgres", programs / "initdb", programs / "postgres")
        with _folder_of("postgres") as folder:
            data, port = folder / "data", _free_port()
            user = pwd.getpwnam("postgres")
            as_postgres = {"user": user.pw_uid, "group": user.pw_gid, "cwd": folder} if os.geteuid() == 0 else {"cwd": folder}
            subprocess.run(
                [programs / "initdb", "-D", data, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-U", "postgres", "-N"],
                check=True,
                capture_output=True,
                **as_postgres,
            )
            rules = data / "pg_hba.conf"
            rules.write_text("host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
            server = subprocess.Popen(
                [
                    programs / "postgres",
                    "-D",
                    data,
                    "-p",
                    str(port),
                    "-c",
                    "listen_addresses=127.0.0.1",
                    "-c",
                    f"unix_socket_directories={folder}",
                    "-c",
                    "fsync=off",
                ],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                **as_postgres,
            )
            try:
                base = f"Driver={{PostgreSQL Unicode}};Server=127.0.0.1;Port={port}"
                link = _connected(f"{base};Database=postgres;UID=postgres")
                link.execute(f"CREATE ROLE agent LOGIN PASSWORD '{PASSWORD}'")
                link.close()
                yield Server(
                    dialect="postgresql",
                    pid=server.pid,
                    connection=f"{base};Database=practice;UID=agent",
                    administration=f"{base};Database=postgres;UID=postgres",
                )
            finally:
                server.send_signal(signal.SIGINT)  # fast: whoever is connected is cut off instead of waited for
                server.wait()


def need(driver: str, user: str, *programs: str | Path) -> None:
    if driver not in pyodbc.drivers():
        pytest.skip(f"the ODBC driver {{{driver}}} is not installed")
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{Path(program).name} is not installed")
    if os.geteuid() != 0 and pwd.getpwuid(os.geteuid()).pw_name != user:
        pytest.skip(f"only root or {user} can start this server")


@contextmanager
def _folder_of(user: str) -> Iterator[Path]:
    # Not pytest's folder: a server runs under an account of its own, which cannot enter it.
    folder = Path(tempfile.mkdtemp(prefix="frontdesk-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, user)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _connected(connection: str) -> pyodbc.Connection:
    limit = time.monotonic() + START_S
    while True:
        try:
            return pyodbc.connect(connection, autocommit=True)
        except pyodbc.Error:
            if time.monotonic() > limit:
                raise
            time.sleep(0.1)
