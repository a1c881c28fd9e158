"""
Best Practice's profile over a real SQL Server driver, against a stand-in: reading, booking by procedures that commit by
themselves, and what goes wrong on the way.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pyodbc
import pytest
from best_practice_server import CANCELLED, LIVE, BestPractice
from sample_rows import NEW_PATIENT, TEN, TUESDAY
from sample_rows import request as booking
from tds_server import ServerError, SqlServer, sql_server

from agent.domain.booking import Booked, BookRequest, CancelResult, NotFree, NotThere, Overlapped
from agent.domain.days import DateRange
from agent.domain.diary import AppointmentState
from agent.domain.errors import FrontdeskError, Misconfigured, OutcomeUnknown, Transient
from agent.domain.identity import OTHER_ENGINE
from agent.domain.masked import Secret
from agent.pms.sql.carriers.registry import connector
from agent.pms.sql.lane import Limits
from agent.pms.sql.pms import SqlPms
from agent.pms.sql.process import WorkerPms
from agent.pms.sql.profile import builtin_profiles, load_profile
from agent.pms.sql.proving import Proof
from agent.ports.pms import MAY_NOT_WRITE
from agent.sandbox.installation import wait_until

PROFILE = load_profile(builtin_profiles()["best_practice"])
PASSWORD = "ge;heimé"
NINE, FIVE = 9 * 3600, 17 * 3600
ADD, CANCEL, UNMARK, PATIENT = "BP_AddAppointmentEx", "BP_CancelAppointment", "BP_UpdateAppointment", "BP_AddPatient"
CHILD = "import sys; from agent.pms.sql.worker import main; sys.exit(main(sys.stdin.buffer, sys.stdout.buffer))"

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif("FreeTDS" not in pyodbc.drivers(), reason="the ODBC driver {FreeTDS} (tdsodbc) is not installed"),
]


@pytest.fixture
def desk() -> BestPractice:
    """
    A doctor who works on Tuesdays, padded texts as the product has them.
    """
    desk = BestPractice()
    desk.insert("LOCATIONS", LOCATIONID=1, LOCATIONNAME="Main Street   ", RECORDSTATUS=LIVE)
    desk.insert("TITLES", TITLECODE=1, TITLE="Dr   ")
    desk.insert(
        "USERS", USERID=1, SURNAME="Example  ", FIRSTNAME="Ada   ", TITLECODE=1, LOCATIONID=1, USERSTATUS=1, APPOINTMENTS=1
    )
    for number, name in ((2, "Long"), (1, "Standard")):
        desk.insert(
            "APPOINTMENTTYPES",
            APPOINTMENTCODE=number,
            DESCRIPTION=name,
            APPOINTMENTLENGTH=900 * number,
            LISTORDER=number,
            RECORDSTATUS=LIVE,
        )
    desk.insert(
        "SESSIONS",
        SESSIONID=1,
        USERID=1,
        LOCATIONID=1,
        DAYOFWEEK=3,
        STARTTIME=NINE,
        ENDTIME=FIVE,
        LENGTH=900,
        WEEKS=1,
        RECORDSTATUS=LIVE,
    )
    desk.insert(
        "PATIENTS",
        INTERNALID=7,
        SURNAME="Lee   ",
        FIRSTNAME="Ann  ",
        DOB=date(1980, 2, 3),
        MOBILEPHONE="0400 111 222",
        PATIENTSTATUS=1,
        RECORDSTATUS=LIVE,
    )
    return desk


@pytest.fixture
def server(desk: BestPractice) -> Iterator[SqlServer]:
    with sql_server(desk.answer, database="BPSPatients", login=("frontdesk", PASSWORD)) as server:
        yield server


def opened(server: SqlServer, connection: str = "", password: str = PASSWORD, *, is_engine: bool = False) -> SqlPms:
    connect = connector(PROFILE, "odbc", connection or server.connection, Secret(password))
    return SqlPms(PROFILE, connect, is_engine=is_engine)


@pytest.fixture
def pms(server: SqlServer) -> Iterator[SqlPms]:
    pms = opened(server)
    yield pms
    pms.close()


def live(desk: BestPractice) -> int:
    return len(desk.rows(f"SELECT 1 FROM dbo.APPOINTMENTS WHERE RECORDSTATUS = {LIVE}"))  # noqa: S608 - a number of ours


def test_reading(pms: SqlPms, desk: BestPractice) -> None:
    """
    Texts without their padding, sessions by weekday, extra sessions, leave, and appointments in each state.
    """
    desk.insert(
        "EXTRASESSIONS",
        SESSIONID=2,
        USERID=1,
        LOCATIONID=1,
        SESSIONDATE=date(2026, 12, 3),
        STARTTIME=NINE,
        ENDTIME=NINE + 3600,
        LENGTH=900,
        RECORDSTATUS=LIVE,
    )
    desk.insert("DAYSAWAY", USERID=1, STARTDATE=date(2026, 12, 8), FINISHDATE=date(2026, 12, 9), RECORDSTATUS=LIVE)
    for hour, columns in enumerate(({}, {"ARRIVALTIME": 36000}, {"APPOINTMENTCODE": 10}, {"RECORDSTATUS": CANCELLED}), 9):
        desk.add_appointment(TEN.replace(hour=hour), **columns)
    diary = pms.diary(DateRange.of_days(TUESDAY, 14))
    (person,) = pms.practitioners()
    (patient,) = pms.patients(["7"])

    assert [] == [line for line in pms.check() if not line.ok]
    assert ("Dr", "Ada", "Example", "1") == (person.title, person.first_name, person.last_name, person.location_id)
    assert ("Ann", "Lee", date(1980, 2, 3)) == (patient.first_name, patient.last_name, patient.date_of_birth)
    assert [(TUESDAY, 540, 1020), (date(2026, 12, 3), 540, 600)] == [(s.date, s.start, s.end) for s in diary.sessions]
    assert ["booked", "arrived", "did_not_attend"] == [a.state.value for a in diary.appointments]
    assert AppointmentState.CANCELLED is pms.states(["104"])["104"].state
    assert {"7"} == {found.id for found in pms.find_patients([replace(NEW_PATIENT, phone="+61 400 111 222")])[0]}


def test_booking_and_cancelling(pms: SqlPms, desk: BestPractice) -> None:
    """
    By procedures, for the given patient and for a new one, with a type and without; found again, and cancelled.
    """
    known = pms.book(booking())
    new = pms.book(booking(502, patient_id="", type_id="", start=TEN.replace(hour=11)))
    again = pms.book(booking())
    taken = pms.book(booking(503))

    assert isinstance(known, Booked)
    assert isinstance(new, Booked)
    assert isinstance(again, Booked)
    assert isinstance(taken, NotFree)
    assert (known.appointment_ids, "7") == (again.appointment_ids, known.patient_id)
    rows = desk.rows("SELECT APPOINTMENTTIME, APPOINTMENTLENGTH, APPOINTMENTTYPE, REASON FROM dbo.APPOINTMENTS")
    assert [(36000, 900, 1), (39600, 900, 1)] == [row[:3] for row in rows]
    assert all(str(row[3]).endswith(f"HE:{number};") for row, number in zip(rows, (501, 502), strict=True))
    assert [("O’Brien-王",)] == desk.rows(f"SELECT SURNAME FROM dbo.PATIENTS WHERE INTERNALID = {new.patient_id}")  # noqa: S608

    def cancelled(start: datetime) -> CancelResult:
        return pms.cancel(known.appointment_ids[0], patient_id="7", start=start, after=TEN - timedelta(days=1))

    assert CancelResult.CHANGED is cancelled(TEN + timedelta(minutes=15))
    assert [CancelResult.CANCELLED, CancelResult.ALREADY] == [cancelled(TEN), cancelled(TEN)]
    assert 1 == live(desk)


def test_nobody_holds_a_transaction_over_procedures(pms: SqlPms, server: SqlServer) -> None:
    """
    They commit by themselves: one of ours around them would hold the front desk up and could not take them back.
    """
    pms.book(booking())

    assert [] == [sql for sql in server.statements if "TRAN" in sql]
    locked, freed = (
        next(n for n, sql in enumerate(server.statements) if name in sql) for name in ("getapplock", "releaseapplock")
    )
    assert [True] == [locked < number < freed for number, sql in enumerate(server.statements) if ADD in sql]


@pytest.mark.parametrize("lost", [ADD, "a.REASON LIKE @P1"], ids=["of the procedure", "of the question for it"])
def test_the_answer_to_a_booking_is_lost(pms: SqlPms, server: SqlServer, desk: BestPractice, lost: str) -> None:
    """
    It may be there: asked again, it is found and not put in again.
    """
    server.meanwhile[ADD] = lambda: server.lose.add(lost)
    with pytest.raises(OutcomeUnknown):
        pms.book(booking())
    found = pms.find_booked(501)

    assert isinstance(found, Booked)
    assert found == pms.book(booking())
    assert 1 == live(desk)


def test_the_answer_to_a_new_patient_is_lost(pms: SqlPms, server: SqlServer, desk: BestPractice) -> None:
    """
    The record is found by matching, and no second one is made.
    """
    server.lose.add(PATIENT)
    with pytest.raises(OutcomeUnknown):
        pms.book(booking(patient_id=""))
    (candidates,) = pms.find_patients([NEW_PATIENT])

    assert isinstance(pms.book(booking(patient_id=candidates[0].id)), Booked)
    assert 2 == len(desk.rows("SELECT 1 FROM dbo.PATIENTS"))


def test_a_procedure_that_fails(pms: SqlPms, server: SqlServer, desk: BestPractice) -> None:
    """
    It may have done half of its work: the practice's system is asked before anything else happens, and the words are dropped.
    """
    server.refuse[ADD] = ServerError(50000, "Ann Lee has no Medicare card")
    with pytest.raises(OutcomeUnknown) as caught:
        pms.book(booking())

    assert "Ann Lee" not in f"{caught.value!r} {caught.value.message}"
    assert NotThere() == pms.find_booked(501)
    assert isinstance(pms.book(booking()), Booked)
    assert 1 == live(desk)


def test_a_patient_who_is_deleted_meanwhile(pms: SqlPms, server: SqlServer, desk: BestPractice) -> None:
    """
    The procedure then answers with nothing and says no word.
    """
    server.meanwhile[ADD] = lambda: desk.run("UPDATE dbo.PATIENTS SET RECORDSTATUS = 2")

    assert isinstance(pms.book(booking()), NotFree)
    assert 0 == live(desk)


def test_the_desk_is_as_fast(pms: SqlPms, server: SqlServer, desk: BestPractice) -> None:
    """
    The procedure asks nobody whether the time is free: ours is cancelled again and loses its mark.
    """
    server.meanwhile[ADD] = lambda: desk.add_appointment(TEN + timedelta(minutes=5))

    assert isinstance(pms.book(booking()), NotFree)
    assert NotThere() == pms.find_booked(501)
    assert [(CANCELLED, "Withdrawn: the time was taken")] == desk.rows(
        f"SELECT RECORDSTATUS, REASON FROM dbo.APPOINTMENTS WHERE RECORDSTATUS <> {LIVE}"  # noqa: S608 - a number of ours
    )
    assert 1 == live(desk)


@pytest.mark.parametrize("how", ["too late", "the desk has moved it on"])
def test_ours_stays(pms: SqlPms, server: SqlServer, desk: BestPractice, how: str) -> None:
    """
    Both stay, and a person decides.
    """
    wanted: BookRequest = booking(withdraw_within=timedelta(0 if how == "too late" else 60))
    server.meanwhile[ADD] = lambda: desk.add_appointment(TEN)
    if how != "too late":
        server.meanwhile["MAX(a.APPOINTMENTTYPE)"] = lambda: desk.run("UPDATE dbo.APPOINTMENTS SET APPOINTMENTCODE = 2")

    assert isinstance(pms.book(wanted), Overlapped)
    assert isinstance(pms.find_booked(501), Booked)
    assert 2 == live(desk)


@pytest.mark.parametrize("call", [CANCEL, UNMARK])
def test_the_answer_to_a_withdrawal_is_lost(pms: SqlPms, server: SqlServer, desk: BestPractice, call: str) -> None:
    """
    Whatever was lost, ours is off the book, and found by its mark as long as that is not sure.
    """
    server.meanwhile[ADD] = lambda: desk.add_appointment(TEN)
    server.lose.add(call)
    with pytest.raises(OutcomeUnknown):
        pms.book(booking())

    assert 1 == live(desk)
    assert (call == CANCEL) == isinstance(pms.find_booked(501), Booked)


def test_no_right_to_the_procedures(pms: SqlPms, desk: BestPractice) -> None:
    """
    `check` says so with both ways out, and a booking is left to reception.
    """
    desk.may_run = False
    (wrong,) = [line for line in pms.check() if not line.ok]
    with pytest.raises(Misconfigured) as caught:
        pms.book(booking())

    assert ("may_write", "may_write.sql") == (wrong.operation, wrong.place)
    assert "read_only = true" in wrong.remedy
    assert caught.value.code in MAY_NOT_WRITE
    assert 0 == live(desk)


def test_a_lock_that_somebody_has(server: SqlServer, desk: BestPractice) -> None:
    """
    A booking waits for another time, and a second engine writes nothing.
    """
    desk.is_locked = True
    pms, second = opened(server), opened(server, is_engine=True)
    with pytest.raises(Transient, match="pms-busy"):
        pms.book(booking())
    with pytest.raises(Transient, match=OTHER_ENGINE):
        second.book(booking())
    pms.close()
    second.close()

    assert 0 == live(desk)


@pytest.mark.parametrize(
    ("change", "operations", "says"),
    [
        ("ALTER TABLE dbo.SESSIONS DROP COLUMN CYCLEDATE", {"sessions", "markers"}, "no column CYCLEDATE"),
        ("ALTER TABLE dbo.PATIENTS RENAME COLUMN SURNAME TO LASTNAME", {"patients", "find_patients"}, "no column SURNAME"),
        ("DROP TABLE dbo.EXTRASESSIONS", {"sessions", "markers"}, "no table EXTRASESSIONS"),
    ],
    ids=["older version", "renamed column", "a table that is not there"],
)
def test_what_is_missing_is_named(pms: SqlPms, desk: BestPractice, change: str, operations: set[str], says: str) -> None:
    """
    `check` names the operations that cannot work, what they lack, and what to do.
    """
    desk.run(change)
    wrong = {line.operation: line for line in pms.check() if not line.ok}

    assert operations == wrong.keys()
    assert all(says in line.message and f"{name}.sql" == line.place for name, line in wrong.items())
    assert all("version of the practice's system" in line.remedy for line in wrong.values())


def test_a_right_that_is_missing(pms: SqlPms, server: SqlServer) -> None:
    """
    The table is named, and the remedy is the right.
    """
    text = "The SELECT permission was denied on the object 'DAYSAWAY', database 'BPSPatients', schema 'dbo'."
    server.refuse["FROM dbo.LOCATIONS"] = ServerError(229, text.replace("DAYSAWAY", "LOCATIONS"), 14)
    (wrong,) = [line for line in pms.check() if not line.ok]

    assert "locations" == wrong.operation
    assert "no right to" in wrong.message
    assert "table LOCATIONS" in wrong.message
    assert "rights" in wrong.remedy


def test_logging_in(server: SqlServer) -> None:
    """
    A refused login asks for a person, a port where nobody is does not. FreeTDS tells of no more than the login where the database
    is another.
    """
    elsewhere = server.connection.replace("=BPSPatients", "=BPSSamples")
    nowhere = server.connection.replace(f"Port={server.port};", "Port=1;")
    for text, password, code in (
        ("", "another", "pms-login"),
        (elsewhere, PASSWORD, "pms-login"),
        (nowhere, PASSWORD, "pms-connect"),
    ):
        pms = opened(server, text, password)
        with pytest.raises(FrontdeskError, match=code) as caught:
            pms.check()
        pms.close()

        assert caught.value.remedy
        assert password not in f"{caught.value!r} {caught.value.message}"


def test_profiles_test(server: SqlServer, desk: BestPractice) -> None:
    """
    The contract suite runs over the driver. Procedures cannot be taken back: it does not try them, and says so.
    """
    for hour in range(9, 12):
        desk.add_appointment(TEN.replace(hour=hour))
    connect = connector(PROFILE, "odbc", server.connection, Secret(PASSWORD))
    proof = Proof(PROFILE, connect, DateRange.of_days(TUESDAY, 14), TEN.astimezone)

    assert [] == [line for line in proof.reading() if not line.ok]
    assert ["book"] == [line.operation for line in proof.writing() if not line.ok]
    assert 3 == live(desk)


def test_a_server_that_hangs(server: SqlServer, desk: BestPractice) -> None:
    """
    Its worker is killed and the booking is unknown; reading goes on meanwhile.
    """
    short = Limits(silence_s=1.5, total_s=1.5)
    command = (sys.executable, "-c", CHILD)
    pms = WorkerPms(PROFILE.folders, "odbc", server.connection, password=Secret(PASSWORD), worker_command=command, booking=short)
    pms.start()
    wait_until(lambda: {"ready"} == {worker.state for worker in pms.workers}, 30, "its workers have started")
    server.hang.add(ADD)
    with pytest.raises(OutcomeUnknown, match="pms-hung"):
        pms.book(booking())

    assert 1 == len(pms.locations())
    assert 0 == live(desk)
    pms.close()
