"""
Live hours learned from uptime: never outside what was up, robust to one outage, the same when the clocks change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.days import Span
from agent.domain.liveness import LivenessContract, contract_from, is_live
from agent.domain.practice import LiveHours
from agent.domain.uptime import (
    PUBLIC_HOLIDAY,
    Learned,
    LearnedDay,
    UpInterval,
    disagreement,
    learn,
    up_quarters,
    wished,
    without,
)

SYDNEY = ZoneInfo("Australia/Sydney")
ZONES = [
    ZoneInfo(f"Australia/{name}")
    for name in (
        "Adelaide",
        "Brisbane",
        "Broken_Hill",
        "Darwin",
        "Eucla",
        "Hobart",
        "Lindeman",
        "Lord_Howe",
        "Melbourne",
        "Perth",
        "Sydney",
    )
]
MONDAY = date(2026, 11, 2)
WEEK = timedelta(days=7)
OFFICE = (Span(480, 1080),)


def never(_: date) -> bool:
    return False


def up(day: date, start: int, end: int, zone: ZoneInfo = SYDNEY) -> UpInterval:
    """
    Up between two wall times of a day.
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return UpInterval((midnight + timedelta(minutes=start)).astimezone(UTC), (midnight + timedelta(minutes=end)).astimezone(UTC))


def day_before(day: date, zone: ZoneInfo = SYDNEY) -> UpInterval:
    """
    The moment in which the engine was first seen.
    """
    return up(day - timedelta(days=1), 600, 600, zone)


def taught(
    intervals: Iterable[UpInterval],
    today: date,
    *,
    zone: ZoneInfo = SYDNEY,
    is_holiday: Callable[[date], bool] = never,
    is_closed: Callable[[date], bool] = never,
) -> Learned:
    return learn(intervals, zone=zone, today=today, is_holiday=is_holiday, is_closed=is_closed)


@pytest.mark.parametrize(
    ("weeks", "expected"),
    [
        ([], []),
        ([(480, 1080)], []),
        ([(480, 1080), (480, 1080)], [(480, 1080)]),
        ([(480, 1080), (495, 1080)], [(495, 1080)]),
        ([(480, 1080), (480, 1079)], [(480, 1065)]),
        ([(481, 1080), (481, 1080)], [(495, 1080)]),
        ([(480, 1080), None], []),
        ([(480, 1080), None, (480, 1080)], [(480, 1080)]),
        ([(480, 1080), None, None, (480, 1080)], []),
        ([(480, 1080), (480, 1080), None, (480, 1080)], [(480, 1080)]),
        ([(480, 1080), (480, 1080), (600, 900), (480, 1080)], [(480, 1080)]),
        ([None, None, None, (480, 1080), (480, 1080), (480, 1080)], [(480, 1080)]),
        ([(480, 1080), (480, 1080), (480, 1080), (480, 1080), None, None], []),
        ([(0, 1440), (0, 1440)], [(0, 1440)]),
    ],
)
def test_a_weekday_by_example(weeks: list[tuple[int, int] | None], expected: list[tuple[int, int]]) -> None:
    """
    In: two of two, two of three, three of the last four, and only what was up all through.
    """
    intervals = [day_before(MONDAY)]
    intervals += [up(MONDAY + number * WEEK, *hours) for number, hours in enumerate(weeks) if hours]
    found = taught(intervals, MONDAY + len(weeks) * WEEK)

    assert tuple(Span(*span) for span in expected) == found.days[0].spans
    assert min(len(weeks), 4) == len(found.days[0].dates)


@pytest.mark.parametrize(
    ("breaks", "expected"),
    [
        ([(720, 735)], [(480, 1080)]),
        ([(720, 724)], [(480, 1080)]),
        ([(720, 750)], [(480, 720), (750, 1080)]),
        ([(734, 736)], [(480, 720), (750, 1080)]),
        ([(600, 615), (900, 960)], [(480, 900), (960, 1080)]),
    ],
)
def test_short_gaps_are_joined(breaks: list[tuple[int, int]], expected: list[tuple[int, int]]) -> None:
    """
    Hours less than half an hour apart are one stretch.
    """
    intervals = [day_before(MONDAY)]
    for day in (MONDAY, MONDAY + WEEK):
        start = 480
        for pause, on in breaks:
            intervals.append(up(day, start, pause))
            start = on
        intervals.append(up(day, start, 1080))

    assert tuple(Span(*span) for span in expected) == taught(intervals, MONDAY + 2 * WEEK).days[0].spans


