"""
What patients will see and for how long, said in plain words, and when a stop ends by itself.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agent.domain.stopping import Stop, Way, what_patients_see

NOON = datetime(2026, 11, 23, 12, 0)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("way", "until", "lasts", "touches", "must_say", "must_not_say"),
    [
        (Way.STOPPED, None, timedelta(), True, ["no free times", "until somebody starts", "stand"], ["12:00"]),
        (Way.STOPPED, NOON, timedelta(), True, ["no free times", "until 12:00 on Monday 23/11/2026"], ["somebody"]),
        (Way.STARTED, None, timedelta(), True, ["free times again"], ["no free times"]),
        (
            Way.MAINTENANCE,
            NOON,
            HOUR,
            True,
            ["ten minutes", "hides", "12:00 on Monday", "stop online bookings first"],
            ["outside"],
        ),
        (Way.MAINTENANCE, NOON, HOUR, False, ["outside the live hours", "12:00 on Monday", "waits"], ["hides"]),
        (Way.MAINTENANCE, NOON, timedelta(minutes=10), True, ["short", "waits", "12:00 on Monday"], ["hides"]),
        (Way.MAINTENANCE, NOON, timedelta(minutes=11), True, ["hides"], ["short"]),
        (Way.REMOVED, None, timedelta(), True, ["no free times", "any more", "cancellations"], ["until"]),
        (Way.UNINSTALLED, None, timedelta(), True, ["no free times", "until Frontdesk works", "cancellations"], ["minute"]),
        (Way.NEW_KEY, None, timedelta(), True, ["same free times"], ["no free times"]),
    ],
)
def test_every_way_of_stopping_says_what_patients_see(
    way: Way, until: datetime | None, lasts: timedelta, *, touches: bool, must_say: list[str], must_not_say: list[str]
) -> None:
    """
    What, how long, and what becomes of bookings on their way.
    """
    said = what_patients_see(way, until=until, lasts=lasts, touches_live_hours=touches)

    assert [] == [words for words in must_say if words not in said]
    assert [] == [words for words in must_not_say if words in said]


@pytest.mark.parametrize(
    ("until", "expected"), [(None, False), (timedelta(minutes=1), False), (timedelta(), True), (timedelta(minutes=-1), True)]
)
def test_a_stop_ends_by_itself_at_its_time(until: timedelta | None, *, expected: bool) -> None:
    """
    One without an end waits for a person.
    """
    now = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    stop = Stop(since=now - HOUR, until=None if until is None else now + until)

    assert expected is stop.is_over(now)
