"""
What should be published, worked out slowly: day by day and minute by minute from the diary and the rules alone.

Nothing of the agent's own arithmetic is used here, and nothing that the agent remembers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from agent.domain.practice import Closure
from agent.engine.holidays import is_public_holiday
from agent.sandbox.year.premises import LIVE, Premises
from agent.sandbox.year.world import Place

DAY = 24 * 60

Ranges = tuple[tuple[int, int], ...]
"""Free stretches of a day: first minute, and the minute after the last."""


class Oracle:
    """
    Knows what one Healthengine practice should show at a moment.
    """

    def __init__(self, premises: Premises, place: Place) -> None:
        self._premises = premises
        self._place = place

    def published(self, now: datetime, closures: tuple[Closure, ...]) -> dict[tuple[str, date], Ranges]:
        """
        Return the free time of every resource on every day of the horizon; *now* is local and naive.
        """
        place = self._place
        longest = max([place.horizon_days, *(rule.horizon_days or 0 for rule in place.rules)])
        result: dict[tuple[str, date], Ranges] = {}
        for ahead in range(longest):
            day = now.date() + timedelta(days=ahead)
            result |= self._day(day, now, is_closed=any(c.first <= day <= c.last for c in closures))
        return result

    def _day(self, day: date, now: datetime, *, is_closed: bool) -> dict[tuple[str, date], Ranges]:
        place = self._place
        busy = self._busy(day)
        working = self._working(day)
        gone = _minutes_that_do_not_exist(day, place.zone)
        ahead = (day - now.date()).days
        is_shut = is_closed or is_public_holiday(day, place.zone)
        found: dict[tuple[str, date], Ranges] = {}
        for who, where, specialty in self._resources():
            key = (f"{who}@{where}:{specialty}", day)
            minutes, slot = working.get((who, where), (set(), 0))
            if is_shut or not minutes or not self._shows(str(who), ahead):
                found[key] = ()
                continue
            free = minutes - busy.get(who, set()) - gone
            found[key] = self._ranges(free, slot, day, now)
        return found

    def _shows(self, practitioner: str, ahead: int) -> bool:
        horizon = self._place.horizon_days
        for rule in self._place.rules:
            if rule.resource == practitioner:
                if rule.on_the_day and ahead > 0:
                    return False
                horizon = rule.horizon_days or horizon
        return ahead < horizon

    def _ranges(self, free: set[int], slot: int, day: date, now: datetime) -> Ranges:
        earliest = now + self._place.notice
        found: list[tuple[int, int]] = []
        minute = 0
        while minute < DAY:
            if minute not in free:
                minute += 1
                continue
            start = minute
            while minute in free:
                minute += 1
            while start < minute and datetime(day.year, day.month, day.day) + timedelta(minutes=start) < earliest:
                start += slot
            if minute - start >= slot:
                found.append((start, minute))
        return tuple(found)

    def _resources(self) -> list[tuple[int, int, str]]:
        rows = self._premises.query(
            "SELECT w.practitioner_id, w.location_id, w.specialty_code FROM practitioner_places w "
            "JOIN practitioners p ON p.id = w.practitioner_id WHERE p.active = 1"
        )
        return [(int(who), int(where), str(what)) for who, where, what in rows if int(where) in self._place.locations]

    def _working(self, day: date) -> Mapping[tuple[int, int], tuple[set[int], int]]:
        working: dict[tuple[int, int], tuple[set[int], int]] = {}
        for who, where, start, end, slot in self._premises.query(
            "SELECT practitioner_id, location_id, start_time, end_time, slot_minutes FROM roster WHERE roster_date = ?", day
        ):
            minutes, _ = working.setdefault((int(who), int(where)), (set(), int(slot)))
            minutes |= set(range(_minute(start), _minute(end)))
        return working

    def _busy(self, day: date) -> Mapping[int, set[int]]:
        busy: dict[int, set[int]] = {}
        midnight = datetime(day.year, day.month, day.day)
        for who, start, end in self._premises.query(
            "SELECT practitioner_id, start_time, end_time FROM absences WHERE absence_date = ?", day
        ):
            busy.setdefault(int(who), set()).update(range(_minute(start), _minute(end)))
        rows = self._premises.rows("starts_at >= ? AND starts_at < ?", midnight - timedelta(days=1), midnight + timedelta(days=1))
        for row in rows:
            if row.status in LIVE:
                first = int((row.start - midnight) / timedelta(minutes=1))
                minutes = range(max(first, 0), min(first + max(row.minutes, 1), DAY))
                busy.setdefault(row.practitioner_id, set()).update(minutes)
        return busy


def _minutes_that_do_not_exist(day: date, zone: ZoneInfo) -> set[int]:
    midnight = datetime(day.year, day.month, day.day)
    if zone.utcoffset(midnight) == zone.utcoffset(midnight + timedelta(days=1)):
        return set()
    gone: set[int] = set()
    for minute in range(DAY):
        local = midnight + timedelta(minutes=minute)
        if local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
            gone.add(minute)
    return gone


def _minute(text: object) -> int:
    hours, _, minutes = str(text).partition(":")
    return int(hours) * 60 + int(minutes)
