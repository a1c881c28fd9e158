"""
On which dates an OpenEMR event takes place.

OpenEMR keeps a recurring event as one row: its first and last date, a kind, and a PHP-serialised array with the rule. The rules
are followed as its own calendar follows them, day 31 rolling into the next month and all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from functools import lru_cache

from agent.domain.days import DateRange

DAYS = 7
MONTHS = 12
WORKDAYS = 5
LAST = 5
"""The week of the month that means the last one."""

RULES_KEPT = 8192
"""How many answers are remembered: a practice's rosters are asked for the same dates again and again."""


class Kind(IntEnum):
    """
    `pc_recurrtype`.
    """

    ONCE = 0
    EVERY = 1
    NTH_WEEKDAY = 2
    DAYS_OF_WEEK = 3  # follows the same rule as EVERY; only its unit tells


class Unit(IntEnum):
    """
    `event_repeat_freq_type`.
    """

    DAY = 0
    WEEK = 1
    MONTH = 2
    YEAR = 3
    WORKDAY = 4  # Monday to Friday
    LISTED_DAYS = 6


class Unreadable(ValueError):
    """
    A rule that is not written as OpenEMR writes it.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """
    Every so many days, weeks, months, years or workdays, or on certain days of every week.

    Attributes:
        step: How many units lie between two dates; at least 1.
        weekdays: For `Unit.LISTED_DAYS`; Monday is 0.
    """

    unit: Unit
    step: int = 1
    weekdays: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class NthWeekday:
    """
    A weekday of every so-manieth month, such as the last Friday of every second one.

    Attributes:
        week: 1 to 4, or `LAST`.
        weekday: Monday is 0.
        step: In months; at least 1.
        day_counts: Months are stepped from the first date's own day, so that one on the 31st leaves short months out, as in
            events that older versions of OpenEMR wrote.
    """

    week: int
    weekday: int
    step: int = 1
    day_counts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """
    A rule and the dates that are left out.
    """

    rule: Every | NthWeekday
    left_out: frozenset[date] = frozenset()


@lru_cache(RULES_KEPT)
def recurrence(kind: int, text: str) -> Recurrence | None:
    """
    Return what `pc_recurrtype` and `pc_recurrspec` say, or None where OpenEMR's own calendar finds no rule and shows nothing.

    Raises:
        Unreadable: if the text is no such array, or its rule is none that OpenEMR has.
    """
    if kind not in {Kind.EVERY, Kind.NTH_WEEKDAY, Kind.DAYS_OF_WEEK}:
        raise Unreadable
    spec = _php_array(text) if text else {}
    rule = _nth_weekday(spec) if kind == Kind.NTH_WEEKDAY else _every(spec)
    return None if rule is None else Recurrence(rule=rule, left_out=_left_out(spec.get("exdate", "")))


@lru_cache(RULES_KEPT)
def dates(recurring: Recurrence, first: date, last: date, window: DateRange) -> tuple[date, ...]:
    """
    Return the dates of an event within *window*, in their order.

    Args:
        first: Its own date, which always counts unless it is left out.
        last: The last date it may fall on.
    """
    begin, end = max(first, window.first), window.end if last >= window.end else last + timedelta(days=1)
    if begin >= end:
        return ()
    rule = recurring.rule
    found = _nth_weekdays(rule, first, end) if isinstance(rule, NthWeekday) else _repeats(rule, first, begin, end)
    return tuple(day for day in found if begin <= day < end and day not in recurring.left_out)


def _repeats(rule: Every, first: date, begin: date, end: date) -> Iterator[date]:
    if rule.unit in {Unit.MONTH, Unit.YEAR}:
        months = rule.step * (MONTHS if rule.unit is Unit.YEAR else 1)
        day = first
        while day < end:
            yield day
            day = _months_later(day, months)
        return
    if rule.unit in {Unit.DAY, Unit.WEEK}:
        step = rule.step * (DAYS if rule.unit is Unit.WEEK else 1)
        day = first + timedelta(days=-((first - begin).days // step) * step)
        while day < end:
            yield day
            day += timedelta(days=step)
        return
    for number in range((end - begin).days):
        day = begin + timedelta(days=number)
        if day == first or (
            day.weekday() in rule.weekdays
            if rule.unit is Unit.LISTED_DAYS
            else day.weekday() < WORKDAYS and (_workday(day) - _workday(first)) % rule.step == 0
        ):
            yield day


def _nth_weekdays(rule: NthWeekday, first: date, end: date) -> Iterator[date]:
    month = first if rule.day_counts else first.replace(day=1)
    while month.replace(day=1) < end:
        day = _nth(rule.week, rule.weekday, month)
        if day >= first:
            yield day
        month = _months_later(month, rule.step)


def _nth(week: int, weekday: int, month: date) -> date:
    start = month.replace(day=1)
    day = start + timedelta(days=(weekday - start.weekday()) % DAYS + (week - 1) * DAYS)
    return day if day.month == start.month else day - timedelta(days=DAYS)


def _months_later(day: date, months: int) -> date:
    # As PHP's mktime does: a day that the month does not have counts on into the next.
    count = day.year * MONTHS + day.month - 1 + months
    return date(count // MONTHS, count % MONTHS + 1, 1) + timedelta(days=day.day - 1)


def _workday(day: date) -> int:
    # The number of workdays up to and including this day, since some Monday.
    weeks, weekday = divmod(day.toordinal() - 1, DAYS)
    return weeks * WORKDAYS + min(weekday + 1, WORKDAYS)


def _every(spec: Mapping[str, str]) -> Every | None:
    step, unit = spec.get("event_repeat_freq", ""), spec.get("event_repeat_freq_type")
    if step in {"", "0"} or unit is None:
        return None
    kind = _one_of(Unit, unit)
    if kind is Unit.LISTED_DAYS:
        numbers = [_number(part, 1, DAYS) for part in step.split(",")]
        return Every(unit=kind, weekdays=frozenset((number - 2) % DAYS for number in numbers))
    return Every(unit=kind, step=_number(step, 1))


def _nth_weekday(spec: Mapping[str, str]) -> NthWeekday | None:
    step, week = spec.get("event_repeat_on_freq", ""), spec.get("event_repeat_on_num", "")
    weekday = spec.get("event_repeat_on_day")
    if step in {"", "0"} or week in {"", "0"} or weekday is None:
        return None
    return NthWeekday(
        week=_number(week, 1, LAST),
        weekday=(_number(weekday or "0", 0, DAYS - 1) - 1) % DAYS,
        step=_number(step, 1),
        day_counts=spec.get("rt2_pf_flag", "") in {"", "0"},
    )


def _left_out(text: str) -> frozenset[date]:
    days = [part.strip() for part in text.split(",") if part.strip()]
    try:
        return frozenset(date(int(day[:4]), int(day[4:6]), int(day[6:])) for day in days)
    except ValueError:
        raise Unreadable from None


def _one_of(kinds: type[Unit], text: str) -> Unit:
    try:
        return kinds(int(text or "0"))
    except ValueError:
        raise Unreadable from None


def _number(text: str, least: int, most: int | None = None) -> int:
    try:
        number = int(text)
    except ValueError:
        raise Unreadable from None
    if number < least or (most is not None and number > most):
        raise Unreadable
    return number


_ARRAY = re.compile(r"a:\d+:\{(?P<inside>.*)\}", re.DOTALL)
_VALUE = re.compile(r's:\d+:"(?P<text>[^"]*)";|[ib]:(?P<number>-?\d+);|(?P<null>N);')


def _php_array(text: str) -> Mapping[str, str]:
    # The arrays that stand here hold texts without quotes, and numbers; anything else is not read by guesswork.
    array = _ARRAY.fullmatch(text.strip())
    if array is None:
        raise Unreadable
    inside = array["inside"]
    values: list[str] = []
    at = 0
    while at < len(inside):
        found = _VALUE.match(inside, at)
        if found is None:
            raise Unreadable
        values.append(found["text"] or found["number"] or "")
        at = found.end()
    if len(values) % 2:
        raise Unreadable
    return dict(zip(values[::2], values[1::2], strict=True))
