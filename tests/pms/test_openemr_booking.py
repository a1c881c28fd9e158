"""
Writing into OpenEMR: the row as its own program would leave it, the desk at the same moment, and what the login may not do.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pyodbc
import pytest
from database_servers import Server
from meddling import meddled, once
from openemr_practice import OpenEmrDesk, OpenEmrPractice, as_openemr, rule
from sample_rows import NEW_PATIENT, TEN, TUESDAY
from sample_rows import request as booking

from agent.domain.booking import Booked, CancelResult, NotFree, NotThere, Overlapped
from agent.domain.days import DateRange
from agent.pms.sql.booking import LOCK

NINE, FIVE = 9 * 60, 17 * 60
DAY = DateRange.of_days(TUESDAY, 1)

pytestmark = pytest.mark.servers


@pytest.fixture
def desk(openemr: OpenEmrPractice) -> OpenEmrDesk:
    """
    Two practitioners, the first of whom works on Tuesday.
    """
    desk = openemr.desk
    desk.add_location()
    desk.add_practitioner("1")
    desk.add_practitioner("2")
    desk.add_patient("7")
    desk.add_session("1", TUESDAY, NINE, FIVE)
    return desk


def row(desk: OpenEmrDesk, event_id: str) -> dict[str, object]:
    with desk.link() as link:
        cursor = link.execute("SELECT * FROM openemr_postcalendar_events WHERE pc_eid = ?", int(event_id))
        return dict(zip([d[0] for d in cursor.description], cursor.fetchone(), strict=True))


def test_the_row_of_a_booking(openemr: OpenEmrPractice, desk: OpenEmrDesk) -> None:
    """
    Every column that OpenEMR's own interface fills is filled; the uuid is left to OpenEMR.
    """
    request = replace(booking(type_id="10", minutes=30), comments="bring x-rays")
    booked = openemr.pms().book(request)

    assert isinstance(booked, Booked)
    found = row(desk, booked.appointment_ids[0])
    comment = str(found.pop("pc_hometext"))
    assert ("bring x-rays" in comment, comment.endswith("HE:501;")) == (True, True)
    assert found.pop("pc_time") is not None
    expected = {
        "pc_catid": 10,
        "pc_multiple": 0,
        "pc_aid": "1",
        "pc_pid": "7",
        "pc_title": "New Patient",
        "pc_informant": "1",
        "pc_eventDate": TUESDAY,
        "pc_endDate": None,
        "pc_duration": 1800,
        "pc_recurrtype": 0,
        "pc_recurrspec": None,
        "pc_startTime": TEN.time(),
        "pc_endTime": (TEN + timedelta(minutes=30)).time(),
        "pc_alldayevent": 0,
        "pc_apptstatus": "-",
        "pc_prefcatid": 0,
        "pc_facility": 1,
        "pc_billing_location": 1,
        "pc_eventstatus": 1,
        "pc_sharing": 1,
        "uuid": None,
    }
    assert expected == {name: found[name] for name in expected}


def test_the_record_of_a_new_patient(openemr: OpenEmrPractice, desk: OpenEmrDesk) -> None:
    """
    It gets the next number, as both numbers, and what was told.
    """
    told = replace(NEW_PATIENT, email="z@example.org", address="1 High St", suburb="Perth", state="WA", postcode="6000")
    booked = openemr.pms().book(booking(patient_id="", patient=told))

    assert isinstance(booked, Booked)
    assert "8" == booked.patient_id
    with desk.link() as link:
        found = link.execute(
            "SELECT pubpid, fname, sex, phone_cell, email, street, city, state, postal_code, regdate IS NULL"
            " FROM patient_data WHERE pid = 8"
        ).fetchone()
    assert ("8", "Zoë 😀", "Female", "0400 000 001", "z@example.org", "1 High St", "Perth", "WA", "6000", 0) == tuple(found)


def test_two_new_patients_with_the_same_number(openemr: OpenEmrPractice, desk: OpenEmrDesk) -> None:
    """
    The desk takes the number between our question and our insert: another is taken.
    """
    pms = meddled(openemr, {"insert": once(lambda: desk.add_patient("8", last_name="Quick"))})

    booked = pms.book(booking(patient_id=""))

    assert isinstance(booked, Booked)
    assert "9" == booked.patient_id
    pms.close()


@pytest.mark.parametrize("patient_id", ["7", ""])
def test_the_desk_was_as_fast(openemr: OpenEmrPractice, desk: OpenEmrDesk, patient_id: str) -> None:
    """
    Ours is cancelled without its reference; the patient who was added stays, for nothing may be deleted.
    """
    pms = meddled(openemr, {"committed": once(lambda: desk.add_appointment("1", TEN, type_id=""))})

    assert isinstance(pms.book(booking(patient_id=patient_id)), NotFree)
    assert NotThere() == pms.find_booked(501)
    assert 1 == len(pms.diary(DAY).appointments)
    assert (2 if not patient_id else 1) == desk.value("SELECT COUNT(*) FROM patient_data")
    pms.close()


def test_too_late_to_take_back(openemr: OpenEmrPractice, desk: OpenEmrDesk) -> None:
    """
    Later, both stay and a person decides.
    """
    pms = meddled(openemr, {"committed": once(lambda: desk.add_appointment("1", TEN, type_id=""))})

    assert isinstance(pms.book(booking(withdraw_within=timedelta(0))), Overlapped)
    assert 2 == len(pms.diary(DAY).appointments)
    pms.close()


def test_the_lock_is_held_until_after_the_commit(openemr: OpenEmrPractice, desk: OpenEmrDesk) -> None:
    """
    Nobody else gets it before the row is there for everybody to see.
    """
    free: list[object] = []

    def look() -> None:
        free.append(desk.value("SELECT IS_FREE_LOCK(?)", f"openemr.{LOCK}"))

    pms = meddled(openemr, {"insert": look, "commit": look, "committed": look})

    assert isinstance(pms.book(booking()), Booked)
    look()
    assert [0, 0, 0, 1] == free
    pms.close()


def test_a_recurring_block_is_not_booked_over(openemr: OpenEmrPractice, desk: OpenEmrDesk) -> None:
    """
    A series of lunches or of a patient's visits takes the time of a booking.
    """
    daily = rule(event_repeat_freq=1, event_repeat_freq_type=0)
    for category, start in (("lunch", 12 * 60), ("office_visit", 14 * 60)):
        desk.add_event(
            category,
            TUESDAY - timedelta(days=30),
            start,
            60,
            practitioner_id="1",
            repeats=1,
            spec=daily,
            until=TUESDAY + timedelta(days=30),
        )
    pms = openemr.pms()

    assert isinstance(pms.book(booking(1, start=TEN.replace(hour=12, minute=30))), NotFree)
    assert isinstance(pms.book(booking(2, start=TEN.replace(hour=14, minute=45))), NotFree)
    assert isinstance(pms.book(booking(3, start=TEN.replace(hour=15))), Booked)
    pms.close()


def test_a_series_is_not_cancelled(openemr: OpenEmrPractice, desk: OpenEmrDesk) -> None:
    """
    One date of a series is for a person to cancel; so is an appointment that has been made one.
    """
    pms = openemr.pms()
    booked = pms.book(booking())
    assert isinstance(booked, Booked)
    daily = rule(event_repeat_freq=1, event_repeat_freq_type=0)
    desk.change(booked.appointment_ids[0], pc_recurrtype=1, pc_recurrspec=daily, pc_endDate=TUESDAY + timedelta(days=3))

    result = pms.cancel(booked.appointment_ids[0], patient_id="7", start=TEN, after=TEN - timedelta(days=1))

    assert CancelResult.CHANGED is result
    pms.close()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM openemr_postcalendar_events",
        "DELETE FROM patient_data",
        "UPDATE openemr_postcalendar_events SET pc_aid = '2'",
        "UPDATE openemr_postcalendar_events SET pc_eventDate = '2027-01-01'",
        "UPDATE patient_data SET fname = 'X'",
        "UPDATE users SET active = 0",
        "SELECT gl_value FROM globals",
        "SELECT username FROM users",
        "SELECT ss FROM patient_data",
        "INSERT INTO users (username) VALUES ('x')",
        "INSERT INTO openemr_postcalendar_categories (pc_catname, pc_cattype) VALUES ('x', 0)",
        "DROP VIEW frontdesk_settings",
        "CREATE TABLE x (y INT)",
    ],
    ids=lambda text: re.sub(r"\W+", " ", text)[:40],
)
def test_what_the_login_may_not(openemr: OpenEmrPractice, openemr_server: Server, statement: str) -> None:
    """
    Everything else is refused by the database itself.
    """
    link = pyodbc.connect(as_openemr(openemr_server), autocommit=True)

    with pytest.raises(pyodbc.Error, match=r"(?i)denied"):
        link.execute(statement)

    link.close()


def test_the_view_hides_what_is_secret(openemr: OpenEmrPractice, openemr_server: Server) -> None:
    """
    The settings that the login sees are four, and the installation's id is only a digest.
    """
    link = pyodbc.connect(as_openemr(openemr_server), autocommit=True)
    found = dict(tuple(row) for row in link.execute("SELECT gl_name, gl_value FROM frontdesk_settings"))
    link.close()

    assert {"calendar_interval", "schedule_start", "schedule_end", "unique_installation_id"} == set(found)
    assert 64 == len(found["unique_installation_id"])


def test_a_missing_right_is_named(openemr: OpenEmrPractice, openemr_server: Server, desk: OpenEmrDesk) -> None:
    """
    `check` names the file whose query the login may not run.
    """
    root = pyodbc.connect(f"{openemr_server.administration};Database=openemr", autocommit=True)
    right = "SELECT (toggle_setting_1) ON openemr.list_options"
    root.execute(f"REVOKE {right} FROM frontdesk@localhost")
    try:
        wrong = {line.operation for line in openemr.pms().check() if not line.ok}
    finally:
        root.execute(f"GRANT {right} TO frontdesk@localhost")
        root.close()

    assert {"appointments", "states", "patient_appointments", "find_booked"} == wrong
    assert [] == [line for line in openemr.pms().check() if not line.ok]
