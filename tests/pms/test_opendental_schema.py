"""
The tables that tests make where Open Dental's real schema is missing; and databases that are not as the profile needs them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pyodbc
import pytest
from database_servers import Server
from opendental_practice import OWN_TABLES, REAL_SCHEMA, OpenDentalPractice, create_opendental, opendental_practice

from agent.domain.errors import FrontdeskError

pytestmark = pytest.mark.servers


@pytest.fixture
def spoilable(opendental_server: Server) -> Iterator[OpenDentalPractice]:
    """
    A practice whose database is made anew afterwards.
    """
    yield opendental_practice(opendental_server)
    create_opendental(opendental_server)


def columns(server: Server) -> set[tuple[str, ...]]:
    """
    Return name, type and whether it may be empty, of each column.
    """
    root = pyodbc.connect(server.administration, autocommit=True)
    query = (
        "SELECT table_name, column_name, column_type, is_nullable FROM information_schema.columns"
        " WHERE table_schema = 'opendental' AND table_name <> 'shipped_preference'"
    )
    found = {tuple(row) for row in root.execute(query)}
    root.close()
    return found


@pytest.mark.skipif(not REAL_SCHEMA.is_file(), reason="Open Dental's real schema is not beside the project")
def test_the_documented_columns_are_the_real_ones(spoilable: OpenDentalPractice, opendental_server: Server) -> None:
    """
    And on those alone the profile works.
    """
    real = columns(opendental_server)
    create_opendental(opendental_server, schema=OWN_TABLES)
    pms = opendental_practice(opendental_server).pms()

    assert set() == columns(opendental_server) - real
    assert [] == [line for line in pms.check() if not line.ok]
    pms.close()


@pytest.mark.parametrize(
    ("change", "operations", "says"),
    [
        ("ALTER TABLE provider DROP COLUMN IsNotPerson", {"practitioners", "sessions", "markers"}, "no column IsNotPerson"),
        ("ALTER TABLE operatory CHANGE OpName Name VARCHAR(255)", {"locations"}, "no column OpName"),
        ("RENAME TABLE scheduleop TO scheduleops", {"practitioners", "sessions", "markers"}, "no table scheduleop"),
        ("DROP VIEW frontdesk.settings", {"identity", "sessions", "appointments"}, "no table settings"),
        (
            "REVOKE SELECT (Birthdate) ON opendental.patient FROM frontdesk@localhost",
            {"patients", "find_patients"},
            "no right to",
        ),
        ("REVOKE SELECT ON frontdesk.settings FROM frontdesk@localhost", {"identity", "sessions"}, "no right to"),
    ],
    ids=["older version", "renamed column", "renamed table", "without the view", "right to a column", "right to the view"],
)
def test_what_is_missing_is_named(spoilable: OpenDentalPractice, change: str, operations: set[str], says: str) -> None:
    """
    `check` names the operations that cannot work, what they lack, and what to do.
    """
    pms = spoilable.pms()
    assert [] == [line for line in pms.check() if not line.ok]
    spoilable.desk.run(change)

    wrong = {line.operation: line for line in pms.check() if not line.ok}

    assert operations <= wrong.keys()
    for name in operations:
        assert says in wrong[name].message
        assert f"{name}.sql" == wrong[name].place
        assert "rights" in wrong[name].remedy if "right" in says else "version of the practice's system" in wrong[name].remedy
    pms.close()


def test_another_database(spoilable: OpenDentalPractice) -> None:
    """
    One with other tables, or with none; and one that is not there or not open to the login.
    """
    desk = spoilable.desk
    desk.run("CREATE DATABASE IF NOT EXISTS empty_one")
    desk.run("GRANT SELECT ON empty_one.* TO frontdesk@localhost")
    for name in ("information_schema", "empty_one"):
        pms = replace(spoilable, connection=spoilable.connection.replace("=opendental", f"={name}")).pms()
        wrong = {line.operation: line for line in pms.check() if not line.ok}
        pms.close()

        assert {"locations", "practitioners", "appointments", "patients"} <= wrong.keys()
        assert "no table operatory" in wrong["locations"].message
        assert "right database" in wrong["locations"].remedy
    for name in ("practice", "nowhere"):
        pms = replace(spoilable, connection=spoilable.connection.replace("=opendental", f"={name}")).pms()
        with pytest.raises(FrontdeskError, match="pms-database") as caught:
            pms.check()
        pms.close()

        assert "Database=" in caught.value.remedy
