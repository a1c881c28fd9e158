"""
Random rosters in Best Practice's tables: free time against a slow reckoning, day by day and minute by minute.

The tables and the T-SQL are those of a stand-in; what the product itself makes of such rosters is for a pilot to see.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pyodbc
import pytest
from best_practice_server import CANCELLED, LIVE, BestPractice
from tds_server import sql_server

from agent.domain.availability import free_time
from agent.domain.days import DateRange
from agent.domain.masked import Secret
from agent.domain.practice import LiveHours, Practice
from agent.domain.resources import build_catalogue
from agent.pms.sql.carriers.registry import connector
from agent.pms.sql.pms import SqlPms
from agent.pms.sql.profile import builtin_profiles, load_profile

MONDAY = date(2026, 11, 30)
WINDOW = DateRange.of_days(MONDAY, 14)
SLOT = 15
PLACES = (1, 2)
ZONE = ZoneInfo("Australia/Perth")
PRACTICE = Practice(id="1001", name="Sample", locations=(), zone=ZONE, live_hours=LiveHours(days=((),) * 7))

Free = dict[tuple[str, date], set[int]]
"""Free minutes of a resource's day."""

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif("FreeTDS" not in pyodbc.drivers(), reason="the ODBC driver {FreeTDS} (tdsodbc) is not installed"),
]


@dataclass(frozen=True, kw_only=True)
class Session:
    """
    Working time on a day of the week (1 is Sunday, 0 Monday to Friday), every week or in one week of several.
    """

    weekday: int
    place: int
    start: int
    end: int
    first: date | None = None
    last: date | None = None
    weeks: int = 1
    week: int = 1
    cycle: date | None = None

    def is_on(self, day: date) -> bool:
        if (self.first and day < self.first) or (self.last and day > self.last) or not is_weekday(self.weekday, day):
            return False
        return self.weeks == 1 or self.cycle is None or (day - self.cycle).days // 7 % self.weeks == self.week - 1


@dataclass(kw_only=True)
class Person:
    """
    One doctor's rows.
    """

    sessions: list[Session] = field(default_factory=list)
    extra: list[tuple[date, int, int, int]] = field(default_factory=list)  # date, place, start, end
    away: list[tuple[date, date]] = field(default_factory=list)
    reserved: list[tuple[int, int]] = field(default_factory=list)  # day of the week, start
    taken: list[tuple[date, int, int]] = field(default_factory=list)  # date, start, minutes
    cancelled: list[tuple[date, int, int]] = field(default_factory=list)

    def free(self, day: date, place: int) -> set[int]:
        if any(first <= day <= last for first, last in self.away):
            return set()
        spans = [(s.start, s.end) for s in self.sessions if s.place == place and s.is_on(day)]
        spans += [(start, end) for when, where, start, end in self.extra if (when, where) == (day, place)]
        lost = [(start, start + SLOT) for weekday, start in self.reserved if is_weekday(weekday, day)]
        lost += [(start, start + minutes) for when, start, minutes in self.taken if when == day]
        return minutes_of(spans) - minutes_of(lost)


def minutes_of(spans: list[tuple[int, int]]) -> set[int]:
    return {minute for start, end in spans for minute in range(start, end)}


def is_weekday(number: int, day: date) -> bool:
    return day.isoweekday() % 7 + 1 == number or (number == 0 and day.isoweekday() < 6)


def invented(random: Random) -> Person:
    def span() -> tuple[int, int]:
        start = random.randrange(7 * 60, 18 * 60, SLOT)
        return start, random.randrange(start + SLOT, start + 6 * 60, SLOT)

    def day() -> date:
        return MONDAY + timedelta(days=random.randrange(14))

    person = Person()
    for _ in range(random.randrange(1, 6)):
        start, end = span()
        weeks = random.choice((1, 1, 2, 3))
        person.sessions.append(
            Session(
                weekday=random.randrange(8),
                place=random.choice(PLACES),
                start=start,
                end=end,
                first=random.choice((None, None, day())),
                last=random.choice((None, None, day())),
                weeks=weeks,
                week=random.randrange(1, weeks + 1),
                cycle=random.choice((None, MONDAY - timedelta(days=random.randrange(60)))),
            )
        )
    person.extra = [(day(), random.choice(PLACES), *span()) for _ in range(random.randrange(2))]
    person.away = [(first, first + timedelta(days=random.randrange(3))) for first in [day()][: random.randrange(2)]]
    person.reserved = [(random.randrange(8), random.randrange(7 * 60, 18 * 60, SLOT)) for _ in range(random.randrange(3))]
    person.taken = [(day(), random.randrange(7 * 60, 18 * 60, SLOT), SLOT * random.randrange(1, 4)) for _ in range(6)]
    person.cancelled = [(day(), random.randrange(7 * 60, 18 * 60, SLOT), SLOT) for _ in range(2)]
    return person


