"""
Publishing rules in plain words.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from agent.domain.rule import Closure, Holidays, Newcomers, NewPatients, Patients, Rule
from agent.domain.rule_words import closure_text, rule_text

DAY = Closure(first=date(2026, 12, 24), last=date(2026, 12, 24), reason="Christmas")


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        pytest.param(Rule(type="3", publish=False), "Type 3: not published", id="left out"),
        pytest.param(
            Rule(name="Vaccines", resource="7@1", location="1", minimum_notice=timedelta(hours=2), horizon_days=7),
            "Vaccines (resource 7@1, location 1): at least 2 h ahead; published 7 days ahead",
            id="named",
        ),
        pytest.param(
            Rule(daily_cap=4, session_cap=2, on_the_day=False),
            "The whole practice: published ahead; at most 4 online bookings a day; at most 2 online bookings a session",
            id="caps",
        ),
        pytest.param(
            Rule(location="2", closures=(DAY,), public_holidays=Holidays.OPEN),
            "Location 2: closed Thu 24/12/2026: Christmas; open on public holidays",
            id="days",
        ),
        pytest.param(
            Rule(
                patients=Patients.EXISTING,
                new_patients=NewPatients.HOLD,
                new_doctors=Newcomers.WAIT,
                new_types=Newcomers.AT_ONCE,
            ),
            "The whole practice: for existing patients only; a person decides about new patients; new practitioners wait until "
            "they are approved; new appointment types are published at once",
            id="newcomers",
        ),
    ],
)
def test_a_rule_says_what_it_is_about_and_what_holds(rule: Rule, text: str) -> None:
    """
    In one line, without a word of the settings' grammar.
    """
    assert text == rule_text(rule)


def test_a_closure_names_its_days() -> None:
    """
    One or two, with the reason where there is one.
    """
    assert "Thu 24/12/2026: Christmas" == closure_text(DAY)
    assert "Thu 24/12/2026 to Mon 28/12/2026" == closure_text(Closure(first=DAY.first, last=date(2026, 12, 28)))
