"""
From what drivers give to what the domain knows: the one place where that happens.

Drivers differ: SQLite gives texts for decimals and sometimes for dates, others give `Decimal`, padded texts, `timedelta`s or
bytes. Whole columns are converted at once, each distinct value only once, because a diary has hundreds of thousands of rows.

Every function takes the column's place and raises `ContractBroken` with operation, column and row; never the value, which may
be a patient's.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from agent.domain.booking import referenced_booking
from agent.domain.days import MINUTES_PER_DAY
from agent.domain.diary import AppointmentState
from agent.domain.errors import ContractBroken

T = TypeVar("T")

_SIXTY = 60

_TIME_REMEDY = "Check [units] time_of_day in profile.toml, and what that row has."


class Unit(StrEnum):
    """
    What a number of a profile counts.
    """

    MINUTES = "minutes"
    SECONDS = "seconds"


class BadValue(ContractBroken):
    """
    A row that the profile does not promise.

    Attributes:
        place: Operation, column and row.
    """

    def __init__(self, place: str, why: str, remedy: str) -> None:
        super().__init__("pms-value", f"{place}: {why}.", remedy=remedy)
        self.place = place


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where a value stands, for messages.
    """

    operation: str
    column: str

    def broken(self, row: int, why: str, remedy: str = "") -> BadValue:
        """
        Return the error for a value that cannot be used; *row* counts from 1.
        """
        return BadValue(
            f"{self.operation}, column {self.column}, row {row}",
            why,
            remedy or "Correct that row in the practice's system, or what the profile's SQL makes of it.",
        )


def texts(values: Sequence[object], place: Place) -> list[str]:
    """
    Return stripped texts in Unicode's composed form; NULL is the empty text.
    """
    return _each(values, _text, place, "is no text")


def ids(values: Sequence[object], place: Place, *, optional: bool = False) -> list[str]:
    """
    Return opaque ids.

    Args:
        optional: NULL is the empty id; otherwise it is an error.
    """
    if set(map(type, values)) == {int}:
        return list(map(str, values))
    found = _each(values, _text, place, "is no id")
    if not optional and "" in found:
        raise place.broken(found.index("") + 1, "has no id")
    return found


def dates(values: Sequence[object], place: Place) -> list[date]:
    """
    Return dates. NULL is an error: a driver may say NULL for a date that it cannot read.
    """
    return _each(values, _date, place, "is no date")


def optional_dates(values: Sequence[object], place: Place) -> list[date | None]:
    """
    Return dates; NULL and the years 0 and 1, which mean *none* in some systems, are None.
    """
    return _each(values, _optional_date, place, "is no date")


def moments(values: Sequence[object], place: Place) -> list[datetime]:
    """
    Return local, naive moments.
    """
    kinds = set(map(type, values))
    if kinds == {datetime}:
        return _each(values, _moment, place, "has a time zone") if _any_zone(values) else list(values)  # type: ignore[arg-type]  # the kinds say so
    return _each(values, _moment, place, "is no date and time without a time zone")


def minutes_of_day(values: Sequence[object], place: Place, unit: Unit) -> list[int]:
    """
    Return minutes from midnight, up to 1440; a second within a minute counts for nothing.

    Args:
        unit: What a bare number counts.
    """
    return _each(values, lambda value: _minute_of_day(value, unit), place, "is no time of day", _TIME_REMEDY)


def lengths(values: Sequence[object], place: Place, unit: Unit, *, least: int) -> list[int]:
    """
    Return lengths in minutes, rounded up; NULL is 0.

    Args:
        least: What a shorter one counts as: desks leave remarks without any length in their diaries.
    """
    found = _each(values, lambda value: _length(value, unit), place, "is no length")
    if not found or min(found) >= least:
        return found
    if min(found) < 0:
        raise place.broken(next(i for i, v in enumerate(found, 1) if v < 0), "is below zero")
    return [max(value, least) for value in found]


def flags(values: Sequence[object], place: Place) -> list[bool]:
    """
    Return yes and no.
    """
    return _each(values, _flag, place, "is neither yes nor no")


