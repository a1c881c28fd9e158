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
from agent.store.instants import instant_text
from agent.store.store import Store

log = logging.getLogger(__name__)

BEGAN = "ledger_began"
"""The note (of no practice) that says when a ledger was begun anew."""

KEPT = 3
"""How many damaged files are kept for support."""

_TAKEN_OVER = ("home_identity", "approvals", "live_hours", "uptime", "tasks", "task_roads")
_FORGOTTEN_NOTES = ("resources", "types", "liveness", "full_availability_at", BEGAN)
"""What Healthengine acknowledged is forgotten, so that everything is sent again; what people asked for is not."""


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
        if error.code != "store-corrupt":
            raise
    damaged = _set_aside(path, now)
    log.error("the state file is damaged; it is set aside as %s and made anew", damaged.name)
    Store.open(path).close()
    _take_over(damaged, path)
    store = Store.open(path)
    store.published.set_note("", BEGAN, instant_text(now))
    return store


def began(store: Store) -> datetime | None:
    """
    Return when the ledger was begun anew, aware UTC; None: it knows everything there ever was.
    """
    text = store.published.note("", BEGAN)
    return datetime.fromisoformat(text) if text else None


def _set_aside(path: Path, now: datetime) -> Path:
    damaged = path.with_name(f"{path.name}.damaged-{now:%Y%m%d%H%M%S}")
    path.replace(damaged)
    for suffix in ("-wal", "-shm"):  # SQLite finds them by the name of their file
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).replace(damaged.with_name(damaged.name + suffix))
    files = sorted(path.parent.glob(f"{path.name}.damaged-*"))
    names = sorted({file.name.removesuffix("-wal").removesuffix("-shm") for file in files})
    for old in (file for file in files if not file.name.startswith(tuple(names[-KEPT:]))):
        old.unlink()
    return damaged


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
                if table == "notes" and row[known.index("name")] in _FORGOTTEN_NOTES:
                    continue
                with suppress(sqlite3.Error):
                    new.execute(f"INSERT INTO {table} ({', '.join(known)}) VALUES ({marks})", row)  # noqa: S608 - as above
        new.commit()


def _readable(link: sqlite3.Connection, sql: str) -> Iterator[tuple[object, ...]]:
    with suppress(sqlite3.Error):
        yield from link.execute(sql)
