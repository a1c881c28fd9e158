"""
Publishing rules at random, against a reckoning written separately that asks of every minute and type.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import event, given, settings
from hypothesis import strategies as st

from agent.domain.availability import DayAvailability, OpenRange
from agent.domain.days import Span
from agent.domain.practice import LiveHours, Practice
from agent.domain.resources import AppointmentType, Catalogue, Resource
from agent.domain.rule import Closure, Holidays, NewPatients, Patients, Rule
from agent.domain.rules import OwnBooking, RuleBook, Wish
from agent.domain.terms import RuleKind

TODAY = date(2026, 12, 23)
HOLIDAYS = frozenset({date(2026, 12, 25), date(2026, 12, 26)})
DAYS = st.integers(-1, 7).map(lambda n: TODAY + timedelta(days=n))
OF_THE_PATIENT = (RuleKind.PATIENTS, RuleKind.NEW_PATIENTS)

WHOLE_DAY = Span(0, 1440)

CATALOGUE = Catalogue(
    resources=(
        Resource(id="1@1", name="A", practitioner_id="1", location_id="1"),
        Resource(id="1@2", name="A", practitioner_id="1", location_id="2"),
        Resource(id="2@1", name="B", practitioner_id="2", location_id="1"),
    ),
    types=(
        AppointmentType(id="10", name="Standard", pms_type_id="10", minutes=15),
        AppointmentType(id="11", name="Long", pms_type_id="11", minutes=30),
        AppointmentType(id="12:2@1", name="Skin", pms_type_id="12", minutes=15, resource_id="2@1"),
    ),
)


@dataclass(frozen=True)
class Case:
    practice: Practice
    day: DayAvailability
    now: datetime
    bookings: tuple[OwnBooking, ...]
    sessions: tuple[Span, ...]

    @property
    def book(self) -> RuleBook:
        return RuleBook(self.practice, CATALOGUE, HOLIDAYS.__contains__)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


CLOSURES = st.builds(lambda first, more: Closure(first=first, last=first + timedelta(days=more)), DAYS, st.integers(0, 2))

RULES = st.builds(
    Rule,
    location=st.sampled_from(["", "", "1", "2"]),
    resource=st.sampled_from(["", "", "1", "1@1", "2@1"]),
    type=st.sampled_from(["", "", "10", "11", "12", "12:2@1"]),
    publish=st.sampled_from([None, None, True, False]),
    minimum_notice=maybe(st.sampled_from([timedelta(), timedelta(minutes=90), timedelta(hours=30)])),
    horizon_days=maybe(st.sampled_from([1, 2, 4, 9])),
    on_the_day=st.sampled_from([None, None, None, True, False]),
    daily_cap=maybe(st.integers(1, 3)),
    session_cap=maybe(st.integers(0, 2)),
    closures=st.lists(CLOSURES, max_size=1).map(tuple),
    public_holidays=maybe(st.sampled_from(Holidays)),
    patients=maybe(st.sampled_from(Patients)),
    new_patients=maybe(st.sampled_from(NewPatients)),
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    edges = sorted(draw(st.sets(st.integers(90, 200), min_size=2, max_size=6)))
    resource = draw(st.sampled_from(CATALOGUE.resources))
    own_types = [t.id for t in CATALOGUE.types if t.resource_id in ("", resource.id)]
    openings = []
    for start, end in zip(edges[::2], edges[1::2], strict=False):
        slot = draw(st.sampled_from([0, 10, 15]))
        types = tuple(sorted(draw(st.sets(st.sampled_from(own_types)))))
        if (end - start) * 5 >= slot:
            openings.append(OpenRange(start * 5, end * 5, slot, types))
    practice = Practice(
        id="1",
        name="",
        locations=(),
        zone=ZoneInfo("Australia/Sydney"),
        live_hours=LiveHours(days=((),) * 7),
        horizon_days=5,
        minimum_notice=timedelta(minutes=30),
        closures=tuple(draw(st.lists(CLOSURES, max_size=1))),
        rules=tuple(draw(st.lists(RULES, max_size=5))),
    )
    return Case(
        practice=practice,
        day=DayAvailability(resource.id, draw(DAYS), tuple(openings)),
        now=datetime(2026, 12, 23) + timedelta(seconds=draw(st.integers(0, 86399))),
        bookings=tuple(
            draw(st.lists(st.builds(OwnBooking, st.integers(450, 1000), st.sampled_from(["10", "11", "12:2@1", ""])), max_size=5))
        ),
        sessions=draw(
            st.sampled_from([(Span(450, 1000),), (Span(450, 720), Span(720, 1000)), (Span(450, 700), Span(650, 1000))])
        ),
    )


class Oracle:
    """
    Asks every rule anew for every minute.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        resource = CATALOGUE.resource(case.day.resource_id)
        assert resource is not None
        self.resource = resource

    def says(self, rule: Rule, type_id: str) -> bool:
        """
        Whether *rule* has anything to do with the resource and type.
        """
        kind = CATALOGUE.type(type_id)
        return (
            rule.location in ("", self.resource.location_id)
            and rule.resource in ("", self.resource.id, self.resource.practitioner_id)
            and (rule.type == "" or (kind is not None and rule.type in (kind.id, kind.pms_type_id)))
        )

    def best(self, field: str, type_id: str, otherwise: Any, *, typed: bool | None = None) -> Any:
        answer, rank = otherwise, -1
        for rule in self.case.practice.rules:
            if typed is not None and typed is not (rule.type != ""):
                continue
            mine = 4 * (rule.type != "") + 2 * (rule.resource != "") + (rule.location != "")
            if self.says(rule, type_id) and getattr(rule, field) is not None and mine >= rank:
                answer, rank = getattr(rule, field), mine
        return answer

    def count(self, type_id: str, span: Span = WHOLE_DAY) -> int:
        return len([b for b in self.case.bookings if type_id in ("", b.type_id) and span.start <= b.minute < span.end])

    def open_day(self, type_id: str) -> bool:
        day, now = self.case.day.date, self.case.now
        closures = [*self.case.practice.closures]
        for rule in self.case.practice.rules:
            closures += rule.closures if self.says(rule, type_id) else ()
        caps = [
            (self.best("daily_cap", type_id, None, typed=True), type_id),
            (self.best("daily_cap", type_id, None, typed=False), ""),
        ]
        return (
            self.best("publish", type_id, True)
            and not any(closure.first <= day <= closure.last for closure in closures)
            and (day not in HOLIDAYS or self.best("public_holidays", type_id, Holidays.CLOSED) is Holidays.OPEN)
            and (day - now.date()).days < self.best("horizon_days", type_id, 5)
            and (day == now.date() or not self.best("on_the_day", type_id, False))
            and not any(cap is not None and self.count(counted) >= cap for cap, counted in caps)
        )

    def minutes(self, opening: OpenRange, type_id: str) -> set[int]:
        """
        Return the minutes of *opening* that *type_id* is published in.
        """
        if not self.open_day(type_id):
            return set()
        left = set(range(opening.start, opening.end))
        for typed, counted in ((True, type_id), (False, "")):
            cap = self.best("session_cap", type_id, None, typed=typed)
            for session in self.case.sessions:
                if cap is not None and self.count(counted, session) >= cap:
                    left -= set(range(session.start, session.end))
        earliest = self.case.now + self.best("minimum_notice", type_id, timedelta(minutes=30))
        midnight = datetime.combine(self.case.day.date, datetime.min.time())
        step = opening.slot_minutes or 5
        kept: set[int] = set()
        for first in sorted(minute for minute in left if minute - 1 not in left):
            end = first
            while end in left:
                end += 1
            if end - first < (opening.slot_minutes or 1):
                continue
            start = first
            while start < end and midnight + timedelta(minutes=start) < earliest:
                start += step
            if start == first or start + step <= end:
                kept |= set(range(start, end))
        return kept


