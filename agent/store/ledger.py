"""
The ledger: bookings and cancellations, one row for every step.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from agent.domain.booking import NEXT, BookingState, CancellationState
from agent.domain.moves import Place
from agent.ports.ledger import LedgerBooking, LedgerCancellation
from agent.store.database import Database
from agent.store.instants import instant_text, local_text

_BOOKING_COLUMNS = (
    "practice_id, booking_id, state, resource_id, practitioner_id, location_id, type_id, start, minutes,"
    " booked_at, seen_at, updated_at, answered_at, appointment_ids, patient_id, reason,"
    " present_practitioner_id, present_location_id, present_start, present_minutes, other_ids, own_ids"
)
_SELECT_BY_HAND = f"SELECT {_BOOKING_COLUMNS} FROM bookings WHERE state = 'by_hand' AND start >= ?"  # noqa: S608 - as below
_SELECT_BOOKINGS = f"SELECT {_BOOKING_COLUMNS} FROM bookings WHERE practice_id = ?"  # noqa: S608 - a constant of ours
_WRITE_BOOKINGS = f"INSERT OR REPLACE INTO bookings ({_BOOKING_COLUMNS}, last_step) VALUES "  # noqa: S608 - as above
_WRITE_STEPS = "INSERT INTO booking_steps (practice_id, booking_id, state, at, reason) VALUES "
_STARTING = (
    " AND booking_id IN (SELECT booking_id FROM bookings WHERE practice_id = ? AND start >= ?"
    " UNION SELECT booking_id FROM bookings WHERE practice_id = ? AND present_start >= ?)"
)
"""Two indexes instead of every booking of two years: the unary plus in front of `state` keeps its index out of it."""

_SELECT_CANCELLATIONS = (
    "SELECT practice_id, booking_id, request_id, state, updated_at, reason FROM cancellations WHERE practice_id = ?"
)

ROWS_AT_ONCE = 200
"""How many rows one statement writes: SQLite's limit is that of its parameters, 32,766."""

KEPT = 2000
"""How many bookings are kept in memory: what is under way is asked for again and again."""


_Key = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """
    One step of a booking or cancellation.

    Attributes:
        state: Of `BookingState` or `CancellationState`.
        at: Aware UTC.
    """

    state: str
    at: datetime
    reason: str


