"""
Live hours: what people write, and what is refused.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.days import MINUTES_PER_DAY, Span
from agent.domain.liveness import hours_text
from agent.domain.practice import LiveHours
from agent.settings.hours import parse_hours, parse_table

DAY = (Span(480, 1080),)
SATURDAY = (Span(540, 720),)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = draw(st.integers(0, MINUTES_PER_DAY - 1))
    return Span(start, draw(st.integers(start + 1, MINUTES_PER_DAY)))


def day_spans() -> st.SearchStrategy[tuple[Span, ...]]:
    return st.one_of(st.just(()), st.just(DAY), st.lists(spans(), max_size=3).map(tuple))


@settings(max_examples=200, deadline=None)
@given(days=st.tuples(*[day_spans()] * 7).filter(any), holidays=day_spans())
def test_hours_written_as_text_are_read_as_the_same_hours(days: tuple[tuple[Span, ...], ...], holidays: tuple[Span, ...]) -> None:
    """
    Text is a faithful way to write any hours.
    """
    hours = LiveHours(days=days, public_holidays=holidays)

    assert hours == parse_hours(hours_text(hours))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon-Fri 08:00-18:00, Sat 09:00-12:00", (*[DAY] * 5, SATURDAY, ())),
        ("monday - friday: 8:00 - 18:00; ".rstrip("; "), (*[DAY] * 5, (), ())),
        ("Mon\u2013Fri 08:00\u201318:00", (*[DAY] * 5, (), ())),
        ("Daily 08:00-18:00", (DAY,) * 7),
        ("Mon/Wed 08:00-18:00", (DAY, (), DAY, (), (), (), ())),
        ("Mon and Wed 08:00-18:00", (DAY, (), DAY, (), (), (), ())),
        ("Sat-Mon 08:00-18:00", (DAY, (), (), (), (), DAY, DAY)),
        ("Thurs 08:00-18:00, 19:00-24:00", ((), (), (), (*DAY, Span(1140, 1440)), (), (), ())),
        ("Fri 08:00-18:00 19:00-20:00", ((), (), (), (), (*DAY, Span(1140, 1200)), (), ())),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, expected: tuple[tuple[Span, ...], ...]) -> None:
    """
    Long and short names, dashes, several stretches, weeks that wrap.
    """
    assert LiveHours(days=expected) == parse_hours(text)


def test_public_holidays_are_read_from_text_and_table() -> None:
    """
    Both ways to write hours know public holidays.
    """
    expected = LiveHours(days=(DAY, (), (), (), (), (), ()), public_holidays=SATURDAY)

    assert expected == parse_hours("Mon 08:00-18:00, Public holidays 09:00-12:00")
    assert expected == parse_table({"monday": ["08:00-18:00"], "public_holidays": ["09:00-12:00"]})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no stretch of time"),
        ("Mon-Fri", "no stretch of time"),
        ("08:00-18:00", "on which days"),
        ("Mon-Fry 08:00-18:00", "not a day"),
        ("Mon 18:00-08:00", "ends before it begins"),
        ("Mon 08:00-08:00", "ends before it begins"),
        ("Mon 08:00-25:00", "not a time"),
        ("Mon 08:61-18:00", "not a time"),
        ("Mon 08:00-18:00 or so", "not a list of times"),
        ("Holidays 09:00-12:00", "no hours on any day"),
    ],
)
def test_hours_that_cannot_be_are_refused(text: str, words: str) -> None:
    """
    The message says which part is wrong.
    """
    with pytest.raises(ValueError, match=words):
        parse_hours(text)


def test_a_table_with_an_unknown_day_is_refused() -> None:
    """
    A misspelt day is not silently a day off.
    """
    with pytest.raises(ValueError, match="'wensday' is none of monday"):
        parse_table({"wensday": ["08:00-18:00"]})