def write(desk: BestPractice, who: int, person: Person) -> None:
    desk.insert("USERS", USERID=who, SURNAME=f"Doctor {who}", FIRSTNAME="Ada", LOCATIONID=1, USERSTATUS=1, APPOINTMENTS=1)
    desk.insert("PROVIDER_LOCATION", USERID=who, LOCATIONID=2)
    for number, session in enumerate(person.sessions):
        desk.insert(
            "SESSIONS",
            SESSIONID=who * 100 + number,
            USERID=who,
            LOCATIONID=session.place,
            DAYOFWEEK=session.weekday,
            STARTTIME=session.start * 60,
            ENDTIME=session.end * 60,
            LENGTH=SLOT * 60,
            STARTDATE=session.first,
            ENDDATE=session.last,
            WEEKS=session.weeks,
            CYCLEWEEK=session.week,
            CYCLEDATE=session.cycle,
            RECORDSTATUS=LIVE,
        )
    for day, place, start, end in person.extra:
        desk.insert(
            "EXTRASESSIONS",
            SESSIONID=who,
            USERID=who,
            LOCATIONID=place,
            SESSIONDATE=day,
            STARTTIME=start * 60,
            ENDTIME=end * 60,
            LENGTH=SLOT * 60,
            RECORDSTATUS=LIVE,
        )
    for first, last in person.away:
        desk.insert("DAYSAWAY", USERID=who, STARTDATE=first, FINISHDATE=last, RECORDSTATUS=LIVE)
    for weekday, start in person.reserved:
        desk.insert("RESERVEDAPPOINTMENTS", USERID=who, DAYOFWEEK=weekday, APPOINTMENTTIME=start * 60)
    for rows, status in ((person.taken, LIVE), (person.cancelled, CANCELLED)):
        for day, start, minutes in rows:
            moment = datetime.combine(day, time()) + timedelta(minutes=start)
            desk.add_appointment(moment, user_id=who, minutes=minutes, RECORDSTATUS=status)


def reckoned(people: dict[int, Person]) -> Free:
    free: Free = defaultdict(set)
    for who, person in people.items():
        for day in WINDOW:
            for place in PLACES:
                if minutes := person.free(day, place):
                    free[f"{who}@{place}", day] = minutes
    return free


@pytest.mark.parametrize(
    ("count", "seed"),
    [(20, 1), pytest.param(1000, 2, marks=[pytest.mark.long, pytest.mark.timeout(900)])],
    ids=["twenty", "a thousand"],
)
def test_free_time_of_random_rosters(count: int, seed: int) -> None:
    """
    Whatever is in the book, what is published is what a person with a ruler would find free.
    """
    random = Random(seed)
    desk = BestPractice()
    desk.insert("APPOINTMENTTYPES", APPOINTMENTCODE=1, DESCRIPTION="Standard", APPOINTMENTLENGTH=900, RECORDSTATUS=LIVE)
    for place in PLACES:
        desk.insert("LOCATIONS", LOCATIONID=place, LOCATIONNAME=f"Place {place}", RECORDSTATUS=LIVE)
    people = {who: invented(random) for who in range(1, count + 1)}
    for who, person in people.items():
        write(desk, who, person)
    profile = load_profile(builtin_profiles()["best_practice"]).read_only()

    found: Free = defaultdict(set)
    with sql_server(desk.answer, database="BPSPatients", login=("frontdesk", "password")) as server:
        pms = SqlPms(profile, connector(profile, "odbc", server.connection, Secret("password")))
        catalogue = build_catalogue(PRACTICE, pms.practitioners(), pms.appointment_types(), pms.locations())
        for resource_day in free_time(catalogue, pms.diary(WINDOW), WINDOW, ZONE):
            for opening in resource_day.ranges:
                found[resource_day.resource_id, resource_day.date].update(range(opening.start, opening.end))
        pms.close()
    expected = reckoned(people)

    assert len(expected) > count
    assert expected == found
