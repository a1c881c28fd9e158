"""
A whole practice on a real server, OpenEMR on MariaDB: read, looked at, searched, and booked into, against the bare queries.

The bare queries are those that the agent itself asks, overheard once and asked again over one connection: no worker, no checks.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import pyodbc

from agent.app.adapters import worker_command
from agent.domain.booking import Booked, BookRequest
from agent.domain.days import DateRange
from agent.domain.patients import PatientDetails
from agent.domain.publishing import chunks
from agent.pms.sql.carriers import Carrier, Table
from agent.pms.sql.carriers.registry import connector
from agent.pms.sql.pms import SqlPms
from agent.pms.sql.process import WorkerPms
from agent.pms.sql.statements import Parameters, Statement
from agent.ports.pms import Pms
from benchmarks.bare import timed
from benchmarks.process import ROOT
from benchmarks.report import Comparison, Figure, compare
from benchmarks.rig import local_now

if TYPE_CHECKING:
    from openemr_practice import OpenEmrDesk, OpenEmrPractice

PRACTITIONERS, DAYS, APPOINTMENTS, PATIENTS = 40, 90, 60_000, 50_000
SIZE = f"{PRACTITIONERS} practitioners, {DAYS} days, {APPOINTMENTS} appointments, {PATIENTS} patients"
CASE = "OpenEMR on MariaDB"
LIMIT = 1.5
LOOK_UPS, LOOK_UP_LIMIT = 100, 2.0
"""A look-up by indexes takes so little that the way to another process counts."""

WORKING_DAYS, WEEKDAYS = 65, 5
SLOT, SLOTS = 15, 32
"""From eight to five with an hour for lunch; 23 or 24 of them are taken."""

SOMEBODY = PatientDetails(
    first_name="First7", last_name="Last7", date_of_birth=date(1950, 1, 8), phone="0400000007", email="7@example.com"
)

FILL_PATIENTS = f"""
INSERT INTO patient_data (pid, pubpid, fname, lname, DOB, sex, phone_cell, email)
SELECT
    seq, seq, CONCAT('First', seq), CONCAT('Last', seq), '1950-01-01' + INTERVAL seq % 20000 DAY, 'Female',
    CONCAT('04', LPAD(seq, 8, '0')), CONCAT(seq, '@example.com')
FROM seq_1_to_{PATIENTS}
"""  # noqa: S608 - numbers of this module

_MINUTE = f"480 + a.slot * {SLOT} + a.slot DIV 16 * 60"

FILL_APPOINTMENTS = f"""
INSERT INTO openemr_postcalendar_events (
    pc_catid, pc_multiple, pc_aid, pc_pid, pc_title, pc_time, pc_hometext, pc_informant, pc_eventDate, pc_duration, pc_startTime,
    pc_endTime, pc_apptstatus, pc_eventstatus, pc_sharing, pc_facility
)
SELECT
    ?, 0, a.who, 1 + a.seq * 7919 % {PATIENTS}, 'Office Visit', NOW(),
    IF(a.seq % 10 = 0, CONCAT('Booked online. HE:', a.seq + 1, ';'), 'Review'), '1',
    CAST(? AS DATE) + INTERVAL a.day DIV {WEEKDAYS} * 7 + a.day % {WEEKDAYS} DAY, {SLOT} * 60,
    SEC_TO_TIME(({_MINUTE}) * 60), SEC_TO_TIME(({_MINUTE} + {SLOT}) * 60),
    '-', 1, 1, 1
