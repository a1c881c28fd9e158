"""
Working time from markers of coming and going.
"""

from __future__ import annotations

import pytest

from agent.pms.sql.modules.openemr_roster import EVERYWHERE, Marker, Stretch, working_time

NINE, ELEVEN, NOON, ONE, FIVE, SIX = 540, 660, 720, 780, 1020, 1080


def comes(minute: int, place: str = "1", only: str = "") -> Marker:
    return Marker(minute, True, place, only)


def goes(minute: int, place: str = EVERYWHERE) -> Marker:
    return Marker(minute, False, place)


@pytest.mark.parametrize(
    ("markers", "expected"),
    [
        ([], []),
        ([goes(NINE)], []),
        ([comes(NINE), goes(FIVE)], [("1", NINE, FIVE, "")]),
        ([goes(FIVE), comes(NINE)], [("1", NINE, FIVE, "")]),
        ([comes(NINE)], [("1", NINE, SIX, "")]),
        ([comes(NINE), goes(NOON), comes(ONE), goes(FIVE)], [("1", NINE, NOON, ""), ("1", ONE, FIVE, "")]),
        ([comes(NINE), comes(NOON, "2"), goes(FIVE)], [("1", NINE, NOON, ""), ("2", NOON, FIVE, "")]),
        ([comes(NINE), goes(NOON, "1"), comes(NOON, "2"), goes(FIVE)], [("1", NINE, NOON, ""), ("2", NOON, FIVE, "")]),
        ([comes(NINE), goes(NOON), comes(NOON, "2")], [("1", NINE, NOON, "")]),
        ([comes(NINE), goes(NINE, "1")], []),
        ([comes(NINE, "1"), comes(NINE, "2"), goes(FIVE)], [("1", NINE, FIVE, ""), ("2", NINE, FIVE, "")]),
        (
            [comes(NINE), comes(ELEVEN, only="9"), comes(NOON), goes(FIVE)],
            [("1", NINE, ELEVEN, ""), ("1", ELEVEN, NOON, "9"), ("1", NOON, FIVE, "")],
        ),
        ([comes(NINE), comes(NINE, only="9"), goes(FIVE)], [("1", NINE, FIVE, "9")]),
        ([comes(NINE, only="5"), comes(NINE, only="9"), goes(FIVE)], []),
        ([comes(NINE), goes(SIX + 60)], [("1", NINE, SIX + 60, "")]),
        ([comes(SIX + 60)], []),
    ],
    ids=[
        "nothing",
        "only out",
        "a day",
        "in any order",
        "until the end of the day",
        "out at noon",
        "the other place in the afternoon",
        "out here, in there",
        "out everywhere wins",
        "out here wins",
        "two places at once",
        "a category for an hour",
        "for all and for one",
        "two categories shut each other out",
        "out after the end of the day",
        "in after the end of the day",
    ],
)
def test_working_time(markers: list[Marker], expected: list[tuple[str, int, int, str]]) -> None:
    """
    From coming to going, by place and category.
    """
    assert [Stretch(*stretch) for stretch in expected] == working_time(markers, SIX)
