"""
Publishing rules in the settings file: what is read, and what every mistake says.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from agent.domain.rule import Closure, Holidays, Newcomers, NewPatients, Patients, Rule
from agent.settings.config import SettingsError, parse_settings

GOOD = """\
[vendor]
name = "Frontdesk"
email = "support@example.com"

[pms]
profile = "sample"
connection = "practice.db"

[[practices]]
id = "1001"
name = "Sample Practice"
locations = ["1", "2"]
timezone = "Australia/Sydney"
live_hours = "Mon-Fri 08:00-18:00"
"""


def rules_of(text: str) -> tuple[Rule, ...]:
    return parse_settings(GOOD + text, Path("config.toml")).practices[0].rules


def test_without_rules_there_are_none() -> None:
    """
    Rules are for those who need them.
    """
    assert () == rules_of("")


def test_every_field_of_a_rule_is_read() -> None:
    """
    Each key ends up in the rule, in its own type; what is not said stays open.
    """
    rules = rules_of("""
[[practices.rules]]
public_holidays = "open"
new_doctors = "wait"

[[practices.rules]]
name = "Skin checks"
location = "2"
resource = "7"
type = "15"
publish = true
minimum_notice_minutes = 1440
horizon_days = 30
on_the_day = false
daily_cap = 4
session_cap = 0
closures = [{ first = 2026-12-24, last = 2026-12-28, reason = "Leave" }, { first = 2027-01-26 }]
public_holidays = "closed"
patients = "existing"
new_patients = "hold"

[[practices.rules]]
new_types = "at-once"
""")

    assert (
        Rule(public_holidays=Holidays.OPEN, new_doctors=Newcomers.WAIT),
        Rule(
            name="Skin checks",
            location="2",
            resource="7",
            type="15",
            publish=True,
            minimum_notice=timedelta(days=1),
            horizon_days=30,
            on_the_day=False,
            daily_cap=4,
            session_cap=0,
            closures=(
                Closure(first=date(2026, 12, 24), last=date(2026, 12, 28), reason="Leave"),
                Closure(first=date(2027, 1, 26), last=date(2027, 1, 26)),
            ),
            public_holidays=Holidays.CLOSED,
            patients=Patients.EXISTING,
            new_patients=NewPatients.HOLD,
        ),
        Rule(new_types=Newcomers.AT_ONCE),
    ) == rules


@pytest.mark.parametrize(
    ("line", "key", "message"),
    [
        ("on_the_day = 1", "on_the_day", "is not true or false"),
        ("daily_cap = -1", "daily_cap", "is not a whole number of bookings, 0 or more"),
        ("horizon_days = 0", "horizon_days", "is not a whole number of days from 1 to 365"),
        ('minimum_notice_minutes = "60"', "minimum_notice_minutes", "is not a whole number of minutes, 0 or more"),
        ('public_holidays = "maybe"', "public_holidays", 'is not "closed" or "open"'),
        ('patients = "old"', "patients", 'is not "all", "new" or "existing"'),
        ('new_patients = "later"', "new_patients", 'is not "accept", "hold" or "reject"'),
        ('new_types = "never"', "new_types", 'is not "at-once" or "wait"'),
        ("resource = 7", "resource", "is not an id in quotes"),
        ('location = "9"', "location", "is not one of the practice's locations"),
        ("closures = [{ first = 2026-12-24, last = 2026-12-20 }]", "closures[1].last", "is before the first day"),
        ('new_doctors = "wait"\ntype = "1"', "type", "cannot go with new_doctors"),
    ],
)
def test_a_mistake_in_a_rule_is_named_with_its_line(line: str, key: str, message: str) -> None:
    """
    Every mistake has its key and line; what this rule says begins in the file's 20th.
    """
    with pytest.raises(SettingsError) as caught:
        rules_of(f"\n[[practices.rules]]\npublish = false\n\n[[practices.rules]]\n{line}\npublish = true\n")
    problem = caught.value.problems[0]

    assert (f"practices[1].rules[2].{key}", message) == (problem.key, problem.message)
    assert (21 if key == "type" else 20) == problem.line


def test_a_rule_that_says_nothing_is_a_mistake() -> None:
    """
    A rule that only selects would look as if it did something.
    """
    with pytest.raises(SettingsError) as caught:
        rules_of('\n[[practices.rules]]\ntype = "15"\n')

    assert ["says nothing"] == [problem.message for problem in caught.value.problems]


def test_an_unknown_key_of_a_rule_is_warned_about() -> None:
    """
    A misspelt key is named, with the one that was probably meant.
    """
    settings = parse_settings(GOOD + "\n[[practices.rules]]\npublish = false\ndaily_kap = 1\n", Path("config.toml"))

    assert [("practices[1].rules[1].daily_kap", "did you mean daily_cap?")] == [(w.key, w.remedy) for w in settings.warnings]
