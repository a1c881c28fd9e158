"""
What Healthengine has acknowledged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from agent.ports.ledger import AcknowledgedDay, DayKey
from agent.store.database import Database
from agent.store.instants import instant_text

_ACKNOWLEDGE = """
INSERT INTO published_days (practice_id, date, resource_id, fingerprint, generation, failed, at)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (practice_id, date, resource_id) DO UPDATE
SET fingerprint = excluded.fingerprint, generation = excluded.generation, failed = excluded.failed, at = excluded.at
WHERE excluded.generation >= published_days.generation
"""

_RAISE_GENERATION = """
INSERT INTO published_days (practice_id, date, resource_id, fingerprint, generation, failed)
VALUES (?, ?, ?, '', 1, '')
ON CONFLICT (practice_id, date, resource_id) DO UPDATE SET generation = generation + 1, fingerprint = '', failed = ''
"""


class SqlitePublished:
    """
    `agent.ports.ledger.Published` in the state file.

    A day that was never sent has generation 0; `raise_generation` gives it a row with an empty fingerprint.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def days(self, practice_id: str, first: date, end: date) -> Mapping[DayKey, AcknowledgedDay]:
        """
        Return what is known of the resource-days from *first* up to, not including, *end*.
        """
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT resource_id, date, fingerprint, generation, failed FROM published_days"
                " WHERE practice_id = ? AND date >= ? AND date < ?",
                (practice_id, first.isoformat(), end.isoformat()),
            ).fetchall()
        # out of the lock: tens of thousands of objects, while a booking may want to be written
        return {
            DayKey(resource_id=resource_id, date=date.fromisoformat(day)): AcknowledgedDay(
                fingerprint=fingerprint, generation=generation, failed=failed
            )
            for resource_id, day, fingerprint, generation, failed in rows
        }

    def acknowledge_days(self, practice_id: str, days: Mapping[DayKey, AcknowledgedDay], at: datetime) -> None:
        """
        Record what was acknowledged or refused; a day whose generation has meanwhile been raised is left as it is.
        """
        when = instant_text(at)
        rows = [
            (practice_id, key.date.isoformat(), key.resource_id, day.fingerprint, day.generation, day.failed, when)
            for key, day in days.items()
        ]
        with self._database.writing() as connection:
            connection.executemany(_ACKNOWLEDGE, rows)

    def raise_generation(self, practice_id: str, keys: Iterable[DayKey]) -> None:
        """
        Make every snapshot of these days that is under way too old to count, and the days count as not sent: one that is
        under way may still arrive, and then only a new snapshot puts things right.
        """
        rows = [(practice_id, key.date.isoformat(), key.resource_id) for key in keys]
        with self._database.writing() as connection:
            connection.executemany(_RAISE_GENERATION, rows)

    def forget_days(self, practice_id: str) -> None:
        """
        Make every day count as not sent (resync, link, enable), also those under way just now, and forget the markers.
        """
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE published_days SET fingerprint = '', failed = '', generation = generation + 1 WHERE practice_id = ?",
                (practice_id,),
            )
            connection.execute("DELETE FROM published_markers WHERE practice_id = ?", (practice_id,))

    def drop_days_before(self, practice_id: str, day: date) -> None:
        """
        Delete what is past, days and markers.
        """
        values = (practice_id, day.isoformat())
        with self._database.writing() as connection:
            connection.execute("DELETE FROM published_days WHERE practice_id = ? AND date < ?", values)
            connection.execute("DELETE FROM published_markers WHERE practice_id = ? AND date < ?", values)

    def counts(self, practice_id: str, *, first: date) -> tuple[int, int]:
        """
        Return how many resource-days from *first* on are acknowledged and how many were refused.
        """
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT coalesce(sum(fingerprint <> '' AND failed = ''), 0), coalesce(sum(failed <> ''), 0)"
                " FROM published_days WHERE practice_id = ? AND date >= ?",
                (practice_id, first.isoformat()),
            ).fetchone()
        return row[0], row[1]

    def markers(self, practice_id: str) -> Mapping[date, str]:
        """
        Return the marker under which each date was last computed and acknowledged.
        """
        with self._database.reading() as connection:
            rows = connection.execute("SELECT date, marker FROM published_markers WHERE practice_id = ?", (practice_id,))
            return {date.fromisoformat(day): marker for day, marker in rows}

    def set_markers(self, practice_id: str, markers: Mapping[date, str]) -> None:
        """
        Replace the markers of these dates.
        """
        rows = [(practice_id, day.isoformat(), marker) for day, marker in markers.items()]
        with self._database.writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO published_markers (practice_id, date, marker) VALUES (?, ?, ?)", rows)

    def note(self, practice_id: str, name: str) -> str:
        """
        Return a remembered text, or the empty text.
        """
        with self._database.reading() as connection:
            row = connection.execute("SELECT value FROM notes WHERE practice_id = ? AND name = ?", (practice_id, name)).fetchone()
        return "" if row is None else str(row["value"])

    def set_note(self, practice_id: str, name: str, value: str) -> None:
        """
        Remember a text.
        """
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO notes (practice_id, name, value) VALUES (?, ?, ?)", (practice_id, name, value)
            )
