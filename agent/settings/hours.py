"""
Live hours as people write them: `Mon-Fri 08:00-18:00, Sat 09:00-12:00, Holidays 10:00-12:00`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from agent.domain.days import Span, clock_minute
from agent.domain.practice import WEEKDAYS, LiveHours

HOLIDAYS = "public_holidays"

_DAYS = {alias: index for index, day in enumerate(WEEKDAYS) for alias in (day, day[:3], day[:4])} | {"thurs": 3, "tues": 1}
_RANGE = re.compile(r"(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})")  # word processors make hyphens into dashes


def parse_span(text: str) -> Span:
    """
    Return the stretch of the day that `HH:MM-HH:MM` names.

    Raises:
        ValueError: if it is written otherwise, is empty, or crosses midnight.
    """
    match = _RANGE.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text.strip()!r} is not a stretch of time such as 08:00-18:00")
    span = Span(clock_minute(match[1]), clock_minute(match[2]))
    if span.end <= span.start:
        raise ValueError(f"{text.strip()!r} ends before it begins; hours across midnight are written as two, on two days")
    return span


def parse_table(table: Mapping[str, Iterable[str]]) -> LiveHours:
    """
    Return the hours of a table from `monday` to `sunday` and `public_holidays`; a day that is missing has none.

    Raises:
        ValueError: naming the day or the time that is wrong.
    """
    spans: dict[str, tuple[Span, ...]] = {}
    for day, texts in table.items():
        if day not in (*WEEKDAYS, HOLIDAYS):
            raise ValueError(f"{day!r} is none of {', '.join(WEEKDAYS)}, {HOLIDAYS}")
        spans[day] = tuple(parse_span(text) for text in texts)
    return _hours(tuple(spans.get(day, ()) for day in WEEKDAYS), spans.get(HOLIDAYS, ()))


def parse_hours(text: str) -> LiveHours:
    """
    Return the hours of one line: days, then one or more stretches, separated by commas.

    A part without days goes on with the days before it: `Mon-Fri 08:00-12:00, 13:00-17:00`.

    Raises:
        ValueError: naming the part that is wrong.
    """
    days: list[list[Span]] = [[] for _ in WEEKDAYS]
    holidays: list[Span] = []
    targets: list[list[Span]] = []
    for raw_part in text.split(","):
        part = raw_part.strip()
        first = _RANGE.search(part)
        if not first:
            raise ValueError(f"{part!r} has no stretch of time such as 08:00-18:00")
        if names := part[: first.start()].strip():
            targets = _named(names, days, holidays)
        if not targets:
            raise ValueError(f"{part!r} does not say on which days")
        rest = part[first.start() :]
        if _RANGE.sub("", rest).strip():
            raise ValueError(f"{rest!r} is not a list of times such as 08:00-12:00 13:00-18:00")
        for match in _RANGE.finditer(rest):
            for target in targets:
                target.append(parse_span(match[0]))
    return _hours(tuple(tuple(spans) for spans in days), tuple(holidays))


def _hours(days: tuple[tuple[Span, ...], ...], holidays: tuple[Span, ...]) -> LiveHours:
    if not any(days):
        raise ValueError("there are no hours on any day of the week")
    return LiveHours(days=days, public_holidays=holidays)


def _named(names: str, days: list[list[Span]], holidays: list[Span]) -> list[list[Span]]:
    """
    Return the lists that a text such as `Mon-Fri`, `Mon/Wed`, `Daily` or `Holidays` means.
    """
    plain = names.casefold().rstrip(":").strip()
    if plain in ("holidays", "holiday", "public holidays", "public_holidays"):
        return [holidays]
    if plain in ("daily", "every day"):
        return list(days)
    chosen: list[list[Span]] = []
    for piece in re.split(r"[/&\s]+|\band\b", re.sub(r"\s*[-–]\s*", "-", plain)):
        if not piece:
            continue
        first, _, last = piece.partition("-")
        if first not in _DAYS or (last or first) not in _DAYS:
            raise ValueError(f"{names!r} is not a day or a stretch of days such as Mon-Fri")
        begin, end = _DAYS[first], _DAYS[last or first]
        count = (end - begin) % len(WEEKDAYS) + 1
        chosen.extend(days[(begin + step) % len(WEEKDAYS)] for step in range(count))
    return chosen
