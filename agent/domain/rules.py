"""
Publishing rules applied: what of the free time is published, what is withheld and why, and which bookings are refused.

Nothing is lost and nothing invented: what is published and what is withheld are together the free time, for every type.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from agent.domain.availability import DayAvailability, OpenRange
from agent.domain.cutting import first_minute, next_slot, without
from agent.domain.days import MINUTES_PER_DAY, DateRange, Span, later
from agent.domain.diary import Diary
from agent.domain.practice import Practice
from agent.domain.resources import AppointmentType, Catalogue, Resource
from agent.domain.rule import NewPatients, Patients
from agent.domain.terms import Cap, Cause, RuleKind, Terms, first, matching, terms_for, type_of

OWN_STEP = 5
"""On which minutes a range without a slot length is cut, so that the answer does not change every minute."""

CLOCK_CHANGE = 120
"""More minutes than clocks are ever put forward or back by."""

HALF_DAYS = (Span(0, MINUTES_PER_DAY // 2), Span(MINUTES_PER_DAY // 2, MINUTES_PER_DAY))
"""What counts as a session where a PMS tells free slots only."""

Sessions: TypeAlias = Mapping[tuple[str, date], tuple[Span, ...]]
"""By resource and date: stretches of working time, which may overlap."""


class OwnBooking(NamedTuple):
    """
    An online booking that stands, on a known day.
    """

    minute: int
    type_id: str


class Withheld(NamedTuple):
    """
    Free time that is not published, and the rule behind it.
    """

    opening: OpenRange
    cause: Cause


class Ruled(NamedTuple):
    """
    One resource's day after the rules.
    """

    published: DayAvailability
    withheld: tuple[Withheld, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """
    What a patient wants, as far as the rules care. *start* is local and naive; *type_id* empty: no type.
    """

    resource_id: str
    type_id: str
    start: datetime
    is_new_patient: bool = False


class Objection(NamedTuple):
    """
    Why a booking is not entered. *is_held*: a person decides, instead of a plain no.
    """

    cause: Cause
    is_held: bool = False


class _Situation(NamedTuple):
    day: date
    now: datetime
    zone: ZoneInfo
    bookings: Sequence[OwnBooking]
    sessions: Sequence[Span]


class _Group(NamedTuple):
    terms: Terms
    type_ids: tuple[str, ...]


class RuleBook:
    """
    A practice's rules for what it publishes. What repeats itself is worked out once; for one thread.

    Args:
        catalogue: What is published.
        is_holiday: Whether a date is a public holiday where the practice is.
    """

    def __init__(self, practice: Practice, catalogue: Catalogue, is_holiday: Callable[[date], bool]) -> None:
        self._practice = practice
        self._catalogue = catalogue
        self._is_holiday = is_holiday
        self._holidays: dict[date, bool] = {}
        self._terms: dict[tuple[str, str], Terms] = {}
        self._groups: dict[tuple[str, tuple[str, ...]], list[_Group]] = {}
        self._has_type_rules = any(rule.type for rule in practice.rules)
        self._plain = self._plain_terms(catalogue)
        self._now, self._today, self._minute = datetime(1, 1, 1), 1, 0
        rules = practice.rules
        horizons = {rule.horizon_days for rule in rules if rule.horizon_days is not None}
        # Without either a day comes into the horizon for everything at once, and nobody has known it before.
        self._horizons = sorted({practice.horizon_days, *horizons}) if horizons or practice.location_zones else []
        self._has_day_releases = any(rule.on_the_day for rule in rules)
        self.has_session_caps = any(rule.session_cap is not None for rule in rules)
        self.has_caps = self.has_session_caps or any(rule.daily_cap is not None for rule in rules)
        self.horizon_days = max((practice.horizon_days, *self._horizons))
        self.longest_notice = max(
            (practice.minimum_notice, *(rule.minimum_notice for rule in rules if rule.minimum_notice is not None))
        )

    def is_holiday(self, day: date) -> bool:
        """
        Return whether *day* is a public holiday where the practice is.
        """
        known = self._holidays.get(day)
        if known is None:
            known = self._holidays[day] = self._is_holiday(day)
        return known

    def apply(
        self, day: DayAvailability, now: datetime, *, bookings: Sequence[OwnBooking] = (), sessions: Sequence[Span] = ()
    ) -> Ruled:
        """
        Return what of *day* is published and what is withheld.

        Args:
            now: By the clocks where the resource is, naive; in an hour that they show twice its `fold` says which is meant.
            bookings: Our own that stand on this resource and day.
            sessions: The resource's working time of that day; needed where sessions have a cap.
        """
        if not day.ranges:
            return Ruled(day)
        if self._is_untouched(day.resource_id, day.date, now):
            return Ruled(day)
        resource = self._catalogue.resource(day.resource_id)
        if resource is None:
            return _nothing(day, Cause(RuleKind.LEFT_OUT, "not published"))
        situation = _Situation(day.date, now, self._practice.zone_at(resource.location_id), bookings, sessions)
        if not self._has_type_rules:
            cause = self._whole_day(self._groups_of(resource, ())[0].terms, situation)
            if cause is not None:
                return _nothing(day, cause)
        ranges: list[OpenRange] = []
        withheld: list[Withheld] = []
        for opening in day.ranges:
            kept, lost = self._split(opening, resource, situation)
            ranges += kept
            withheld += lost
        return Ruled(DayAvailability(day.resource_id, day.date, tuple(sorted(ranges))), tuple(sorted(withheld)))

    def objection(
        self,
        wish: Wish,
        asked_at: Sequence[datetime],
        *,
        bookings: Sequence[OwnBooking] = (),
        sessions: Sequence[Span] = (),
    ) -> Objection | None:
        """
        Return why a booking may not be entered, or None.

        Args:
            asked_at: Moments, as *now* of `apply`; what time alone decides may be allowed at any of them, because what a patient
                looks at is a little older than now.
            bookings: Our own others that stand on that resource and day.
            sessions: As for `apply`.
        """
        resource = self._catalogue.resource(wish.resource_id)
        if resource is None:
            return Objection(Cause(RuleKind.LEFT_OUT, "not published"))
        kind = type_of(self._catalogue, resource, wish.type_id)
        day = wish.start.date()
        if not any(self._is_untouched(resource.id, day, now) for now in asked_at):
            zone = self._practice.zone_at(resource.location_id)
            cause = self._not_now(
                wish, self._terms_of(resource, kind), [_Situation(day, now, zone, bookings, sessions) for now in asked_at]
            )
            if cause is not None:
                return Objection(cause)
        found = matching(self._practice.rules, resource, kind)
        group, source = first(found, lambda rule: rule.patients) or (Patients.ALL, "")
        if group is (Patients.EXISTING if wish.is_new_patient else Patients.NEW):
            return Objection(Cause(RuleKind.PATIENTS, f"for {group} patients only", source))
        policy, source = first(found, lambda rule: rule.new_patients) or (NewPatients.ACCEPT, "")
        if not wish.is_new_patient or policy is NewPatients.ACCEPT:
            return None
        is_held = policy is NewPatients.HOLD
        detail = "a person decides about new patients" if is_held else "no new patients"
        return Objection(Cause(RuleKind.NEW_PATIENTS, detail, source), is_held)

    def _not_now(self, wish: Wish, terms: Terms, situations: Iterable[_Situation]) -> Cause | None:
        """
        Return why the time is let through in none of *situations*.
        """
        minute = wish.start.hour * 60 + wish.start.minute
        opening = OpenRange(minute, minute + 1, 1)
        cause: Cause | None = None
        for situation in situations:
            free, gone = self._cut(opening, terms, situation)
            if free:
                return None
            cause = gone[0][1]
        return cause

    def must_know_sessions(self, wish: Wish, bookings: Sequence[OwnBooking]) -> bool:
        """
        Return whether some session of the day may be full, so that `objection` needs to know the sessions.
        """
        resource = self._catalogue.resource(wish.resource_id)
        if not self.has_session_caps or resource is None:
            return False
        terms = self._terms_of(resource, type_of(self._catalogue, resource, wish.type_id))
        return any(_counted(cap, bookings) >= cap.most for cap in terms.session_caps)

    def mark(self, marker: str, day: date, todays: Iterable[date], own: Sequence[tuple[str, OwnBooking]] = ()) -> str:
        """
        Return *marker* with everything added that may change what the rules say about *day* while the PMS stays as it
        is: the date (a horizon, a release on the day), holidays, and our own bookings where there are caps.

        The notice period is left out: it is looked at again and again anyway.

        Args:
            todays: The date now on the practice's clocks, and on each of the others that its locations go by.
        """
        parts = ["holiday"] if self.is_holiday(day) else []
        for today in todays:
            if self._horizons:
                parts.append(str(sum((day - today).days < horizon for horizon in self._horizons)))
            if self._has_day_releases:
                parts.append("today" if day == today else "-")
        if self.has_caps and own:
            parts.append(repr(sorted((resource_id, *booking) for resource_id, booking in own)))
        return "|".join((marker, *parts)) if parts else marker

    def _is_untouched(self, resource_id: str, day: date, now: datetime) -> bool:
        """
        Look no further at what no rule can touch: nearly every resource-day is like that, so this has to be quick.
        """
        terms = self._plain.get(resource_id)
        if terms is None or (terms.holiday and self.is_holiday(day)):
            return False
        if now is not self._now:
            self._now, self._today, self._minute = now, now.toordinal(), now.hour * 60 + now.minute
        ahead = day.toordinal() - self._today
        in_notice = self._minute + terms.notice_minutes + CLOCK_CHANGE
        return ahead < terms.horizon_days and ahead * MINUTES_PER_DAY > in_notice

    def _plain_terms(self, catalogue: Catalogue) -> dict[str, Terms]:
        """
        Return the terms of every resource for which they are the same whatever the type, and take no more than a look at
        the date.
        """
        if self._has_type_rules:
            return {}
        found = {resource.id: self._terms_of(resource, None) for resource in catalogue.resources}
        return {resource_id: terms for resource_id, terms in found.items() if terms.is_plain}

    def _terms_of(self, resource: Resource, kind: AppointmentType | None) -> Terms:
        key = (resource.id, kind.id if kind else "")
        known = self._terms.get(key)
        if known is None:
            known = self._terms[key] = terms_for(self._practice, resource, kind)
        return known

    def _groups_of(self, resource: Resource, type_ids: tuple[str, ...]) -> list[_Group]:
        key = (resource.id, type_ids)
        found = self._groups.get(key)
        if found is None:
            meant = type_ids or tuple(t.id for t in self._catalogue.types if t.resource_id in ("", resource.id)) or ("",)
            by_terms: dict[Terms, list[str]] = defaultdict(list)
            for type_id in meant if self._has_type_rules else ():
                by_terms[self._terms_of(resource, type_of(self._catalogue, resource, type_id))].append(type_id)
            if not self._has_type_rules:
                by_terms[self._terms_of(resource, None)] += meant
            found = self._groups[key] = [_Group(terms, tuple(ids)) for terms, ids in by_terms.items()]
        return found

    def _split(self, opening: OpenRange, resource: Resource, situation: _Situation) -> tuple[list[OpenRange], list[Withheld]]:
        """
        Cut *opening* for each type; types that fare alike stay together.
        """
        kept: dict[tuple[Span, ...], list[str]] = defaultdict(list)
        lost: dict[tuple[Span, Cause], list[str]] = defaultdict(list)
        total = 0
        for terms, type_ids in self._groups_of(resource, opening.type_ids):
            total += len(type_ids)
            free, gone = self._cut(opening, terms, situation)
            kept[free] += type_ids
            for item in gone:
                lost[item] += type_ids

        def part(span: Span, ids: list[str]) -> OpenRange:
            return OpenRange(*span, opening.slot_minutes, opening.type_ids if len(ids) == total else tuple(sorted(ids)))

        ranges = [part(span, ids) for spans, ids in kept.items() for span in spans]
        return ranges, [Withheld(part(span, ids), cause) for (span, cause), ids in lost.items()]

    def _cut(self, opening: OpenRange, terms: Terms, situation: _Situation) -> tuple[tuple[Span, ...], list[tuple[Span, Cause]]]:
        """
        Return the stretches of *opening* that *terms* let through, and the others, each with its cause.
        """
        whole = Span(opening.start, opening.end)
        cause = self._whole_day(terms, situation)
        if cause is not None:
            return (), [(whole, cause)]
        pieces, gone = [whole], []
        for session, full in _full_sessions(terms, situation):
            pieces, lost = without(pieces, session, opening.slot_minutes or 1)
            gone += [(span, full) for span in lost]
        earliest = later(situation.now, timedelta(minutes=terms.notice_minutes), situation.zone)
        limit = first_minute(situation.day, earliest)
        kept: list[Span] = []
        for piece in pieces:
            start = next_slot(piece, limit, opening.slot_minutes or OWN_STEP)
            if start > piece.start:
                gone.append((Span(piece.start, start), terms.notice))
            if start < piece.end:
                kept.append(Span(start, piece.end))
        return tuple(kept), gone

    def _whole_day(self, terms: Terms, situation: _Situation) -> Cause | None:
        day = situation.day
        if terms.left_out:
            return terms.left_out
        for closed in terms.closures:
            if closed.first <= day <= closed.last:
                return closed.cause
        if terms.holiday and self.is_holiday(day):
            return terms.holiday
        ahead = (day - situation.now.date()).days
        if ahead >= terms.horizon_days:
            return terms.horizon
        if terms.on_the_day and ahead:
            return terms.on_the_day
        return next((cap.cause for cap in terms.daily_caps if _counted(cap, situation.bookings) >= cap.most), None)


def session_spans(catalogue: Catalogue, diary: Diary) -> Sessions:
    """
    Return the sessions of every resource that has any, without repetitions.
    """
    by_person: dict[tuple[str, str, date], set[Span]] = defaultdict(set)
    for session in diary.sessions:
        key = (session.practitioner_id, session.location_id, session.date)
        by_person[key].update(HALF_DAYS if diary.slots_are_free else (Span(session.start, session.end),))
    by_place: dict[tuple[str, str], list[tuple[date, tuple[Span, ...]]]] = defaultdict(list)
    for (practitioner_id, location_id, day), spans in by_person.items():
        by_place[practitioner_id, location_id].append((day, tuple(sorted(spans))))
    return {
        (resource.id, day): spans
        for resource in catalogue.resources
        for day, spans in by_place.get((resource.practitioner_id, resource.location_id), ())
    }


def holiday_rosters(book: RuleBook, practice: Practice, catalogue: Catalogue, diary: Diary, window: DateRange) -> list[date]:
    """
    Return the public holidays in *window* that a roster runs over although no rule says whether that is meant.

    A roster that repeats every week does not know of Christmas; a rule with `public_holidays` says that somebody does.
    """
    rostered = {(s.practitioner_id, s.location_id, s.date) for s in diary.sessions}
    silent = [
        r for r in catalogue.resources if first(matching(practice.rules, r, None), lambda rule: rule.public_holidays) is None
    ]
    return [
        day
        for day in window
        if book.is_holiday(day)
        and not practice.is_closed(day)
        and any((r.practitioner_id, r.location_id, day) in rostered for r in silent)
    ]


def _nothing(day: DayAvailability, cause: Cause) -> Ruled:
    withheld = tuple(Withheld(opening, cause) for opening in day.ranges)
    return Ruled(DayAvailability(day.resource_id, day.date, ()), withheld)


def _counted(cap: Cap, bookings: Iterable[OwnBooking]) -> int:
    return sum(cap.type_id in ("", booking.type_id) for booking in bookings)


def _full_sessions(terms: Terms, situation: _Situation) -> list[tuple[Span, Cause]]:
    return [
        (session, cap.cause)
        for cap in terms.session_caps
        for session in situation.sessions
        if _counted(cap, (b for b in situation.bookings if session.start <= b.minute < session.end)) >= cap.most
    ]
