"""
Random schedules in Open Dental: free time against a slow reckoning, day by day and minute by minute.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from opendental_practice import (
    BLOCKOUT,
    BROKEN,
    CANCELLED,
    COMPLETE,
    HOLIDAY,
    MISSED,
    NOTE,
    PRACTICE,
    PROVIDER,
    SCHEDULED,
    UNSCHEDULED,
    OpenDentalDesk,
    OpenDentalPractice,
)

from agent.domain.availability import free_time
from agent.domain.days import DateRange
from agent.domain.practice import LiveHours, Practice
from agent.domain.resources import build_catalogue

MONDAY = date(2026, 11, 30)
WINDOW = DateRange.of_days(MONDAY, 14)
SLOT = 15
SHARED_BY = 4  # so many people work in so many operatories
ZONE = ZoneInfo("Australia/Perth")
ONE_PLACE = Practice(id="1001", name="Sample", locations=(), zone=ZONE, live_hours=LiveHours(days=((),) * 7))

Minutes = dict[tuple[str, date], set[int]]

pytestmark = pytest.mark.servers


@dataclass(frozen=True, kw_only=True)
class Chair:
    """
    An operatory, and who is set for it.
    """

    number: str
    dentist: str
    hygienist: str
    is_hygiene: bool
    clinic: int

    def whose(self, unassigned: str) -> str:
        return (self.hygienist if self.is_hygiene else self.dentist) or unassigned


@dataclass(frozen=True, kw_only=True)
class Row:
    """
    A row of the schedule.
    """

    kind: int
    day: date
    start: int = 0
    end: int = 0
    who: str = "0"
    chairs: tuple[str, ...] = ()
    status: int = 0
    clinic: int = 0


@dataclass(frozen=True, kw_only=True)
class Visit:
    """
    An appointment; *why* is what the history says of a broken one.
    """

    who: str
    chair: str
    start: datetime
    minutes: int
    status: int = SCHEDULED
    hygienist: str = "0"
    is_hygiene: bool = False
    why: int = 0


def group(first: int, random: Random) -> tuple[list[Chair], list[Row], list[Visit]]:
    """
    Return some operatories with their fortnight.
    """
    people = [str(first + n) for n in range(SHARED_BY)]
    numbers = people  # as many operatories, with the same numbers
    chairs = [
        Chair(
            number=number,
            dentist=random.choice(["", *people]),
            hygienist=random.choice(["", *people]),
            is_hygiene=random.random() < 0.3,
            clinic=random.choice([0, 1, 2]),
        )
        for number in numbers
    ]
    rows, visits = [], []
    for day in WINDOW:
        for who in people:
            for _ in range(random.choice([0, 1, 1, 2])):
                start = random.randint(7 * 4, 18 * 4) * 15
                end = min(start + random.randint(1, 32) * 15, 24 * 60)
                where = tuple(random.sample(numbers, random.choice([0, 0, 1, 2])))
                status = random.choice([0, 0, 0, 0, 1])
                rows.append(Row(kind=PROVIDER, day=day, start=start, end=end, who=who, chairs=where, status=status))
        for _ in range(random.choice([0, 0, 1, 2])):
            start = random.randint(7 * 12, 18 * 12) * 5
            where = tuple(random.sample(numbers, random.randint(1, 3)))
            rows.append(Row(kind=BLOCKOUT, day=day, start=start, end=start + random.randint(1, 30) * 5, chairs=where))
        for _ in range(random.randint(0, 4)):
            status = random.choice([SCHEDULED, SCHEDULED, COMPLETE, BROKEN, UNSCHEDULED, NOTE])
            visits.append(
                Visit(
                    who=random.choice(people),
                    chair=random.choice(numbers),
                    start=datetime(day.year, day.month, day.day) + timedelta(minutes=random.randint(7 * 12, 24 * 12 - 1) * 5),
                    minutes=random.randint(1, 40) * 5,
                    status=status,
                    hygienist=random.choice(["0", *people]),
                    is_hygiene=random.random() < 0.3,
                    why=random.choice([0, MISSED, CANCELLED]) if status == BROKEN else 0,
                )
            )
    return chairs, rows, visits


def reckoned(chairs: list[Chair], rows: list[Row], visits: list[Visit], unassigned: str) -> dict[tuple[str, date], set[int]]:
    """
    Sit in each operatory, minute by minute, and see who could take a patient.
    """
    works: dict[tuple[str, date, int], set[str]] = defaultdict(set)
    blocked: Minutes = defaultdict(set)
    holidays = {(row.day, row.clinic) for row in rows if row.kind == PRACTICE and row.status == HOLIDAY}
    for row in rows:
        for chair in chairs:
            minutes = range(row.start, row.end)
            if row.kind == BLOCKOUT and chair.number in row.chairs:
                blocked[chair.number, row.day].update(minutes)
            is_here = chair.number in row.chairs if row.chairs else chair.whose(unassigned) == row.who
            if row.kind == PROVIDER and row.status == 0 and is_here and not holidays & {(row.day, 0), (row.day, chair.clinic)}:
                for minute in minutes:
                    works[chair.number, row.day, minute].add(row.who)
    patients_of: Minutes = defaultdict(set)
    others_in: dict[tuple[str, date, int], set[str]] = defaultdict(set)
    for visit in visits:
        whose = visit.hygienist if visit.is_hygiene and visit.hygienist != "0" else visit.who
        for day, minute in occupied(visit):
            patients_of[whose, day].add(minute)
            others_in[visit.chair, day, minute].add(whose)
    free: Minutes = defaultdict(set)
    owners = {chair.number: chair.whose(unassigned) for chair in chairs}
    for (chair_number, day, minute), there in works.items():
        who = owners[chair_number] if owners[chair_number] in there else min(there, key=int)
        is_taken = others_in[chair_number, day, minute] - {who} or minute in blocked[chair_number, day]
        if not is_taken and minute not in patients_of[who, day]:
            free[f"{who}@{chair_number}", day].add(minute)
    return {key: kept for key, minutes in free.items() if (kept := {m for run in runs(minutes) if len(run) >= SLOT for m in run})}


def occupied(visit: Visit) -> Iterator[tuple[date, int]]:
    """
    Give each minute of a visit that is in the book and not cancelled.
    """
    if visit.status in {SCHEDULED, COMPLETE} or (visit.status == BROKEN and visit.why == MISSED):
        for n in range(visit.minutes):
            moment = visit.start + timedelta(minutes=n)
            yield moment.date(), moment.hour * 60 + moment.minute


def runs(minutes: set[int]) -> list[list[int]]:
    found: list[list[int]] = []
    for minute in sorted(minutes):
        if found and found[-1][-1] == minute - 1:
            found[-1].append(minute)
        else:
            found.append([minute])
    return found


def write(desk: OpenDentalDesk, chairs: list[Chair], rows: list[Row], visits: list[Visit]) -> None:
    for chair in chairs:
        desk.insert("provider", ProvNum=int(chair.number), FName="Ada", LName=f"Byron {chair.number}")
        desk.insert(
            "operatory",
            OperatoryNum=int(chair.number),
            OpName=f"Op {chair.number}",
            ProvDentist=int(chair.dentist or 0),
            ProvHygienist=int(chair.hygienist or 0),
            IsHygiene=int(chair.is_hygiene),
            ClinicNum=chair.clinic,
        )
    for row in rows:
        desk.add_schedule(
            row.kind,
            row.day,
            row.start,
            row.end,
            practitioner_id=row.who,
            operatories=row.chairs,
            status=row.status,
            clinic=row.clinic,
        )
    for visit in visits:
        added = desk.add_appointment(
            visit.who,
            visit.start,
            visit.minutes,
            location_id=visit.chair,
            ProvHyg=int(visit.hygienist),
            IsHygiene=int(visit.is_hygiene),
            AptStatus=visit.status,
        )
        if visit.why:
            desk.break_appointment(added, visit.why)


@pytest.mark.parametrize(
    ("people", "seed"),
    [(32, 1), pytest.param(1000, 2, marks=[pytest.mark.long, pytest.mark.timeout(600)])],
    ids=["thirty-two", "a thousand"],
)
def test_free_time_of_random_schedules(opendental: OpenDentalPractice, people: int, seed: int) -> None:
    """
    Whatever is in the appointment book, what is published is what a person in each operatory would find free.
    """
    random = Random(seed)
    desk = opendental.desk
    chairs: list[Chair] = []
    rows = [
        Row(kind=PRACTICE, day=MONDAY + timedelta(days=8), status=HOLIDAY),
        Row(kind=PRACTICE, day=MONDAY + timedelta(days=2), status=HOLIDAY, clinic=2),
        Row(kind=PRACTICE, day=MONDAY + timedelta(days=3)),  # a note for everybody
    ]
    visits: list[Visit] = []
    for first in range(1, people, SHARED_BY):
        more_chairs, more_rows, more_visits = group(first, random)
        chairs += more_chairs
        rows += more_rows
        visits += more_visits
    with desk.at_work():
        desk.set("ScheduleProvUnassigned", 2)
        desk.add_patient("7")
        write(desk, chairs, rows, visits)
    pms = opendental.pms()
    catalogue = build_catalogue(ONE_PLACE, pms.practitioners(), pms.appointment_types(), pms.locations())

    found: Minutes = defaultdict(set)
    for resource_day in free_time(catalogue, pms.diary(WINDOW), WINDOW, ZONE):
        for opening in resource_day.ranges:
            found[resource_day.resource_id, resource_day.date].update(range(opening.start, opening.end))
    pms.close()
    expected = reckoned(chairs, rows, visits, "2")

    assert len(expected) > people
    assert expected == found