FROM (
    SELECT
        seq, 1 + seq % {PRACTITIONERS} AS who, seq DIV {PRACTITIONERS} % {WORKING_DAYS} AS day,
        (seq DIV {PRACTITIONERS * WORKING_DAYS} * 5 + seq % {PRACTITIONERS}) % {SLOTS} AS slot
    FROM seq_0_to_{APPOINTMENTS - 1}
) a
"""  # noqa: S608 - numbers of this module


class Asked(NamedTuple):
    """
    A statement that was run, and from which file and line.
    """

    place: str
    sql: str
    values: Sequence[object]


def run(*, runs: int) -> list[Figure]:
    """
    Measure a full read, the markers, look-ups of a patient and one booking.
    """
    first = local_now().date()
    first += timedelta(days=-first.weekday() % 7)  # a Monday
    window = DateRange.of_days(first, DAYS)
    with _practice(first) as (practice, text), closing(_workers(practice)) as pms, closing(_bare(text)) as link:

        def read(pms: Pms) -> int:
            # As the engine does it: a month at a time.
            return sum(len(pms.diary(part).appointments) for part in chunks(list(window)))

        def markers(pms: Pms) -> object:
            return pms.markers(window)

        def look_up(pms: Pms) -> list[str]:
            return [found.id for found in pms.find_patients([SOMEBODY])[0]]

        def look_ups(pms: Pms) -> None:
            for _ in range(LOOK_UPS):
                look_up(pms)

        def against(what: str, ours: Callable[[Pms], object], asked: Sequence[Asked], limit: float | None = LIMIT) -> Figure:
            found = compare(lambda: timed(lambda: ours(pms)), lambda: timed(lambda: _ask(link, asked)), runs=runs)
            return _figure(found, what, asked, limit)

        assert read(pms) == APPOINTMENTS
        assert "7" in look_up(pms)
        whole = _overheard(practice, read)
        rows = [asked for asked in whole if "markers.sql" not in asked.place]
        return [
            against("full read, against the same queries", read, whole),
            against("full read, against fetching the rows without any markers", read, rows, limit=None),
            against("markers, against the same queries", markers, _overheard(practice, markers)),
            against(
                f"{LOOK_UPS} look-ups of a patient, against the same queries",
                look_ups,
                _overheard(practice, look_ups),
                LOOK_UP_LIMIT,
            ),
            _booking(practice, link, first, runs=runs),
        ]


def _figure(found: Comparison, what: str, asked: Sequence[Asked], limit: float | None = LIMIT) -> Figure:
    return found.figure(CASE, what, limit=limit, detail=f"{len(asked)} statements; {SIZE}")


def _booking(practice: OpenEmrPractice, link: pyodbc.Connection, first: date, *, runs: int) -> Figure:
    wishes = _free_times(first)

    def book(pms: Pms) -> None:
        result = pms.book(next(wishes))
        assert isinstance(result, Booked), result

    def ours() -> float:
        # A worker that has only just connected: nothing is remembered of the bookings before, as in an hour without any.
        with closing(_workers(practice)) as fresh:
            fresh.find_patients([SOMEBODY])
            return timed(lambda: book(fresh))

    asked = _overheard(practice, book)
    found = compare(ours, lambda: timed(lambda: _ask(link, asked)), runs=runs)
    return _figure(found, "one booking and all that is looked at for it, against the same statements", asked)


def _free_times(first: date) -> Iterator[BookRequest]:
    # The last slot of the rows above is given to nobody.
    for number in count():
        who, day = number % PRACTITIONERS, number // PRACTITIONERS % WORKING_DAYS
        slot = ((SLOTS - 1) * 5 + who) % SLOTS
        start = datetime(first.year, first.month, first.day) + timedelta(
            days=day // WEEKDAYS * 7 + day % WEEKDAYS, minutes=480 + slot * SLOT + slot // 16 * 60
        )
        yield BookRequest(
            booking_id=1_000_000 + number,
            practitioner_id=str(who + 1),
            location_id="1",
            start=start,
            minutes=SLOT,
            type_id="",
            patient_id="7",
            patient=SOMEBODY,
            note="",
            is_new_patient=False,
            withdraw_within=timedelta(seconds=15),
        )


@contextmanager
def _practice(first: date) -> Iterator[tuple[OpenEmrPractice, str]]:
    # The practice, and the connection text of the agent's login in it.
    sys.path += [str(ROOT / "tests"), str(ROOT / "tests" / "pms")]
    from database_servers import MariaDb  # noqa: PLC0415 - after the path
    from openemr_practice import as_openemr, create_openemr, openemr_practice  # noqa: PLC0415

    with MariaDb.running() as server:
        create_openemr(server)
        practice = openemr_practice(server)
        _fill(practice.desk, first)
        yield practice, as_openemr(server)


def _fill(desk: OpenEmrDesk, first: date) -> None:
    from openemr_practice import rule  # noqa: PLC0415 - after the path

    workdays = rule(event_repeat_freq="2,3,4,5,6", event_repeat_freq_type=6)
    far = first + timedelta(days=3650)
    with desk.at_work():
        desk.add_location()
        for number in range(1, PRACTITIONERS + 1):
            who = str(number)
            desk.add_practitioner(who, first_name=f"Number{who}")
            for category, hour, minutes in (("in_office", 8, 0), ("lunch", 12, 60), ("out_of_office", 17, 0)):
                desk.add_event(category, first, hour * 60, minutes, practitioner_id=who, repeats=3, spec=workdays, until=far)
        desk.run(FILL_PATIENTS)
        desk.run(FILL_APPOINTMENTS, desk.category("office_visit"), first)
        desk.run("ANALYZE TABLE patient_data, openemr_postcalendar_events")


def _workers(practice: OpenEmrPractice) -> WorkerPms:
    pms = WorkerPms(practice.folders, practice.carrier, practice.connection, practice.password, worker_command())
    pms.start()
    return pms


def _bare(text: str) -> pyodbc.Connection:
    link = pyodbc.connect(text, autocommit=True)
    link.setencoding(encoding="utf-8", ctype=pyodbc.SQL_CHAR)  # as the agent does with this driver
    return link


def _ask(link: pyodbc.Connection, asked: Sequence[Asked]) -> None:
    for _, sql, values in asked:
        with closing(link.execute(sql, *values)) as cursor:
            if cursor.description:
                cursor.fetchall()


def _overheard(practice: OpenEmrPractice, work: Callable[[Pms], object]) -> list[Asked]:
    heard: list[Asked] = []
    profile = practice.profile
    real = connector(profile, practice.carrier, practice.connection, practice.password)
    with closing(SqlPms(profile, lambda access: _Overheard(real(access), heard, profile.dialect.begin))) as pms:
        work(pms)
    return heard


class _Overheard:
    # A connection, and what is asked over it.

    def __init__(self, carrier: Carrier, heard: list[Asked], begin: str) -> None:
        self._carrier = carrier
        self._heard = heard
        self._begin = begin

    @property
    def is_broken(self) -> bool:
        return self._carrier.is_broken

    def query(self, statement: Statement, parameters: Parameters) -> Table:
        self._heard.append(Asked(statement.place, *statement.bind(parameters)))
        return self._carrier.query(statement, parameters)

    def execute(self, statement: Statement, parameters: Parameters) -> int:
        self._heard.append(Asked(statement.place, *statement.bind(parameters)))
        return self._carrier.execute(statement, parameters)

    def begin(self) -> None:
        self._heard.append(Asked("", self._begin, ()))
        self._carrier.begin()

    def commit(self) -> None:
        self._heard.append(Asked("", "COMMIT", ()))
        self._carrier.commit()

    def rollback(self) -> None:
        self._carrier.rollback()  # nothing was left to undo, else the measurement is another

    def close(self) -> None:
        self._carrier.close()
