"""
Carriers: what runs a profile's SQL. `odbc` is the product's way; `sqlite` needs no driver and serves the demo.

A carrier translates what its library raises into `agent.domain.errors` and drops the driver's own text, which quotes data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from agent.domain.errors import Misconfigured, Transient
from agent.pms.sql.statements import Parameters, Statement

CHUNK = 2000
"""How many rows are taken from a driver at once."""


class Access(StrEnum):
    """
    What a connection is for.
    """

    READ = "read"
    WRITE = "write"


class DuplicateKey(Transient):
    """
    A row with this key is there already: somebody else was faster.
    """


class ConnectionLost(Transient):
    """
    The connection is gone; whatever was under way on it may or may not have happened.
    """


@dataclass(frozen=True, slots=True)
class Table:
    """
    The complete answer to a query, column by column.
    """

    columns: dict[str, list[object]]
    rows: int


class Carrier(Protocol):
    """
    One connection. For one thread at a time.
    """

    @property
    def is_broken(self) -> bool:
        """
        Whether it must be thrown away.
        """

    def query(self, statement: Statement, parameters: Parameters) -> Table:
        """
        Return every row.
        """

    def execute(self, statement: Statement, parameters: Parameters) -> int:
        """
        Return how many rows were changed.
        """

    def begin(self) -> None:
        """
        Begin a transaction.
        """

    def commit(self) -> None:
        """
        End it.

        Raises:
            ConnectionLost: if the answer was lost.
        """

    def rollback(self) -> None:
        """
        Undo it; a carrier that cannot is broken from then on.
        """

    def close(self) -> None:
        """
        Let go of the database.
        """


Connector = Callable[[Access], Carrier]
"""Opens a connection that is set up for its purpose."""


def as_table(names: Sequence[str], chunks: Callable[[], Sequence[Sequence[object]]], place: str) -> Table:
    """
    Return everything that *chunks* gives until it gives nothing.
    """
    lowered = [name.lower() for name in names]
    if len(set(lowered)) != len(lowered):
        raise Misconfigured("pms-columns", f"{place}: two columns have the same name.", remedy="Name each column differently.")
    columns: list[list[object]] = [[] for _ in lowered]
    rows = 0
    while chunk := chunks():
        rows += len(chunk)
        for column, values in zip(columns, zip(*chunk, strict=True), strict=True):
            column.extend(values)
    return Table(dict(zip(lowered, columns, strict=True)), rows)


def away(detail: str = "") -> Transient:
    """
    Return the error for a database that cannot be reached.
    """
    return Transient(
        "pms-connect",
        f"The practice database cannot be reached{detail}.",
        remedy="Check that the database server is running and that this computer can reach it.",
    )


def lost(place: str) -> ConnectionLost:
    """
    Return the error for a connection that broke.
    """
    return ConnectionLost("pms-connection-lost", f"The connection to the practice database was lost ({place}).")


def busy(place: str) -> Transient:
    """
    Return the error for a lock that somebody else holds.
    """
    return Transient("pms-busy", f"The practice database was busy ({place}).")


def duplicate(place: str) -> DuplicateKey:
    """
    Return the error for a key that is taken.
    """
    return DuplicateKey("pms-duplicate-key", f"A row with that key is there already ({place}).")


def read_only(place: str) -> Misconfigured:
    """
    Return the error for a write where none is allowed.
    """
    return Misconfigured(
        "pms-read-only",
        f"{place} tries to write, but this connection may only read.",
        remedy="Take the writing out of that file, or give the login the right to write.",
    )


def no_right(place: str, what: str = "") -> Misconfigured:
    """
    Return the error for a statement that the login has no right to; *what* as `named` gives it.
    """
    return Misconfigured(
        "pms-no-right",
        f"The login has no right to {place}{f' ({what})' if what else ''}.",
        remedy="Give it the rights that the profile needs; where it is not to write, set read_only = true under [pms].",
    )


def bad_sql(place: str, detail: str, what: str = "") -> Misconfigured:
    """
    Return the error for a statement that the database does not accept; *what* as `named` gives it.
    """
    return Misconfigured(
        "pms-sql",
        f"The database does not accept {place}{f': there is no {what}' if what else ''} ({detail}).",
        remedy=_SOMETHING_LACKS if what else _NOT_ACCEPTED,
    )


_NOT_ACCEPTED = "Check that the profile fits this version of the practice's system and that the login may read what it needs."

_SOMETHING_LACKS = (
    "Check that the connection text names the right database, and that the profile fits this version of the practice's system: "
    "where only a name differs, the practice's own profiles folder may hold a changed copy of that file."
)

_NAMED = re.compile(r"(column|table|view|relation|object)(?: name)?:? ['\"`]?([\w.`]+)")


def named(text: str, sql: str) -> str:
    """
    Return the column or table that a driver's text names, such as `column IsHidden`; empty if it names none.

    Args:
        text: In small letters. It may quote data: only what stands in the statement itself is taken from it.
        sql: The statement.
    """
    for kind, name in _NAMED.findall(text):
        found = re.search(rf"\b{re.escape(name.replace('`', '').rpartition('.')[2])}\b", sql, re.IGNORECASE)
        if found and found[0]:
            return f"{'column' if kind == 'column' else 'table'} {found[0]}"
    return ""
