"""
Looking into the state file without changing anything, whether an engine runs or not.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from agent.domain.errors import Misconfigured
from agent.store.database import APPLICATION_ID, BUSY_SECONDS, Database, translated
from agent.store.migrations import shipped
from agent.store.store import Store


@contextmanager
def look_at(path: Path) -> Iterator[Store]:
    """
    Give the state in the file at *path*; whatever would write raises.

    Raises:
        Misconfigured: `store-missing`, `store-foreign`, `store-newer`, or `store-older` where the engine has not yet brought the
            file up to this program's version.
        Transient: `store-unwritable`, if this account may not read it.
    """
    if not path.is_file():
        raise Misconfigured(
            "store-missing", "There is no state file in this home yet.", remedy="Start the engine once, or name the home."
        )
    with translated():
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
    with closing(connection):
        with translated():
            connection.row_factory = sqlite3.Row
            _refuse(connection)
        yield Store(Database(connection))


def _refuse(connection: sqlite3.Connection) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise Misconfigured("store-foreign", "The file in the place of the agent's state is another program's.")
    present = connection.execute("PRAGMA user_version").fetchone()[0]
    newest = shipped()[-1].number
    if present > newest:
        raise Misconfigured(
            "store-newer",
            f"The agent's state file is of version {present}, this program knows versions up to {newest}.",
            remedy="Use the newer version of the program.",
        )
    if present < newest:
        raise Misconfigured(
            "store-older",
            "The agent's state file was written by an older version of the program.",
            remedy="Start the engine of this version: it brings the file up to date.",
        )
