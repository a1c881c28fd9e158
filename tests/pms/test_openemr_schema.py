"""
The tables that tests make where the real schema is missing; and databases that are not as the profile needs them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyodbc
import pytest
from database_servers import Server
from openemr_practice import OWN_TABLES, REAL_SCHEMA, OpenEmrPractice, create_openemr, openemr_practice

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
    ("change", "wrong"),
    [
        ("ALTER TABLE facility DROP COLUMN inactive", {"locations", "practitioners"}),
        ("ALTER TABLE openemr_postcalendar_categories CHANGE pc_cattype kind INT", {"appointment_types", "markers", "sessions"}),
        ("DROP VIEW frontdesk_settings", {"identity", "markers", "sessions"}),
    ],
    ids=["an older version", "a renamed column", "without the view"],
)
def test_what_is_missing_is_named(own: OpenEmrPractice, change: str, wrong: set[str]) -> None:
    """
    `check` names the operations that cannot work, and only those; an empty practice is no mistake.
    """
    pms = own.pms()
    assert [] == [line for line in pms.check() if not line.ok]
    own.desk.run(change)

    lines = [line for line in pms.check() if not line.ok]

    assert wrong <= {line.operation for line in lines}
    assert all("profile fits this version" in line.message or line.place.endswith(".sql") for line in lines)
    pms.close()