def states(values: Sequence[object], place: Place, table: Mapping[str, AppointmentState]) -> list[AppointmentState]:
    """
    Return what the profile's table makes of status codes; `*` stands for every other code.
    """
    other = table.get("*")

    def one(value: object) -> AppointmentState:
        found = table.get(_text(value), other)
        if found is None:
            raise ValueError
        return found

    return _each(
        values, one, place, "is a status code that the profile does not know", "Add the code to [status] in profile.toml."
    )


def references(values: Sequence[object], place: Place) -> list[int]:
    """
    Return the booking ids that notes carry; 0 where there is none.
    """
    return _each(values, lambda value: referenced_booking(_text(value)) if value else 0, place, "is no text")


def type_lists(values: Sequence[object], place: Place) -> list[tuple[str, ...]]:
    """
    Return ids that stand in one text with commas between; NULL and the empty text: none.
    """
    return _each(
        values, lambda value: tuple(i for i in (p.strip() for p in _text(value).split(",")) if i), place, "is no list of ids"
    )


def growing(value: object, place: Place) -> str:
    """
    Return a text that compares as *value* does: numbers are padded with zeros.
    """
    text = texts([value], place)[0]
    return text.zfill(20) if text.isdigit() else text


def _each(values: Sequence[object], one: Callable[[object], T], place: Place, why: str, remedy: str = "") -> list[T]:
    known: dict[object, T] = {}
    value: object = None
    try:
        for value in dict.fromkeys(values):  # in their order: the first row that is wrong is named
            known[value] = one(value)
    except (ValueError, TypeError, ArithmeticError, OverflowError):
        row = next(i for i, v in enumerate(values, 1) if v is value or v == value)
        raise place.broken(row, why, remedy) from None
    return list(map(known.__getitem__, values))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip() if value.isascii() else unicodedata.normalize("NFC", value.strip())
    if isinstance(value, bytes | bytearray):
        return _text(bytes(value).decode())
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, Decimal | float):
        if value != int(value):
            return str(value)
        return str(int(value))
    if isinstance(value, int | UUID):
        return str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    raise ValueError


def _date(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = _text(value)
    if "-" not in text:
        raise ValueError  # 20261120 and the like are read by fromisoformat, and are nobody's date
    return date.fromisoformat(text) if len(text) == len("YYYY-MM-DD") else datetime.fromisoformat(text).date()


def _optional_date(value: object) -> date | None:
    if value is None or (isinstance(value, str) and (not value.strip() or value.startswith(("0000-", "0001-")))):
        return None
    found = _date(value)
    return None if found.year == 1 else found


def _moment(value: object) -> datetime:
    if isinstance(value, datetime):
        found = value
    elif isinstance(value, date):
        found = datetime(value.year, value.month, value.day)
    else:
        text = _text(value)
        if "-" not in text:
            raise ValueError
        found = datetime.fromisoformat(text)
    if found.tzinfo is not None:
        raise ValueError
    return found


def _any_zone(values: Sequence[object]) -> bool:
    return any(v.tzinfo is not None for v in values)  # type: ignore[attr-defined]  # only called with datetimes


def _minute_of_day(value: object, unit: Unit) -> int:
    if isinstance(value, timedelta):
        return _in_day(value // timedelta(minutes=1))
    if isinstance(value, datetime | time):
        return value.hour * 60 + value.minute
    text = _text(value)
    if ":" not in text:
        number = int(text)
        return _in_day(number // 60 if unit is Unit.SECONDS else number)
    hours, minutes, *seconds = text.split(":")
    if len(seconds) > 1 or not 0 <= int(minutes) < _SIXTY or (seconds and not 0 <= float(seconds[0]) < _SIXTY):
        raise ValueError
    return _in_day(int(hours) * 60 + int(minutes))


def _in_day(minute: int) -> int:
    if not 0 <= minute <= MINUTES_PER_DAY:
        raise ValueError
    return minute


def _length(value: object, unit: Unit) -> int:
    if value is None:
        return 0
    number = Decimal(_text(value))
    return math.ceil(number / 60 if unit is Unit.SECONDS else number)


def _flag(value: object) -> bool:
    if isinstance(value, bytes | bytearray) and len(value) == 1 and value[0] in (0, 1):
        return value[0] == 1
    text = _text(value).casefold()
    if text in {"1", "-1", "y", "yes", "t", "true"}:
        return True
    if text in {"", "0", "n", "no", "f", "false"}:
        return False
    raise ValueError
