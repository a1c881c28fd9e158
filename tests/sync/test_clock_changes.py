"""
The nights in which the clocks change, in every Australian zone: what is published, and what is booked.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sync_support import Agent, World, the_practice

from agent.domain.booking import BookingState

AUTUMN, SPRING = date(2027, 4, 4), date(2027, 10, 3)
NAMES = (
    "Adelaide", "Brisbane", "Broken_Hill", "Darwin", "Eucla", "Hobart", "Lindeman", "Lord_Howe", "Melbourne", "Perth", "Sydney",
)  # fmt: skip
ZONES = [ZoneInfo(f"Australia/{name}") for name in NAMES]
NIGHT = 6 * 60
"""Somebody works from midnight to six."""

every_zone = pytest.mark.parametrize("zone", ZONES, ids=lambda zone: zone.key.split("/")[1])
both_nights = pytest.mark.parametrize("day", [AUTUMN, SPRING], ids=["autumn", "spring"])


def evening_before(world: World, zone: ZoneInfo, day: date) -> Agent:
    """
    Return an agent at eight the evening before.
    """
    world.practice = the_practice(zone=zone)
    world.pms.add_session("1", day, 0, NIGHT)
    go_to(world, datetime(day.year, day.month, day.day, tzinfo=zone) - timedelta(hours=4))
    return world.running()


def go_to(world: World, instant: datetime) -> None:
    world.clock.advance(seconds=(instant.astimezone(UTC) - world.clock.now()).total_seconds())


def walked(zone: ZoneInfo, day: date) -> list[tuple[datetime, int]]:
    """
    Walk through the day's first eight hours minute by minute; returns each instant with the minute that the clocks show then.
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    instants = [midnight + timedelta(minutes=minute) for minute in range(8 * 60)]
    return [(at, shown.hour * 60 + shown.minute) for at in instants for shown in [at.astimezone(zone)]]


@every_zone
@both_nights
def test_every_minute_that_the_clocks_show_is_published_once(world: World, zone: ZoneInfo, day: date) -> None:
    """
    And none that they jump over.
    """
    evening_before(world, zone, day).availability.run()

    ranges = world.market.published["1@1:gp", day]
    published = [minute for opening in ranges for minute in range(opening.start, opening.end)]
    assert sorted({minute for _, minute in walked(zone, day) if minute < NIGHT}) == published


@every_zone
@both_nights
def test_every_time_that_is_shown_can_be_booked_until_it_begins(world: World, zone: ZoneInfo, day: date) -> None:
    """
    Two hours ahead it is entered for the time that the patient chose; once the clocks have shown it for the last time it is past.
    """
    agent = evening_before(world, zone, day)
    agent.availability.run()
    shown = [time for opening in world.market.published["1@1:gp", day] for time in range(opening.start, opening.end, 15)][8:16]
    midnight = datetime(day.year, day.month, day.day)
    first = {minute: at for at, minute in reversed(walked(zone, day))}
    last = {minute: at for at, minute in walked(zone, day)}
    for minute in shown:
        go_to(world, first[minute] - timedelta(minutes=121))
        world.patient_books(minute, start=midnight + timedelta(minutes=minute))
        agent.poll()
    assert shown == [start.hour * 60 + start.minute for minute in shown for start in [row.start for row in world.ours(minute)]]
    assert {BookingState.CONFIRMED} == {world.state(minute) for minute in shown}

    for minute in shown:
        world.pms.change_appointment(world.ours(minute)[0].id, start=midnight + timedelta(hours=5))
        go_to(world, last[minute] + timedelta(minutes=1))
        world.patient_books(1000 + minute, start=midnight + timedelta(minutes=minute))
        agent.poll()
    assert [] == [minute for minute in shown if world.ours(1000 + minute)]
