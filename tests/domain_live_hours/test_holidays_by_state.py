"""
Public holidays by state, in every Australian zone and on both sides of a border.
"""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo, available_timezones

import pytest

from agent.engine.holidays import STATES, is_public_holiday

CUP_DAY = date(2026, 11, 3)
PICNIC_DAY = date(2026, 8, 3)
KINGS_BIRTHDAY = date(2026, 6, 8)  # Queensland and Western Australia keep it in spring
LABOUR_DAY = {"NSW": date(2026, 10, 5), "VIC": date(2026, 3, 9), "WA": date(2026, 3, 2), "QLD": date(2026, 5, 4)}
CHRISTMAS = date(2026, 12, 25)


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        ("Melbourne", CUP_DAY, True),  # Wodonga
        ("Sydney", CUP_DAY, False),  # Albury, across the river
        ("Darwin", PICNIC_DAY, True),
        ("Adelaide", PICNIC_DAY, False),
        ("Sydney", KINGS_BIRTHDAY, True),  # Tweed Heads
        ("Brisbane", KINGS_BIRTHDAY, False),  # Coolangatta, across the street
        ("Brisbane", LABOUR_DAY["QLD"], True),
        ("Broken_Hill", LABOUR_DAY["NSW"], True),  # South Australia's time, New South Wales' holidays
        ("Eucla", LABOUR_DAY["WA"], True),
        ("Melbourne", LABOUR_DAY["VIC"], True),
        ("Perth", LABOUR_DAY["VIC"], False),
    ],
)
def test_holidays_on_both_sides_of_a_border(zone: str, day: date, *, expected: bool) -> None:
    """
    The state counts, not the time of the day.
    """
    assert expected is is_public_holiday(day, ZoneInfo(f"Australia/{zone}"))


def test_every_australian_zone_has_a_state() -> None:
    """
    Older names of zones, too; and Christmas is everywhere.
    """
    zones = {name for name in available_timezones() if name.startswith("Australia/")}

    assert set() == zones - set(STATES)
    assert all(is_public_holiday(CHRISTMAS, ZoneInfo(zone)) for zone in zones)