def types_of(case: Case, type_ids: tuple[str, ...]) -> tuple[str, ...]:
    return type_ids or tuple(t.id for t in CATALOGUE.types if t.resource_id in ("", case.day.resource_id))


def spread(case: Case, openings: list[OpenRange] | tuple[OpenRange, ...]) -> Counter[tuple[int, str, int]]:
    """
    Count every minute of every type.
    """
    return Counter(
        (minute, type_id, opening.slot_minutes)
        for opening in openings
        for type_id in types_of(case, opening.type_ids)
        for minute in range(opening.start, opening.end)
    )


@settings(deadline=None)
@given(cases())
def test_what_is_published_is_what_a_minute_by_minute_reckoning_gives(case: Case) -> None:
    """
    Every minute of every type is published exactly when a slow reading of all rules says so.
    """
    oracle = Oracle(case)
    expected = Counter(
        (minute, type_id, opening.slot_minutes)
        for opening in case.day.ranges
        for type_id in types_of(case, opening.type_ids)
        for minute in oracle.minutes(opening, type_id)
    )
    ruled = case.book.apply(case.day, case.now, bookings=case.bookings, sessions=case.sessions)
    event("all" if not ruled.withheld else "some" if ruled.published.ranges else "none")

    assert expected == spread(case, ruled.published.ranges)


