"""
The contract of the day: closures, switching off, and what may change without asking anybody.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.days import MINUTES_PER_DAY, Span
from agent.domain.diary import Session
from agent.domain.liveness import (
    LivenessContract,
    carried_on,
    contract_for,
    contract_from,
    cut,
    hours_text,
    is_live,
    roster_hours,
)
from agent.domain.practice import LiveHours
from agent.domain.rule import Closure
from agent.domain.uptime import without

MONDAY = date(2026, 12, 21)
LAST_MINUTE = 24 * 60 - 1
CHRISTMAS = date(2026, 12, 25)  # a Friday
BOXING_DAY = date(2026, 12, 26)
OFFICE = (Span(480, 1080),)
EVERY_DAY = LivenessContract(days=(OFFICE,) * 7, public_holidays=(Span(600, 720),))
NEVER = ((),) * 7


def is_holiday(day: date) -> bool:
    return (day.month, day.day) in {(12, 25), (12, 26)}


def at(day: date, clock: str = "12:00") -> datetime:
    return datetime.combine(day, datetime.strptime(clock, "%H:%M").time())


def closed_weekdays(now: datetime, *closures: tuple[date, date]) -> set[int]:
    contract = contract_for(now, EVERY_DAY, [Closure(first=a, last=b) for a, b in closures], is_holiday)
    return {day for day, spans in enumerate(contract.days) if not spans}


@pytest.mark.parametrize(
    ("now", "first", "last", "expected"),
    [
        ("2026-12-01 12:00", "2026-12-09", "2026-12-09", []),  # more than a week ahead
        ("2026-12-02 12:00", "2026-12-09", "2026-12-09", []),  # today is the same weekday, and not over
        ("2026-12-02 18:00", "2026-12-09", "2026-12-09", [2]),  # now it is
        ("2026-12-03 00:00", "2026-12-09", "2026-12-09", [2]),
        ("2026-12-08 23:59", "2026-12-09", "2026-12-09", [2]),  # the evening before
        ("2026-12-09 00:00", "2026-12-09", "2026-12-09", [2]),
        ("2026-12-09 17:59", "2026-12-09", "2026-12-09", [2]),
        ("2026-12-09 18:00", "2026-12-09", "2026-12-09", []),  # over: next week's is meant
        ("2026-12-10 00:00", "2026-12-09", "2026-12-09", []),
        ("2026-12-04 17:00", "2026-12-07", "2026-12-08", [0, 1]),  # on Friday, for Monday and Tuesday
        ("2026-12-04 19:00", "2026-12-07", "2026-12-31", [0, 1, 2, 3, 4]),  # the weekend before is open
        ("2026-12-20 19:00", "2026-12-07", "2026-12-31", [0, 1, 2, 3, 4, 5, 6]),
        ("2026-12-30 19:00", "2026-12-07", "2026-12-31", [3]),
        ("2027-01-01 00:00", "2026-12-07", "2026-12-31", []),
    ],
)
def test_closures_by_example(now: str, first: str, last: str, expected: list[int]) -> None:
    """
    A closed day's hours are taken out as soon as its weekday next means that day, and put back after.
    """
    found = closed_weekdays(datetime.fromisoformat(now), (date.fromisoformat(first), date.fromisoformat(last)))

    assert set(expected) == found


@pytest.mark.parametrize(
    ("now", "closed", "expected"),
    [
        (at(MONDAY), CHRISTMAS, ()),
        (at(MONDAY), BOXING_DAY, (Span(600, 720),)),  # Christmas comes first, and keeps its hours
        (at(CHRISTMAS, "11:59"), BOXING_DAY, (Span(600, 720),)),
        (at(CHRISTMAS, "12:00"), BOXING_DAY, ()),
        (at(BOXING_DAY, "12:00"), BOXING_DAY, (Span(600, 720),)),
        (at(MONDAY), MONDAY, (Span(600, 720),)),
    ],
)
def test_a_closed_public_holiday_has_no_hours(now: datetime, closed: date, expected: tuple[Span, ...]) -> None:
    """
    The hours of public holidays are those of the next one.
    """
    contract = contract_for(now, EVERY_DAY, [Closure(first=closed, last=closed)], is_holiday)

    assert expected == contract.public_holidays


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 20 * 1440),
    st.lists(st.tuples(st.integers(-5, 30), st.integers(0, 12)), max_size=4),
    st.integers(0, 6 * 1440),
)
def test_closed_days_are_dead_and_others_are_as_ever(minute: int, drawn: list[tuple[int, int]], off_for: int) -> None:
    """
    Whatever is sent at some moment is right for the six days after it, though nobody sends anything more.
    """
    start = at(MONDAY, "00:00") - timedelta(days=7)
    now = start + timedelta(minutes=minute)
    closures = [
        Closure(first=start.date() + timedelta(days=a), last=start.date() + timedelta(days=a + length)) for a, length in drawn
    ]

    def nobody(_: date) -> bool:
        return False

    contract = contract_for(now, EVERY_DAY, closures, nobody)
    then = now + timedelta(minutes=off_for)
    is_closed = any(closure.covers(then.date()) for closure in closures)

    assert (is_live(EVERY_DAY, then, holiday=False) and not is_closed) is is_live(contract, then, holiday=False)


MINUTES = st.integers(0, MINUTES_PER_DAY)
SPANS = st.tuples(MINUTES, MINUTES).map(lambda pair: Span(*sorted(pair)))
HOURS = st.builds(
    LiveHours,
    days=st.lists(st.lists(SPANS, max_size=3).map(tuple), min_size=7, max_size=7).map(tuple),
    public_holidays=st.lists(SPANS, max_size=2).map(tuple),
)
CONTRACTS = HOURS.map(contract_from)
ROSTERS = st.builds(
    LiveHours,
    days=st.lists(st.lists(SPANS, max_size=1).map(tuple), min_size=7, max_size=7).map(tuple),
    public_holidays=st.lists(SPANS, max_size=1).map(tuple),
)


@settings(max_examples=100, deadline=None)
@given(CONTRACTS, st.integers(0, 6), st.integers(0, 1439), st.integers(0, 6), st.integers(0, 1439), st.booleans())
def test_cutting_ends_today_now_and_nothing_else(  # noqa: PLR0917 - drawn
    contract: LivenessContract,
    today: int,
    minute: int,
    other: int,
    then: int,
    holiday: bool,  # noqa: FBT001 - drawn
) -> None:
    """
    Before this minute and on other days everything is as it was; for the rest of today silence is forgiven.
    """
    now = at(MONDAY, "00:00") + timedelta(days=today, minutes=minute)
    found = cut(contract, now, holiday=holiday)
    moment = at(MONDAY, "00:00") + timedelta(days=other, minutes=then)
    is_rest_of_today = other == today and then >= minute

    assert (is_live(contract, moment, holiday=False) and not is_rest_of_today) is is_live(found, moment, holiday=False)
    if holiday:
        assert (is_live(contract, moment, holiday=True) and then < minute) is is_live(found, moment, holiday=True)
    else:
        assert contract.public_holidays == found.public_holidays
    if minute != LAST_MINUTE:  # which is written like the end of the day
        assert found == contract_from(LiveHours(days=found.days, public_holidays=found.public_holidays))


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("07:59", []),
        ("08:00", []),
        ("08:01", [(480, 481)]),
        ("12:30", [(480, 720)]),
        ("14:00", [(480, 720), (780, 840)]),
        ("17:00", [(480, 720), (780, 1020)]),
        ("23:00", [(480, 720), (780, 1020)]),
    ],
)
def test_switching_off_by_example(clock: str, expected: list[tuple[int, int]]) -> None:
    """
    A day with a break, at every moment that matters.
    """
    contract = LivenessContract(days=((Span(480, 720), Span(780, 1020)), *((),) * 6), public_holidays=())
    found = cut(contract, at(MONDAY, clock) + timedelta(seconds=59), holiday=False)

    assert tuple(Span(*span) for span in expected) == found.days[0]


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.none(), CONTRACTS), CONTRACTS, ROSTERS)
def test_nothing_inside_the_rosters_hours_goes_without_a_person(
    current: LivenessContract | None, wish: LivenessContract, rosters: LiveHours
) -> None:
    """
    What is wished for is there; what was there inside the rosters' hours stays; nothing else is.
    """
    found = carried_on(current, wish, rosters)
    held = current or contract_from(rosters)
    for new, wanted, old, worked in zip(
        (*found.days, found.public_holidays),
        (*wish.days, wish.public_holidays),
        (*held.days, held.public_holidays),
        (*rosters.days, rosters.public_holidays),
        strict=True,
    ):
        for minute in range(0, MINUTES_PER_DAY, 7):

            def inside(spans: tuple[Span, ...], minute: int = minute) -> bool:
                return any(span.start <= minute < span.end for span in spans)

            if minute < MINUTES_PER_DAY - 2:  # 23:59 is the end of the day
                assert (inside(wanted) or (inside(old) and inside(worked))) is inside(new)
    assert found == carried_on(found, wish, rosters)


def test_the_rosters_hours_are_from_the_first_start_to_the_last_end() -> None:
    """
    Everybody's working time of a weekday in one stretch; public holidays for themselves.
    """

    def session(day: date, start: int, end: int, who: str = "1") -> Session:
        return Session(practitioner_id=who, location_id="1", date=day, start=start, end=end)

    sessions = [
        session(MONDAY, 540, 720),
        session(MONDAY, 600, 1020, "2"),
        session(MONDAY + timedelta(days=7), 510, 600),
        session(CHRISTMAS, 600, 660),
        session(CHRISTMAS - timedelta(days=7), 480, 1080),
    ]

    expected = LiveHours(days=((Span(510, 1020),), (), (), (), OFFICE, (), ()), public_holidays=(Span(600, 660),))
    assert expected == roster_hours(sessions, is_holiday)
    assert LiveHours(days=NEVER) == roster_hours([], is_holiday)


def test_hours_are_written_in_one_line() -> None:
    """
    As in the settings file.
    """
    hours = LivenessContract(days=(OFFICE, OFFICE, (), (Span(0, 1440),), (), (), ()), public_holidays=(Span(600, 720),))

    assert "Mon-Tue 08:00-18:00, Thu 00:00-24:00, Holidays 10:00-12:00" == hours_text(hours)
    assert not without(OFFICE, (Span(490, 1080),))
