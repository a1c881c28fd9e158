"""
Public holidays by the state that a practice's time zone lies in.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

STATES = {
    "Australia/ACT": "ACT",
    "Australia/Adelaide": "SA",
    "Australia/Brisbane": "QLD",
    "Australia/Broken_Hill": "NSW",
    "Australia/Canberra": "ACT",
    "Australia/Currie": "TAS",
    "Australia/Darwin": "NT",
    "Australia/Eucla": "WA",
    "Australia/Hobart": "TAS",
    "Australia/LHI": "NSW",
    "Australia/Lindeman": "QLD",
    "Australia/Lord_Howe": "NSW",
    "Australia/Melbourne": "VIC",
    "Australia/NSW": "NSW",
    "Australia/North": "NT",
    "Australia/Perth": "WA",
    "Australia/Queensland": "QLD",
    "Australia/South": "SA",
    "Australia/Sydney": "NSW",
    "Australia/Tasmania": "TAS",
    "Australia/Victoria": "VIC",
    "Australia/West": "WA",
    "Australia/Yancowinna": "NSW",
}
"""
The state or territory of each Australian time zone, older names included; elsewhere only the national holidays count.

Two towns on either side of a border may keep the same time and other holidays (Albury and Wodonga): each names the zone of
its own state's capital.
"""


@lru_cache(maxsize=32)
def _of_year(year: int, state: str | None) -> frozenset[date]:
    return frozenset(holidays.country_holidays("AU", subdiv=state, years=year))


def is_public_holiday(day: date, zone: ZoneInfo) -> bool:
    """
    Return whether *day* is a public holiday where *zone* is.
    """
    return day in _of_year(day.year, STATES.get(zone.key))
