"""
What has to be sent, and what has to be read for it.
"""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agent.domain.availability import DayAvailability, OpenRange
from agent.domain.days import DateRange
from agent.domain.publishing import CHUNK_DAYS, Asked, batches, changed, chunks, stale_days

MONDAY = date(2026, 11, 23)
WINDOW = DateRange.of_days(MONDAY, 5)
NINE = datetime(2026, 11, 23, 9, 0)


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


def test_only_days_whose_marker_changed_are_read() -> None:
    """
    Equal markers mean that nothing has to be read, and an unknown date is read.
    """
    known = {day(i): f"m{i}" for i in range(4)}
    markers = {**known, day(2): "other"}

    stale = stale_days(WINDOW, markers=markers, known=known, asked=(), in_hand={day(0)}, earliest=NINE)

    assert (day(2), day(4)) == stale.read
    assert (day(0),) == stale.trim


def test_today_is_read_again_when_its_free_time_is_not_in_memory() -> None:
    """
    After a restart the notice period can only be applied to what has been read.
    """
    known = dict.fromkeys(WINDOW, "m")

    stale = stale_days(WINDOW, markers=known, known=known, asked=(), in_hand=(), earliest=NINE)

    assert (day(0),) == stale.read
    assert () == stale.trim


def test_a_date_that_is_asked_for_is_read_though_it_did_not_change() -> None:
    """
    Healthengine's question is answered from the PMS, not from memory.
    """
    known = dict.fromkeys(WINDOW, "m")

    stale = stale_days(WINDOW, markers=known, known=known, asked={day(3)}, in_hand=set(WINDOW), earliest=NINE)

    assert (day(3),) == stale.read


@given(st.sets(st.integers(0, 364), min_size=1))
def test_chunks_cover_every_date_in_few_short_readings(numbers: set[int]) -> None:
    """
    Every stale date is in exactly one range, and none is longer than a month.
    """
    days = sorted(day(n) for n in numbers)

    parts = list(chunks(days))

    assert all(1 == sum(d in part for part in parts) for d in days)
    assert all(len(part) <= CHUNK_DAYS for part in parts)
    assert all(before.end <= after.first for before, after in itertools.pairwise(parts))


def test_only_what_differs_from_what_was_acknowledged_is_sent() -> None:
    """
    The same free time is not sent twice; what was refused or never sent is.
    """
    open_day = DayAvailability("1", day(0), (OpenRange(540, 600, 15),))
    full_day = DayAvailability("1", day(1), ())
    new_day = DayAvailability("1", day(2), ())
    acknowledged = {("1", day(0)): open_day.fingerprint(), ("1", day(1)): ""}

    assert [full_day, new_day] == changed([open_day, full_day, new_day], acknowledged, asked=Asked())


def test_what_is_asked_for_is_sent_for_that_resource_alone() -> None:
    """
    A question about one resource does not send its neighbours.
    """
    days = [DayAvailability(r, day(0), ()) for r in ("1", "2")]
    acknowledged = {(d.resource_id, d.date): d.fingerprint() for d in days}

    assert [days[1]] == changed(days, acknowledged, asked=Asked(days=frozenset({("2", day(0))})))
    assert days == changed(days, acknowledged, asked=Asked(days=frozenset({("", day(0))})))
    assert days == changed(days, acknowledged, asked=Asked(everything=True))


@given(st.lists(st.integers(), max_size=350))
def test_batches_keep_everything_in_order(items: list[int]) -> None:
    """
    No call carries more than 100 snapshots, and none is lost.
    """
    parts = list(batches(items))

    assert items == [item for part in parts for item in part]
    assert all(0 < len(part) <= 100 for part in parts)
