"""
Free time: working time less what takes it, by resource and day.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from agent.domain.days import MINUTES_PER_DAY, DateRange, Span, gaps, merge, missing_minutes
from agent.domain.diary import Appointment, Diary, Session
from agent.domain.resources import Catalogue, Resource


class OpenRange(NamedTuple):
    """
    A stretch of free time on one day.

    Attributes:
        start, end: Minutes of the day, half-open.
        slot_minutes: 0 lets Healthengine use its own length.
        type_ids: Published appointment type ids; empty: all.
    """

    start: int
    end: int
    slot_minutes: int
    type_ids: tuple[str, ...] = ()


class DayAvailability(NamedTuple):
    """
    A complete statement of one resource's free time on one day; no ranges means fully booked or not working (A5).
    """

    resource_id: str
    date: date
    ranges: tuple[OpenRange, ...]

    def fingerprint(self) -> str:
        """
        Return a short text that is equal exactly when the free time is.
        """
        plain = [*map(tuple, self.ranges)]  # a NamedTuple's own `repr` is slow
        return hashlib.blake2b(repr(plain).encode(), digest_size=12).hexdigest()


def free_time(
    catalogue: Catalogue, diary: Diary, window: DateRange, zone: ZoneInfo, zone_at: Callable[[str], ZoneInfo] | None = None
) -> list[DayAvailability]:
    """
    Work out the free time of every resource on every date of *window*, before any notice period.

    What takes a practitioner's time takes it in all their resources, at every place (rule 1), and a clock time that does
    not exist on a day when daylight saving begins is never free.

    Args:
        zone: Of every location.
        zone_at: Gives a location's own zone where they differ; every time is then that of the clocks at its location.
    """
    zones = _Zones(diary, window, zone, zone_at)
    sessions: dict[tuple[str, str, date], list[Session]] = defaultdict(list)
    for session in diary.sessions:
        sessions[session.practitioner_id, session.location_id, session.date].append(session)
    reckoner = _Reckoner(catalogue)
    result: list[DayAvailability] = []
    for resource in catalogue.resources:
        busy, missing = zones.at(resource.location_id)
        for day in window:
            working = sessions.get((resource.practitioner_id, resource.location_id, day))
            if not working:
                result.append(DayAvailability(resource.id, day, ()))
                continue
            taken: Sequence[Span] = busy.get((resource.practitioner_id, day), ())
            if day in missing:
                taken = sorted([*taken, *missing[day]])
            result.append(DayAvailability(resource.id, day, reckoner.ranges(resource, working, taken)))
    return result


def taken_at(
    location_id: str, diary: Diary, window: DateRange, zone: ZoneInfo, zone_at: Callable[[str], ZoneInfo] | None = None
) -> Mapping[tuple[str, date], list[Span]]:
    """
    Return what is taken, by practitioner and date, as the clocks at a location show it; arguments as for `free_time`.
    """
    return _Zones(diary, window, zone, zone_at).at(location_id)[0]


def busy_by_practitioner(appointments: Iterable[Appointment]) -> Mapping[tuple[str, date], list[Span]]:
    """
    Return what is taken, sorted, by practitioner and date; an appointment across midnight counts on both.

    A start or end within a minute takes the whole minute.
    """
    busy: dict[tuple[str, date], list[Span]] = defaultdict(list)
    distinct = _Spans()
    for appointment in appointments:
        start = appointment.start
        day = start.date()
        first = start.hour * 60 + start.minute
        end = first + appointment.minutes + (1 if start.second or start.microsecond else 0)
        while end > MINUTES_PER_DAY:
            busy[appointment.practitioner_id, day].append(Span(first, MINUTES_PER_DAY))
            first, end = 0, end - MINUTES_PER_DAY
            day += timedelta(days=1)
        busy[appointment.practitioner_id, day].append(distinct[first, end])
    for spans in busy.values():
        spans.sort()
    return busy


class _Zones:
    """
    What is taken and which minutes do not exist, by the clocks of each zone.
    """

    def __init__(self, diary: Diary, window: DateRange, zone: ZoneInfo, zone_at: Callable[[str], ZoneInfo] | None = None) -> None:
        self._appointments = () if diary.slots_are_free else diary.appointments
        self._window = window
        self._zone_at = zone_at or (lambda _location_id: zone)
        self._is_one = zone_at is None
        self._known: dict[str, tuple[Mapping[tuple[str, date], list[Span]], Mapping[date, list[Span]]]] = {}

    def at(self, location_id: str) -> tuple[Mapping[tuple[str, date], list[Span]], Mapping[date, list[Span]]]:
        """
        Return what is taken, by practitioner and date, and the minutes that the clocks at a location jump over, by date.
        """
        zone = self._zone_at(location_id)
        if zone.key not in self._known:
            shown = self._appointments if self._is_one else [self._moved(a, zone) for a in self._appointments]
            missing = {day: gap for day in self._window if (gap := missing_minutes(day, zone))}
            self._known[zone.key] = busy_by_practitioner(shown), missing
        return self._known[zone.key]

    def _moved(self, appointment: Appointment, zone: ZoneInfo) -> Appointment:
        own = self._zone_at(appointment.location_id)
        if own.key == zone.key:
            return appointment
        return replace(appointment, start=appointment.start.replace(tzinfo=own).astimezone(zone).replace(tzinfo=None))


class _Spans(dict[tuple[int, int], Span]):
    """
    Each distinct span once. Diaries repeat themselves; making a year of them anew costs more in garbage collection than in work.
    """

    def __missing__(self, key: tuple[int, int]) -> Span:
        self[key] = made = Span(*key)
        return made


class _Openings(dict[tuple[int, int, int, tuple[str, ...]], OpenRange]):
    """
    Each distinct opening once, for the same reason.
    """

    def __missing__(self, key: tuple[int, int, int, tuple[str, ...]]) -> OpenRange:
        self[key] = made = OpenRange(*key)
        return made


class _Reckoner:
    """
    The arithmetic of one resource's day, with what repeats itself worked out once. Lives as long as one call of `free_time`.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._type_ids: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}
        self._spans = _Spans()
        self._openings = _Openings()

    def ranges(self, resource: Resource, working: Sequence[Session], taken: Sequence[Span]) -> tuple[OpenRange, ...]:
        """
        Return what is left of *working* where nothing of *taken*, sorted by start, lies.
        """
        by_kind: dict[tuple[int, tuple[str, ...]], list[Span]] = defaultdict(list)
        for session in working:
            type_ids = self._published(resource, session.type_ids) if session.type_ids else ()
            if session.type_ids and not type_ids:
                continue  # a session only for types that are not published here
            by_kind[session.slot_minutes, type_ids].append(self._spans[session.start, session.end])
        openings = self._openings
        ranges = [
            openings[start, end, slot, type_ids]
            for (slot, type_ids), spans in by_kind.items()
            for first, last in (spans if len(spans) == 1 else merge(spans))
            for start, end in gaps(first, last, taken)
            if end - start >= (slot or 1)
        ]
        ranges.sort()
        return tuple(ranges)

    def _published(self, resource: Resource, pms_type_ids: tuple[str, ...]) -> tuple[str, ...]:
        """
        Return the ids published for *resource* that belong to the PMS's type ids of a session.
        """
        key = (resource.id, pms_type_ids)
        if key not in self._type_ids:
            self._type_ids[key] = tuple(
                sorted(
                    t.id for t in self._catalogue.types if t.pms_type_id in pms_type_ids and t.resource_id in ("", resource.id)
                )
            )
        return self._type_ids[key]
