"""
A day at Healthengine beside the day in the PMS.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.availability import OpenRange
from agent.domain.days import Span
from agent.domain.sent import DayStretch, InDiary, day_stretches, free_minutes, kept_spans
from agent.domain.terms import Cause, RuleKind

CLOSED = Cause(RuleKind.CLOSURE, "closed 24/12/2026", "the practice's settings")
NOTICE = Cause(RuleKind.NOTICE, "at least 2 h ahead", "rule 1")
SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)).map(lambda p: Span(p[0], p[0] + p[1])), max_size=4)


@pytest.mark.parametrize(
    ("kept", "spans", "minutes"),
    [
        ("", [], 0),
        ("09:00-12:00/15", [Span(540, 720)], 180),
        ("09:00-10:00[3,4] 09:30-11:00[5] 13:00-13:10/10[1]", [Span(540, 660), Span(780, 790)], 130),
        ("22:00-23:59", [Span(1320, 1440)], 120),
    ],
    ids=["none", "one", "overlapping", "midnight"],
)
def test_free_time_as_it_is_kept_can_be_read_again(kept: str, spans: list[Span], minutes: int) -> None:
    """
    Types and slot lengths do not matter for how much is free, and 23:59 is the end of the day.
    """
    assert (spans, minutes) == (kept_spans(kept), free_minutes(kept))


def test_each_part_of_a_day_says_what_it_is() -> None:
    """
    Free and offered, appointments one by one, what a rule withholds, what is not told yet and what has to be taken back.
    """
    parts = day_stretches(
        working=[Span(540, 720)],
        taken=[Span(555, 570), Span(570, 600)],
        offered=[Span(500, 510), Span(540, 570)],
        due=[Span(540, 555), Span(600, 660)],
        withheld=[(OpenRange(660, 700, 15), CLOSED), (OpenRange(690, 700, 15), NOTICE)],
    )

    assert parts == (
        DayStretch(start=500, end=510, diary=InDiary.OFF, is_offered=True),
        DayStretch(start=540, end=555, diary=InDiary.FREE, is_offered=True, is_due=True),
        DayStretch(start=555, end=570, diary=InDiary.APPOINTMENT, is_offered=True),
        DayStretch(start=570, end=600, diary=InDiary.APPOINTMENT),
        DayStretch(start=600, end=660, diary=InDiary.FREE, is_due=True),
        DayStretch(start=660, end=700, diary=InDiary.FREE, cause=CLOSED),
        DayStretch(start=700, end=720, diary=InDiary.FREE),
    )


@given(working=SPANS, taken=SPANS, offered=SPANS, due=SPANS)
def test_no_minute_is_lost_and_none_is_told_twice(
    working: list[Span], taken: list[Span], offered: list[Span], due: list[Span]
) -> None:
    """
    Minute by minute the parts say what was given, and parts do not overlap.
    """
    parts = day_stretches(working=working, taken=sorted(taken), offered=offered, due=due, withheld=())

    def minutes(spans: list[Span]) -> set[int]:
        return {minute for span in spans for minute in range(span.start, span.end)}

    told = [minute for part in parts for minute in range(part.start, part.end)]
    shown = {m for part in parts if part.is_offered for m in range(part.start, part.end)}
    free = {m for part in parts if part.diary is InDiary.FREE for m in range(part.start, part.end)}
    assert sorted(set(told)) == told
    assert minutes(offered) == shown
    assert minutes(working) - minutes(taken) == free
