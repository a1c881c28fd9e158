"""
The crash run in small (`python -m benchmarks crash` is the whole): engine and workers die, at random and where it hurts.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from faults_support import MariaDb, empty_database

from agent.sandbox.crash.run import Plan, crash_run, prepared

MOMENTS = frozenset(
    {
        "booking: requested -> inserting",
        "booking: inserted -> confirming",
        "cancellation: asked -> cancelling",
        "call: confirmBookingInsert, processed",
        "diary: entered",
    }
)


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_nothing_is_lost_or_doubled_whoever_dies(tmp_path: Path) -> None:
    """
    Patients book and cancel, the desk is busy, acknowledgements are lost, and processes are killed.
    """
    plan = Plan(bookings=16, cancellations=4, deaths=2, each=1, has_rival=False, moments=MOMENTS, seed=1)
    with (
        MariaDb.running() as server,
        prepared(tmp_path / "sandbox", seed=plan.seed, scale=5, server=empty_database(server)) as installation,
    ):
        outcome = crash_run(installation, plan)

    assert {} == outcome.stock.wrong
    assert [] == outcome.missed
    assert plan.bookings <= outcome.stock.bookings
    assert plan.cancellations <= outcome.stock.cancellations
