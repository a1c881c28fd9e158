"""
The practices that are linked, each as a note of its settings.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from agent.domain.practice import Practice
from agent.store.database import Database

log = logging.getLogger(__name__)

NOTE = "linked"


class SqliteLinkedPractices:
    """
    `agent.ports.practices.LinkedPractices` in the state file.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> Sequence[Practice]:
        """
        Return them, by id, less those whose settings another version of this program wrote and this one cannot read.
        """
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT practice_id, value FROM notes WHERE name = ? ORDER BY practice_id", (NOTE,)
            ).fetchall()
        found: list[Practice] = []
        for practice_id, text in rows:
            try:
                found.append(msgspec.json.decode(text, type=Practice, dec_hook=_zone))
            except (msgspec.MsgspecError, ZoneInfoNotFoundError):
                log.warning("the remembered settings of practice %s cannot be read", practice_id)
        return found

    def remember(self, practice: Practice) -> None:
        """
        Add one, or replace its settings.
        """
        text = msgspec.json.encode(practice, enc_hook=str).decode()
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO notes (practice_id, name, value) VALUES (?, ?, ?)", (practice.id, NOTE, text)
            )

    def forget(self, practice_id: str) -> None:
        """
        Remove one.
        """
        with self._database.writing() as connection:
            connection.execute("DELETE FROM notes WHERE practice_id = ? AND name = ?", (practice_id, NOTE))


def _zone(_kind: type, name: str) -> ZoneInfo:
    return ZoneInfo(name)
