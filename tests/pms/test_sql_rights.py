# ruff: noqa: S608  # the names and values in these statements are the tests' own
"""
Databases that are only to be read: by setting, or because the login has no right to write.
"""

from __future__ import annotations

from dataclasses import replace

import pyodbc
import pytest
from database_servers import PASSWORD, Server
from practices import Practice, server_practice
from sample_rows import TEN, TUESDAY
from sample_rows import request as booking

from agent.domain.booking import Booked, NotThere
from agent.domain.errors import Misconfigured
from agent.pms.sql.carriers.registry import connector
from agent.pms.sql.pms import SqlPms
from agent.ports.pms import MAY_NOT_WRITE, BookingWay, CheckLine

READER = {
    "mariadb": (
        f"CREATE USER IF NOT EXISTS reader@localhost IDENTIFIED BY '{PASSWORD}'",
        "GRANT SELECT ON practice.* TO reader@localhost",
    ),
    "postgresql": (
        (
            "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'reader') THEN "
            f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'; END IF; END $$"
        ),
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
    ),
}


def with_one_appointment(practice: Practice) -> Practice:
    desk = practice.desk
    desk.add_location()
    desk.add_practitioner("1")
    desk.add_type()
    desk.add_patient("7")
    desk.add_session("1", TUESDAY, 540, 1020)
    desk.add_appointment("1", TEN, reference=501)
    return practice


def test_read_only_by_setting(practice: Practice) -> None:
    """
    Everything is read as ever, what carries a booking's mark is found, and nothing can be written, not even by mistake.
    """
    with_one_appointment(practice)
    profile = practice.profile.read_only()
    pms = SqlPms(profile, connector(profile, practice.carrier, practice.connection, practice.password))

    assert (BookingWay.NONE, False, False) == (
        pms.capabilities.booking,
        pms.capabilities.create_patients,
        pms.capabilities.cancel,
    )
    assert [] == [line for line in pms.check() if not line.ok or line.operation == "may_write"]
    assert isinstance(pms.find_booked(501), Booked)
    assert NotThere() == pms.find_booked(502)
    with pytest.raises(Misconfigured):
        pms.book(booking())
    with pytest.raises(Misconfigured):
        pms.cancel("1", patient_id="7", start=TEN, after=TEN)
    assert {"book", "cancel", "create_patient", "withdraw", "message"}.isdisjoint(profile.statements)
    pms.close()


def test_a_login_that_may_write(practice: Practice) -> None:
    """
    Asked without changing anything.
    """
    with_one_appointment(practice)
    before = practice.desk.value("SELECT SUM(version) FROM appointments")
    pms = practice.pms()

    assert [True] == [line.ok for line in pms.check() if line.operation == "may_write"]
    assert before == practice.desk.value("SELECT SUM(version) FROM appointments")
    pms.close()


@pytest.mark.parametrize("kind", ["mariadb", "postgresql"])
def test_a_login_that_may_not_write(kind: str, request: pytest.FixtureRequest) -> None:
    """
    Check names the missing right and both ways out; a booking fails in a way that says: nothing was written.
    """
    server: Server = request.getfixturevalue(kind)
    practice = with_one_appointment(server_practice(server))
    link = pyodbc.connect(server.administration.replace("Database=postgres", "Database=practice"), autocommit=True)
    for statement in READER[kind]:
        link.execute(statement)
    link.close()
    text = practice.connection.replace("=agent", "=reader")
    pms = SqlPms(practice.profile, connector(practice.profile, practice.carrier, text, practice.password))
    wrong = [line for line in pms.check() if not line.ok]

    assert [CheckLine(operation="may_write", ok=False)] == [replace(line, place="", message="", remedy="") for line in wrong]
    assert "read_only = true" in wrong[0].remedy
    assert isinstance(pms.find_booked(501), Booked)
    with pytest.raises(Misconfigured) as caught:
        pms.book(booking(booking_id=502, start=TEN.replace(hour=11)))
    assert caught.value.code in MAY_NOT_WRITE
    assert NotThere() == pms.find_booked(502)
    pms.close()
