"""
Somebody who looks at everything from outside: the diary, Healthengine, the tasks and the slow oracle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from agent.domain.availability import OpenRange
from agent.domain.booking import BookingState
from agent.sandbox.year.market import Market, OnlineBooking, Told
from agent.sandbox.year.oracle import Moment, Oracle, Ranges, Standing
from agent.sandbox.year.premises import LIVE, Premises, Row
from agent.sandbox.year.room import Room
from agent.sandbox.year.world import Figures, Violations


class Checker:
    """
    Compares what is with what has to be.

    Attributes:
        ever: Every task there has been, by kind and booking.
    """

    def __init__(self, premises: Premises, violations: Violations, figures: Figures) -> None:
        self._premises = premises
        self._violations = violations
        self._figures = figures
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

    def look(self, room: Room, markets: Sequence[Market], moment_of: Callable[[Market], Moment], *, is_stopped: bool) -> None:
        """
        Look at everything; the agent has had time to settle.
        """
        self._figures.checks["check points"] += 1
        self.note_tasks(room)
        self._nobody_shares_a_time(moment_of(markets[0]).local(markets[0].place.zone))
        for market in markets:
            oracle, moment = Oracle(self._premises, market.place), moment_of(market)
            self._bookings(room, market, oracle, moment)
            if not room.is_braking:
                self._free_time(market, oracle, moment, is_stopped=is_stopped)

    def standing(self, market: Market) -> Sequence[Standing]:
        """
        Return the bookings that count for caps: whose patients believe that they will come, or did not.
        """
        return [
            Standing(item.booking.resource_id or "", item.booking.type_id, item.booking.start)
            for item in market.bookings.values()
            if item.told in {Told.YES, Told.DID_NOT_ATTEND}
        ]

    def hidden_share(self, market: Market, moment: Moment) -> float:
        """
        Return which part of what a practice has free is not shown.
        """
        free = shown = 0
        should = Oracle(self._premises, market.place).published(moment)
        for key, by_type in should.items():
            ranges = market.published.get(key, ())
            for type_id, wanted in by_type.items():
                free += sum(end - start for start, end in wanted)
                shown += len(_minutes(_shown(ranges, type_id)) & _minutes(wanted))
        return 1 - shown / free if free else 0.0

    def _nobody_shares_a_time(self, now: datetime) -> None:
        by_person: dict[int, list[Row]] = {}
        for row in self._premises.rows("starts_at >= ? AND status IN (0, 1, 2, 5)", now):
            by_person.setdefault(row.practitioner_id, []).append(row)
        for rows in by_person.values():
            spans = sorted((*self._premises.span(row), row) for row in rows)
            latest, latest_end = rows[0], spans[0][0]
            for start, end, row in spans:
                self._figures.checks["appointments"] += 1
                if start < latest_end and (row.booking_id or latest.booking_id):
                    self._violations.add("overlap", f"rows {latest.id} and {row.id} at {row.start}")
                if end > latest_end:
                    latest, latest_end = row, end

    def _bookings(self, room: Room, market: Market, oracle: Oracle, moment: Moment) -> None:
        now = moment.local(market.place.zone)
        for request in market.waiting:
            self._violations.add("unanswered", f"booking {request}")
        for update in market.updates.values():
            self._violations.add("unanswered", f"cancellation of booking {update.booking_id}")
        for item in market.bookings.values():
            if item.booking.start > now:
                self._figures.checks["bookings"] += 1
                self._booking(room, item)
                self._who_may_come(oracle, item)
        self._caps(market, oracle, now)

    def _who_may_come(self, oracle: Oracle, item: OnlineBooking) -> None:
        """
        Nobody is entered whom the rules turn away, unless a person had a say.
        """
        booking = item.booking
        if item.told is not Told.YES or any(number == item.id for _, number in self.ever):
            return
        if oracle.turns_away(booking.resource_id or "", booking.type_id, is_new=booking.is_new_patient):
            self._violations.add("entered against the rules", f"booking {item.id}")

    def _caps(self, market: Market, oracle: Oracle, now: datetime) -> None:
        """
        No resource has more online bookings on a day than its rules allow, unless a person had a say.
        """
        with_task = {number for _, number in self.ever}
        taken: Counter[tuple[str, str, datetime]] = Counter()
        for item in market.bookings.values():
            if item.told is Told.YES and item.id not in with_task and item.booking.start > now:
                day = item.booking.start.replace(hour=0, minute=0)
                for type_id in {"", item.booking.type_id}:
                    taken[item.booking.resource_id or "", type_id, day] += 1
        for (resource, type_id, day), count in taken.items():
            for cap in oracle.caps(resource, type_id):
                if cap.type_id == type_id and count > cap.most:
                    self._violations.add("beyond a cap", f"{count} of type {type_id!r} with {resource} on {day:%d/%m/%Y}")

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

    def _free_time(self, market: Market, oracle: Oracle, moment: Moment, *, is_stopped: bool) -> None:
        should = oracle.published(moment)
        place = market.place.id
        for (resource_id, day), by_type in should.items():
            self._figures.checks["resource-days"] += 1
            ranges = market.published.get((resource_id, day), ())
            for type_id, free in by_type.items():
                is_shown, wanted = _shown(ranges, type_id), () if is_stopped else free
                if is_shown != wanted:
                    what = f"{place} {resource_id} {day} type {type_id}: shown {is_shown}, free {wanted}"
                    self._violations.add("published time is wrong", what)
        for missing in {resource_id for resource_id, _ in should} ^ {resource.id for resource in market.resources}:
            self._violations.add("resources differ", f"{place}: {missing}")
        for missing in {type_id for by_type in should.values() for type_id in by_type} ^ {kind.id for kind in market.types}:
            self._violations.add("types differ", f"{place}: {missing}")


def _shown(ranges: Sequence[OpenRange], type_id: str) -> Ranges:
    return tuple(sorted((r.start, r.end) for r in ranges if not r.type_ids or type_id in r.type_ids))


def _minutes(ranges: Ranges) -> set[int]:
    return {minute for start, end in ranges for minute in range(start, end)}
