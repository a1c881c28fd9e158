"""
What may break, does: the database stops, processes die, the network lies. No booking is lost, doubled or left unanswered.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from threading import Event
from time import monotonic

import pytest
from conftest import Install
from faults_support import (
    MariaDb,
    Server,
    burst,
    empty_database,
    moments,
    settled,
    worker_pid,
    workers,
)
from support import an_opening, book, booked, confirmed, health, live_rows, nothing_wrong, operations, started, until

from agent.sandbox.healthengine.config import AnsweredAgain
from agent.sandbox.healthengine.faults import Fault, FaultKind
from agent.sandbox.installation import Installation

pytestmark = pytest.mark.slow
LONG = pytest.mark.long


@pytest.fixture
def server() -> Iterator[Server]:
    """
    A database server of the test's own, because it will be stopped.
    """
    with MariaDb.running() as running:
        yield running


def polls(installation: Installation) -> list[float]:
    """
    Return when the polls came, in simulator seconds.
    """
    return [c.at.timestamp() for c in installation.simulator.requests_log if c.operation == "pollRequests"]


@pytest.mark.servers
@pytest.mark.timeout(300)
@pytest.mark.skipif(sys.platform == "win32", reason="a process is held up by signals")
def test_a_database_that_hangs_costs_one_worker_and_work_goes_on_when_it_is_back(install: Install, server: Server) -> None:
    """
    Polls go on, the condition is shown, the patient is answered in time, and within 30 s of the database all is as before.
    """
    installation = started(install(scale=1.0, server=empty_database(server), horizon_days=7))
    simulator = installation.simulator
    booked(installation)
    until(lambda: 0 == health(installation), "all is well")
    hung, engine = worker_pid(installation, "bookings"), installation.engine
    os.kill(server.pid, signal.SIGSTOP)
    try:
        since = installation.clock.now().timestamp()
        refused = [book(installation, an_opening(installation, 1), seed=2)]
        until(lambda: 2 == health(installation), "the trouble is shown")
        refused += [book(installation, an_opening(installation, 2), seed=3)]
        until(lambda: all(map(simulator.answer_of, refused)), "the patients are answered")
        until(lambda: installation.clock.now().timestamp() > since + 45, "three quarters of a minute have passed", 60)
        status = installation.status()
    finally:
        os.kill(server.pid, signal.SIGCONT)
    back, at = monotonic(), len(simulator.requests_log)
    accepted = book(installation, an_opening(installation, 3), seed=4)
    until(lambda: simulator.answer_of(accepted), "a booking is answered")
    until(lambda: "sendAvailabilitySnapshots" in operations(installation)[at:], "free time is sent")
    until(lambda: 0 == health(installation), "all is well again")
    took = monotonic() - back
    times = [t for t in polls(installation) if t >= since - 6]
    answers = [simulator.answer_of(b) for b in (*refused, accepted)]

    assert took < 30
    assert max(b - a for a, b in pairwise(times)) < 20
    assert status is not None
    assert any(c.code.startswith("pms-") and c.remedy for c in status.conditions)
    assert worker_pid(installation, "bookings") not in {0, hung}
    assert installation.engine is engine
    assert ["rejected", "rejected", "confirmed"] == [a.answer.value.lower() for a in answers if a]
    assert all(a.seconds < 20 for a in answers if a)
    settled(installation, at_least=2)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=LONG), pytest.param(3, marks=LONG)])
def test_an_engine_that_is_killed_again_and_again_loses_and_doubles_nothing(install: Install, seed: int) -> None:
    """
    A power cut at any moment of a burst: what was begun is found again, and answered with the same ids.
    """
    installation = started(install(scale=1.0))
    with burst(installation, seed=seed):
        for _ in moments(seed, 4, least=1.5, most=4.0):
            installation.kill_engine()
            installation.start_engine()
        Event().wait(3)
    settled(installation, at_least=8)


@pytest.mark.parametrize("operation", ["confirmBookingInsert", "confirmBookingUpdate"])
def test_an_engine_that_is_killed_before_it_has_answered_gives_the_same_answer(install: Install, operation: str) -> None:
    """
    The appointment is in the PMS, or cancelled there, but Healthengine does not know: it is told after the restart.
    """
    installation = started(install(scale=1.0))
    simulator = installation.simulator
    first = booked(installation)
    simulator.add_fault(Fault(kind=FaultKind.DROP_BEFORE, operation=operation, times=None))
    simulator.cancel(first)
    second = book(installation, an_opening(installation, 1), seed=2)
    until(lambda: live_rows(installation, second) and not live_rows(installation, first), "the PMS has both")
    installation.kill_engine()
    simulator.clear_faults()
    installation.start_engine()
    confirmed(installation, second)

    settled(installation, at_least=2)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("seed", [7, pytest.param(8, marks=LONG)])
def test_workers_that_are_killed_again_and_again_lose_and_double_nothing(install: Install, seed: int) -> None:
    """
    A driver that crashes takes its worker with it, and nothing else.
    """
    installation = started(install(scale=1.0))
    killed: set[int] = set()
    with burst(installation, seed=seed):
        for _ in moments(seed, 8, least=0.8, most=2.5):
            for worker in workers(installation):
                worker.kill()
                killed.add(worker.pid)
        Event().wait(3)
    settled(installation, at_least=8)

    assert len(killed) > 1


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def test_bookings_made_while_the_link_was_down_are_answered_when_it_is_back(install: Install) -> None:
    """
    No connection for two minutes: the trouble is shown, and everything that waited is entered and answered.
    """
    installation = started(install(scale=10.0, port=free_port()))
    simulator = installation.simulator
    first = booked(installation)
    openings = [an_opening(installation, n) for n in range(1, 5)]
    simulator.stop()
    since = installation.clock.monotonic()
    waiting = [book(installation, opening, seed=n + 2) for n, opening in enumerate(openings)]
    simulator.cancel(first)
    until(lambda: 2 == health(installation), "the trouble is shown")
    status = installation.status()
    until(lambda: installation.clock.monotonic() > since + 120, "two minutes have passed")
    simulator.start()
    for booking_id in waiting:
        confirmed(installation, booking_id)

    assert status is not None
    assert any(c.code.startswith("he-") and c.remedy for c in status.conditions)
    settled(installation, at_least=5)
    until(lambda: 0 == health(installation), "all is well again")


@pytest.mark.parametrize("status", [429, pytest.param(503, marks=LONG)])
@pytest.mark.parametrize("as_date", [False, pytest.param(True, marks=LONG)])
def test_a_wait_that_healthengine_asks_for_is_kept(install: Install, status: int, as_date: bool) -> None:  # noqa: FBT001 - a parameter
    """
    Polls stay away as long as they are asked to, and a booking made meanwhile is answered after it.
    """
    installation = started(install(scale=5.0))
    simulator = installation.simulator
    wait = timedelta(seconds=40)
    simulator.add_fault(
        Fault(kind=FaultKind.STATUS, status=status, operation="pollRequests", retry_after=wait, retry_after_as_date=as_date)
    )
    until(lambda: status in [c.status for c in simulator.requests_log], "a poll was refused")
    booking_id = book(installation, an_opening(installation))
    confirmed(installation, booking_id)
    refused = next(c.at for c in simulator.requests_log if c.status == status)
    later = next(c.at for c in simulator.requests_log if c.at > refused and c.operation == "pollRequests")

    assert wait - timedelta(seconds=1) <= later - refused < 2 * wait
    settled(installation, at_least=1)


# what else is no answer of Healthengine's: tests/healthengine/test_he_failures.py
@pytest.mark.parametrize("kind", [FaultKind.HTML, *(pytest.param(k, marks=LONG) for k in (FaultKind.TRUNCATE, FaultKind.BODY))])
def test_an_answer_that_is_not_healthengines_acknowledges_nothing(install: Install, kind: FaultKind) -> None:
    """
    A captive portal says 200 to everything: the days count as not sent, and go out again when it is gone.
    """
    installation = install(scale=10.0)
    simulator = installation.simulator
    portal = Fault(kind=kind, operation="sendAvailabilitySnapshots", times=4, body=b'{"hello": "world"}')
    simulator.add_fault(portal)
    installation.start_engine()
    until(lambda: 10 * 14 == acknowledged(installation), "every day is acknowledged")
    until(lambda: 0 == health(installation), "all is well")
    sent = {(d["pmsResourceId"], d["date"]) for c in simulator.calls("sendAvailabilitySnapshots")[4:] for d in c.body}

    assert 10 * 14 == len(sent)
    assert 10 * 14 == len(simulator.published())
    nothing_wrong(installation)


def acknowledged(installation: Installation) -> int:
    """
    Return how many days the engine believes to be published.
    """
    status = installation.status()
    return sum(p.published.days for p in status.practices) if status else 0


@pytest.mark.parametrize("again", [AnsweredAgain.OK, *(pytest.param(a, marks=LONG) for a in list(AnsweredAgain)[1:])])
def test_a_burst_whose_acknowledgements_are_lost_is_answered_once_each(install: Install, again: AnsweredAgain) -> None:
    """
    Every third call is processed and its answer lost, whichever it is: the ids that were said stay the same.
    """
    installation = started(install(scale=2.0, answered_again=again))
    with burst(installation, seed=5, every=1.5):
        for _ in moments(5, 10, least=0.5, most=1.0):
            installation.simulator.add_fault(Fault(kind=FaultKind.DROP_AFTER, times=2))
    installation.simulator.clear_faults()

    settled(installation, at_least=5)
