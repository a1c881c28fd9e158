"""
The desk, which takes no lock of ours, and online patients want the same times at the same moment.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, datetime, timedelta
from itertools import combinations, count
from pathlib import Path
from random import Random
from typing import NamedTuple

import pyodbc
import pytest
from practices import Practice, practice_of
from sample_rows import TUESDAY
from sample_rows import request as booking

from agent.domain.booking import Booked, BookRequest, BookResult, NotFree, Overlapped, referenced_booking
from agent.domain.errors import FrontdeskError
from agent.pms.sql.process import WorkerPms

COMMAND = (sys.executable, "-m", "agent", "pms-worker")

STAFF = 3
BURST = 6
"""Some patients come one by one, others so many together, at most."""

MINUTES, GRID = 20, 10
STARTS = range(8 * 60, 20 * 60 - MINUTES, GRID)
NEAR = 6
"""Everybody wants one of so many starts; with each booking that is tried, the first of them passes."""

STAYS = 0.03
"""How often the desk lets an appointment stand that it has put in: otherwise patients would get nothing."""

TOO_LATE = timedelta(seconds=-1)
TAKEN_BACK = "the practice booked the same time at the same moment"
EVERYTHING = {"booked", "taken", "taken back", "overlapped"}
"""What has to happen before it is over."""

LONGEST_S = 80
"""So much longer it goes on until everything has happened, and so long a booking is tried that has no answer."""

ROWS = {
    "openemr": "SELECT pc_eid, TIMESTAMP(pc_eventDate, pc_startTime), pc_duration DIV 60, pc_hometext"
    " FROM openemr_postcalendar_events"
    " WHERE pc_eventDate >= ? AND pc_eventDate < ? AND pc_pid <> '' AND pc_apptstatus <> 'x'",
    "postgresql": "SELECT id, starts_at, minutes, notes FROM appointments WHERE starts_at >= ? AND starts_at < ? AND status <> 3",
}
"""What stands in the diary from one date to before another, as the desk sees it."""

pytestmark = pytest.mark.servers


class Row(NamedTuple):
    """
    An appointment that stands; *booking_id* 0: the desk's.
    """

    id: str
    start: datetime
    minutes: int
    booking_id: int

    def shares_time(self, start: datetime, minutes: int) -> bool:
        return self.start < start + timedelta(minutes=minutes) and start < self.start + timedelta(minutes=self.minutes)


class Contest:
    """
    One practitioner's diary, and all who want something in it. Its methods are called from several threads.
    """

    def __init__(self, practice: Practice, rows: str, days: list[date], seconds: float) -> None:
        self.practice = practice
        self.requests: dict[int, BookRequest] = {}
        self.results: dict[int, BookResult] = {}
        self.happened: set[str] = set()
        self.put_over: set[tuple[str, int]] = set()  # rows of the desk with the bookings that it saw standing there
        self._rows = rows
        self._ends = time.monotonic() + seconds
        self._starts = [datetime(day.year, day.month, day.day) + timedelta(minutes=minute) for day in days for minute in STARTS]

    def goes_on(self) -> bool:
        over = time.monotonic() - self._ends
        return over < 0 or (over < LONGEST_S and not self.happened >= EVERYTHING)

    def wish(self, random: Random) -> datetime:
        return self._starts[(len(self.requests) + random.randrange(NEAR)) % len(self._starts)]

    def standing(self, link: pyodbc.Connection, first: date, end: date) -> list[Row]:
        found = link.execute(self._rows, first, end).fetchall()
        return [Row(str(number), start, int(minutes), referenced_booking(notes)) for number, start, minutes, notes in found]

    def staff(self, seed: int) -> None:
        """
        Look, type it in, look again; give up most of them.
        """
        random, desk = Random(seed), self.practice.desk
        with closing(self.practice.open_desk()) as link, desk.at_work():
            while self.goes_on():
                start = self.wish(random)
                day = start.date(), start.date() + timedelta(days=1)
                if any(row.shares_time(start, MINUTES) for row in self.standing(link, *day)):
                    continue
                try:
                    number = desk.add_appointment("1", start, MINUTES, type_id="")
                except pyodbc.IntegrityError:
                    continue  # somebody took the next number in that moment
                others = [row for row in self.standing(link, *day) if row.id != number and row.shares_time(start, MINUTES)]
                if random.random() > STAYS:
                    desk.delete_appointment(number)
                else:
                    self.put_over.update((number, row.booking_id) for row in others if row.booking_id)

    def patients(self, pms: WorkerPms, number: int, burst: int) -> None:
        """
        Book online, as the engine does; some so late that nothing may be taken back.
        """
        random, ids = Random(number), count(number * 1_000_000)
        while self.goes_on():
            wanted = [
                booking(
                    next(ids),
                    start=self.wish(random),
                    minutes=MINUTES,
                    type_id="",
                    withdraw_within=TOO_LATE if random.random() < 0.3 else timedelta(minutes=1),
                )
                for _ in range(random.randint(1, burst))
            ]
            self.requests.update((request.booking_id, request) for request in wanted)
            for booking_id, result in settled(pms, wanted):
                self.results[booking_id] = result
                self.happened.add(kind_of(result))


def worker_of(practice: Practice) -> WorkerPms:
    return WorkerPms(practice.folders, practice.carrier, practice.connection, practice.password, COMMAND)


def settled(pms: WorkerPms, requests: list[BookRequest]) -> Iterator[tuple[int, BookResult]]:
    """
    All together; where that fails one by one, each again until there is an answer.
    """
    try:
        yield from zip([request.booking_id for request in requests], pms.book_all(requests), strict=True)
    except FrontdeskError:
        for request in requests:
            limit = time.monotonic() + LONGEST_S
            while time.monotonic() < limit:
                try:
                    yield request.booking_id, pms.book(request)
                    break
                except FrontdeskError:
                    continue


def kind_of(result: BookResult) -> str:
    match result:
        case NotFree(why=why):
            return "taken back" if why == TAKEN_BACK else "taken"
        case Overlapped():
            return "overlapped"
        case Booked():
            return "booked"


@pytest.mark.parametrize("seconds", [3, pytest.param(60, marks=[pytest.mark.long, pytest.mark.timeout(400)])])
@pytest.mark.parametrize("kind", ROWS)
def test_nobody_is_booked_over(kind: str, seconds: int, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """
    Every booking has an answer, and is in the diary if it says so. None stands over another, nor over an appointment of the
    desk's, unless that is said or the desk put its own over a booking that it could see.
    """
    practice = request.getfixturevalue("openemr") if kind == "openemr" else practice_of(kind, request, tmp_path)
    days = [TUESDAY + timedelta(days=day) for day in range(2 + seconds)]
    desk = practice.desk
    with desk.at_work():
        desk.add_location()
        desk.add_practitioner("1")
        desk.add_patient("7")
        for day in days:
            desk.add_session("1", day, 8 * 60, 20 * 60)

    with closing(worker_of(practice)) as pms, ThreadPoolExecutor(STAFF + 2) as threads:
        pms.find_booked(1)  # the worker is ready, as it is in an engine at work
        contest = Contest(practice, ROWS[kind], days, seconds)
        busy = [threads.submit(contest.staff, seed) for seed in range(STAFF)]
        busy += [threads.submit(contest.patients, pms, number, burst) for number, burst in ((1, 1), (2, BURST))]
    for done in busy:
        done.result()

    with closing(practice.open_desk()) as link:
        rows = contest.standing(link, days[0], days[-1] + timedelta(days=1))
    results = contest.results
    assert results.keys() == contest.requests.keys(), "unresolved"
    ours = [row.booking_id for row in rows if row.booking_id]
    assert sorted(ours) == sorted(number for number, result in results.items() if not isinstance(result, NotFree))
    assert all(contest.requests[n].withdraw_within == TOO_LATE for n, r in results.items() if isinstance(r, Overlapped))
    for one, other in combinations(sorted(rows, key=lambda row: row.start), 2):
        if other.start >= one.start + timedelta(minutes=one.minutes):
            continue
        assert not (one.booking_id and other.booking_id), "two of ours"
        mine, theirs = (one, other) if one.booking_id else (other, one)
        if mine.booking_id:
            said = isinstance(results[mine.booking_id], Overlapped)
            assert said or (theirs.id, mine.booking_id) in contest.put_over, "over one of the desk's"
    assert contest.happened == EVERYTHING
