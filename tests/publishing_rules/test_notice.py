"""
The notice period: which slots it takes, and on which grid it leaves the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.availability import DayAvailability, OpenRange
from agent.domain.practice import LiveHours, Practice
from agent.domain.resources import Catalogue, Resource
from agent.domain.rules import RuleBook, Wish

DAY = date(2026, 11, 18)
PRACTICE = Practice(
    id="1001",
    name="Sample",
    locations=(),
    zone=ZoneInfo("Australia/Sydney"),
    live_hours=LiveHours(days=((),) * 7),
    minimum_notice=timedelta(),
)
CATALOGUE = Catalogue(resources=(Resource(id="1", name="Dr Lee", practitioner_id="1", location_id="1"),), types=())
BOOK = RuleBook(PRACTICE, CATALOGUE, lambda _day: False)
OPENINGS = st.lists(
    st.tuples(st.integers(108, 132), st.integers(0, 12), st.sampled_from([0, 10, 15, 30])).map(
        lambda o: OpenRange(o[0] * 5, o[0] * 5 + (o[2] or 5) + o[1] * 5, o[2])  # from nine to eleven; holds a slot at least
    ),
    min_size=1,
    max_size=6,
).map(lambda ranges: DayAvailability("1", DAY, tuple(sorted(ranges))))
MOMENTS = st.one_of(
    st.datetimes(datetime(2026, 11, 18, 9), datetime(2026, 11, 18, 12, 30)),
    st.datetimes(datetime(2026, 11, 17, 22), datetime(2026, 11, 19, 2)),
)


def after_notice(day: DayAvailability, earliest: datetime) -> DayAvailability:
    """
    What the product publishes of *day* when nothing but the notice period withholds anything.
    """
    return BOOK.apply(day, earliest).published


def bookable(day: DayAvailability) -> set[tuple[int, int, int]]:
    """
    Every slot that can be booked: its minute, its length, and where the range that it belongs to ends.
    """
    return {
        (start, slot, opening.end)
        for opening in day.ranges
        for slot in (opening.slot_minutes or 5,)
        for start in range(opening.start, opening.end - slot + 1, slot)
    }


@settings(max_examples=60, deadline=None)
@given(OPENINGS, MOMENTS)
def test_after_notice_the_slots_that_begin_too_early_are_gone_and_no_others(day: DayAvailability, earliest: datetime) -> None:
    """
    What is left is exactly the slots that begin at or after the earliest moment, on the grid they were on.
    """
    midnight = datetime.combine(DAY, time())
    wanted = {slot for slot in bookable(day) if midnight + timedelta(minutes=slot[0]) >= earliest}
    left = after_notice(day, earliest)

    assert wanted == bookable(left)
    assert all(opening.end - opening.start >= (opening.slot_minutes or 5) for opening in left.ranges)


@settings(max_examples=60, deadline=None)
@given(OPENINGS, MOMENTS, MOMENTS)
def test_notice_is_monotone_and_can_be_applied_again(day: DayAvailability, one: datetime, other: datetime) -> None:
    """
    Later moments leave less, and going there in two steps is the same as in one.
    """
    sooner, later = sorted((one, other))

    assert after_notice(day, later) == after_notice(after_notice(day, sooner), later)
    assert bookable(after_notice(day, later)) <= bookable(after_notice(day, sooner))


def test_notice_changes_the_answer_once_a_slot_and_not_every_minute() -> None:
    """
    During an hour of 15-minute slots there are as many answers as slots, and the one without any.
    """
    day = DayAvailability("1", DAY, (OpenRange(540, 600, 15),))
    answers = [after_notice(day, datetime(2026, 11, 18, 9) + timedelta(minutes=n)) for n in range(60)]

    assert 4 == sum(a != b for a, b in pairwise(answers))


@dataclass(frozen=True, kw_only=True)
class Night:
    """
    A night in which the clocks may change: at *now* with *hours* of notice the first time to be had on *day* is *first*.
    """

    zone: str
    day: date
    first: time
    now: time = time(22)  # of the evening before; else of the day itself
    hours: int = 6


AUTUMN, SPRING = date(2027, 4, 4), date(2027, 10, 3)
NIGHTS = {
    "Sydney, an hour twice": Night(zone="Sydney", day=AUTUMN, first=time(3)),
    "Sydney, an hour left out": Night(zone="Sydney", day=SPRING, first=time(5)),
    "Lord Howe, half an hour twice": Night(zone="Lord_Howe", day=AUTUMN, first=time(3, 30)),
    "Lord Howe, half an hour left out": Night(zone="Lord_Howe", day=SPRING, first=time(4, 30)),
    "Brisbane, in Sydney's autumn": Night(zone="Brisbane", day=AUTUMN, first=time(4)),
    "Brisbane, in Sydney's spring": Night(zone="Brisbane", day=SPRING, first=time(4)),
    "the first of the two": Night(zone="Sydney", day=AUTUMN, now=time(2, 30), hours=1, first=time(2, 30)),
    "the second of the two": Night(zone="Sydney", day=AUTUMN, now=time(2, 30, fold=1), hours=1, first=time(3, 30)),
}


@pytest.mark.parametrize("night", NIGHTS.values(), ids=NIGHTS)
def test_notice_is_time_that_passes_and_not_a_distance_on_the_clock(night: Night) -> None:
    """
    What is published begins then, a booking a slot before is refused, and one at that time is not.
    """
    practice = replace(PRACTICE, zone=ZoneInfo(f"Australia/{night.zone}"), minimum_notice=timedelta(hours=night.hours))
    book = RuleBook(practice, CATALOGUE, lambda _day: False)
    now = datetime.combine(night.day - timedelta(days=night.now == time(22)), night.now)
    published = book.apply(DayAvailability("1", night.day, (OpenRange(0, 360, 30),)), now).published
    first = datetime.combine(night.day, night.first)
    before = Wish(resource_id="1", type_id="", start=first - timedelta(minutes=30))

    assert (night.first.hour * 60 + night.first.minute, 360) == published.ranges[0][:2]
    assert book.objection(before, [now]) is not None
    assert book.objection(replace(before, start=first), [now]) is None
