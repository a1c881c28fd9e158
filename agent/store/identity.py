"""
To whom this home belongs.
"""

from __future__ import annotations

from datetime import datetime

from agent.domain.identity import Identity
from agent.store.database import Database
from agent.store.instants import instant_text


class SqliteHomeIdentity:
    """
    `agent.ports.identity.HomeIdentity` in the state file.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self) -> Identity | None:
        """
        Return it, or None for a new home.
        """
        with self._database.reading() as connection:
            row = connection.execute("SELECT machine_id, database_id, newest_change, version FROM home_identity").fetchone()
        if row is None:
            return None
        return Identity(
            machine_id=row["machine_id"],
            database_id=row["database_id"],
            newest_change=row["newest_change"],
            version=row["version"],
        )

    def remember(self, identity: Identity, at: datetime) -> None:
        """
        Replace it.
        """
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO home_identity (one, machine_id, database_id, newest_change, version, at)"
                " VALUES (1, ?, ?, ?, ?, ?)",
                (identity.machine_id, identity.database_id, identity.newest_change, identity.version, instant_text(at)),
            )
