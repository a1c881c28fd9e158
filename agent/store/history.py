"""
What Healthengine was told of resource-days, and the end of what is kept.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from agent.domain.booking import BookingState
from agent.domain.days import DateRange
from agent.ports.history import SentDay, SentOutcome, SentWhy
from agent.store.database import Database
from agent.store.instants import instant_text

_LAST = """
SELECT d.id, s.fingerprint, d.outcome, d.detail FROM sent_days d JOIN statements s ON s.id = d.statement_id
WHERE d.practice_id = ? AND d.resource_id = ? AND d.date = ? ORDER BY d.id DESC LIMIT 1
"""

_OF_DAY = """
SELECT d.*, s.fingerprint, s.ranges FROM sent_days d JOIN statements s ON s.id = d.statement_id
WHERE d.practice_id = ? AND d.resource_id = ? AND d.date = ? ORDER BY d.id
"""

_FINAL = tuple(
    state.value
    for state in (
        BookingState.CONFIRMED,
        BookingState.REJECTED,
        BookingState.TASK,
        BookingState.CANCELLED,
        BookingState.GONE,
        BookingState.DID_NOT_ATTEND,
    )
)
"""A booking in another state is under way: it is kept, however old."""

_OLD_BOOKINGS = f"""
SELECT b.practice_id, b.booking_id FROM bookings b
WHERE b.state IN ({", ".join("?" * len(_FINAL))}) AND b.updated_at < ? AND b.start < ?
    AND (b.present_start IS NULL OR b.present_start < ?)
    AND NOT EXISTS (SELECT 1 FROM tasks t
        WHERE t.practice_id = b.practice_id AND t.booking_id = b.booking_id AND t.closed_at IS NULL)
    AND NOT EXISTS (SELECT 1 FROM cancellations c
        WHERE c.practice_id = b.practice_id AND c.booking_id = b.booking_id AND c.state IN ('asked', 'cancelling', 'cancelled'))
