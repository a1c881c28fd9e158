"""
Random rosters in OpenEMR's calendar: free time against a slow reckoning, day by day and minute by minute.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from openemr_practice import OpenEmrDesk, OpenEmrPractice, rule

from agent.domain.availability import free_time
from agent.domain.days import DateRange
from agent.domain.practice import LiveHours, Practice
from agent.domain.resources import build_catalogue

MONDAY = date(2026, 11, 30)
WINDOW = DateRange.of_days(MONDAY, 14)
UNTIL = date(2026, 12, 10)
OPENS, CLOSES = 8, 19
SLOT = 15
PLACES = ("1", "2")
MARKERS = {"in_office", "out_of_office"}
TYPES = ("5", "9", "10")
ZONE = ZoneInfo("Australia/Perth")
PRACTICE = Practice(id="1001", name="Sample", locations=(), zone=ZONE, live_hours=LiveHours(days=((),) * 7))

Free = dict[tuple[str, date, str], set[int]]
"""Free minutes of a practitioner's day at one place, by the only type that may be booked (empty: all)."""

pytestmark = pytest.mark.servers


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """
    How often something happens again: every *step* days, workdays or months, on some *weekdays* of every week (Monday is 0), or
    on the same weekday of every so-manieth month, by its number or as the last.
    """

    how: Literal["days", "workdays", "months", "weekdays", "nth", "last"]
    step: int = 1
    weekdays: tuple[int, ...] = ()

    def falls_on(self, first: date, day: date) -> bool:
        is_its_month = ((day.year - first.year) * 12 + day.month - first.month) % self.step == 0
        match self.how:
            case "days":
                return (day - first).days % self.step == 0
            case "workdays":
                between = [first + timedelta(days=n) for n in range(1, (day - first).days + 1)]
                return day == first or (is_workday(day) and sum(map(is_workday, between)) % self.step == 0)
            case "months":
                return is_its_month and day.day == first.day
            case "weekdays":
                return day == first or day.weekday() in self.weekdays
            case "nth":
                return is_its_month and day.weekday() == first.weekday() and week_of(day) == week_of(first)
            case "last":
                return is_its_month and day.weekday() == first.weekday() and is_last(day)

    def written(self, first: date, skipped: frozenset[date]) -> tuple[int, str]:
        """
        Return the kind and the rule as OpenEMR writes them; it counts weekdays from Sunday, here from 1 and there from 0.
        """
        left_out = ",".join(f"{day:%Y%m%d}" for day in sorted(skipped))
        match self.how:
            case "nth" | "last":
                week = 5 if self.how == "last" else week_of(first)
                day = (first.weekday() + 1) % 7
                return 2, rule(
                    event_repeat_on_num=week,
                    event_repeat_on_day=day,
                    event_repeat_on_freq=self.step,
                    rt2_pf_flag=1,
                    exdate=left_out,
                )
            case "weekdays":
                listed = ",".join(str((day + 1) % 7 + 1) for day in self.weekdays)
                return 3, rule(event_repeat_freq=listed, event_repeat_freq_type=6, exdate=left_out)
            case how:
                unit = {"days": 0, "months": 2, "workdays": 4}[how]
                return 1, rule(event_repeat_freq=self.step, event_repeat_freq_type=unit, exdate=left_out)


def is_workday(day: date) -> bool:
    return day.weekday() < 5


def is_last(day: date) -> bool:
    return (day + timedelta(days=7)).month != day.month


def week_of(day: date) -> int:
    return (day.day - 1) // 7 + 1


@dataclass(frozen=True, kw_only=True)
class Event:
    """
    What somebody wrote into the calendar, once or again and again.
    """

    who: str
    category: str
    first: date
    start: int
    minutes: int = 0
    place: str = "0"
    only_type: str = ""
    status: str = "-"
    repeat: Repeat | None = None
    skipped: frozenset[date] = frozenset()

    def days(self) -> list[date]:
        """
        Return when, from a few days before the window on: what lasts several days may reach into it.
        """
        if self.repeat is None:
            return [self.first]
        near = [MONDAY + timedelta(days=number) for number in range(-5, len(WINDOW))]
        return [
            day
            for day in near
            if self.first <= day <= UNTIL and day not in self.skipped and self.repeat.falls_on(self.first, day)
        ]


def repeat_from(first: date, random: Random) -> Repeat | None:
    """
    Return how something may repeat from that day on, as OpenEMR's form offers it there.
    """
    nth = Repeat(how="last" if is_last(first) else "nth", step=random.choice([1, 1, 2]))
    some = tuple(sorted(random.sample(range(7), random.randint(1, 4))))
    return random.choice(
        [
            None,
            Repeat(how="days", step=random.choice([1, 2, 3, 7, 7, 14])),
            Repeat(how="workdays", step=random.choice([1, 1, 2, 3])),
            Repeat(how="weekdays", weekdays=some),
            nth,
            Repeat(how="months", step=random.choice([1, 2])) if first.day <= 28 else nth,
        ]
    )


def left_out(random: Random) -> frozenset[date]:
    return frozenset(day for day in WINDOW if random.random() < 0.1)


