"""
What a person must do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from agent.domain.tasks import Ending, TaskState
from agent.ports.tasks import Leaving, Task, TaskKind
from agent.store.database import Database
from agent.store.instants import instant_text

_BETWEEN = "\n"
"""Between the ids of candidates: no id has it."""

_OPEN = "SELECT * FROM tasks WHERE closed_at IS NULL"

_ADD = """
INSERT INTO tasks (practice_id, kind, booking_id, why, since, changed_at, candidates, location_id, resource_id, start)
SELECT :practice_id, :kind, :booking_id, :why, :at, :at, :candidates,
    COALESCE(b.present_location_id, b.location_id, ''), COALESCE(b.resource_id, ''), COALESCE(b.present_start, b.start)
FROM (SELECT 1) LEFT JOIN bookings b ON b.practice_id = :practice_id AND b.booking_id = :booking_id
WHERE true
ON CONFLICT (practice_id, kind, booking_id) WHERE closed_at IS NULL DO NOTHING
"""

_END = "UPDATE tasks SET state = 'done', ending = 'by_itself', closed_at = :at, changed_at = :at WHERE closed_at IS NULL"

_REPLACE = """
UPDATE OR IGNORE tasks SET state = ?, changed_at = ?, claimed_by = ?, claimed_at = ?, done_by = ?, closed_at = ?, ending = ?
WHERE id = ? AND state = ? AND changed_at = ? AND claimed_by = ?
"""


class SqliteTasks:
    """
    `agent.ports.tasks.Tasks` in the state file. Closed tasks stay, as the record of what was asked for and when.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(
        self, practice_id: str, kind: TaskKind, booking_id: int, why: str, at: datetime, *, candidates: Sequence[str] = ()
    ) -> Task:
        """
        Open a task; while one with the same practice, kind and booking is open, that one is returned as it is.

        Where its booking is comes from the ledger.
        """
        key = {"practice_id": practice_id, "kind": kind.value, "booking_id": booking_id}
        with self._database.writing() as connection:
            values = {**key, "why": why, "at": instant_text(at), "candidates": _BETWEEN.join(candidates)}
            connection.execute(_ADD, values)
            found = connection.execute(
                _OPEN + " AND practice_id = :practice_id AND kind = :kind AND booking_id = :booking_id", key
            )
            return _task(found.fetchone())

    def close(self, task_id: int, at: datetime) -> None:
        """
        Close a task that ended by itself; closing it again changes nothing.
        """
        with self._database.writing() as connection:
            connection.execute(_END + " AND id = :id", {"at": instant_text(at), "id": task_id})

    def close_for(self, practice_id: str, booking_id: int, at: datetime) -> None:
        """
        Close every open task of a booking that has ended otherwise.
        """
        values = {"at": instant_text(at), "practice_id": practice_id, "booking_id": booking_id}
        with self._database.writing() as connection:
            connection.execute(_END + " AND practice_id = :practice_id AND booking_id = :booking_id", values)

    def open_tasks(self) -> Sequence[Task]:
        """
        Return the open ones, oldest first.
        """
        with self._database.reading() as connection:
            return [_task(row) for row in connection.execute(_OPEN + " ORDER BY id")]

    def task(self, task_id: int) -> Task | None:
        """
        Return one task, open or done, or None.
        """
        with self._database.reading() as connection:
            row = connection.execute("SELECT * FROM tasks WHERE id = ?", (task_id,)).fetchone()
            return None if row is None else _task(row)

    def done_since(self, since: datetime) -> Sequence[Task]:
        """
        Return those that ended at *since* or later, oldest first.
        """
        with self._database.reading() as connection:
            rows = connection.execute("SELECT * FROM tasks WHERE closed_at >= ? ORDER BY closed_at, id", (instant_text(since),))
            return [_task(row) for row in rows]

    def replace(self, before: Task, after: Task) -> bool:
        """
        Write *after* if the task is still as *before* and, where it is open again, no newer one asks for the same.
        """
        values = (
            after.state.value,
            instant_text(after.changed_at),
            after.claimed_by,
            _text(after.claimed_at),
            after.done_by,
            _text(after.done_at),
            after.ending.value,
            before.id,
            before.state.value,
            instant_text(before.changed_at),
            before.claimed_by,
        )
        with self._database.writing() as connection:
            return connection.execute(_REPLACE, values).rowcount == 1

    def leaving(self, task_id: int, road: str) -> Leaving:
        """
        Return how far telling it by *road* has come.
        """
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT tries, next_at, sent_at FROM task_roads WHERE task_id = ? AND road = ?", (task_id, road)
            ).fetchone()
        if row is None:
            return Leaving()
        return Leaving(tries=row["tries"], next_at=_instant(row["next_at"]), sent_at=_instant(row["sent_at"]))

    def set_leaving(self, task_id: int, road: str, leaving: Leaving) -> None:
        """
        Remember how far telling it by *road* has come.
        """
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO task_roads (task_id, road, tries, next_at, sent_at) VALUES (?, ?, ?, ?, ?)",
                (task_id, road, leaving.tries, _text(leaving.next_at), _text(leaving.sent_at)),
            )


def _text(at: datetime | None) -> str | None:
    return None if at is None else instant_text(at)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _task(row: sqlite3.Row) -> Task:
    return Task(
        id=row["id"],
        practice_id=row["practice_id"],
        kind=TaskKind(row["kind"]),
        booking_id=row["booking_id"],
        why=row["why"],
        since=datetime.fromisoformat(row["since"]),
        changed_at=datetime.fromisoformat(row["changed_at"]),
        state=TaskState(row["state"]),
        location_id=row["location_id"],
        resource_id=row["resource_id"],
        start=_instant(row["start"]),
        claimed_by=row["claimed_by"],
        claimed_at=_instant(row["claimed_at"]),
        done_by=row["done_by"],
        done_at=_instant(row["closed_at"]),
        ending=Ending(row["ending"]),
        candidates=tuple(filter(None, row["candidates"].split(_BETWEEN))),
    )
