"""
Public holidays by the state that a practice's time zone lies in.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

STATES = {
    "Australia/Adelaide": "SA",
    "Australia/Brisbane": "QLD",
    "Australia/Broken_Hill": "NSW",
    "Australia/Canberra": "ACT",
    "Australia/Darwin": "NT",
    "Australia/Hobart": "TAS",
    "Australia/Lindeman": "QLD",
    "Australia/Lord_Howe": "NSW",
    "Australia/Melbourne": "VIC",
    "Australia/Perth": "WA",
    "Australia/Sydney": "NSW",
}
"""The state or territory of each Australian time zone; elsewhere only the national holidays count."""


@lru_cache(maxsize=32)
def _of_year(year: int, state: str | None) -> frozenset[date]:
    return frozenset(holidays.country_holidays("AU", subdiv=state, years=year))


def is_public_holiday(day: date, zone: ZoneInfo) -> bool:
    """
    Return whether *day* is a public holiday where *zone* is.
    """
    return day in _of_year(day.year, STATES.get(zone.key))
