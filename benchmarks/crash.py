"""
The crash run in full: 2,000 bookings, 400 cancellations, 300 random deaths, and the moments that hurt most.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyodbc

from agent.sandbox.crash.run import Outcome, Plan, crash_run, prepared
from agent.sandbox.installation import ServerDatabase
from benchmarks.process import ROOT
from benchmarks.report import Figure

SCALE = 2.0
"""Simulator seconds in a real one: what waits nine minutes for a person is over in half. Were it more, a slow machine's engine
would not come to its bookings between two deaths before those nine minutes are over."""

DATABASES = ("mariadb", "postgresql", "sqlite")

sys.path.append(str(ROOT / "tests"))  # the servers that the tests start


def run(folder: Path, *, plan: Plan, database: str) -> list[Figure]:
    """
    Live through one seed's plan, and return what must be nothing, each with the limit 0.
    """
    with ExitStack() as stack:
        server = stack.enter_context(_server(database)) if database != "sqlite" else None
        installation = stack.enter_context(prepared(folder, seed=plan.seed, scale=SCALE, server=server))
        outcome = crash_run(installation, plan)
    for name, lines in outcome.stock.wrong.items():
        for line in lines[:20]:
            print(f"{name}: {line}", file=sys.stderr)
    for moment in outcome.missed:
        print(f"nobody died at {moment}", file=sys.stderr)
    return _figures(outcome, f"{database}, seed {plan.seed}")


def _figures(outcome: Outcome, case: str) -> list[Figure]:
    stock = outcome.stock
    happened = [
        ("bookings", stock.bookings),
        ("cancellations", stock.cancellations),
        *sorted(outcome.deaths.items()),
        ("moments at which somebody died on purpose", len(outcome.moments)),
        ("times that the desk took at the same moment", outcome.desk.get("booked_the_same", 0)),
        ("times that the desk gave up again", outcome.desk.get("withdrawn", 0)),
        ("overlaps found too late to say no, left to a person", len(stock.left_to_a_person)),
    ]
    nothing = [
        ("lost", stock.lost),
        ("doubled", stock.doubled),
        ("entered, though refused or cancelled", stock.unexpected),
        ("overlaps that nobody was told of", stock.overlaps),
        ("unanswered or not settled", stock.unanswered),
        ("days on which other time is published than is free", stock.free_time),
        ("patients' records without an appointment", stock.patients),
        ("breaches of Healthengine's rules", stock.breaches),
        ("steps of the ledger at which nobody died", outcome.missed),
    ]
    figures = [Figure(case=case, what=what, value=number) for what, number in happened]
    figures += [Figure(case=case, what=what, value=len(found), limit=0) for what, found in nothing]
    return [*figures, Figure(case=case, what="took", value=outcome.seconds, unit="s")]


@contextmanager
def _server(dialect: str) -> Iterator[ServerDatabase]:
    from database_servers import CREATE, MariaDb, PostgreSql  # noqa: PLC0415 - after the path

    with (MariaDb if dialect == "mariadb" else PostgreSql).running() as server:
        link = pyodbc.connect(server.administration, autocommit=True)
        for statement in CREATE[dialect]:
            link.execute(statement)
        link.close()
        yield ServerDatabase(dialect=dialect, connection=server.connection, password=server.password)
