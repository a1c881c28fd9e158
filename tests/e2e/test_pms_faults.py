"""
What a database administrator can do to the agent: each is shown, costs no booking, and is over soon after it is mended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import pyodbc
import pytest
from conftest import Install
from database_servers import PostgreSql
from faults_support import MariaDb, Server, empty_database, settled
from support import an_opening, book, booked, confirmed, started, until

from agent.sandbox.installation import Installation

pytestmark = [pytest.mark.slow, pytest.mark.servers]

RECOVERED_S = 30.0

Administrate = Callable[..., None]


@contextmanager
def administrator(server: Server) -> Iterator[Administrate]:
    """
    Give a way to run statements as the server's administrator.
    """
    link = pyodbc.connect(server.administration, autocommit=True)

    def run(*statements: str) -> None:
        for statement in statements:
            link.execute(statement)

    yield run
    link.close()


def cut_connections(run: Administrate, server: Server) -> None:
    """
    End what is logged in, so that rights and passwords count from now on.
    """
    link = pyodbc.connect(server.administration, autocommit=True)
    for (number,) in link.execute("SELECT id FROM information_schema.processlist WHERE user = 'agent'").fetchall():
        run(f"KILL {number}")
    link.close()


def shown(installation: Installation) -> set[str]:
    """
    Return the codes of what is wrong with the PMS; everything that is wrong says what to do.
    """
    status = installation.status()
    conditions = status.conditions if status else ()
    return {c.code for c in conditions if c.code.startswith("pms-") and c.message and c.remedy}


@pytest.mark.timeout(400)
def test_what_an_administrator_breaks_is_shown_and_recovers_when_it_is_mended(install: Install) -> None:
    """
    A table renamed, a right withdrawn, a table locked, a password changed: one engine lives through them all.
    """
    with MariaDb.running() as server, administrator(server) as run:
        installation = started(install(scale=2.0, server=empty_database(server), horizon_days=7))
        booked(installation)
        faults: list[tuple[str, list[str], list[str], bool]] = [
            (
                "pms-sql",
                ["RENAME TABLE practice.appointments TO practice.moved_away"],
                ["RENAME TABLE practice.moved_away TO practice.appointments"],
                False,
            ),
            (
                "pms-no-right",
                ["REVOKE SELECT ON practice.* FROM agent@localhost"],
                ["GRANT SELECT ON practice.* TO agent@localhost"],
                True,
            ),
            ("pms-", ["LOCK TABLES practice.appointments WRITE"], ["UNLOCK TABLES"], False),
            (
                "pms-login",
                ["ALTER USER agent@localhost IDENTIFIED BY 'another'"],
                [f"ALTER USER agent@localhost IDENTIFIED BY '{server.password}'"],
                True,
            ),
        ]
        for number, (code, break_it, mend_it, is_cut) in enumerate(faults, start=1):
            run(*break_it)
            if is_cut:
                cut_connections(run, server)
            meanwhile = book(installation, an_opening(installation, 2 * number), seed=2 * number)
            until(lambda code=code: any(c.startswith(code) for c in shown(installation)), f"{code} is shown")  # type: ignore[misc] # bound at once
            run(*mend_it)
            if is_cut:
                cut_connections(run, server)
            mended = monotonic()
            if code == "pms-login":
                installation.run("resync")  # a login that was refused twice is left alone until somebody says so
            confirmed(installation, book(installation, an_opening(installation, 2 * number + 1), seed=2 * number + 1))
            until(lambda one=meanwhile: installation.simulator.answer_of(one), "who booked meanwhile is answered")  # type: ignore[misc] # as above
            until(lambda: not shown(installation), "all is well again")

            assert monotonic() - mended < RECOVERED_S, code
        settled(installation, at_least=5)


@pytest.mark.timeout(400)
def test_a_database_that_lets_nobody_in_is_waited_for(install: Install) -> None:
    """
    As while it is in single-user mode or being restored: that is shown, and when it opens everything goes on by itself.
    """
    with PostgreSql.running() as server, administrator(server) as run:
        installation = started(install(scale=2.0, server=empty_database(server), horizon_days=7))
        booked(installation)
        run(
            "ALTER DATABASE practice WITH ALLOW_CONNECTIONS false",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'agent'",
        )
        meanwhile = book(installation, an_opening(installation, 1), seed=2)
        until(lambda: "pms-closed" in shown(installation), "it is shown")
        run("ALTER DATABASE practice WITH ALLOW_CONNECTIONS true")
        until(lambda: not shown(installation), "all is well again")
        confirmed(installation, book(installation, an_opening(installation, 2), seed=3))
        until(lambda: installation.simulator.answer_of(meanwhile), "who booked meanwhile is answered")
        settled(installation, at_least=2)
