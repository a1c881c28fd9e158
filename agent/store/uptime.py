"""
The hours in which this agent really was up: running, reaching both sides, not paused.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from agent.domain.uptime import UpInterval
from agent.store.database import Database
from agent.store.instants import instant_text

JOIN_WITHIN = timedelta(minutes=3)
"""A gap shorter than this between two signs of life is none."""

KEEP_FOR = timedelta(days=400)
"""Intervals that ended longer ago are dropped."""


class Uptime:
    """
    The intervals of being up. Safe to call from several threads.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def extend(self, now: datetime, *, up: bool) -> None:
        """
        Record that the agent is up *now*, or with *up* False that it is not: then the last interval stays as it is.

        A clock that went backwards changes nothing until it has caught up, or has fallen behind the start of the last
        interval: from then on a new one is written.
        """
        if not up:
            return
        with self._database.writing() as connection:
            row = connection.execute("SELECT id, up_from, up_to FROM uptime ORDER BY id DESC LIMIT 1").fetchone()
            if row is not None and datetime.fromisoformat(row["up_from"]) <= now:
                end = datetime.fromisoformat(row["up_to"])
                if now <= end:
                    return
                if now - end < JOIN_WITHIN:
                    connection.execute("UPDATE uptime SET up_to = ? WHERE id = ?", (instant_text(now), row["id"]))
                    return
            connection.execute("INSERT INTO uptime (up_from, up_to) VALUES (?, ?)", (instant_text(now), instant_text(now)))
            connection.execute("DELETE FROM uptime WHERE up_to < ?", (instant_text(now - KEEP_FOR),))

    def intervals(self, since: datetime) -> Sequence[UpInterval]:
        """
        Return the intervals that ended at *since* or later, oldest first, whole.
        """
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT up_from, up_to FROM uptime WHERE up_to >= ? ORDER BY up_from, id", (instant_text(since),)
            )
            return [UpInterval(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in rows]
