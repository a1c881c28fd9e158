"""
What happened, for the screen and for support: ids and counts only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agent.domain.activity import ActivityLine
from agent.store.database import Database
from agent.store.instants import instant_text

KEEP = 5_000
"""How many rows are kept; the oldest go first."""


class Activity:
    """
    The timeline, bounded. Safe to call from several threads.
    """

    def __init__(self, database: Database, *, keep: int = KEEP) -> None:
        self._database = database
        self._keep = keep

    def add(self, line: ActivityLine) -> None:
        """
        Add one row, and let go of what is too old to be kept.
        """
        with self._database.writing() as connection:
            added = connection.execute(
                "INSERT INTO activity (at, area, code, text, given_by) VALUES (?, ?, ?, ?, ?)",
                (instant_text(line.at), line.area, line.code, line.text, line.given_by),
            ).lastrowid
            connection.execute("DELETE FROM activity WHERE id <= ?", ((added or 0) - self._keep,))

    def recent(self, limit: int, *, area: str = "") -> Sequence[ActivityLine]:
        """
        Return up to *limit* rows, newest first; *area* empty: of every area.
        """
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT at, area, code, text, given_by FROM activity WHERE ? IN ('', area) ORDER BY id DESC LIMIT ?",
                (area, limit),
            )
            return [
                ActivityLine(
                    at=datetime.fromisoformat(row["at"]),
                    area=row["area"],
                    code=row["code"],
                    text=row["text"],
                    given_by=row["given_by"],
                )
                for row in rows
            ]
