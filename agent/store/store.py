"""
The whole of the local state, opened and closed in one place.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

from agent.store.accepted import SqliteAcceptedFree
from agent.store.activity import Activity
from agent.store.approvals import SqliteApprovals
from agent.store.conditions import Conditions
from agent.store.database import Database, connect
from agent.store.history import SqliteHistory
from agent.store.identity import SqliteHomeIdentity
from agent.store.ledger import SqliteLedger
from agent.store.live_hours import SqliteLiveHours
from agent.store.migrations import migrate, shipped
from agent.store.practices import SqliteLinkedPractices
from agent.store.published import SqlitePublished
from agent.store.tasks import SqliteTasks
from agent.store.uptime import Uptime


class Store:
    """
    The state file, by what it holds. Every part may be called from any thread; what it writes is on the disk when the
    call returns.

    Every call raises `Misconfigured` (`store-corrupt`, `store-broken`) or `Transient` (`store-busy`,
    `store-unwritable`) when the file fails.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.ledger = SqliteLedger(database)
        self.published = SqlitePublished(database)
        self.tasks = SqliteTasks(database)
        self.conditions = Conditions(database)
        self.activity = Activity(database)
        self.uptime = Uptime(database)
        self.live_hours = SqliteLiveHours(database)
        self.approvals = SqliteApprovals(database)
        self.accepted = SqliteAcceptedFree(database)
        self.identity = SqliteHomeIdentity(database)
        self.practices = SqliteLinkedPractices(database)
        self.history = SqliteHistory(database, pruned=self.ledger.forget)

    @classmethod
    def open(cls, path: Path) -> Store:
        """
        Open the file at *path*, a new one if there is none, and bring it up to this program's version.

        Raises:
            Misconfigured: `store-corrupt`, `store-newer` or `store-foreign`; the file is left as it is.
            Transient: `store-unwritable` or `store-busy`.
        """
        connection = connect(path)
        try:
            migrate(connection, path, shipped())
        except BaseException:
            connection.close()
            raise
        return cls(Database(connection))

    @property
    def is_damaged(self) -> bool:
        """
        Whether a call has found that the file cannot be trusted any more: it has to be closed and begun anew.
        """
        return self._database.is_damaged

    def close(self) -> None:
        """
        Let go of the file.
        """
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
