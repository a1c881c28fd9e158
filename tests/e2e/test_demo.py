"""
`frontdesk demo`: the whole loop as anybody can see it, and at any hour of any day.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from threading import Event

import pytest
from conftest import Install
from faults_support import settled
from support import started, until

from agent.domain.errors import FrontdeskError
from agent.domain.status import EngineStatus
from agent.ipc.address import address_of
from agent.ipc.client import IpcClient
from agent.sandbox.demo import known_people
from agent.sandbox.healthengine.patients import SimulatedPatients
from agent.sandbox.installation import ZONE

pytestmark = pytest.mark.slow

HOURS = {
    "just before midnight": "2026-03-10 23:58",
    "deep in the night": "2026-03-11 03:30",
    "a Sunday morning": "2026-03-15 08:10",
    "the last minutes of the year": "2026-12-31 23:58",
    "a holiday": "2026-12-25 12:00",
    "the end of February in a leap year": "2028-02-28 23:59",
    "an hour before daylight saving begins": "2026-10-04 01:30",
    "the first hour of daylight saving": "2026-10-04 03:01",
    "the hour that comes twice": "2026-04-05 02:30",
    "the day before daylight saving ends": "2026-04-04 23:50",
}

ALWAYS = ("the last minutes of the year", "the hour that comes twice")


@pytest.mark.timeout(150)
def test_the_demo_says_in_json_that_nothing_was_lost_doubled_or_against_the_definition() -> None:
    """
    Without a screen it ends by itself in the time it was given, with exit code 0 and one JSON document.
    """
    result = subprocess.run(
        [sys.executable, "-m", "agent", "demo", "--headless", "--seconds", "30", "--json"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    said = json.loads(result.stdout)
    bookings, seconds = said["bookings"], said["answer_seconds"]

    assert 0 == result.returncode
    assert said["ok"]
    assert said["carrier"] in {"odbc", "sqlite"}
    assert {"requested", "confirmed", "rejected", "unanswered"} == set(bookings)
    assert bookings["requested"] == bookings["confirmed"] + bookings["rejected"]
    assert bookings["confirmed"] >= 5
    assert 0 == bookings["unanswered"] == said["cancellations"]["unanswered"]
    assert {"missing": 0, "unexpected": 0, "duplicated": 0, "double_booked": 0} == {
        name: number for name, number in said["pms"].items() if name != "from_bookings"
    }
    assert said["pms"]["from_bookings"] > 0
    assert 0 == said["simulator"]["violations"]
    assert {"resources": 10, "types": 13, "days": 600} == said["published"]
    assert said["liveness"]["contract"]
    assert [] == said["liveness"]["hidden"]
    assert seconds["p50"] <= seconds["p99"] < 20
    assert 0 == said["patient_values_under_home"]


@pytest.mark.timeout(150)
@pytest.mark.skipif(sys.platform == "win32", reason="keys are pressed by signals")
@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.long)])
def test_ctrl_c_lets_the_engine_answer_what_waits_and_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    """
    A terminal sends it to every process of the demo: the outcome is told all the same, and no engine goes on.
    """
    home = tmp_path / "home"
    process = subprocess.Popen(
        [sys.executable, "-m", "agent", "--home", str(home), "demo", "--headless", "--json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    until(lambda: (status := status_of(home)) and len(status.bookings) > 2, "patients have booked", 60)
    os.killpg(process.pid, number)
    printed, _ = process.communicate(timeout=60)

    assert json.loads(printed)["ok"]
    assert 0 == process.returncode
    assert status_of(home) is None


def status_of(home: Path) -> EngineStatus | None:
    try:
        with IpcClient.connect(address_of(home), program="test") as client:
            return client.status()
    except FrontdeskError:
        return None


@pytest.mark.parametrize(
    "when",
    [pytest.param(when, id=name, marks=() if name in ALWAYS else pytest.mark.long) for name, when in HOURS.items()],
)
def test_patients_book_whatever_the_hour(install: Install, when: str) -> None:
    """
    The sample practice is open around any hour, and times are right across midnight and both clock changes.
    """
    start = datetime.fromisoformat(when).replace(tzinfo=ZONE)
    installation = started(install(scale=10.0, start=start, horizon_days=7))
    people = known_people(installation, 40)
    with SimulatedPatients(installation.simulator, people=people, every=6.0, cancel_share=0.4, seed=5):
        Event().wait(9)

    settled(installation, at_least=5)


@pytest.mark.parametrize("carrier", [pytest.param("odbc", marks=pytest.mark.long), "sqlite"])
def test_the_loop_closes_over_either_carrier(install: Install, carrier: str) -> None:
    """
    Where there is no ODBC driver the demo runs on Python's own; the front desk works at the same time.
    """
    installation = started(install(scale=3.0, carrier=carrier))
    people = known_people(installation, 40)
    with (
        installation.desk(every=0.3),
        SimulatedPatients(installation.simulator, people=people, every=2.0, cancel_share=0.4, seed=6),
    ):
        Event().wait(10)

    assert carrier == installation.carrier
    settled(installation, at_least=5)
