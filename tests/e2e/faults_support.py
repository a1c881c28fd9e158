"""
What the tests of faults share: a practice on a database server, patients who go on whatever happens, and taking stock.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from threading import Event

import psutil
from database_servers import MariaDb, Server
from support import nothing_wrong, until

from agent.domain.booking import BookingState
from agent.sandbox.demo import known_people
from agent.sandbox.healthengine.patients import SimulatedPatients
from agent.sandbox.healthengine.records import Answer
from agent.sandbox.installation import PRACTICE_ID, Installation, ServerDatabase
from agent.sandbox.practice.audit import audit

__all__ = ["MariaDb", "Server"]

SETTLED_S = 60.0
"""Real seconds within which everything must be answered once nothing is in the way any more."""

UNDER_WAY = {state.value for state in (BookingState.REQUESTED, BookingState.INSERTING, BookingState.INSERTED)} | {
    BookingState.CONFIRMING.value,
    BookingState.REJECTING.value,
}


def empty_database(server: Server) -> ServerDatabase:
    """
    Create an empty database on a server that has none yet.
    """
    server.create_empty_database()
    return ServerDatabase(dialect=server.dialect, connection=server.connection, password=server.password)


def burst(installation: Installation, *, seed: int, every: float = 0.7) -> SimulatedPatients:
    """
    Return patients who book and cancel in quick succession; start them yourself.
    """
    return SimulatedPatients(
        installation.simulator,
        people=known_people(installation, 40),
        every=every,
        cancel_share=0.4,
        early_share=0.1,
        seed=seed,
    )


def moments(seed: int, count: int, *, least: float, most: float) -> Iterator[None]:
    """
    Come back at *count* random moments, so many real seconds apart.
    """
    random = Random(seed)
    for _ in range(count):
        Event().wait(random.uniform(least, most))
        yield


def worker_pid(installation: Installation, name: str) -> int:
    """
    Return a PMS worker's process id; 0 while there is none.
    """
    status = installation.status()
    return next((w.pid for w in status.workers if w.name == name), 0) if status else 0


def workers(installation: Installation) -> list[psutil.Process]:
    """
    Return the PMS workers that are alive at this moment.
    """
    assert installation.engine is not None
    children = psutil.Process(installation.engine.pid).children()
    return [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]


def states(installation: Installation) -> dict[int, str]:
    """
    Return where the engine has each booking.
    """
    status = installation.status()
    return {line.booking_id: line.state for line in status.bookings} if status else {}


def settled(installation: Installation, *, at_least: int) -> None:
    """
    Everything gets its answer, and then every yes is one appointment with the ids that were said, and there is no other.
    """
    simulator = installation.simulator
    until(lambda: not simulator.outstanding(), "everything is answered", SETTLED_S)
    until(lambda: not UNDER_WAY & set(states(installation).values()), "the ledger has settled", SETTLED_S)
    bookings = simulator.bookings(PRACTICE_ID)
    said = {b.id: b.answer_ids for b in bookings if b.answer is Answer.CONFIRMED}
    connection = installation.connect()
    try:
        rows = audit(connection, confirmed=()).ours
    finally:
        connection.close()
    found = {booking_id: tuple(str(row.id) for row in rows if row.booking_id == booking_id) for booking_id in said}

    assert at_least <= len(said)
    assert said == found
    assert [] == [b.id for b in bookings if b.asked and b.listed]
    nothing_wrong(installation)
