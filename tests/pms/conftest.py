from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from database_servers import MariaDb, PostgreSql, Server
from opendental_api import StandIn, opendental_api
from opendental_practice import OpenDentalPractice, create_opendental, opendental_practice
from openemr_practice import OpenEmrPractice, create_openemr, openemr_practice
from practices import EVERY_DATABASE, Practice, practice_of, sqlite_practice


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Server]:
    with MariaDb.running() as server:
        server.create_database()
        yield server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    with PostgreSql.running() as server:
        server.create_database()
        yield server


@pytest.fixture(scope="session")
def openemr_server(mariadb: Server) -> Server:
    """
    A server with OpenEMR's database beside the sample practice's.
    """
    create_openemr(mariadb)
    return mariadb


@pytest.fixture
def openemr(openemr_server: Server) -> OpenEmrPractice:
    """
    An empty OpenEMR practice.
    """
    return openemr_practice(openemr_server)


@pytest.fixture(scope="session")
def opendental_server(mariadb: Server) -> Server:
    """
    A server with Open Dental's database beside the sample practice's.
    """
    create_opendental(mariadb)
    return mariadb


@pytest.fixture
def opendental(opendental_server: Server) -> OpenDentalPractice:
    """
    An empty Open Dental practice.
    """
    return opendental_practice(opendental_server)


@pytest.fixture
def api(opendental: OpenDentalPractice) -> Iterator[StandIn]:
    """
    Open Dental's API of that practice.
    """
    with opendental_api(opendental.desk) as stand_in:
        yield stand_in


@pytest.fixture(params=EVERY_DATABASE)
def practice(request: pytest.FixtureRequest, tmp_path: Path) -> Practice:
    """
    An empty practice, once on each kind of database.
    """
    return practice_of(request.param, request, tmp_path)


@pytest.fixture
def local_practice(tmp_path: Path) -> Practice:
    """
    An empty practice in a file, without any driver.
    """
    return sqlite_practice(tmp_path, "sqlite")
