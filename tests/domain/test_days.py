"""
Ranges of dates and minutes, against slow reckonings minute by minute.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.days import (
    MINUTES_PER_DAY,
    DateRange,
    Span,
    clock_minute,
    clock_text,
    exists,
    merge,
    missing_minutes,
    subtract,
)

MINUTES = st.integers(0, 90)
SPANS = st.tuples(MINUTES, MINUTES).map(lambda pair: Span(*pair))  # backward and empty ones too


def minutes_of(spans: list[Span]) -> set[int]:
    """
    The slow way: every minute that *spans* cover.
    """
    return {minute for span in spans for minute in range(span.start, span.end)}


@settings(max_examples=60, deadline=None)
@given(st.lists(SPANS))
def test_merging_covers_the_same_minutes_with_gaps_between(spans: list[Span]) -> None:
    """
    Merged spans cover exactly the same minutes, are sorted, not empty, and neither touch nor overlap.
    """
    merged = merge(spans)

    assert minutes_of(spans) == minutes_of(merged)
    assert all(span.start < span.end for span in merged)
    assert all(a.end < b.start for a, b in pairwise(merged))


@settings(max_examples=60, deadline=None)
@given(st.lists(SPANS), st.integers())
def test_merging_is_idempotent_and_free_of_order(spans: list[Span], seed: int) -> None:
    """
    Merging again changes nothing, and the order of what is merged does not matter.
    """
    shuffled = list(spans)
    Random(seed).shuffle(shuffled)

    assert merge(spans) == merge(merge(spans))
    assert merge(spans) == merge(shuffled)


@settings(max_examples=60, deadline=None)
@given(SPANS, st.lists(SPANS))
def test_subtracting_leaves_what_nothing_covers(span: Span, busy: list[Span]) -> None:
    """
    What is left is every minute of the span that nothing busy covers, and busy time need only be sorted.
    """
    left = subtract(span, sorted(busy))

    assert minutes_of([span]) - minutes_of(busy) == minutes_of(left)
    assert all(part.start < part.end for part in left)
    assert left == sorted(left)


@settings(max_examples=60, deadline=None)
@given(SPANS, st.lists(SPANS))
def test_adding_back_what_was_subtracted_restores_the_span(span: Span, busy: list[Span]) -> None:
    """
    The parts left and the busy parts inside the span make the span again.
    """
    inside = [Span(max(span.start, b.start), min(span.end, b.end)) for b in busy]

    assert merge([span]) == merge([*subtract(span, sorted(busy)), *inside])


@pytest.mark.parametrize(
    ("span", "busy", "expected"),
    [
        ((540, 600), [], [(540, 600)]),
        ((540, 600), [(540, 600)], []),
        ((540, 600), [(500, 540), (600, 700)], [(540, 600)]),
        ((540, 600), [(555, 570)], [(540, 555), (570, 600)]),
        ((540, 600), [(500, 590), (510, 520)], [(590, 600)]),
        ((540, 600), [(550, 550)], [(540, 600)]),
        ((0, 1440), [(0, 1), (1439, 1440)], [(1, 1439)]),
    ],
)
def test_subtracting_by_example(span: tuple[int, int], busy: list[tuple[int, int]], expected: list[tuple[int, int]]) -> None:
    """
    Half-open spans: what ends at 10:00 does not block 10:00.
    """
    assert [Span(*part) for part in expected] == subtract(Span(*span), [Span(*part) for part in busy])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, MINUTES_PER_DAY - 1))
def test_clock_texts_name_their_minute(minute: int) -> None:
    """
    Every minute of the day survives being written and read.
    """
    assert minute == clock_minute(clock_text(minute))


def test_midnight_at_the_end_of_the_day_is_written_as_its_last_minute() -> None:
    """
    An end at midnight is sent as 23:59 and never crosses into the next day.
    """
    assert "23:59" == clock_text(MINUTES_PER_DAY)
    assert MINUTES_PER_DAY == clock_minute("24:00")


@pytest.mark.parametrize("text", ["", "9", "24:01", "09:60", "9:5", "nine", "-1:00", "09:00:00", "009:00", "٠٩:٣٠", "²:00"])
def test_other_texts_are_no_times(text: str) -> None:
    """
    What is not a time of the form HH:MM is refused.
    """
    with pytest.raises(ValueError, match="HH:MM"):
        clock_minute(text)


@settings(max_examples=60, deadline=None)
@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 400))
def test_a_date_range_has_its_days(first: date, days: int) -> None:
    """
    Length, members and iteration agree.
    """
    window = DateRange.of_days(first, days)
    listed = list(window)

    assert days == len(window) == len(listed)
    assert all(day in window for day in listed)
    assert window.end not in window
    assert first - timedelta(days=1) not in window


def test_a_range_that_ends_before_it_begins_is_empty() -> None:
    """
    Its length is zero, not negative.
    """
    window = DateRange(date(2026, 5, 2), date(2026, 5, 1))

    assert [] == list(window)
    assert 0 == len(window)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dates(date(2000, 1, 1), date(2001, 1, 1)), min_size=1))
def test_a_covering_range_is_the_shortest(dates: list[date]) -> None:
    """
    It begins with the first date and ends the day after the last.
    """
    window = DateRange.covering(dates)

    assert all(day in window for day in dates)
    assert (min(dates), max(dates) + timedelta(days=1)) == (window.first, window.end)


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        ("Australia/Sydney", date(2026, 10, 4), [Span(120, 180)]),
        ("Australia/Sydney", date(2027, 10, 3), [Span(120, 180)]),
        ("Australia/Lord_Howe", date(2026, 10, 4), [Span(120, 150)]),
        ("Australia/Sydney", date(2026, 4, 5), []),  # the clocks go back: an hour twice, none missing
        ("Australia/Lord_Howe", date(2026, 4, 5), []),
        ("Australia/Brisbane", date(2026, 10, 4), []),
        ("Australia/Sydney", date(2026, 10, 3), []),
        ("Australia/Sydney", date(2026, 10, 5), []),
        ("Asia/Beirut", date(2024, 3, 31), [Span(0, 60)]),  # a gap that begins at midnight
    ],
)
def test_minutes_that_the_clocks_jump_over(zone: str, day: date, expected: list[Span]) -> None:
    """
    Where daylight saving begins an hour (on Lord Howe Island half of one) is missing; on other days nothing is.
    """
    assert expected == missing_minutes(day, ZoneInfo(zone))


@settings(max_examples=60, deadline=None)
@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2029, 1, 1)),
    st.sampled_from(["Australia/Sydney", "Australia/Adelaide", "Australia/Lord_Howe", "Australia/Hobart", "Australia/Perth"]),
)
def test_a_minute_is_missing_exactly_when_it_does_not_exist(local: datetime, name: str) -> None:
    """
    The missing minutes of a day are those that no clock in the zone ever shows.
    """
    zone = ZoneInfo(name)
    minute = local.hour * 60 + local.minute
    is_missing = any(span.start <= minute < span.end for span in missing_minutes(local.date(), zone))

    assert is_missing is not exists(local, zone)
