"""
Names and notes made to do harm, all the way into a real database and back; and databases that quote data in their errors.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from practices import Practice
from sample_rows import TEN, TUESDAY, request

from agent.domain.booking import Booked, Booking, NotThere
from agent.domain.days import DateRange
from agent.domain.errors import FrontdeskError
from agent.healthengine import wire

HOSTILE = (
    "'; DROP TABLE patients; --",
    "'); DELETE FROM appointments WHERE ('1'='1",
    '" OR 1=1 /*',
    "\\'; SELECT pg_sleep(9); --",
    "`; ?; :first_name; $1; @x; %(a)s",
    "{0} {} {x.__class__} %s %n %d ${HOME} $(id)",
    "<script>alert(1)</script><img src=x>",
    "\x00\x01\x1b[2J\x1b]0;x\x07\x7f\x9b31m",
    "\u202eeeL nnA\u2066\u200f",
    "Z" + "\u0301\u0302\u0323" * 40,
    "\ud800\udfff \udc00",
    "👩\u200d⚕️ 李 محمد Zoë",
    "HE:999; HE:1;",
    "%_[a]*?",
    "x" * 10_000,
    "李" * 3_000,
)
TOKEN = "Zyxwvut-Quoted"


def received(text: str) -> Booking:
    """
    Return a booking as it comes from Healthengine with *text* wherever a patient can write.
    """
    patient = dict.fromkeys(("firstname", "phone", "email", "address", "suburb", "state", "postcode", "medicareNumber"), text)
    body = {
        "bookingId": 1,
        "pmsResourceId": "1",
        "bookedTime": "2026-11-20 01:02:00",
        "pmsAppointmentTime": "2026-12-01 10:00:00",
        "pmsAppointmentLength": 900,
        "reason": text,
        "comments": text,
        "telehealthUrl": text,
        "patient": {**patient, "lastname": f"L{text}", "dob": "23-02-1980"},
    }
    found = wire.item(msgspec.Raw(json.dumps(body).encode()), wire.BOOKING, wire.BookingBody.to_domain)
    assert isinstance(found, Booking)
    return found


def rows(practice: Practice, query: str) -> list[Any]:
    connection = practice.open_desk()
    try:
        return list(connection.execute(query).fetchall())
    finally:
        connection.close()


@pytest.fixture
def staffed(practice: Practice) -> Practice:
    desk = practice.desk
    desk.add_location()
    desk.add_practitioner("1")
    desk.add_type()
    desk.add_patient("7")
    desk.add_session("1", TUESDAY, 540, 1020)
    return practice


def test_hostile_texts_are_stored_as_text(staffed: Practice) -> None:
    """
    Each is a patient of that name, cut to the column where it is longer; nothing of it is executed, and everything is read back.
    """
    limits = staffed.profile.lengths
    pms = staffed.pms()
    for number, text in enumerate(HOSTILE):
        booking = received(text)
        sent = replace(
            request(600 + number, start=TEN + timedelta(minutes=15 * number), patient_id="", patient=booking.patient),
            reason=booking.reason,
            comments=booking.comments,
            telehealth_url=booking.telehealth_url,
        )
        assert isinstance(pms.book(sent), Booked)
    stored = rows(
        staffed,
        "SELECT p.first_name, p.last_name, p.email, a.notes FROM appointments a"
        " JOIN patients p ON p.id = a.patient_id ORDER BY a.id",
    )
    expected = [received(text).patient for text in HOSTILE]
    diary = pms.diary(DateRange.of_days(TUESDAY, 1))
    found = [pms.find_booked(600 + number) for number in range(len(HOSTILE))]
    forged = [pms.find_booked(number) for number in (1, 999)]
    pms.close()

    assert [
        (p.first_name[: limits["first_name"]], p.last_name[: limits["last_name"]], p.email[: limits["email"]]) for p in expected
    ] == [tuple(row)[:3] for row in stored]
    assert all(row[3].endswith(f"HE:{600 + number};") and len(row[3]) <= 500 for number, row in enumerate(stored))
    assert len(HOSTILE) == len(diary.appointments) == sum(isinstance(f, Booked) for f in found)
    assert [NotThere()] * 2 == forged
    assert [] == [row[3] for row in stored if "HE:999;" in row[3] or "HE:1;" in row[3]]
    assert 1 + len(HOSTILE) == len(rows(staffed, "SELECT id FROM patients"))


UNQUOTING = {
    "sqlite": ("DROP TRIGGER quoting",),
    "mariadb": ("DROP TRIGGER quoting",),
    "postgresql": ("DROP TRIGGER quoting ON patients", "DROP FUNCTION quoting()"),
}
QUOTING = {
    "sqlite": (f"CREATE TRIGGER quoting BEFORE INSERT ON patients BEGIN SELECT RAISE(ABORT, '{TOKEN}'); END",),
    "mariadb": (
        f"CREATE TRIGGER quoting BEFORE INSERT ON patients FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{TOKEN}'",
    ),
    "postgresql": (
        f"CREATE FUNCTION quoting() RETURNS trigger AS 'BEGIN RAISE EXCEPTION ''{TOKEN}''; END' LANGUAGE plpgsql",
        "CREATE TRIGGER quoting BEFORE INSERT ON patients FOR EACH ROW EXECUTE FUNCTION quoting()",
    ),
}


def test_a_drivers_words_are_dropped(staffed: Practice, caplog: pytest.LogCaptureFixture) -> None:
    """
    A database that quotes a patient in its refusal: the words are in no error, not in what it came of, and in no log.
    """
    for statement in QUOTING[staffed.profile.dialect.name]:
        staffed.desk.run(statement)
    pms = staffed.pms()
    with pytest.raises(FrontdeskError) as raised:
        pms.book(request(patient_id=""))
    pms.close()
    errors = [raised.value, raised.value.__cause__, None if raised.value.__suppress_context__ else raised.value.__context__]
    for statement in UNQUOTING[staffed.profile.dialect.name]:
        staffed.desk.run(statement)  # the servers' databases are used again

    assert raised.value.code.startswith("pms-")
    assert TOKEN not in caplog.text + "".join(f"{error!r} {getattr(error, 'remedy', '')}" for error in errors)
