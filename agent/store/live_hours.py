"""
The learned live hours of every practice, with when and from what they were learned.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from agent.domain.liveness import LivenessContract
from agent.domain.practice import LiveHours
from agent.domain.uptime import Learned
from agent.ports.live_hours import KnownHours
from agent.store.database import Database
from agent.store.instants import instant_text


class SqliteLiveHours:
    """
    One row for each practice. Safe to call from several threads.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, practice_id: str) -> KnownHours | None:
        """
        Return what is known, or None before the first learning.
        """
        with self._database.reading() as connection:
            row = connection.execute("SELECT * FROM live_hours WHERE practice_id = ?", (practice_id,)).fetchone()
        if row is None:
            return None
        return KnownHours(
            contract=msgspec.json.decode(row["contract"], type=LivenessContract),
            learned=msgspec.json.decode(row["learned"], type=Learned),
            learned_at=datetime.fromisoformat(row["learned_at"]),
            kept=msgspec.json.decode(row["kept"], type=LiveHours) if row["kept"] else None,
            answered_at=datetime.fromisoformat(row["answered_at"]) if row["answered_at"] else None,
            answered_by=row["answered_by"],
            instead_of=msgspec.json.decode(row["instead_of"], type=LivenessContract) if row["instead_of"] else None,
        )

    def remember(self, practice_id: str, hours: KnownHours) -> None:
        """
        Replace what is known.
        """
        row = (
            practice_id,
            _json(hours.contract),
            _json(hours.learned),
            instant_text(hours.learned_at),
            _json(hours.kept) if hours.kept else "",
            instant_text(hours.answered_at) if hours.answered_at else None,
            hours.answered_by,
            _json(hours.instead_of) if hours.instead_of else "",
        )
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO live_hours"
                " (practice_id, contract, learned, learned_at, kept, answered_at, answered_by, instead_of)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