"""  # noqa: S608 - question marks alone


class SqliteHistory:
    """
    `agent.ports.history.History` in the state file.

    Args:
        pruned: Called when bookings may have been deleted.
    """

    def __init__(self, database: Database, *, pruned: Callable[[], None]) -> None:
        self._database = database
        self._pruned = pruned

    def sent(self, practice_id: str, days: Sequence[SentDay]) -> None:
        """
        Add what was sent; the same statement with the same outcome again only counts on.
        """
        with self._database.writing() as connection:
            for day in days:
                key = (practice_id, day.resource_id, day.date.isoformat())
                last = connection.execute(_LAST, key).fetchone()
                if last is not None and tuple(last)[1:] == (day.fingerprint, day.outcome.value, day.detail):
                    connection.execute(
                        "UPDATE sent_days SET times = times + 1, last_at = ?, generation = ? WHERE id = ?",
                        (instant_text(day.last_at), day.generation, last["id"]),
                    )
                else:
                    _insert(connection, key, day)

    def of_day(self, practice_id: str, resource_id: str, day: date) -> Sequence[SentDay]:
        """
        Return everything that was sent of one resource and day, oldest first.
        """
        with self._database.reading() as connection:
            return [_sent(row) for row in connection.execute(_OF_DAY, (practice_id, resource_id, day.isoformat()))]

    def practices(self) -> Sequence[str]:
        """
        Return the ids of all practices of which anything is kept.
        """
        sql = "SELECT practice_id FROM bookings UNION SELECT practice_id FROM sent_days ORDER BY 1"
        with self._database.reading() as connection:
            return [row[0] for row in connection.execute(sql)]

    def bookings_on(self, practice_id: str, day: date) -> Sequence[int]:
        """
        Return the ids of the bookings for *day*, as booked or as moved, by their time.
        """
        span = (day.isoformat(), (day + timedelta(days=1)).isoformat())
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT booking_id FROM bookings WHERE practice_id = ? AND"
                " ((start >= ? AND start < ?) OR (present_start >= ? AND present_start < ?))"
                " ORDER BY coalesce(present_start, start), booking_id",
                (practice_id, *span, *span),
            )
            return [row[0] for row in rows]

    def requests_of(self, practice_id: str, booking_id: int) -> Sequence[int]:
        """
        Return the ids of the changes that were asked for of a booking, in their order.
        """
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT request_id FROM cancellations WHERE practice_id = ? AND booking_id = ? ORDER BY request_id",
                (practice_id, booking_id),
            )
            return [row[0] for row in rows]

    def shown(self, practice_id: str, window: DateRange) -> Mapping[tuple[str, date], str]:
        """
        Return the free time (as `SentDay.ranges`) that Healthengine has acknowledged and shows, by resource and date.
        """
        sql = (
            "SELECT p.resource_id, p.date, s.ranges FROM published_days p JOIN statements s ON s.fingerprint = p.fingerprint"
            " WHERE p.practice_id = ? AND p.date >= ? AND p.date < ? AND p.failed = ''"
        )
        with self._database.reading() as connection:
            rows = connection.execute(sql, (practice_id, window.first.isoformat(), window.end.isoformat())).fetchall()
        return {(resource_id, date.fromisoformat(day)): ranges for resource_id, day, ranges in rows}

    def first_days(self, practice_id: str, resource_ids: Iterable[str]) -> Mapping[str, date]:
        """
        Return the first day of which anything was sent, by resource; one of which nothing was is left out.
        """
        # one look into the index for each: all of them at once would read every row of two years
        sql = "SELECT min(date) FROM sent_days WHERE practice_id = ? AND resource_id = ?"
        with self._database.reading() as connection:
            found = {rid: connection.execute(sql, (practice_id, rid)).fetchone()[0] for rid in resource_ids}
        return {rid: date.fromisoformat(day) for rid, day in found.items() if day}

    def booked_resources(self, practice_id: str) -> frozenset[str]:
        """
        Return the resources that anybody has ever booked, as far as is kept.
        """
        sql = "SELECT DISTINCT resource_id FROM bookings WHERE practice_id = ?"
        with self._database.reading() as connection:
            return frozenset(row[0] for row in connection.execute(sql, (practice_id,)))

    def prune(self, before: datetime) -> int:
        """
        Delete what ended before *before* (aware UTC) and no rule needs any more; returns how many bookings and statements.

        What is under way, lies ahead or has an open task is kept, however old it is.
        """
        limit = instant_text(before)
        local = before.date().isoformat()  # a day sooner or later does not matter here
        with self._database.writing() as connection:
            old = [tuple(row) for row in connection.execute(_OLD_BOOKINGS, (*_FINAL, limit, local, local))]
            for key in old:
                connection.execute(
                    "DELETE FROM cancellation_steps WHERE (practice_id, request_id) IN"
                    " (SELECT practice_id, request_id FROM cancellations WHERE practice_id = ? AND booking_id = ?)",
                    key,
                )
                for table in ("cancellations", "booking_steps", "bookings"):
                    connection.execute(f"DELETE FROM {table} WHERE practice_id = ? AND booking_id = ?", key)  # noqa: S608 - ours
            days = connection.execute("DELETE FROM sent_days WHERE last_at < ? AND date < ?", (limit, local)).rowcount
            if days:
                connection.execute("DELETE FROM statements WHERE id NOT IN (SELECT statement_id FROM sent_days)")
            pruned = len(old) + days
        self._pruned()
        return pruned


def _insert(connection: sqlite3.Connection, key: tuple[str, str, str], day: SentDay) -> None:
    connection.execute(
        "INSERT INTO statements (fingerprint, ranges) VALUES (?, ?) ON CONFLICT (fingerprint) DO NOTHING",
        (day.fingerprint, day.ranges),
    )
    connection.execute(
        "INSERT INTO sent_days (practice_id, resource_id, date, statement_id, generation, why, outcome, detail, at, last_at,"
        " times) SELECT ?, ?, ?, id, ?, ?, ?, ?, ?, ?, ? FROM statements WHERE fingerprint = ?",
        (
            *key,
            day.generation,
            day.why.value,
            day.outcome.value,
            day.detail,
            instant_text(day.at),
            instant_text(day.last_at),
            day.times,
            day.fingerprint,
        ),
    )


def _sent(row: sqlite3.Row) -> SentDay:
    return SentDay(
        resource_id=row["resource_id"],
        date=date.fromisoformat(row["date"]),
        fingerprint=row["fingerprint"],
        ranges=row["ranges"],
        generation=row["generation"],
        why=SentWhy(row["why"]),
        outcome=SentOutcome(row["outcome"]),
        detail=row["detail"],
        at=datetime.fromisoformat(row["at"]),
        last_at=datetime.fromisoformat(row["last_at"]),
        times=row["times"],
    )
