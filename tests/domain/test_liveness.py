"""
The liveness contract: sorted, merged, within its day.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.days import MINUTES_PER_DAY, Span
from agent.domain.liveness import contract_from, is_live
from agent.domain.practice import LiveHours

SPANS = st.tuples(st.integers(0, MINUTES_PER_DAY), st.integers(0, MINUTES_PER_DAY)).map(lambda pair: Span(*sorted(pair)))
HOURS = st.builds(
    LiveHours,
    days=st.lists(st.lists(SPANS, max_size=5).map(tuple), min_size=7, max_size=7).map(tuple),
    public_holidays=st.lists(SPANS, max_size=3).map(tuple),
)
MONDAY = datetime(2026, 11, 16)


@settings(max_examples=60, deadline=None)
@given(HOURS)
def test_a_contract_is_sorted_merged_and_within_its_day(hours: LiveHours) -> None:
    """
    Whatever was set, the ranges sent are sorted, apart from each other, not empty, and none crosses midnight.
    """
    contract = contract_from(hours)

    for spans in (*contract.days, contract.public_holidays):
        assert all(0 <= span.start < span.end <= MINUTES_PER_DAY for span in spans)
        assert all(a.end < b.start for a, b in pairwise(spans))


@settings(max_examples=60, deadline=None)
@given(HOURS, st.integers(0, 6), st.integers(0, MINUTES_PER_DAY - 2), st.booleans())
def test_the_contract_holds_at_the_minutes_that_were_set(hours: LiveHours, weekday: int, minute: int, holiday: bool) -> None:  # noqa: FBT001 (drawn)
    """
    A minute is live exactly when one of the day's set spans covers it; on a public holiday its own spans count alone.
    """
    local = MONDAY + timedelta(days=weekday, minutes=minute, seconds=59)
    spans = hours.public_holidays if holiday else hours.days[weekday]
    expected = any(span.start <= minute < span.end for span in spans)

    assert expected is is_live(contract_from(hours), local, holiday=holiday)


@settings(max_examples=60, deadline=None)
@given(HOURS)
def test_a_contract_made_again_is_the_same(hours: LiveHours) -> None:
    """
    Tidying what is tidy changes nothing.
    """
    contract = contract_from(hours)

    assert contract == contract_from(LiveHours(days=contract.days, public_holidays=contract.public_holidays))


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(720, 1020), (480, 720)], [(480, 1020)]),
        ([(0, 1439)], [(0, 1440)]),
        ([(600, 1439), (0, 600)], [(0, 1440)]),
        ([(480, 480)], []),
        ([(480, 700), (500, 600)], [(480, 700)]),
        ([(480, 600), (601, 700)], [(480, 600), (601, 700)]),
    ],
)
def test_contracts_by_example(spans: list[tuple[int, int]], expected: list[tuple[int, int]]) -> None:
    """
    Unordered, overlapping and touching ranges become one; 23:59 is the end of the day.
    """
    hours = LiveHours(days=(tuple(Span(*span) for span in spans), *[()] * 6))

    assert tuple(Span(*span) for span in expected) == contract_from(hours).days[0]