def test_the_day_of_installation_and_today_are_no_examples() -> None:
    """
    The first was not watched from its beginning, the other is not over.
    """
    intervals = [up(MONDAY, 600, 1080), up(MONDAY + WEEK, 480, 1080), up(MONDAY + 2 * WEEK, 480, 600)]

    assert (MONDAY + WEEK,) == taught(intervals, MONDAY + 2 * WEEK).days[0].dates


def test_public_holidays_and_closures_are_no_example_of_their_weekday() -> None:
    """
    Four ordinary Mondays count; the holidays teach holidays, the closure nothing.
    """
    holidays = {MONDAY + WEEK, MONDAY + 3 * WEEK}
    closed = MONDAY + 4 * WEEK
    days = [MONDAY + number * WEEK for number in range(6)]
    intervals = [day_before(MONDAY)]
    intervals += [up(day, *((600, 720) if day in holidays else (480, 1080))) for day in days if day != closed]
    found = taught(
        intervals, days[-1] + timedelta(days=1), is_holiday=lambda day: day in holidays, is_closed=lambda day: day == closed
    )

    assert LearnedDay(spans=OFFICE, dates=(days[0], days[2], days[5])) == found.days[0]
    assert LearnedDay(spans=(Span(600, 720),), dates=tuple(sorted(holidays))) == found.days[PUBLIC_HOLIDAY]


def test_nobody_who_was_never_up_has_learned_anything() -> None:
    """
    A new installation.
    """
    assert Learned() == taught([], MONDAY)


UPTIME = st.lists(
    st.tuples(st.integers(0, 35 * 24 * 60), st.integers(1, 3 * 24 * 60)), min_size=1, max_size=40
)  # minutes from a start, and how long


def intervals_of(drawn: Iterable[tuple[int, int]], zone: ZoneInfo) -> list[UpInterval]:
    start = datetime(MONDAY.year, MONDAY.month, MONDAY.day, tzinfo=zone).astimezone(UTC)
    made = [UpInterval(start + timedelta(minutes=a), start + timedelta(minutes=a + b)) for a, b in drawn]
    return [day_before(MONDAY, zone), *made]


def was_up(intervals: list[UpInterval], instant: datetime) -> bool:
    return any(interval.start <= instant < interval.end for interval in intervals)


@settings(max_examples=60, deadline=None)
@given(UPTIME, st.sampled_from(ZONES))
def test_never_outside_what_was_up(drawn: list[tuple[int, int]], zone: ZoneInfo) -> None:
    """
    Every learned minute was up on two days of its kind at least, or lies in a gap of less than half an hour between such minutes.
    """
    intervals = intervals_of(drawn, zone)
    for kind in taught(intervals, MONDAY + 5 * WEEK, zone=zone).days:
        for span in kind.spans:
            lonely = []
            for minute in range(span.start, span.end, 5):
                times = [
                    datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone).astimezone(UTC)
                    for day in kind.dates
                ]
                if sum(was_up(intervals, instant) for instant in times) < 2:
                    lonely.append(minute)

            assert not {span.start, span.end - 5} & set(lonely)
            assert all(minute - 25 not in lonely or set(range(minute - 25, minute, 5)) - set(lonely) for minute in lonely)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 95), st.integers(1, 96)), min_size=7, max_size=7), st.integers(0, 27), st.integers(3, 4))
def test_one_outage_changes_nothing(hours: list[tuple[int, int]], lost: int, weeks: int) -> None:
    """
    A machine that kept the same hours week after week, but for one whole day, is known as if it had kept them that day too.
    """
    per_day = {day: (a * 15, min((a + b) * 15, 1440)) for day, (a, b) in enumerate(hours)}
    days = [MONDAY + timedelta(days=number) for number in range(7 * weeks)]
    whole = [day_before(MONDAY), *(up(day, *per_day[day.weekday()]) for day in days)]
    holed = [interval for interval in whole if interval != up(days[lost % len(days)], *per_day[lost % 7])]
    today = MONDAY + weeks * WEEK

    assert taught(whole, today) == taught(holed, today)
    assert [(Span(*per_day[day]),) for day in range(7)] == [kind.spans for kind in taught(whole, today).days[:7]]


@settings(max_examples=60, deadline=None)
@given(UPTIME, UPTIME, st.sampled_from(ZONES))
def test_more_uptime_never_takes_hours_away(drawn: list[tuple[int, int]], more: list[tuple[int, int]], zone: ZoneInfo) -> None:
    """
    Learning is monotone.
    """
    today = MONDAY + 5 * WEEK
    less = taught(intervals_of(drawn, zone), today, zone=zone)
    greater = taught(intervals_of([*drawn, *more], zone), today, zone=zone)

    for before, after in zip(less.days, greater.days, strict=True):
        assert () == without(before.spans, after.spans)


