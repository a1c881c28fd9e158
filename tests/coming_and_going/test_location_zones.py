"""
A practice on a state's border: each location's times are those of its own clocks, on both days when the clocks change too.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import pytest
from fake_pms import FakePms
from sync_support import BEN, World, the_practice

from agent.domain.availability import free_time
from agent.domain.booking import BookingState
from agent.domain.days import DateRange
from agent.domain.practice import Practice
from agent.domain.resources import build_catalogue
from agent.ports.pms import Pms
from agent.settings.config import SettingsError, parse_settings
from agent.sync.preview import preview

SYDNEY = ZoneInfo("Australia/Sydney")
BRISBANE = ZoneInfo("Australia/Brisbane")
SUMMER = date(2026, 11, 24)  # Brisbane's clocks are an hour behind Sydney's
WINTER = date(2026, 6, 23)  # both show the same

SETTINGS = """\
[vendor]
name = "Frontdesk"
email = "support@example.com"

[pms]
profile = "sample"
connection = 'DSN=Practice'

[[practices]]
id = "1001"
name = "Border"
locations = ["1", "2"]
timezone = "Australia/Sydney"
live_hours = "Mon-Fri 08:00-18:00"
location_zones = { "2" = "Australia/Brisbane" }

[[practices]]
id = "1002"
name = "North"
locations = ["3"]
timezone = "Australia/Brisbane"
live_hours = "Mon-Fri 08:00-18:00"
"""


def border(**changes: object) -> Practice:
    return replace(the_practice(location_zones=(("2", BRISBANE),)), **changes)  # type: ignore[arg-type]  # the tests name its fields


def two_places(day: date) -> FakePms:
    """
    One doctor who works at both places from nine to twelve by the clocks there.
    """
    pms = FakePms()
    for place in ("1", "2"):
        pms.add_location(place)
        pms.add_practitioner("1", location_id=place)
        pms.add_session("1", day, 540, 720, location_id=place)
    pms.add_type()
    return pms


def free_at(pms: FakePms, day: date, practice: Practice) -> dict[str, list[tuple[int, int]]]:
    """
    Return the free time by location.
    """
    catalogue = build_catalogue(practice, pms.practitioners(), pms.appointment_types(), pms.locations())
    window = DateRange.of_days(day, 1)
    found = free_time(catalogue, pms.diary(window), window, practice.zone, practice.zone_at)
    return {d.resource_id[2]: [(r.start, r.end) for r in d.ranges] for d in found}


@pytest.mark.parametrize(
    ("day", "there"), [(SUMMER, [(540, 570), (585, 720)]), (WINTER, [(540, 630), (645, 720)])], ids=["summer", "winter"]
)
def test_an_appointment_takes_the_same_moment_at_both_places(day: date, there: list[tuple[int, int]]) -> None:
    """
    Half past ten in Sydney is half past nine in Brisbane in summer, and half past ten in winter.
    """
    pms = two_places(day)
    pms.add_appointment("1", datetime(day.year, day.month, day.day, 10, 30), 15, location_id="1")

    assert {"1": [(540, 630), (645, 720)], "2": there} == free_at(pms, day, border())


def test_without_zones_of_their_own_all_places_show_one_time() -> None:
    """
    As before.
    """
    pms = two_places(SUMMER)
    pms.add_appointment("1", datetime(2026, 11, 24, 10, 30), 15, location_id="1")

    assert {"1": [(540, 630), (645, 720)], "2": [(540, 630), (645, 720)]} == free_at(pms, SUMMER, the_practice())


@pytest.mark.parametrize(
    ("day", "here"), [(date(2026, 10, 4), [(60, 120), (180, 300)]), (date(2026, 4, 5), [(60, 300)])], ids=["October", "April"]
)
def test_only_the_clocks_that_change_lose_an_hour(day: date, here: list[tuple[int, int]]) -> None:
    """
    Two to three does not exist in Sydney on the first Sunday of October; in Brisbane it does, and in April in both.
    """
    pms = FakePms()
    for place in ("1", "2"):
        pms.add_location(place)
        pms.add_practitioner("1", location_id=place)
        pms.add_session("1", day, 60, 300, location_id=place)

    assert {"1": here, "2": [(60, 300)]} == free_at(pms, day, border())


def test_the_notice_counts_by_the_clocks_of_the_location() -> None:
    """
    At nine in Sydney it is eight in Brisbane: with an hour's notice ten is the first time here, and nine is there.
    """
    pms = two_places(SUMMER)
    shown = preview(
        border(minimum_notice=timedelta(hours=1)),
        cast(Pms, pms),
        window=DateRange.of_days(SUMMER, 1),
        now=datetime(2026, 11, 24, 9, 0),
        is_holiday=lambda day: False,
        known={},
        own={},
    )
    first = {day.resource_id[2]: day.ranges[0].start for day in shown.days}

    assert {"1": 600, "2": 540} == first


def test_the_sender_counts_so_too(world: World) -> None:
    """
    What is sent is what the preview shows.
    """
    world.practice = border(minimum_notice=timedelta(hours=1))
    world.pms.add_location("2")
    world.pms.add_practitioner("3", location_id="2")
    today = world.clock.now().astimezone(SYDNEY).date()
    for place, who in (("1", "1"), ("2", "3")):
        world.pms.add_session(who, today, 540, 720, location_id=place)
    world.running().availability.run()

    assert 600 == world.market.published["1@1:gp", today][0].start
    assert 540 == world.market.published["3@2:gp", today][0].start


def test_a_day_comes_into_the_horizon_at_each_places_own_midnight(world: World) -> None:
    """
    Half an hour after midnight in Sydney the last day is published here; across the border it is when it is midnight there.
    """
    world.practice = border(horizon_days=2, minimum_notice=timedelta())
    world.pms.add_location("2")
    world.pms.add_practitioner("3", location_id="2")
    for place, who in (("1", "1"), ("2", "3")):
        world.pms.add_session(who, SUMMER + timedelta(days=1), 540, 720, location_id=place)
    agent = world.running()
    shown: list[tuple[bool, bool]] = []
    for minutes in (-30, 30, 90):
        world.clock.set_local(datetime(2026, 11, 24) + timedelta(minutes=minutes))
        agent.availability.run()
        published = world.market.published
        shown.append(tuple(bool(published.get((who, SUMMER + timedelta(days=1)))) for who in ("1@1:gp", "3@2:gp")))  # type: ignore[arg-type]

    assert [(False, False), (True, False), (True, True)] == shown


def test_a_booking_across_the_border_is_not_past(world: World) -> None:
    """
    At nine in Sydney half past eight is gone here, and half an hour ahead there.
    """
    world.practice = border(minimum_notice=timedelta())
    world.pms.add_location("2")
    world.pms.add_practitioner("3", location_id="2")
    today = world.clock.now().astimezone(SYDNEY).date()
    world.pms.add_session("3", today, 480, 720, location_id="2")
    world.pms.add_session("1", today, 480, 720)
    half_past_eight = datetime.combine(today, datetime.min.time()) + timedelta(minutes=510)
    agent = world.running()
    world.patient_books(1, resource_id="3@2:gp", start=half_past_eight)
    world.patient_books(2, resource_id="1@1:gp", start=half_past_eight, patient=BEN)
    world.settle(agent)

    assert BookingState.CONFIRMED is world.state(1)
    assert world.state(2) is not BookingState.CONFIRMED


def test_the_settings_name_zones_of_single_locations() -> None:
    """
    And each practice knows the clocks at the others' places.
    """
    first, second = parse_settings(SETTINGS, Path("config.toml")).practices

    assert (SYDNEY, BRISBANE, BRISBANE) == (first.zone_at("1"), first.zone_at("2"), first.zone_at("3"))
    assert (SYDNEY, BRISBANE, BRISBANE) == (second.zone_at("1"), second.zone_at("2"), second.zone_at("3"))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ('{ "2" = "Australia/Nowhere" }', "not a known time zone"),
        ('{ "9" = "Australia/Brisbane" }', "none of the practice's locations"),
        ("7", "a table of locations"),
    ],
)
def test_a_wrong_zone_is_pointed_at(wrong: str, says: str) -> None:
    """
    With its line, like every mistake.
    """
    text = SETTINGS.replace('{ "2" = "Australia/Brisbane" }', wrong, 1)
    with pytest.raises(SettingsError) as caught:
        parse_settings(text, Path("config.toml"))

    assert says in caught.value.problems[0].message
    assert 15 == caught.value.problems[0].line
