"""
The table `[bookings]`, and whether the PMS is only read.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.domain.days import Span
from agent.domain.practice import Unanswered
from agent.settings.config import Settings, SettingsError, parse_settings

BASE = """
[vendor]
name = "Frontdesk"
email = "support@example.com"
[pms]
profile = "sandbox"
connection = "Driver={SQLite3};Database=x"
%s
[[practices]]
id = "1001"
name = "Main Street"
timezone = "Australia/Sydney"
live_hours = "Mon-Fri 08:00-18:00"
[bookings]
%s
"""


def parsed(bookings: str = "", pms: str = "") -> Settings:
    return parse_settings(BASE % (pms, bookings), Path("config.toml"))


def test_by_default_the_pms_is_written_and_unanswered_bookings_are_declined() -> None:
    """
    Nothing has to be said.
    """
    settings = parsed()

    assert (False, Unanswered.REJECT, None) == (
        settings.pms.read_only,
        settings.practices[0].unanswered,
        settings.practices[0].staffed_hours,
    )


def test_what_is_said_reaches_every_practice() -> None:
    """
    Staffed hours are written like live hours.
    """
    settings = parsed('unanswered = "staffed-hours"\nstaffed_hours = "Mon-Fri 09:00-17:00"', "read_only = true")
    practice = settings.practices[0]

    assert (True, Unanswered.STAFFED_HOURS) == (settings.pms.read_only, practice.unanswered)
    assert practice.staffed_hours is not None
    assert (Span(540, 1020),) == practice.staffed_hours.days[0]


@pytest.mark.parametrize(
    ("bookings", "key", "message"),
    [
        ('unanswered = "later"', "bookings.unanswered", 'is not "reject"'),
        ('unanswered = "staffed-hours"', "bookings.staffed_hours", "is missing"),
        ('staffed_hours = "Mon-Fri 9 to 5"', "bookings.staffed_hours", ""),
        ('unanswered = "own-ids"', "bookings.unanswered", "nobody says that Healthengine agreed"),
        (
            'unanswered = "own-ids"\nhealthengine_agreed_to_own_ids = "yes"',
            "bookings.healthengine_agreed_to_own_ids",
            "is not true",
        ),
    ],
    ids=["word", "hours missing", "hours wrong", "not agreed", "agreed how"],
)
def test_mistakes_are_named(bookings: str, key: str, message: str) -> None:
    """
    With the key and what to write.
    """
    with pytest.raises(SettingsError) as caught:
        parsed(bookings)
    found = [problem for problem in caught.value.problems if problem.key == key]

    assert found
    assert message in found[0].message
    assert found[0].remedy
