"""
The free time last accepted from the PMS: what the brake measures a sudden change against.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date

from agent.domain.availability import OpenRange
from agent.domain.brake import DayId, openings
from agent.store.database import Database


class SqliteAcceptedFree:
    """
    `agent.ports.brake.AcceptedFree` in the state file.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def ranges(self, practice_id: str, first: date, end: date) -> Mapping[DayId, tuple[OpenRange, ...]]:
        """
        Return what was accepted from *first* up to, not including, *end*; a day that was never looked at is left out.
        """
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT resource_id, date, ranges FROM accepted_free WHERE practice_id = ? AND date >= ? AND date < ?",
                (practice_id, first.isoformat(), end.isoformat()),
            ).fetchall()
        # out of the lock, as for the published days
        parsed: dict[str, tuple[OpenRange, ...]] = {}
        found: dict[DayId, tuple[OpenRange, ...]] = {}
        for resource_id, day, text in rows:
            if text not in parsed:
                parsed[text] = tuple(OpenRange(*row) for row in json.loads(text))
            found[resource_id, date.fromisoformat(day)] = parsed[text]
        return found

    def openings(self, practice_id: str, first: date, end: date) -> int:
        """
        Return how many openings that is.
        """
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT coalesce(sum(openings), 0) FROM accepted_free WHERE practice_id = ? AND date >= ? AND date < ?",
                (practice_id, first.isoformat(), end.isoformat()),
            ).fetchone()
        return int(row[0])

    def accept(self, practice_id: str, days: Mapping[DayId, Sequence[OpenRange]]) -> None:
        """
        Replace these days.
        """
        rows = [
            (practice_id, day.isoformat(), resource_id, json.dumps([r[:3] for r in ranges]), openings(ranges))
            for (resource_id, day), ranges in days.items()
        ]
        if not rows:
            return
        with self._database.writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO accepted_free VALUES (?, ?, ?, ?, ?)", rows)

    def drop_before(self, practice_id: str, day: date) -> None:
        """
        Delete what is past.
        """
        with self._database.writing() as connection:
            connection.execute("DELETE FROM accepted_free WHERE practice_id = ? AND date < ?", (practice_id, day.isoformat()))
