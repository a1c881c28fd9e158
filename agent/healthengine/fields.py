"""
The scalars of Healthengine's answers, written one way or another, put into one form.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from agent.domain.booking import HealthengineStatus
from agent.domain.texts import tidy_line, tidy_lines

Loose = int | float | str | None
"""
A text or number, whichever way Healthengine writes it.
"""

_LONGEST_LINE = 500
_LONGEST_LINES = 10_000
_LONGEST_ID = 200
_LARGEST_ID = 2**63 - 1
_LONGEST_SECONDS = 7 * 24 * 3600
_MOST_DIGITS = 19  # of a 64-bit number; longer texts are not even converted
_MONTHS = 12
_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?) ?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_DAY_FIRST = re.compile(r"([0-9]{1,2})[-/]([0-9]{1,2})[-/]([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[ T].*)?")
_MONTH_YEAR = re.compile(r"([0-9]{1,2})/([0-9]{4})")


class UnreadableFieldError(ValueError):
    """
    A field cannot be understood. Its text is the field's name.
    """


def text_of(value: Loose) -> str:
    """
    Return the text; null is empty, and a number is written without a fraction that says nothing.
    """
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def line_of(value: Loose) -> str:
    """
    Return what a patient wrote into a field of one line: without control characters, cut where it is absurdly long.
    """
    return tidy_line(text_of(value), _LONGEST_LINE)


def lines_of(value: Loose) -> str:
    """
    Return what a patient wrote into a field of several lines, as `line_of` does.
    """
    return tidy_lines(text_of(value), _LONGEST_LINES)


def id_of(value: Loose) -> str:
    """
    Return an id as text; null is empty.
    """
    return tidy_line(text_of(value), _LONGEST_ID)


def ids_of(values: list[Loose] | None) -> tuple[str, ...]:
    """
    Return ids as texts, without empty ones.
    """
    return tuple(text for value in values or () if (text := id_of(value)))


def number_of(value: Loose, field: str) -> int:
    """
    Return a booking's or request's id, which is above 0.
    """
    number = _whole(id_of(value), field)
    if not 0 < number <= _LARGEST_ID:
        raise UnreadableFieldError(field)
    return number


def length_of(value: Loose, field: str) -> int:
    """
    Return a number of seconds or of pages; none is 0.
    """
    number = _whole(id_of(value) or "0", field)
    if number > _LONGEST_SECONDS:
        raise UnreadableFieldError(field)
    return number


def status_of(text: str, field: str) -> HealthengineStatus:
    """
    Return the status, however its letters are cased.
    """
    try:
        return HealthengineStatus(text.strip().capitalize())
    except ValueError:
        raise UnreadableFieldError(field) from None


def instant_of(text: str | None, field: str) -> datetime:
    """
    Return an instant, aware UTC, which it is by definition unless it says otherwise itself.
    """
    at = _date_time(text, field)
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:
        raise UnreadableFieldError(field) from None


def local_of(text: str | None, field: str) -> datetime:
    """
    Return a wall time of the practice, naive; a `Z` or offset behind it changes nothing in what the clock on the wall shows.
    """
    return _date_time(text, field).replace(tzinfo=None)


def day_of(text: str | None, field: str) -> date:
    """
    Return a date written with the year first; a time behind it is passed over.
    """
    found = _YEAR_FIRST.fullmatch((text or "").strip())
    if found is None:
        raise UnreadableFieldError(field)
    return _date(found[1], found[2], found[3], field)


def date_of_birth(text: str | None, field: str) -> date | None:
    """
    Return a date written with the day first, as the definition's text says, or the year first, as its format says.
    """
    written = (text or "").strip()
    if not written:
        return None
    found = _DAY_FIRST.fullmatch(written)
    return _date(found[3], found[2], found[1], field) if found else day_of(written, field)


def month_year(text: str) -> str:
    """
    Return `MM/YYYY`, or the empty text if it is not a month: nothing depends on it that would be worth refusing a booking.
    """
    found = _MONTH_YEAR.fullmatch(text.strip())
    return f"{int(found[1]):02d}/{found[2]}" if found and 1 <= int(found[1]) <= _MONTHS else ""


def _whole(text: str, field: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise UnreadableFieldError(field)
    return int(text)


def _date_time(text: str | None, field: str) -> datetime:
    found = _DATE_TIME.fullmatch((text or "").strip())
    if found is None:
        raise UnreadableFieldError(field)
    try:
        return datetime.fromisoformat(f"{found[1]}T{found[2]}{found[3] or ''}")
    except ValueError:
        raise UnreadableFieldError(field) from None


def _date(year: str, month: str, day: str, field: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise UnreadableFieldError(field) from None
