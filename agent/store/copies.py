"""
Copies of the state file from before a change of its layout, kept beside it, and the way back to one.

Such a copy is not simply put in place: since it was made, bookings may have been entered and Healthengine told of times. So it
knows from when on it knows everything (`agent.store.damage.began`), and a booking from before is first looked for in the PMS.
"""

from __future__ import annotations

import os
import re
import sqlite3
import sys
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from agent.domain.errors import Misconfigured
from agent.store.database import connect, translated
from agent.store.instants import instant_text

KEPT = 3
"""How many copies are kept, and how many files that were set aside for each reason."""

BEGAN = "ledger_began"
"""The note (of no practice) that says from when on the ledger knows every booking."""

ACKNOWLEDGED_NOTES = ("resources", "types", "liveness", "full_availability_at", BEGAN)
"""Notes of what Healthengine acknowledged: forgotten, so that everything is sent again. What people asked for is not."""

_LOOK_AGAIN = f"""
BEGIN IMMEDIATE;
UPDATE published_days SET fingerprint = '', failed = '', generation = generation + 1;
DELETE FROM published_markers;
DELETE FROM notes WHERE name IN ({", ".join(f"'{name}'" for name in ACKNOWLEDGED_NOTES)});
-- Healthengine lists them again as long as they have no answer, and then the PMS is asked first
DELETE FROM booking_steps WHERE (practice_id, booking_id) IN
    (SELECT practice_id, booking_id FROM bookings WHERE state = 'requested');
DELETE FROM bookings WHERE state = 'requested';
"""  # noqa: S608 - names of our own
"""Makes a copy fit for going on from it; in tables and columns that every version has."""


@dataclass(frozen=True, slots=True, order=True)
class Copy:
    """
    A complete copy.

    Attributes:
        version: Of its layout.
    """

    version: int
    path: Path


def copies(path: Path) -> list[Copy]:
    """
    Return the copies of the state file at *path*, the one of the oldest layout first.
    """
    pattern = re.compile(re.escape(path.name) + r"\.v(\d+)")
    return sorted(Copy(int(match[1]), entry) for entry in path.parent.iterdir() if (match := pattern.fullmatch(entry.name)))


def copy_state(connection: sqlite3.Connection, path: Path) -> Copy:
    """
    Copy the file at *path* that *connection* has open. A copy appears under its name only when it is complete, and replaces an
    earlier one of the same layout.
    """
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    unfinished = path.with_name(f"{path.name}.copying")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(unfinished)) as target:
        connection.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")  # one file, complete in itself
    made = Copy(version, path.with_name(f"{path.name}.v{version}"))
    unfinished.replace(made.path)
    for old in copies(path)[:-KEPT]:
        old.path.unlink()
    return made


def back_up(path: Path) -> Copy:
    """
    Copy the state file at *path*, of whatever version it is.

    Raises:
        Misconfigured: `store-corrupt` or `store-foreign`.
        Transient: `store-unwritable` or `store-busy`.
    """
    with translated(), closing(connect(path)) as connection:
        return copy_state(connection, path)


def is_readable_by(path: Path, version: int) -> bool:
    """
    Return whether a program that knows layouts up to *version* can use the file at *path*.

    Raises:
        FrontdeskError: as `back_up`.
    """
    with translated(), closing(connect(path)) as connection:
        return bool(connection.execute("PRAGMA user_version").fetchone()[0] <= version)


def put_back(copy: Copy, path: Path, now: datetime) -> None:
    """
    Go on from *copy* in place of the file at *path*, which is set aside. The copy stays. Nobody may have the file open.

    Args:
        now: Aware UTC; until then the ledger does not know every booking.

    Raises:
        FrontdeskError: as `back_up`, of the copy.
        OSError: if the file is open elsewhere (Windows).
    """
    ready = path.with_name(f"{path.name}.copying")
    ready.unlink(missing_ok=True)
    with (
        translated(),
        closing(sqlite3.connect(f"{copy.path.resolve().as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(ready, isolation_level=None)) as target,
    ):
        source.backup(target)
        target.executescript(_LOOK_AGAIN)
        target.execute("INSERT INTO notes (practice_id, name, value) VALUES ('', ?, ?)", (BEGAN, instant_text(now)))
        target.execute("COMMIT")
    if sys.platform != "win32":  # there the folder says who may read it
        owner = path.parent.stat()
        os.chown(ready, owner.st_uid, owner.st_gid)
        ready.chmod(0o600)
    set_aside(path, now, "undone")
    ready.replace(path)


def set_aside(path: Path, now: datetime, reason: str) -> Path:
    """
    Give the state file, with what SQLite keeps beside it, a name with *reason* and the time, and return that; only the newest
    few of one reason are kept.
    """
    aside = path.with_name(f"{path.name}.{reason}-{now:%Y%m%d%H%M%S}")
    with suppress(FileNotFoundError):
        path.replace(aside)
    for suffix in ("-wal", "-shm"):  # SQLite finds them by the name of their file
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).replace(aside.with_name(aside.name + suffix))
    files = sorted(path.parent.glob(f"{path.name}.{reason}-*"))
    names = sorted({file.name.removesuffix("-wal").removesuffix("-shm") for file in files})
    for old in (file for file in files if not file.name.startswith(tuple(names[-KEPT:]))):
        old.unlink()
    return aside


def newest_for(path: Path, version: int) -> Copy:
    """
    Return the newest copy that a program which knows layouts up to *version* can use.

    Raises:
        Misconfigured: if there is none (`store-no-copy`).
    """
    usable = [copy for copy in copies(path) if copy.version <= version]
    if not usable:
        raise Misconfigured(
            "store-no-copy",
            f"There is no copy of the agent's state that this program could use in {path.parent}.",
            remedy="Install the newer version of the program again.",
        )
    return usable[-1]
