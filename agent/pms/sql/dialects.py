"""
What the kinds of database want to be told, whatever the profile: how to begin, to be read only, and to wait for locks briefly.

`readonly=True` of an ODBC connection stops no write in any driver that was tried; these statements do. A login that may only read
what the profile reads remains the better half of it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """
    One kind of database.

    Attributes:
        read_setup: Makes a new connection read only, with a limit on each statement.
        write_setup: Makes lock waits short: the front desk never waits for us.
        begin_locks: Beginning a transaction to write keeps every other writer out.
        dates_as_text: The database keeps dates as ISO texts, and so must parameters be.
        utf8_parameters: Its ODBC driver spoils long texts in UTF-16 outside Windows and is given UTF-8 there (seen with MariaDB
            Connector/ODBC 3.1.15: a text of 200 Chinese characters lost one and shifted the rest).
        odbc_defaults: What a connection text is given where it does not say otherwise.
    """

    name: str
    begin: str
    read_setup: tuple[str, ...]
    write_setup: tuple[str, ...]
    begin_locks: bool = False
    dates_as_text: bool = False
    utf8_parameters: bool = False
    odbc_defaults: tuple[tuple[str, str], ...] = ()


DIALECTS: dict[str, Dialect] = {
    "sqlite": Dialect(
        name="sqlite",
        begin="BEGIN IMMEDIATE",  # the database's own lock: nobody else writes until it ends
        read_setup=("PRAGMA busy_timeout = 5000", "PRAGMA query_only = 1"),
        write_setup=("PRAGMA busy_timeout = 2000",),
        begin_locks=True,
        dates_as_text=True,
        # The driver waits 100 s for a lock, whatever PRAGMA says, and makes a file that is not there.
        odbc_defaults=(("Timeout", "2000"), ("NoCreat", "1")),
    ),
    "mariadb": Dialect(
        name="mariadb",
        begin="START TRANSACTION",
        read_setup=("SET SESSION TRANSACTION READ ONLY", "SET SESSION max_statement_time = 60"),
        write_setup=(
            "SET SESSION innodb_lock_wait_timeout = 2",
            "SET SESSION lock_wait_timeout = 2",
            "SET SESSION max_statement_time = 4",
        ),
        utf8_parameters=True,
    ),
    # What every MySQL since 5.6.5 and MariaDB understand. Not proven on a real MySQL server; a statement has no time limit there.
    "mysql": Dialect(
        name="mysql",
        begin="START TRANSACTION",
        read_setup=("SET SESSION TRANSACTION READ ONLY",),
        write_setup=("SET SESSION innodb_lock_wait_timeout = 2", "SET SESSION lock_wait_timeout = 2"),
        utf8_parameters=True,
    ),
    "postgresql": Dialect(
        name="postgresql",
        begin="BEGIN",
        # A lock is waited for on a connection that only reads too: the one that keeps a second engine out.
        read_setup=("SET default_transaction_read_only = on", "SET lock_timeout = '2s'", "SET statement_timeout = '60s'"),
        write_setup=("SET lock_timeout = '2s'", "SET statement_timeout = '4s'"),
    ),
    # Not proven on a real server. Nothing makes a connection read only there: the login's rights have to.
    "sqlserver": Dialect(
        name="sqlserver",
        begin="BEGIN TRANSACTION",
        read_setup=("SET LOCK_TIMEOUT 5000", "SET DEADLOCK_PRIORITY LOW"),
        write_setup=("SET LOCK_TIMEOUT 2000", "SET DEADLOCK_PRIORITY LOW"),
    ),
}
"""The kinds of database by name."""
