"""
Learned live hours and planned closures in the settings file.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from agent.domain.practice import Practice
from agent.domain.rule import Closure
from agent.settings.config import Settings, SettingsError, parse_settings

FILE = """\
[vendor]
name = "Frontdesk"
email = "support@example.com"

[pms]
profile = "sample"
connection = 'DSN=Practice'

[[practices]]
id = "1001"
name = "Sample Practice"
timezone = "Australia/Sydney"
live_hours = "auto"

[[practices.closures]]
first = 2026-12-24
last = 2026-12-28
reason = "Christmas"

[[practices.closures]]
first = "2027-01-26"
"""


def read(text: str) -> Settings:
    return parse_settings(text, Path("config.toml"))


def the_practice(text: str = FILE) -> Practice:
    return read(text).practices[0]


def test_automatic_live_hours_begin_with_none() -> None:
    """
    Nothing is set: everything is learned.
    """
    practice = the_practice()

    assert practice.learns_live_hours
    assert ((),) * 7 == practice.live_hours.days


def test_set_live_hours_are_not_learned() -> None:
    """
    Whoever sets hours means them.
    """
    practice = the_practice(FILE.replace('"auto"', '"Mon 08:00-18:00"'))

    assert not practice.learns_live_hours
    assert practice.live_hours.days[0]


def test_closures_are_read_and_cover_their_days() -> None:
    """
    A closure without a last day is one day long.
    """
    practice = the_practice()

    christmas = Closure(first=date(2026, 12, 24), last=date(2026, 12, 28), reason="Christmas")
    assert (christmas, Closure(first=date(2027, 1, 26), last=date(2027, 1, 26))) == practice.closures
    assert [False, True, True, False] == [practice.is_closed(date(2026, 12, day)) for day in (23, 24, 28, 29)]
    assert [False, True, False] == [practice.is_closed(date(2027, 1, day)) for day in (25, 26, 27)]


@pytest.mark.parametrize(
    ("old", "new", "key", "line", "words"),
    [
        ("first = 2026-12-24", "", "practices[1].closures[1].first", 15, "is missing"),
        ("first = 2026-12-24", "first = 24", "practices[1].closures[1].first", 16, "a date"),
        ("last = 2026-12-28", "last = 2026-12-23", "practices[1].closures[1].last", 17, "before the first day"),
        ('"2027-01-26"', '"26 January"', "practices[1].closures[2].first", 21, "a date"),
        ('live_hours = "auto"', 'live_hours = "automatic"', "practices[1].live_hours", 13, "no stretch of time"),
    ],
)
def test_a_wrong_closure_names_its_place(old: str, new: str, key: str, line: int, words: str) -> None:
    """
    Whoever wrote the file finds the line.
    """
    assert old in FILE
    with pytest.raises(SettingsError) as caught:
        read(FILE.replace(old, new))

    assert [(line, True)] == [(p.line, words in p.message) for p in caught.value.problems if p.key == key]


def test_an_unknown_key_of_a_closure_is_warned_about() -> None:
    """
    A slip of the pen is named with what was probably meant.
    """
    warnings = read(FILE.replace("last = ", "lst = ")).warnings

    assert [("practices[1].closures[1].lst", "did you mean last?")] == [(w.key, w.remedy) for w in warnings]
