"""
Moments at which a death would hurt most, seen from outside: the program itself has nothing in it for this.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple, Protocol

from agent.domain.booking import referenced_booking
from agent.sandbox.practice.build import CANCELLED
from agent.sandbox.practice.database import Connection, Database

LOOK_EVERY_S = 0.002

_DIRTY = {"mariadb": "SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED"}
"""Where a row can be seen before it is committed, so that the death falls into the transaction."""


class Moment(NamedTuple):
    """
    Something that has just happened, and to which booking; 0: to none in particular.
    """

    what: str
    booking_id: int = 0


class Watch(Protocol):
    """
    Sees what happens in one place. Belongs to one thread.
    """

    def look(self) -> Sequence[Moment]:
        """
        Return what has happened since the last look, oldest first.
        """

    def close(self) -> None:
        """
        Look no more.
        """


class LedgerWatch:
    """
    Sees each step of a booking or cancellation as soon as it is in the ledger's file: `booking: inserting -> inserted`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._link: sqlite3.Connection | None = None
        self._seen = {"booking": 0, "cancellation": 0}
        self._states: dict[tuple[str, int], str] = {}

    def look(self) -> Sequence[Moment]:
        """
        Return the steps taken since the last look; none while there is no file.
        """
        found: list[Moment] = []
        with suppress(sqlite3.Error):
            if self._link is None:
                self._link = sqlite3.connect(f"{self._path.resolve().as_uri()}?mode=ro", uri=True)
            found += self._steps(
                self._link, "booking", "SELECT id, booking_id, booking_id, state FROM booking_steps WHERE id > ?"
            )
            found += self._steps(
                self._link,
                "cancellation",
                "SELECT s.id, s.request_id, c.booking_id, s.state FROM cancellation_steps s "
                "JOIN cancellations c USING (practice_id, request_id) WHERE s.id > ?",
            )
        return found

    def close(self) -> None:
        """
        Let go of the file.
        """
        if self._link is not None:
            self._link.close()

    def _steps(self, link: sqlite3.Connection, kind: str, sql: str) -> list[Moment]:
        found: list[Moment] = []
        for number, key, booking_id, state in link.execute(f"{sql} ORDER BY 1", (self._seen[kind],)):
            before = self._states.get((kind, key), "new")
            self._seen[kind], self._states[kind, key] = number, state
            found.append(Moment(f"{kind}: {before} -> {state}", booking_id))
        return found


class DiaryWatch:
    """
    Sees a row of ours appear or be cancelled in the practice's database; on MariaDB before that is committed.
    """

    def __init__(self, connect: Callable[[], Connection], dialect: str) -> None:
        self._database = Database(connect())
        if dialect in _DIRTY:
            self._database.run(_DIRTY[dialect])
        self._first = self._last = int(self._database.rows("SELECT COALESCE(MAX(id), 0) FROM appointments")[0][0])
        self._cancelled: set[int] = set()

    def look(self) -> Sequence[Moment]:
        """
        Return what has changed since the last look.
        """
        found: list[Moment] = []
        for number, notes in self._database.rows("SELECT id, notes FROM appointments WHERE id > ? ORDER BY id", self._last):
            self._last = int(number)
            if booking_id := referenced_booking(str(notes)):
                found.append(Moment("diary: entered", booking_id))
        cancelled = self._database.rows(
            f"SELECT id, notes FROM appointments WHERE id > ? AND status = {CANCELLED} AND notes LIKE '%HE:%'",  # noqa: S608 - a number of ours
            self._first,
        )
        for number, notes in cancelled:
            if number not in self._cancelled:
                self._cancelled.add(number)
                found.append(Moment("diary: cancelled", referenced_booking(str(notes))))
        self._database.rollback()  # ends the reading
        return found

    def close(self) -> None:
        """
        Let go of the database.
        """
        self._database.close()


class Lookout:
    """
    A thread that keeps looking, for the time of a `with`.

    Args:
        watch: Makes the watch, in the thread that uses it.
        tell: Called at once with each moment, by this thread.
    """

    def __init__(self, watch: Callable[[], Watch], tell: Callable[[Moment], None]) -> None:
        self._watch = watch
        self._tell = tell
        self._stop = Event()
        self._thread = Thread(target=self._look, name="lookout", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)

    def _look(self) -> None:
        watch = self._watch()
        while not self._stop.wait(LOOK_EVERY_S):
            for moment in watch.look():
                self._tell(moment)
        watch.close()