@pytest.mark.parametrize("zone", ZONES, ids=lambda zone: zone.key)
@pytest.mark.parametrize("today", [date(2026, 4, 20), date(2026, 10, 19)], ids=["autumn", "spring"])
def test_the_clocks_change_and_the_hours_stay(zone: ZoneInfo, today: date) -> None:
    """
    Hours kept by the clock on the wall are learned as such across both clock changes, in every zone, on Sundays too.
    """
    days = [today - timedelta(days=back) for back in range(1, 30)]
    intervals = [day_before(days[-1], zone)]
    for day in days:
        intervals += [up(day, 0, 210, zone), up(day, 480, 1080, zone)]
    found = taught(intervals, today, zone=zone)
    contract = wished(found, LiveHours(days=((),) * 7))

    assert [(Span(0, 210), *OFFICE)] * 7 == [kind.spans for kind in found.days[:7]]
    for day in days:
        for clock, expected in ((0, True), (200, True), (215, False), (479, False), (480, True), (1079, True), (1080, False)):
            local = datetime(day.year, day.month, day.day, clock // 60, clock % 60)
            assert expected is is_live(contract, local, holiday=False)


@pytest.mark.parametrize(
    ("zone", "day", "minutes", "expected"),
    [
        ("Sydney", date(2026, 10, 4), (120, 180), [None] * 4),
        ("Lord_Howe", date(2026, 10, 4), (120, 180), [None, None, True, True]),
        ("Adelaide", date(2026, 10, 4), (120, 180), [None] * 4),
        ("Brisbane", date(2026, 10, 4), (120, 180), [True] * 4),
        ("Sydney", date(2026, 4, 5), (120, 180), [True] * 4),
    ],
)
def test_what_the_clocks_jump_over_says_nothing(
    zone: str, day: date, minutes: tuple[int, int], expected: list[bool | None]
) -> None:
    """
    The quarters that never were are neither up nor down; an hour shown twice was up if it was up both times.
    """
    place = ZoneInfo(f"Australia/{zone}")
    whole = UpInterval(up(day, 0, 0, place).start, up(day + timedelta(days=1), 0, 0, place).start)
    quarters = up_quarters(day, place, [whole])

    assert expected == quarters[minutes[0] // 15 : minutes[1] // 15]
    assert all(quarter is not False for quarter in quarters)


def test_an_hour_shown_twice_counts_if_it_was_up_both_times() -> None:
    """
    A machine that was switched off during one of the two was not up at that time of the day.
    """
    day = date(2026, 4, 5)
    back = datetime(2026, 4, 4, 16, 0, tzinfo=UTC)  # 02:00 standard time, after an hour of 02:00 to 03:00 summer time
    first_pass_only = UpInterval(up(day, 0, 0).start, back)
    second_pass_only = UpInterval(back, back + timedelta(hours=3))

    assert [True, False] == [up_quarters(day, SYDNEY, [first_pass_only])[index] for index in (7, 8)]
    assert [False, True] == [up_quarters(day, SYDNEY, [second_pass_only])[index] for index in (11, 12)]


def test_a_kind_of_day_that_is_not_known_has_the_rosters_hours() -> None:
    """
    Until a weekday was lived through twice.
    """
    rosters = LiveHours(days=(OFFICE, OFFICE, *((),) * 5), public_holidays=(Span(600, 660),))
    learned = Learned(
        days=(
            LearnedDay(spans=(Span(495, 1065),), dates=(MONDAY, MONDAY + WEEK)),
            LearnedDay(dates=(MONDAY + timedelta(days=1),)),
            *(LearnedDay(),) * 6,
        )
    )

    expected = LivenessContract(days=((Span(495, 1065),), OFFICE, *((),) * 5), public_holidays=(Span(600, 660),))
    assert expected == wished(learned, rosters)


def test_the_contract_and_uptime_disagree() -> None:
    """
    Hours in which the machine is usually not up, a quarter of an hour or longer, on days that are known.
    """
    contract = contract_from(LiveHours(days=((Span(480, 1080),),) * 7))
    dates = (MONDAY, MONDAY + WEEK)
    learned = Learned(
        days=(
            LearnedDay(spans=(Span(525, 1080),), dates=dates),
            LearnedDay(spans=(Span(490, 1200),), dates=dates),
            LearnedDay(dates=dates),
            *(LearnedDay(),) * 5,
        )
    )

    assert LiveHours(days=((Span(480, 525),), (), (Span(480, 1080),), *((),) * 4)) == disagreement(contract, learned)
