"""
Somebody who looks at everything from outside: the diary, Healthengine, the tasks and the slow oracle.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from agent.domain.booking import BookingState
from agent.domain.practice import Closure
from agent.sandbox.year.market import Market, OnlineBooking, Told
from agent.sandbox.year.oracle import Oracle, Ranges
from agent.sandbox.year.premises import LIVE, Premises, Row
from agent.sandbox.year.room import Room
from agent.sandbox.year.world import Figures, Violations


class Checker:
    """
    Compares what is with what has to be.

    Attributes:
        ever: Every task there has been, by kind and booking.
    """

    def __init__(self, premises: Premises, markets: Mapping[str, Market], violations: Violations, figures: Figures) -> None:
        self._premises = premises
        self._markets = markets
        self._violations = violations
        self._figures = figures
        self._oracles = {key: Oracle(premises, market.place) for key, market in markets.items()}
        self.ever: set[tuple[str, int]] = set()

    def note_tasks(self, room: Room) -> None:
        """
        Remember the open tasks.
        """
        for task in room.store.tasks.open_tasks():
            key = (task.kind.value, task.booking_id)
            if key not in self.ever:
                self.ever.add(key)
                self._figures.tasks[task.kind.value] += 1

    def look(self, room: Room, now: datetime, closures: tuple[Closure, ...], *, is_stopped: bool) -> None:
        """
        Look at everything; the agent has had time to settle. *now* is local and naive.
        """
        self._figures.checks["check points"] += 1
        self.note_tasks(room)
        self._nobody_shares_a_time(now)
        for market in self._markets.values():
            self._bookings(room, market, now)
            if not room.is_braking:
                self._free_time(market, now, closures, is_stopped=is_stopped)

    def hidden_share(self, practice_id: str, now: datetime, closures: tuple[Closure, ...]) -> float:
        """
        Return which part of what a practice has free is not shown.
        """
        free = shown = 0
        published = self._markets[practice_id].published
        for day, ranges in self._oracles[practice_id].published(now, closures).items():
            free += sum(end - start for start, end in ranges)
            there = _minutes(tuple((r.start, r.end) for r in published.get(day, ())))
            shown += len(there & _minutes(ranges))
        return 1 - shown / free if free else 0.0

    def _nobody_shares_a_time(self, now: datetime) -> None:
        by_person: dict[int, list[Row]] = {}
        for row in self._premises.rows("starts_at >= ? AND status IN (0, 1, 2, 5)", now):
            by_person.setdefault(row.practitioner_id, []).append(row)
        for rows in by_person.values():
            latest: Row | None = None
            for row in rows:
                self._figures.checks["appointments"] += 1
                if latest is not None and row.start < latest.end and (row.booking_id or latest.booking_id):
                    self._violations.add("overlap", f"rows {latest.id} and {row.id} at {row.start}")
                latest = row if latest is None or row.end > latest.end else latest

    def _bookings(self, room: Room, market: Market, now: datetime) -> None:
        for request in market.waiting:
            self._violations.add("unanswered", f"booking {request}")
        for update in market.updates.values():
            self._violations.add("unanswered", f"cancellation of booking {update.booking_id}")
        for item in market.bookings.values():
            if item.booking.start > now:
                self._figures.checks["bookings"] += 1
                self._booking(room, item)

    def _booking(self, room: Room, item: OnlineBooking) -> None:
        number, premises = item.id, self._premises
        rows = [row for row in premises.of_booking(number) if row.status in LIVE]
        if len({(row.practitioner_id, row.start) for row in rows}) > 1 or len(rows) > 1:
            self._violations.add("doubled", f"booking {number}: rows {[row.id for row in rows]}")
        has_task = any(booking == number for _, booking in self.ever)
        if item.told is Told.YES and not rows and number not in premises.on_their_way and not has_task and not room.is_braking:
            kind = "ended, and nobody was told" if number in premises.ended else "lost"
            self._violations.add(kind, f"booking {number} for {item.booking.start}, {self._state(room, item)}")
        if item.told is Told.CANCELLED_IT and rows and not has_task:
            self._violations.add("cancelled, and still there", f"booking {number}, {self._state(room, item)}")
        if item.told is Told.NO and rows:
            self._violations.add("refused, and entered", f"booking {number}, {self._state(room, item)}")
        if item.told is Told.PRACTICE_CANCELLED and rows and not has_task and number not in premises.ended:
            self._violations.add("living, and told cancelled", f"booking {number}, {self._state(room, item)}")

    @staticmethod
    def _state(room: Room, item: OnlineBooking) -> str:
        for desk in room.desks:
            entry = room.store.ledger.booking(desk.practice.id, item.id)
            if entry is not None:
                return f"{entry.state.value} ({entry.reason})"
        return BookingState.REQUESTED.value if item.id else ""

    def _free_time(self, market: Market, now: datetime, closures: tuple[Closure, ...], *, is_stopped: bool) -> None:
        should = self._oracles[market.place.id].published(now, closures)
        self._compare(market, should, is_stopped=is_stopped)
        listed = {resource.id for resource in market.resources}
        for missing in {resource_id for resource_id, _ in should} ^ listed:
            self._violations.add("resources differ", f"{market.place.id}: {missing}")

    def _compare(self, market: Market, should: Mapping[tuple[str, date], Ranges], *, is_stopped: bool) -> None:
        for (resource_id, day), ranges in should.items():
            self._figures.checks["resource-days"] += 1
            is_shown = tuple((r.start, r.end) for r in market.published.get((resource_id, day), ()))
            wanted = () if is_stopped else ranges
            if is_shown != wanted:
                self._violations.add(
                    "published time is wrong", f"{market.place.id} {resource_id} {day}: shown {is_shown}, free {wanted}"
                )


def _minutes(ranges: Ranges) -> set[int]:
    return {minute for start, end in ranges for minute in range(start, end)}