@settings(deadline=None)
@given(cases())
def test_nothing_is_lost_and_nothing_invented(case: Case) -> None:
    """
    What is published and what is withheld are together the free time, minute for minute and type for type.
    """
    ruled = case.book.apply(case.day, case.now, bookings=case.bookings, sessions=case.sessions)
    withheld = spread(case, [item.opening for item in ruled.withheld])

    assert spread(case, case.day.ranges) == spread(case, ruled.published.ranges) + withheld
    assert (case.day.resource_id, case.day.date) == (ruled.published.resource_id, ruled.published.date)


@settings(deadline=None)
@given(cases(), st.booleans())
def test_what_is_published_can_be_booked_at_that_moment(case: Case, is_new: bool) -> None:  # noqa: FBT001 - drawn
    """
    The check of bookings objects to no slot that is published, but for who the patient is; and always to what a whole-day
    rule withholds.
    """
    book = case.book
    ruled = book.apply(case.day, case.now, bookings=case.bookings, sessions=case.sessions)
    midnight = datetime.combine(case.day.date, datetime.min.time())

    def objections(opening: OpenRange) -> set[RuleKind | None]:
        found = (
            book.objection(
                Wish(
                    resource_id=case.day.resource_id,
                    type_id=type_id,
                    start=midnight + timedelta(minutes=minute),
                    is_new_patient=is_new,
                ),
                (case.now,),
                bookings=case.bookings,
                sessions=case.sessions,
            )
            for type_id in types_of(case, opening.type_ids)
            for minute in range(opening.start, opening.end, opening.slot_minutes or 5)
        )
        return {objection.cause.kind if objection else None for objection in found}

    for opening in ruled.published.ranges:
        assert objections(opening) <= {None, *OF_THE_PATIENT}
    for opening, cause in ruled.withheld:
        if cause.kind not in (RuleKind.NOTICE, RuleKind.SESSION_CAP):
            assert {cause.kind} == objections(opening)


@settings(deadline=None)
@given(cases(), st.integers(1, 7200))
def test_the_mark_changes_whenever_the_rules_answer_does(case: Case, minutes: int) -> None:
    """
    Once the notice period is out of play, a day is only ever published differently under a different mark.
    """
    book, day, later = case.book, case.day, case.now + timedelta(minutes=minutes)
    if day.date <= (later + book.longest_notice).date():
        return
    before = book.apply(day, case.now, bookings=case.bookings, sessions=case.sessions).published
    after = book.apply(day, later, bookings=case.bookings, sessions=case.sessions).published

    if before != after and (day.date - case.now.date()).days < book.horizon_days:
        assert book.mark("", day.date, [case.now.date()]) != book.mark("", day.date, [later.date()])
