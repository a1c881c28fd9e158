"""
Live hours end to end: cut at an orderly stop, restored at the next start, learned, and closed for a holiday.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest
from conftest import Install
from support import health, nothing_wrong, operations, started, until

from agent.sandbox.healthengine.faults import Fault, FaultKind
from agent.sandbox.installation import ZONE, Installation

pytestmark = pytest.mark.slow

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)


def hours_of(installation: Installation, day: str) -> list[tuple[str, str]]:
    """
    Return what Healthengine was last told of a day.
    """
    hours = installation.simulator.configuration()["contract"]["liveHours"]
    return [(span["start"], span["end"]) for span in hours[day]]


def test_a_stopped_engine_cuts_today_and_a_started_one_restores_it(install: Install) -> None:
    """
    Switched off in the morning: silence is forgiven for the rest of the day alone, and nothing is left of it after the start.
    """
    installation = started(install(start=MONDAY, live_hours="Mon-Fri 08:00-18:00, Holidays 09:00-10:00"))

    assert [("08:00", "18:00")] == hours_of(installation, "monday")

    before = installation.local_now()
    code = installation.stop_engine()
    after = installation.local_now()
    [(start, end)] = hours_of(installation, "monday")

    assert 0 == code
    assert "08:00" == start
    assert f"{before:%H:%M}" <= end <= f"{after:%H:%M}"
    assert [("08:00", "18:00")] == hours_of(installation, "tuesday")
    assert [("09:00", "10:00")] == hours_of(installation, "publicHolidays")

    installation.start_engine()
    until(lambda: [("08:00", "18:00")] == hours_of(installation, "monday"), "today's hours are restored")
    until(lambda: 0 == health(installation), "the status is healthy")
    nothing_wrong(installation)


def test_a_healthengine_that_does_not_answer_holds_up_no_stop(install: Install) -> None:
    """
    The server goes down in time whatever the link does, and the next start states the whole hours.
    """
    installation = started(install(start=MONDAY, live_hours="Mon-Fri 08:00-18:00"))
    sent = operations(installation).count("uploadLivenessContract")
    fault = Fault(kind=FaultKind.DELAY, operation="uploadLivenessContract", wait=timedelta(minutes=2))
    installation.simulator.add_fault(fault)
    began = time.monotonic()
    code = installation.stop_engine()

    assert 0 == code
    assert 10 > time.monotonic() - began
    installation.simulator.clear_faults()
    installation.start_engine()
    until(lambda: operations(installation).count("uploadLivenessContract") >= sent + 2, "the hours are sent again")

    assert [("08:00", "18:00")] == hours_of(installation, "monday")


def test_automatic_hours_begin_with_the_rosters_and_leave_closures_out(install: Install) -> None:
    """
    A new installation is live when somebody works; a closure written down is gone from the contract, and back without it.
    """
    installation = started(install(start=MONDAY, live_hours="auto"))
    tuesday = hours_of(installation, "tuesday")

    assert 1 == len(tuesday)
    assert tuesday[0][0] < "12:00" < tuesday[0][1]
    shown = installation.run("live-hours")
    assert 0 == shown.returncode
    assert "learned" in shown.stdout

    config = installation.home / "config.toml"
    plain = config.read_text(encoding="utf-8")
    config.write_text(f"{plain}\n[[practices.closures]]\nfirst = 2026-11-24\n", encoding="utf-8")
    until(lambda: [] == hours_of(installation, "tuesday"), "the closed day is taken out")
    config.write_text(plain, encoding="utf-8")
    until(lambda: tuesday == hours_of(installation, "tuesday"), "it is put back")
    nothing_wrong(installation)