class SqliteLedger:
    """
    `agent.ports.ledger.Ledger` in the state file.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        # Both are changed only by whoever holds the database; what is kept is what is committed.
        self._kept: dict[_Key, LedgerBooking] = {}
        self._taken: dict[_Key, LedgerBooking] = {}

    def booking(self, practice_id: str, booking_id: int) -> LedgerBooking | None:
        """
        Return what is known of a booking, or None.
        """
        kept = self._kept.get((practice_id, booking_id))
        if kept is not None:
            return kept
        with self._database.reading() as connection:
            return self._found(connection, (practice_id, booking_id))

    def bookings(
        self, practice_id: str, *, states: Iterable[BookingState] = (), start_from: datetime | None = None
    ) -> Sequence[LedgerBooking]:
        """
        Return bookings, newest step last; *states* empty: in any state; *start_from*: those that start then or later (local), as
        booked or as moved.
        """
        sql, values = _with_states(_SELECT_BOOKINGS, practice_id, states, "state" if start_from is None else "+state")
        if start_from is not None:
            sql += _STARTING
            values += [practice_id, local_text(start_from)] * 2
        with self._database.reading() as connection:
            return [_booking(row) for row in connection.execute(sql + " ORDER BY last_step", values)]

    def left_to_reception(self, start_from: datetime) -> Sequence[LedgerBooking]:
        """
        Return the bookings of every practice that reception is to enter and that start then or later (local).
        """
        with self._database.reading() as connection:
            rows = connection.execute(_SELECT_BY_HAND, (local_text(start_from),))
            return [_booking(row) for row in rows]

    def write(self, entry: LedgerBooking) -> None:
        """
        Take the step to *entry.state*; any state may be a booking's first.

        The same entry written again adds nothing; the same state with other contents, such as a moved start or a
        remapped appointment id, replaces them and is a step of its own. What else the patient has is only noted.

        Raises:
            ValueError: if `agent.domain.booking.NEXT` does not allow it from the present state.
        """
        self.write_all((entry,))

    def write_all(self, entries: Sequence[LedgerBooking]) -> None:
        """
        Take several steps, in their order, in one transaction, which others who write at the same moment share.

        Raises:
            ValueError: as `write`; then none of them is taken.
        """
        self._database.together(lambda connection: self._take(connection, entries), self._settled)

    def forget(self) -> None:
        """
        Read every booking from the file again: somebody has deleted some.
        """
        with self._database.reading():
            self._kept.clear()

    def steps(self, practice_id: str, booking_id: int) -> Sequence[Step]:
        """
        Return every step of a booking, oldest first.
        """
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT state, at, reason FROM booking_steps WHERE practice_id = ? AND booking_id = ? ORDER BY id",
                (practice_id, booking_id),
            )
            return [_step(row) for row in rows]

    def cancellation(self, practice_id: str, request_id: int) -> LedgerCancellation | None:
        """
        Return what is known of an update request, or None.
        """
        with self._database.reading() as connection:
            return _find_cancellation(connection, practice_id, request_id)

    def cancellations(self, practice_id: str, *, states: Iterable[CancellationState] = ()) -> Sequence[LedgerCancellation]:
        """
        Return cancellations, newest step last; *states* empty: in any state.
        """
        sql, values = _with_states(_SELECT_CANCELLATIONS, practice_id, states)
        with self._database.reading() as connection:
            return [_cancellation(row) for row in connection.execute(sql + " ORDER BY last_step", values)]

    def write_cancellation(self, entry: LedgerCancellation) -> None:
        """
        Take the step to *entry.state*; the same entry written again adds nothing.
        """
        with self._database.writing() as connection:
            present = _find_cancellation(connection, entry.practice_id, entry.request_id)
            if present is not None and replace(entry, updated_at=present.updated_at) == present:
                return
            at = instant_text(entry.updated_at)
            step = connection.execute(
                "INSERT INTO cancellation_steps (practice_id, request_id, state, at, reason) VALUES (?, ?, ?, ?, ?)",
                (entry.practice_id, entry.request_id, entry.state.value, at, entry.reason),
            ).lastrowid
            connection.execute(
                "INSERT OR REPLACE INTO cancellations"
                " (practice_id, request_id, booking_id, state, updated_at, reason, last_step) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (entry.practice_id, entry.request_id, entry.booking_id, entry.state.value, at, entry.reason, step),
            )

    def cancellation_steps(self, practice_id: str, request_id: int) -> Sequence[Step]:
        """
        Return every step of a cancellation, oldest first.
        """
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT state, at, reason FROM cancellation_steps WHERE practice_id = ? AND request_id = ? ORDER BY id",
                (practice_id, request_id),
            )
            return [_step(row) for row in rows]

    def _take(self, connection: sqlite3.Connection, entries: Sequence[LedgerBooking]) -> None:
        steps: list[_Rows] = []
        noted: list[LedgerBooking] = []
        newest: dict[_Key, LedgerBooking] = {}
        for entry in entries:
            key = (entry.practice_id, entry.booking_id)
            present = newest.get(key) or self._taken.get(key) or self._found(connection, key)
            if present is not None and present.state is entry.state:
                like_present = replace(entry, updated_at=present.updated_at)
                if like_present == present:
                    continue
                if replace(like_present, other_ids=present.other_ids) == present:
                    noted.append(like_present)
                    newest[key] = like_present
                    continue
            elif present is not None and entry.state not in NEXT[present.state]:
                raise ValueError(f"booking {entry.booking_id}: {present.state} cannot be followed by {entry.state}")
            steps.append(_rows(entry))
            newest[key] = entry
        self._taken.update(newest)
        _write_steps(connection, steps)
        connection.executemany(
            "UPDATE bookings SET other_ids = ? WHERE practice_id = ? AND booking_id = ?",
            [(_ids_text(e.other_ids), *key) for key, e in newest.items() if any(e is one for one in noted)],
        )

    def _settled(self, is_committed: bool) -> None:  # noqa: FBT001 - the database's callback
        if is_committed:
            for key, entry in self._taken.items():
                self._keep(key, entry)
        self._taken.clear()

    def _found(self, connection: sqlite3.Connection, key: _Key) -> LedgerBooking | None:
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        row = connection.execute(_SELECT_BOOKINGS + " AND booking_id = ?", key).fetchone()
        return None if row is None else self._keep(key, _booking(row))

    def _keep(self, key: _Key, entry: LedgerBooking) -> LedgerBooking:
        self._kept.pop(key, None)
        self._kept[key] = entry
        if len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        return entry

    def counts(self, practice_id: str) -> Mapping[BookingState, int]:
        """
        Return how many bookings are in each state; a state without any is left out.
        """
        with self._database.reading() as connection:
            rows = connection.execute("SELECT state, count(*) FROM bookings WHERE practice_id = ? GROUP BY state", (practice_id,))
            return {BookingState(state): number for state, number in rows}


def _with_states(
    sql: str, practice_id: str, states: Iterable[BookingState] | Iterable[CancellationState], column: str = "state"
) -> tuple[str, list[str]]:
    wanted = [state.value for state in states]
    if wanted:
        sql += f" AND {column} IN ({', '.join('?' * len(wanted))})"
    return sql, [practice_id, *wanted]


class _Rows(NamedTuple):
    # What one step is in the two tables.

    key: _Key
    step: tuple[str | int, ...]
    booking: tuple[str | int | None, ...]


def _rows(entry: LedgerBooking) -> _Rows:
    step = (entry.practice_id, entry.booking_id, entry.state.value, instant_text(entry.updated_at), entry.reason)
    return _Rows((entry.practice_id, entry.booking_id), step, _booking_values(entry))


def _write_steps(connection: sqlite3.Connection, steps: Sequence[_Rows]) -> None:
    for at in range(0, len(steps), ROWS_AT_ONCE):
        some = steps[at : at + ROWS_AT_ONCE]
        written = connection.execute(_WRITE_STEPS + _places(5, len(some)), [value for rows in some for value in rows.step])
        first = (written.lastrowid or 0) - len(some) + 1  # one statement numbers its rows one after another
        newest = {rows.key: (*rows.booking, number) for number, rows in enumerate(some, start=first)}
        connection.execute(_WRITE_BOOKINGS + _places(23, len(newest)), [value for row in newest.values() for value in row])


def _places(columns: int, rows: int) -> str:
    return ", ".join([f"({', '.join('?' * columns)})"] * rows)


def _find_cancellation(connection: sqlite3.Connection, practice_id: str, request_id: int) -> LedgerCancellation | None:
    row = connection.execute(_SELECT_CANCELLATIONS + " AND request_id = ?", (practice_id, request_id)).fetchone()
    return None if row is None else _cancellation(row)


def _booking_values(entry: LedgerBooking) -> tuple[str | int | None, ...]:
    return (
        entry.practice_id,
        entry.booking_id,
        entry.state.value,
        entry.resource_id,
        entry.practitioner_id,
        entry.location_id,
        entry.type_id,
        local_text(entry.start),
        entry.minutes,
        instant_text(entry.booked_at),
        instant_text(entry.seen_at),
        instant_text(entry.updated_at),
        None if entry.answered_at is None else instant_text(entry.answered_at),
        json.dumps(entry.appointment_ids),
        entry.patient_id,
        entry.reason,
        *_place_values(entry.present),
        _ids_text(entry.other_ids),
        entry.own_ids,
    )


def _place_values(place: Place | None) -> tuple[str | int | None, ...]:
    if place is None:
        return (None, None, None, None)
    return (place.practitioner_id, place.location_id, local_text(place.start), place.minutes)


def _ids_text(ids: tuple[str, ...] | None) -> str | None:
    return None if ids is None else json.dumps(ids)


def _place(row: sqlite3.Row) -> Place | None:
    if row["present_start"] is None:
        return None
    return Place(
        practitioner_id=row["present_practitioner_id"],
        location_id=row["present_location_id"],
        start=datetime.fromisoformat(row["present_start"]),
        minutes=row["present_minutes"],
    )


def _booking(row: sqlite3.Row) -> LedgerBooking:
    return LedgerBooking(
        practice_id=row["practice_id"],
        booking_id=row["booking_id"],
        state=BookingState(row["state"]),
        resource_id=row["resource_id"],
        practitioner_id=row["practitioner_id"],
        location_id=row["location_id"],
        type_id=row["type_id"],
        start=datetime.fromisoformat(row["start"]),
        minutes=row["minutes"],
        booked_at=datetime.fromisoformat(row["booked_at"]),
        seen_at=datetime.fromisoformat(row["seen_at"]),
        updated_at=datetime.fromisoformat(row["updated_at"]),
        answered_at=None if row["answered_at"] is None else datetime.fromisoformat(row["answered_at"]),
        appointment_ids=tuple(json.loads(row["appointment_ids"])),
        patient_id=row["patient_id"],
        reason=row["reason"],
        present=_place(row),
        other_ids=None if row["other_ids"] is None else tuple(json.loads(row["other_ids"])),
        own_ids=bool(row["own_ids"]),
    )


def _cancellation(row: sqlite3.Row) -> LedgerCancellation:
    return LedgerCancellation(
        practice_id=row["practice_id"],
        booking_id=row["booking_id"],
        request_id=row["request_id"],
        state=CancellationState(row["state"]),
        updated_at=datetime.fromisoformat(row["updated_at"]),
        reason=row["reason"],
    )


def _step(row: sqlite3.Row) -> Step:
    return Step(state=row["state"], at=datetime.fromisoformat(row["at"]), reason=row["reason"])
