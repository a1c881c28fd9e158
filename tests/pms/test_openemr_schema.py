"""
The tables that tests make where the real schema is missing; and databases that are not as the profile needs them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pyodbc
import pytest
from database_servers import Server
from openemr_practice import OWN_TABLES, REAL_SCHEMA, OpenEmrPractice, create_openemr, openemr_practice

from agent.domain.errors import FrontdeskError

pytestmark = pytest.mark.servers


@pytest.fixture
def own(mariadb: Server) -> Iterator[OpenEmrPractice]:
    """
    A practice whose database was made from the documented columns.
    """
    create_openemr(mariadb, "openemr_own", schema=OWN_TABLES)
    yield openemr_practice(mariadb, "openemr_own")
    root = pyodbc.connect(mariadb.administration, autocommit=True)
    root.execute("DROP DATABASE openemr_own")
    root.close()


@pytest.mark.skipif(not REAL_SCHEMA.is_file(), reason="OpenEMR's real schema is not beside the project")
def test_the_documented_columns_are_the_real_ones(own: OpenEmrPractice, openemr_server: Server) -> None:
    """
    Name, type and whether it may be empty.
    """
    root = pyodbc.connect(openemr_server.administration, autocommit=True)

    def columns(database: str) -> set[tuple[str, ...]]:
        query = "SELECT table_name, column_name, column_type, is_nullable FROM information_schema.columns WHERE table_schema = ?"
        return {tuple(row) for row in root.execute(query, database) if row[0] not in {"shipped_categories", "frontdesk_settings"}}

    assert set() == columns("openemr_own") - columns("openemr")
    root.close()


@pytest.mark.parametrize(
    ("change", "operations", "says"),
    [
        ("ALTER TABLE facility DROP COLUMN inactive", {"locations", "practitioners"}, "no column inactive"),
        (
            "ALTER TABLE openemr_postcalendar_categories CHANGE pc_cattype kind INT",
            {"appointment_types", "markers", "sessions"},
            "no column pc_cattype",
        ),
        ("RENAME TABLE users_facility TO user_places", {"practitioners"}, "no table users_facility"),
        ("DROP VIEW frontdesk_settings", {"identity", "markers", "sessions"}, "no table frontdesk_settings"),
        ("REVOKE SELECT ON openemr_own.version FROM frontdesk@localhost", {"identity"}, "no right to"),
        (
            "REVOKE SELECT (DOB) ON openemr_own.patient_data FROM frontdesk@localhost",
            {"patients", "find_patients"},
            "no right to",
        ),
    ],
    ids=["older version", "renamed column", "renamed table", "without the view", "right to a table", "right to a column"],
)
def test_what_is_missing_is_named(own: OpenEmrPractice, change: str, operations: set[str], says: str) -> None:
    """
    `check` names the operations that cannot work, what they lack, and what to do; an empty practice is no mistake.
    """
    pms = own.pms()
    assert [] == [line for line in pms.check() if not line.ok]
    own.desk.run(change)

    wrong = {line.operation: line for line in pms.check() if not line.ok}

    assert operations <= wrong.keys()
    for name in operations:
        assert says in wrong[name].message
        assert f"{name}.sql" == wrong[name].place
        assert "rights" in wrong[name].remedy if "right" in says else "version of the practice's system" in wrong[name].remedy
    pms.close()


def test_another_database(own: OpenEmrPractice) -> None:
    """
    One with no tables, or with others; and one that is not there or not open to the login.
    """
    own.desk.run("CREATE DATABASE IF NOT EXISTS bare_one")
    own.desk.run("GRANT SELECT ON bare_one.* TO frontdesk@localhost")
    for name in ("information_schema", "bare_one"):
        pms = replace(own, connection=own.connection.replace("=openemr_own", f"={name}")).pms()
        wrong = {line.operation: line for line in pms.check() if not line.ok}
        pms.close()

        assert {"locations", "practitioners", "appointments", "patients"} <= wrong.keys()
        assert "no table facility" in wrong["locations"].message
        assert "right database" in wrong["locations"].remedy
    for name in ("practice", "nowhere"):
        pms = replace(own, connection=own.connection.replace("=openemr_own", f"={name}")).pms()
        with pytest.raises(FrontdeskError, match="pms-database") as caught:
            pms.check()
        pms.close()

        assert "Database=" in caught.value.remedy
