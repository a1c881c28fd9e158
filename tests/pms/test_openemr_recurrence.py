"""
On which dates OpenEMR's recurring events fall, by example and against a slow walk through its own rules.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openemr_practice import rule

from agent.domain.days import DateRange
from agent.pms.sql.modules.openemr_recurrence import Every, NthWeekday, Recurrence, Unit, Unreadable, dates, recurrence

FAR = date(2030, 12, 31)
DECEMBER = DateRange(date(2026, 12, 1), date(2027, 1, 1))
SATURDAY = 5


def falls_on(kind: int, first: date, spec: dict[str, object], window: DateRange = DECEMBER, until: date = FAR) -> list[date]:
    found = recurrence(kind, rule(**spec))
    assert found is not None
    return list(dates(found, first, until, window))


def december(*days: int) -> list[date]:
    return [date(2026, 12, day) for day in days]


@pytest.mark.parametrize(
    ("first", "spec", "days"),
    [
        (date(2026, 12, 29), {"event_repeat_freq": 1, "event_repeat_freq_type": 0}, (29, 30, 31)),
        (date(2026, 11, 29), {"event_repeat_freq": 7, "event_repeat_freq_type": 0}, (6, 13, 20, 27)),
        (date(2020, 1, 1), {"event_repeat_freq": 10, "event_repeat_freq_type": 0}, (5, 15, 25)),
        (date(2026, 11, 24), {"event_repeat_freq": 2, "event_repeat_freq_type": 1}, (8, 22)),
        (date(2026, 1, 15), {"event_repeat_freq": 1, "event_repeat_freq_type": 2}, (15,)),
        (date(2026, 10, 31), {"event_repeat_freq": 1, "event_repeat_freq_type": 2}, (1,)),
        (date(2026, 9, 3), {"event_repeat_freq": 2, "event_repeat_freq_type": 2}, ()),
        (date(2022, 12, 25), {"event_repeat_freq": 2, "event_repeat_freq_type": 3}, (25,)),
        (date(2023, 12, 25), {"event_repeat_freq": 2, "event_repeat_freq_type": 3}, ()),
        (date(2026, 12, 24), {"event_repeat_freq": 1, "event_repeat_freq_type": 4}, (24, 25, 28, 29, 30, 31)),
        (date(2026, 12, 18), {"event_repeat_freq": 3, "event_repeat_freq_type": 4}, (18, 23, 28, 31)),
        (date(2026, 12, 26), {"event_repeat_freq": 1, "event_repeat_freq_type": 4}, (26, 28, 29, 30, 31)),
        (date(2026, 12, 21), {"event_repeat_freq": "2,4", "event_repeat_freq_type": 6}, (21, 23, 28, 30)),
        (date(2026, 12, 22), {"event_repeat_freq": "1,7", "event_repeat_freq_type": 6}, (22, 26, 27)),
    ],
    ids=lambda value: str(value) if isinstance(value, date) else None,
)
def test_every_so_often(first: date, spec: dict[str, object], days: tuple[int, ...]) -> None:
    """
    Days, weeks, months, years, workdays and listed days, from the event's own date on.
    """
    kind = 3 if spec["event_repeat_freq_type"] == 6 else 1
    assert december(*days) == falls_on(kind, first, spec)


@pytest.mark.parametrize(
    ("first", "week", "weekday", "step", "days"),
    [
        (date(2026, 1, 6), 1, 2, 1, (1,)),
        (date(2026, 1, 25), 4, 0, 1, (27,)),
        (date(2026, 1, 30), 5, 5, 1, (25,)),
        (date(2026, 1, 29), 5, 4, 1, (31,)),
        (date(2026, 10, 5), 1, 1, 2, (7,)),
        (date(2026, 11, 2), 1, 1, 2, ()),
    ],
)
def test_nth_weekday(first: date, week: int, weekday: int, step: int, days: tuple[int, ...]) -> None:
    """
    The first, fourth or last such day of each month, or of every second one; Sunday is 0.
    """
    spec: dict[str, object] = {
        "event_repeat_on_num": week,
        "event_repeat_on_day": weekday,
        "event_repeat_on_freq": step,
        "rt2_pf_flag": 1,
    }
    assert december(*days) == falls_on(2, first, spec)


def test_nth_weekday_as_older_versions_wrote_it() -> None:
    """
    Without the newer mark, months are stepped from the day itself: from the 31st, February and its like are left out.
    """
    spec: dict[str, object] = {"event_repeat_on_num": 5, "event_repeat_on_day": 6, "event_repeat_on_freq": 1}
    spring = DateRange(date(2026, 1, 1), date(2026, 5, 1))

    assert [date(2026, 1, 31), date(2026, 3, 28), date(2026, 4, 25)] == falls_on(2, date(2026, 1, 31), spec, spring)
    assert 4 == len(falls_on(2, date(2026, 1, 31), {**spec, "rt2_pf_flag": 1}, spring))


def test_dates_left_out_and_the_last_one() -> None:
    """
    A skipped date is skipped, also the first, and the last date counts.
    """
    spec: dict[str, object] = {"event_repeat_freq": 1, "event_repeat_freq_type": 0, "exdate": "20261201,20261203"}

    assert december(2, 4) == falls_on(1, date(2026, 12, 1), spec, until=date(2026, 12, 4))


@pytest.mark.parametrize(
    "text",
    ["", rule(), rule(event_repeat_freq=""), 'a:1:{s:17:"event_repeat_freq";s:1:"1";}'],
    ids=["nothing", "zero", "empty", "no unit"],
)
def test_no_rule(text: str) -> None:
    """
    What OpenEMR's own calendar shows on no date at all, falls on none.
    """
    assert recurrence(1, text) is None


def test_numbers_instead_of_texts() -> None:
    """
    Other programs write the array with numbers in it.
    """
    text = 'a:4:{s:17:"event_repeat_freq";i:2;s:22:"event_repeat_freq_type";i:1;s:6:"exdate";N;s:1:"x";b:0;}'

    assert Recurrence(rule=Every(unit=Unit.WEEK, step=2)) == recurrence(1, text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (4, rule(event_repeat_freq=1)),
        (1, "every day"),
        (1, rule(event_repeat_freq=1)[:-20]),
        (1, 'O:8:"stdClass":0:{}'),
        (1, 'a:1:{s:17:"event_repeat_freq";a:0:{}}'),
        (1, 'a:1:{s:17:"event_repeat_freq";}'),
        (1, rule(event_repeat_freq="often")),
        (1, rule(event_repeat_freq=-1)),
        (1, rule(event_repeat_freq=1, event_repeat_freq_type=9)),
        (1, rule(event_repeat_freq=1, exdate="2026-12")),
        (3, rule(event_repeat_freq="2,9", event_repeat_freq_type=6)),
        (2, rule(event_repeat_on_freq=1, event_repeat_on_num=6)),
        (2, rule(event_repeat_on_freq=1, event_repeat_on_day=7)),
    ],
    ids=lambda value: str(value)[:12],
)
def test_unreadable(kind: int, text: str) -> None:
    """
    What is not written as OpenEMR writes it is never read by guesswork.
    """
    with pytest.raises(Unreadable):
        recurrence(kind, text)


RULES = st.one_of(
    st.builds(
        lambda unit, step: Every(unit=unit, step=step),
        st.sampled_from([Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.YEAR, Unit.WORKDAY]),
        st.integers(1, 6),
    ),
    st.builds(lambda days: Every(unit=Unit.LISTED_DAYS, weekdays=days), st.frozensets(st.integers(0, 6), min_size=1)),
    st.builds(
        lambda week, weekday, step: NthWeekday(week=week, weekday=weekday, step=step),
        st.integers(1, 5),
        st.integers(0, 6),
        st.integers(1, 6),
    ),
)


@given(RULES, st.dates(date(2020, 1, 1), date(2026, 12, 20)), st.integers(0, 40), st.integers(0, 90), st.integers(0, 900))
def test_any_rule_against_a_slow_walk(rule_: Every | NthWeekday, first: date, ahead: int, length: int, lasts: int) -> None:
    """
    Whatever the window, the answer is what walking from the first date gives.
    """
    window = DateRange.of_days(first + timedelta(days=ahead * 20), length)
    until = first + timedelta(days=lasts)

    expected = [day for day in walk(rule_, first, until) if day in window]

    assert expected == list(dates(Recurrence(rule=rule_), first, until, window))


def walk(rule_: Every | NthWeekday, first: date, until: date) -> list[date]:
    found = []
    if isinstance(rule_, NthWeekday):
        for number in range((until - first).days + 1):
            day = first + timedelta(days=number)
            months = (day.year - first.year) * 12 + day.month - first.month
            matching = [d for w in calendar.monthcalendar(day.year, day.month) if (d := w[rule_.weekday])]
            if months % rule_.step == 0 and day.day == (matching[-1] if rule_.week == 5 else matching[rule_.week - 1]):
                found.append(day)
        return found
    day = first
    while day <= until:
        found.append(day)
        day = after(rule_, day)
    return found


def after(rule_: Every, day: date) -> date:
    if rule_.unit is Unit.LISTED_DAYS:
        return min(day + timedelta(days=n) for n in range(1, 8) if (day + timedelta(days=n)).weekday() in rule_.weekdays)
    if rule_.unit is Unit.WORKDAY:
        left = rule_.step
        while left:
            day += timedelta(days=1)
            left -= day.weekday() < SATURDAY
        return day
    if rule_.unit in {Unit.DAY, Unit.WEEK}:
        return day + timedelta(days=rule_.step * (7 if rule_.unit is Unit.WEEK else 1))
    month = day.month + rule_.step * (12 if rule_.unit is Unit.YEAR else 1)
    return date(day.year + (month - 1) // 12, (month - 1) % 12 + 1, 1) + timedelta(days=day.day - 1)
