"""
A remark without any length in the diary.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from practices import sqlite_practice

from agent.domain.days import DateRange

TUESDAY = date(2026, 12, 1)


def test_an_entry_without_length_takes_one_minute(tmp_path: Path) -> None:
    """
    A diary with an entry of no length is read like any other.
    """
    practice = sqlite_practice(tmp_path, "sqlite")
    practice.desk.add_appointment("1", datetime(2026, 12, 1, 10), minutes=0)

    diary = practice.pms().diary(DateRange.of_days(TUESDAY, 1))

    assert [1] == [row.minutes for row in diary.appointments]
