"""
How the preview names the rule behind each withheld time.
"""

from __future__ import annotations

from datetime import date

import pytest

from agent.cli.withheld import print_withheld, withheld_data
from agent.domain.availability import OpenRange
from agent.domain.newcomers import Item, ItemKind, LeftOut
from agent.domain.reports import PracticePreview, WithheldTime
from agent.domain.terms import Cause, RuleKind

CAP = Cause(RuleKind.DAILY_CAP, "at most 4 online bookings a day", "rule 2 (resource 7)")
WAITS = Cause(RuleKind.WAITING, "new, waits for a tick", "rule 1")
PREVIEW = PracticePreview(
    practice_id="1001",
    name="Main Street",
    timezone="Australia/Sydney",
    resources=(),
    types=(),
    days=(),
    withheld=(WithheldTime("7@1", date(2026, 3, 31), OpenRange(540, 720, 15, ("11",)), CAP),),
    left_out=(LeftOut(Item(ItemKind.TYPE, "99"), "Brand new", WAITS),),
    warnings=("Look at Christmas.",),
)


def test_what_is_withheld_is_printed_with_its_rule(capsys: pytest.CaptureFixture[str]) -> None:
    """
    Time, rule, and where the rule is written; then what is left out, then what to look at.
    """
    print_withheld(PREVIEW)
    lines = capsys.readouterr().out.splitlines()

    assert "Tue 2026-03-31\t7@1\t09:00-12:00 (15 min; types 11)\tat most 4 online bookings a day\trule 2 (resource 7)" in lines
    assert "type\t99\tBrand new\tnew, waits for a tick\trule 1" in lines
    assert "warning: Look at Christmas." == lines[-1]


def test_the_same_for_programs() -> None:
    """
    The rule's kind is stable, its words are for people.
    """
    rule = {"kind": "daily_cap", "detail": "at most 4 online bookings a day", "source": "rule 2 (resource 7)"}
    data = withheld_data(PREVIEW)

    assert [
        {
            "resource": "7@1",
            "date": date(2026, 3, 31),
            "start": "09:00",
            "end": "12:00",
            "slot_minutes": 15,
            "types": ("11",),
            "rule": rule,
        }
    ] == data["withheld"]
    assert ("Look at Christmas.",) == data["warnings"]
