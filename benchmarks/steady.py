"""
One booking a second for ten minutes: how long do patients wait for their answer?
"""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

from agent.domain.due import INTERVALS, Job
from agent.sandbox.demo import known_people
from agent.sandbox.healthengine.patients import SimulatedPatients
from agent.sandbox.installation import Installation, wait_until
from benchmarks.report import Figure

SECONDS = 600
MARGIN = timedelta(seconds=1)


def run(folder: Path) -> list[Figure]:
    """
    Measure a whole engine of its own process over SQLite and ODBC, with the demo's practice and simulator, in real time.
    """
    with Installation.create(folder, patients=2000, carrier="odbc") as installation:
        simulator = installation.simulator
        installation.start_engine()
        wait_until(simulator.openings, 120, "the first free times are published")
        patients = SimulatedPatients(simulator, people=known_people(installation, 300), horizon=timedelta(days=50), seed=1)
        pause, clock = threading.Event(), installation.clock
        began = clock.monotonic()
        for number in range(SECONDS):
            pause.wait(max(0.0, began + number - clock.monotonic()))
            patients.act()
        wait_until(lambda: not simulator.outstanding(), 60, "everything is answered")
        practice = simulator.verdict().practices[0]
    waits, bookings = practice.answer_seconds, practice.bookings
    assert waits.p50 is not None
    assert waits.p99 is not None
    assert waits.longest is not None
    case = f"a booking a second for {SECONDS // 60} minutes"
    limit = (INTERVALS[Job.POLL].live + MARGIN).total_seconds()
    detail = f"{bookings.requested} bookings, {bookings.confirmed} confirmed, {bookings.unanswered} unanswered"
    return [
        Figure(case=case, what="from booking to answer, half of them", value=waits.p50, unit="s"),
        Figure(case=case, what="99 of 100", value=waits.p99, unit="s", limit=limit, detail=detail),
        Figure(case=case, what="the longest", value=waits.longest, unit="s"),
    ]
