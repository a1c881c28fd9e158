"""
A state file that is damaged: set aside, and a new one begun with what cannot be learned anywhere else.

Bookings are not taken over: a page that is merely old would say of a booking that nothing was done yet. What became of them
the PMS and Healthengine know (`agent.sync.rebuilding`).
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from agent.domain.errors import Misconfigured
from agent.store.copies import ACKNOWLEDGED_NOTES, BEGAN, set_aside
from agent.store.database import CORRUPT
from agent.store.instants import instant_text
from agent.store.store import Store

log = logging.getLogger(__name__)

_TAKEN_OVER = ("home_identity", "approvals", "live_hours", "uptime", "tasks", "task_roads")


def open_or_begin_anew(path: Path, now: datetime) -> Store:
    """
    Open the state file, or set it aside if it is damaged and begin a new one.

    Args:
        now: Aware UTC; from then on the new ledger knows everything.

    Raises:
        Misconfigured, Transient: as `Store.open`, but for `store-corrupt`.
    """
    try:
        return Store.open(path)
    except Misconfigured as error:
        if error.code != CORRUPT:
            raise
    damaged = set_aside(path, now, "damaged")
    log.error("the state file is damaged; it is set aside as %s and made anew", damaged.name)
    Store.open(path).close()
    _take_over(damaged, path)
    store = Store.open(path)
    store.published.set_note("", BEGAN, instant_text(now))
    return store


def began(store: Store) -> datetime | None:
    """
    Return from when on the ledger knows everything, aware UTC: begun anew, or from a copy. None: it knows all there ever was.
    """
    text = store.published.note("", BEGAN)
    return datetime.fromisoformat(text) if text else None


def _take_over(damaged: Path, path: Path) -> None:
    """
    Copy row by row what can still be read; a table that cannot is left as it is in a new home.
    """
    with (
        closing(sqlite3.connect(f"{damaged.resolve().as_uri()}?mode=ro", uri=True)) as old,
        closing(sqlite3.connect(path)) as new,
    ):
        for table in (*_TAKEN_OVER, "notes"):
            known = [row[1] for row in new.execute(f"PRAGMA table_info({table})")]
            marks = ", ".join("?" * len(known))
            for row in _readable(old, f"SELECT {', '.join(known)} FROM {table}"):  # noqa: S608 - names of our own layout
                if table == "notes" and row[known.index("name")] in ACKNOWLEDGED_NOTES:
                    continue
                with suppress(sqlite3.Error):
                    new.execute(f"INSERT INTO {table} ({', '.join(known)}) VALUES ({marks})", row)  # noqa: S608 - as above
        new.commit()


def _readable(link: sqlite3.Connection, sql: str) -> Iterator[tuple[object, ...]]:
    with suppress(sqlite3.Error):
        yield from link.execute(sql)
