"""
What should be published, worked out slowly: day by day and minute by minute from the diary and the rules alone.

Nothing of the agent's own arithmetic is used here, and nothing that the agent remembers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from agent.domain.rule import Closure
from agent.engine.holidays import is_public_holiday
from agent.sandbox.year.premises import LIVE, Premises, resource_id
from agent.sandbox.year.says import Cap, Says, Subject, says
from agent.sandbox.year.world import Place

DAY = 24 * 60

Ranges = tuple[tuple[int, int], ...]
"""Free stretches of a day: first minute, and the minute after the last."""

Shown = Mapping[tuple[str, date], Mapping[str, Ranges]]
"""By resource and day, and then by appointment type."""


class Standing(NamedTuple):
    """
    An online booking that stands, as the patient made it; *start* is local to its place.
    """

    resource_id: str
    type_id: str
    start: datetime


class Moment(NamedTuple):
    """
    When somebody looks, and what beside the diary decides what is free then.

    Attributes:
        at: Aware UTC.
        bookings: For caps.
        waiting: Resources and types that nobody has ticked off yet.
    """

    at: datetime
    closures: tuple[Closure, ...]
    bookings: Sequence[Standing] = ()
    waiting: frozenset[str] = frozenset()

    def local(self, zone: ZoneInfo) -> datetime:
        """
        Return the wall time in *zone*, naive.
        """
        return self.at.astimezone(zone).replace(tzinfo=None)


class _Session(NamedTuple):
    start: int
    end: int
    slot: int


class _ResourceDay(NamedTuple):
    day: date
    at: datetime
    zone: ZoneInfo
    free: frozenset[int]
    sessions: Sequence[_Session]
    bookings: Sequence[Standing]
    is_closed: bool
    is_holiday: bool


class Oracle:
    """
    Knows what one Healthengine practice should show at a moment.
    """

    def __init__(self, premises: Premises, place: Place) -> None:
        self._premises = premises
        self.place = place

    def published(self, moment: Moment) -> Shown:
        """
        Return the free time of every resource on every day that may be published.
        """
        place = self.place
        longest = max([place.horizon_days, *(rule.horizon_days or 0 for rule in place.rules)])
        today = moment.local(place.zone).date()
        said = self._said(moment)
        result: dict[tuple[str, date], Mapping[str, Ranges]] = {}
        for ahead in range(longest):
            day = today + timedelta(days=ahead)
            working = self._working(day)
            busy = {zone.key: self._busy(day, zone) for zone in map(place.zone_at, place.locations)}
            for subject, by_type in said.items():
                zone = place.zone_at(subject.location)
                sessions = working.get((subject.practitioner, subject.location), ())
                minutes = {minute for session in sessions for minute in range(session.start, session.end)}
                it = _ResourceDay(
                    day=day,
                    at=moment.at,
                    zone=zone,
                    free=frozenset(minutes - busy[zone.key].get(subject.practitioner, set()) - _missing(day, zone)),
                    sessions=sessions,
                    bookings=[b for b in moment.bookings if b.resource_id == subject.resource_id and b.start.date() == day],
                    is_closed=any(closure.first <= day <= closure.last for closure in moment.closures),
                    is_holiday=is_public_holiday(day, place.zone),
                )
                answers = {terms: _ranges(terms, it) for terms in set(by_type.values())}
                result[subject.resource_id, day] = {type_id: answers[terms] for type_id, terms in by_type.items()}
        return result

    def turns_away(self, resource: str, type_id: str, *, is_new: bool) -> bool:
        """
        Return whether a booking must not be entered without a person, because of who the patient is.
        """
        subject = next((subject for subject in self._subjects() if subject.resource_id == resource), None)
        return subject is not None and says(self.place.rules, subject, type_id).turns_away(is_new=is_new)

    def caps(self, resource: str, type_id: str) -> Sequence[Cap]:
        """
        Return how many online bookings a resource takes on a day.
        """
        subject = next((subject for subject in self._subjects() if subject.resource_id == resource), None)
        return says(self.place.rules, subject, type_id).daily_caps if subject else ()

    def _said(self, moment: Moment) -> Mapping[Subject, Mapping[str, Says]]:
        """
        Return what the rules say of everything that is published.
        """
        types = [str(row[0]) for row in self._premises.query("SELECT id FROM appointment_types WHERE active = 1")]
        types = [type_id for type_id in types if type_id not in moment.waiting]
        found: dict[Subject, Mapping[str, Says]] = {}
        for subject in self._subjects():
            by_type = {type_id: says(self.place.rules, subject, type_id) for type_id in types}
            if subject.resource_id not in moment.waiting and any(terms.is_published for terms in by_type.values()):
                found[subject] = {
                    type_id: terms.with_defaults(self.place.horizon_days, self.place.notice) for type_id, terms in by_type.items()
                }
        return found

    def _subjects(self) -> list[Subject]:
        rows = self._premises.query(
            "SELECT w.practitioner_id, w.location_id, w.specialty_code FROM practitioner_places w "
            "JOIN practitioners p ON p.id = w.practitioner_id WHERE p.active = 1"
        )
        return [
            Subject(resource_id(int(who), int(where), str(what)), int(who), int(where))
            for who, where, what in rows
            if int(where) in self.place.locations
        ]

    def _working(self, day: date) -> Mapping[tuple[int, int], Sequence[_Session]]:
        working: dict[tuple[int, int], list[_Session]] = {}
        for who, where, start, end, slot in self._premises.query(
            "SELECT practitioner_id, location_id, start_time, end_time, slot_minutes FROM roster WHERE roster_date = ?", day
        ):
            working.setdefault((int(who), int(where)), []).append(_Session(_minute(start), _minute(end), int(slot)))
        return working

    def _busy(self, day: date, zone: ZoneInfo) -> Mapping[int, set[int]]:
        """
        Return what is taken of a day on the clocks of *zone*, by practitioner.
        """
        busy: dict[int, set[int]] = {}
        midnight = datetime(day.year, day.month, day.day)
        for who, start, end in self._premises.query(
            "SELECT practitioner_id, start_time, end_time FROM absences WHERE absence_date = ?", day
        ):
            busy.setdefault(int(who), set()).update(range(_minute(start), _minute(end)))
        around = timedelta(days=1, hours=3)  # what began the evening before, and other places' clocks
        for row in self._premises.rows("starts_at >= ? AND starts_at < ?", midnight - around, midnight + around):
            if row.status in LIVE:
                there = self._premises.zone_at(row.location_id)
                start = row.start if there.key == zone.key else _on_clocks_of(zone, row.start, there)
                first = int((start - midnight) / timedelta(minutes=1))
                minutes = range(max(first, 0), min(first + max(row.minutes, 1), DAY))
                busy.setdefault(row.practitioner_id, set()).update(minutes)
        return busy


def _ranges(terms: Says, it: _ResourceDay) -> Ranges:
    """
    Return what *terms* let through of a resource's day.
    """
    ahead = (it.day - it.at.astimezone(it.zone).date()).days
    is_shut = it.is_closed or any(closure.first <= it.day <= closure.last for closure in terms.closures)
    if not it.free or not terms.is_published or is_shut or (it.is_holiday and not terms.opens_on_holidays):
        return ()
    if ahead >= terms.horizon_days or (terms.is_on_the_day and ahead > 0):
        return ()
    if any(_is_full(cap, it.bookings) for cap in terms.daily_caps):
        return ()
    free = set(it.free)
    slot = it.sessions[0].slot
    for session in it.sessions:
        inside = [b for b in it.bookings if session.start <= b.start.hour * 60 + b.start.minute < session.end]
        if any(_is_full(cap, inside) for cap in terms.session_caps):
            free -= set(range(session.start, session.end))
    earliest = (it.at + terms.notice).astimezone(it.zone).replace(tzinfo=None)
    midnight = datetime(it.day.year, it.day.month, it.day.day)
    found: list[tuple[int, int]] = []
    minute = min(it.free)
    while minute < DAY:
        start = minute
        while minute in free:
            minute += 1
        while start < minute and midnight + timedelta(minutes=start) < earliest:
            start += slot
        if minute - start >= slot:
            found.append((start, minute))
        minute += 1
    return tuple(found)


def _is_full(cap: Cap, bookings: Sequence[Standing]) -> bool:
    return sum(cap.type_id in ("", booking.type_id) for booking in bookings) >= cap.most


def _on_clocks_of(zone: ZoneInfo, local: datetime, there: ZoneInfo) -> datetime:
    return local.replace(tzinfo=there).astimezone(zone).replace(tzinfo=None)


def _missing(day: date, zone: ZoneInfo) -> set[int]:
    """
    Return the minutes that the clocks jump over.
    """
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