def events_of(who: str, random: Random) -> list[Event]:
    """
    Return a practitioner's weeks: some rosters, some leave, some patients.
    """
    events = []
    for _ in range(random.randint(1, 3)):
        first = MONDAY + timedelta(days=random.randint(-70, 9))
        repeat, skipped = repeat_from(first, random), left_out(random)
        times = sorted(random.sample(range(7, 20), random.choice([1, 2, 2, 3, 4])))  # on the hour: several meet
        for number, hour in enumerate(times):
            goes = number == len(times) - 1 or (number and random.random() < 0.5)
            events.append(
                Event(
                    who=who,
                    category="out_of_office" if goes else "in_office",
                    first=first,
                    start=hour * 60,
                    minutes=random.choice([0, 60]),
                    place=random.choice(["0", *PLACES]),
                    only_type="" if goes or random.random() < 0.8 else random.choice(TYPES),
                    repeat=repeat,
                    skipped=skipped,
                )
            )
    for _ in range(random.randint(0, 6)):
        kind, minutes = random.choice(
            [("lunch", 45), ("reserved", 20), ("vacation", 26 * 60), ("vacation", 3 * 24 * 60), ("office_visit", 15), ("5", 40)]
        )
        first = MONDAY + timedelta(days=random.randint(-5, 13))
        events.append(
            Event(
                who=who,
                category=kind,
                first=first,
                start=random.randint(7 * 12, 19 * 12) * 5,
                minutes=minutes,
                place=random.choice(PLACES),
                status=random.choice(["-", "-", "@", "?", "x", "%"]) if kind in {"office_visit", "5"} else "-",
                repeat=repeat_from(first, random),
                skipped=left_out(random),
            )
        )
    return events


def write(desk: OpenEmrDesk, event: Event) -> None:
    kind, spec = event.repeat.written(event.first, event.skipped) if event.repeat else (0, "")
    desk.add_event(
        event.category,
        event.first,
        event.start,
        event.minutes,
        practitioner_id=event.who,
        patient_id="7" if event.category in {"office_visit", "5"} else "",
        location_id=event.place,
        only_type=event.only_type,
        status=event.status,
        repeats=kind,
        spec=spec,
        until=UNTIL if event.repeat else None,
    )


def reckoned(everything: list[Event], people: list[str]) -> Free:
    """
    Walk through each day of each practitioner, minute by minute.
    """
    free: Free = defaultdict(set)
    for who in people:
        theirs = [event for event in everything if event.who in {who, "0"} and event.status not in {"x", "%"}]
        taken = taken_minutes([event for event in theirs if event.category not in MARKERS])
        marks: dict[tuple[date, int], list[Event]] = defaultdict(list)
        for event in theirs:
            for day in event.days() if event.category in MARKERS else ():
                marks[day, event.start].append(event)
        for day in WINDOW:
            here: dict[str, str] = {}
            for minute in range(CLOSES * 60):
                if marks[day, minute]:
                    here = present(marks[day, minute])
                for place, only in here.items():
                    if minute >= OPENS * 60 and not taken & {(day, minute, ""), (day, minute, place)}:
                        free[f"{who}@{place}", day, only].add(minute)
    return {key: kept for key, minutes in free.items() if (kept := {m for run in runs(minutes) if len(run) >= SLOT for m in run})}


def taken_minutes(events: list[Event]) -> set[tuple[date, int, str]]:
    """
    Return each minute that something takes, with the place if it takes it only there.
    """
    return {
        (day + timedelta(days=minute // 1440), minute % 1440, event.place if event.category == "closed" else "")
        for event in events
        for day in event.days()
        for minute in range(event.start, event.start + event.minutes)
    }


def present(marks: list[Event]) -> dict[str, str]:
    outs = [mark.place for mark in marks if mark.category == "out_of_office"]
    wanted: dict[str, set[str]] = defaultdict(set)
    for mark in marks:
        if mark.category == "in_office":
            wanted["1" if mark.place == "0" else mark.place].add(mark.only_type)
    if "0" in outs:
        return {}
    return {place: max(only) for place, only in wanted.items() if place not in outs and len(only - {""}) < 2}


def runs(minutes: set[int]) -> list[list[int]]:
    found: list[list[int]] = []
    for minute in sorted(minutes):
        if found and found[-1][-1] == minute - 1:
            found[-1].append(minute)
        else:
            found.append([minute])
    return found


@pytest.mark.parametrize(
    ("people", "seed"),
    [(30, 1), pytest.param(1000, 2, marks=[pytest.mark.long, pytest.mark.timeout(600)])],
    ids=["thirty", "a thousand"],
)
def test_free_time_of_random_rosters(openemr: OpenEmrPractice, people: int, seed: int) -> None:
    """
    Whatever is in the calendar, what is published is what a person with a ruler would find free.
    """
    random = Random(seed)
    desk = openemr.desk
    numbers = [str(n) for n in range(1, people + 1)]
    everything = [
        Event(who="0", category="closed", first=MONDAY + timedelta(days=2), start=600, minutes=120, place="2"),
        Event(who="0", category="holidays", first=MONDAY + timedelta(days=8), start=0, minutes=1440),
    ]
    with desk.at_work():
        desk.set("schedule_start", OPENS)
        desk.set("schedule_end", CLOSES)
        for place in PLACES:
            desk.add_location(place, f"Place {place}")
        desk.add_patient("7")
        for who in numbers:
            desk.add_practitioner(who, specialty_id="", specialty_name="")
            desk.add_practitioner(who, location_id="2")
            everything += events_of(who, random)
        for event in everything:
            write(desk, event)
    pms = openemr.pms()
    catalogue = build_catalogue(PRACTICE, pms.practitioners(), pms.appointment_types(), pms.locations())

    found: Free = {}
    for resource_day in free_time(catalogue, pms.diary(WINDOW), WINDOW, ZONE):
        for opening in resource_day.ranges:
            key = resource_day.resource_id, resource_day.date, ",".join(opening.type_ids)
            found.setdefault(key, set()).update(range(opening.start, opening.end))
    pms.close()
    expected = reckoned(everything, numbers)

    assert len(expected) > people
    assert expected == found
