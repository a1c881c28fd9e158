"""
Which doctors and appointment types have been seen and approved.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from agent.domain.newcomers import Item, ItemKind, Newcomer, NewItem
from agent.store.database import Database
from agent.store.instants import instant_text

_ADD = """
INSERT INTO approvals (practice_id, kind, item_id, name, seen_at, approved_at, approved_by) VALUES (?, ?, ?, ?, ?, ?, '')
ON CONFLICT (practice_id, kind, item_id) DO UPDATE
SET name = excluded.name, approved_at = coalesce(approvals.approved_at, excluded.approved_at)
"""

_SELECT_WAITING = "SELECT id, practice_id, kind, item_id, name, seen_at FROM approvals WHERE approved_at IS NULL"


class SqliteApprovals:
    """
    `agent.ports.approvals.Approvals` in the state file.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, practice_id: str) -> Mapping[Item, bool]:
        """
        Return everything seen so far, each with whether it is approved.
        """
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT kind, item_id, approved_at IS NOT NULL FROM approvals WHERE practice_id = ?", (practice_id,)
            )
            return {Item(ItemKind(kind), item_id): bool(approved) for kind, item_id, approved in rows}

    def add(self, practice_id: str, items: Iterable[NewItem], at: datetime) -> None:
        """
        Remember what turned up. One that is known becomes approved if it is now, and otherwise stays as it is.
        """
        when = instant_text(at)
        rows = [
            (practice_id, new.item.kind.value, new.item.id, new.name, when, when if new.is_approved else None) for new in items
        ]
        with self._database.writing() as connection:
            connection.executemany(_ADD, rows)

    def waiting(self) -> Sequence[Newcomer]:
        """
        Return what waits for a tick, in the order in which it turned up.
        """
        with self._database.reading() as connection:
            return [_newcomer(row) for row in connection.execute(_SELECT_WAITING + " ORDER BY id")]

    def approve(self, ids: Iterable[int], *, by: str, at: datetime) -> Sequence[Newcomer]:
        """
        Tick some off; returns those that waited until now. An unknown number is passed over.
        """
        wanted = set(ids)
        with self._database.writing() as connection:
            rows = connection.execute(_SELECT_WAITING + " ORDER BY id").fetchall()
            found = [_newcomer(row) for row in rows if row["id"] in wanted]
            connection.executemany(
                "UPDATE approvals SET approved_at = ?, approved_by = ? WHERE id = ?",
                [(instant_text(at), by, newcomer.id) for newcomer in found],
            )
        return found


def _newcomer(row: sqlite3.Row) -> Newcomer:
    return Newcomer(
        id=row["id"],
        practice_id=row["practice_id"],
        item=Item(ItemKind(row["kind"]), row["item_id"]),
        name=row["name"],
        since=datetime.fromisoformat(row["seen_at"]),
    )
