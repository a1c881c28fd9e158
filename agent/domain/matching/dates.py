"""
Dates of birth, compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from agent.domain.matching.model import Level

GENERATION_YEARS = 14
"""From this many years apart a wrong digit is taken for two people: father and son may share name and birthday."""


def compare_dates(one: date | None, other: date | None) -> Level:
    """
    Return how well two dates of birth agree: `SLIP` is day and month swapped, a digit off, or two neighbours swapped.
    """
    if one is None or other is None:
        return Level.MISSING
    if one == other:
        return Level.SAME
    if abs(one.year - other.year) >= GENERATION_YEARS:
        return Level.DIFFERENT
    if one.year == other.year and (one.day, one.month) == (other.month, other.day):
        return Level.SLIP
    return Level.SLIP if _is_slip(_digits(one), _digits(other)) else Level.DIFFERENT


def other_readings(born: date | None) -> Iterator[date]:
    """
    Yield *born* as somebody has it who swaps day and month, if that is a date.
    """
    if born is not None and born.day <= 12 and born.day != born.month:
        yield born.replace(month=born.day, day=born.month)


def _digits(born: date) -> str:
    return f"{born:%d%m%Y}"


def _is_slip(one: str, other: str) -> bool:
    wrong = [place for place, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(wrong) == 1:
        return True
    if len(wrong) != 2:
        return False
    first, second = wrong
    return second == first + 1 and one[first] == other[second] and one[second] == other[first]
