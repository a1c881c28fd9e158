"""
What a person must do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from agent.ports.tasks import Task, TaskKind
from agent.store.database import Database
from agent.store.instants import instant_text

_SELECT_OPEN = "SELECT id, practice_id, kind, booking_id, why, since FROM tasks WHERE closed_at IS NULL"


class SqliteTasks:
    """
    `agent.ports.tasks.Tasks` in the state file. Closed tasks stay, as the record of what was asked for and when.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, practice_id: str, kind: TaskKind, booking_id: int, why: str, at: datetime) -> Task:
        """
        Open a task; while one with the same practice, kind and booking is open, that one is returned as it is.
        """
        key = (practice_id, kind.value, booking_id)
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO tasks (practice_id, kind, booking_id, why, since) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (practice_id, kind, booking_id) WHERE closed_at IS NULL DO NOTHING",
                (*key, why, instant_text(at)),
            )
            return _task(
                connection.execute(_SELECT_OPEN + " AND practice_id = ? AND kind = ? AND booking_id = ?", key).fetchone()
            )

    def close(self, task_id: int, at: datetime) -> None:
        """
        Close a task that is done; closing it again changes nothing.
        """
        with self._database.writing() as connection:
            connection.execute("UPDATE tasks SET closed_at = ? WHERE id = ? AND closed_at IS NULL", (instant_text(at), task_id))

    def close_for(self, practice_id: str, booking_id: int, at: datetime) -> None:
        """
        Close every open task of a booking that has ended otherwise.
        """
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE tasks SET closed_at = ? WHERE practice_id = ? AND booking_id = ? AND closed_at IS NULL",
                (instant_text(at), practice_id, booking_id),
            )

    def open_tasks(self) -> Sequence[Task]:
        """
        Return the open ones, oldest first.
        """
        with self._database.reading() as connection:
            return [_task(row) for row in connection.execute(_SELECT_OPEN + " ORDER BY id")]


def _task(row: sqlite3.Row) -> Task:
    return Task(
        id=row["id"],
        practice_id=row["practice_id"],
        kind=TaskKind(row["kind"]),
        booking_id=row["booking_id"],
        why=row["why"],
        since=datetime.fromisoformat(row["since"]),
    )
