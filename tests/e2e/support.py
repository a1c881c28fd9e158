"""
What the acceptance tests do again and again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from agent.cli.output import Exit
from agent.cli.showing import exit_code
from agent.sandbox.healthengine.openings import Opening
from agent.sandbox.healthengine.people import invented_person
from agent.sandbox.installation import PRACTICE_ID, Installation, wait_until
from agent.sandbox.practice.audit import audit

PATIENCE_S = 60.0
"""Real seconds after which a test gives up; generous, because these machines are shared."""


def until(condition: Callable[[], object], what: str, seconds: float = PATIENCE_S) -> None:
    """
    Wait until *condition* holds.
    """
    wait_until(condition, seconds, what)


def health(installation: Installation) -> Exit:
    """
    Return what `frontdesk status` would end with, without a process for every look.
    """
    status = installation.status()
    return Exit.NO_ENGINE if status is None else exit_code(status)


def shown(installation: Installation) -> set[str]:
    """
    Return the codes of what is wrong; everything that is wrong says what it is.
    """
    status = installation.status()
    return {c.code for c in status.conditions if c.message} if status else set()


def started(installation: Installation) -> Installation:
    """
    Start the engine and wait until its first free times are published.
    """
    installation.start_engine()
    until(installation.simulator.openings, "the first free times are published")
    return installation


def an_opening(installation: Installation, number: int = 0, *, after_days: int = 1) -> Opening:
    """
    Return a free time some days ahead, each *number* on a day and resource of its own if there are enough.
    """
    first = installation.local_now().date() + timedelta(days=after_days)
    seen: dict[tuple[str, date], Opening] = {}
    for opening in installation.simulator.openings():
        if opening.start.date() >= first:
            seen.setdefault((opening.resource_id.split("@")[0], opening.start.date()), opening)
    return list(seen.values())[number]


def book(installation: Installation, opening: Opening, *, seed: int = 1, person: Mapping[str, str | None] | None = None) -> int:
    """
    Book a free time as a patient would and return the booking's id.
    """
    booking_id = installation.simulator.book_opening(opening, person or invented_person(seed))
    assert booking_id is not None
    return booking_id


def confirmed(installation: Installation, booking_id: int) -> None:
    """
    Wait until the engine has said yes.
    """
    simulator = installation.simulator
    until(lambda: simulator.answer_of(booking_id), f"booking {booking_id} is answered")
    answer = simulator.answer_of(booking_id)

    assert answer is not None
    assert "confirmed" == answer.answer.value.lower()


def booked(installation: Installation, number: int = 0, *, seed: int = 1) -> int:
    """
    Book a free time, wait for the yes, and return the booking's id.
    """
    booking_id = book(installation, an_opening(installation, number), seed=seed)
    confirmed(installation, booking_id)
    return booking_id


def live_rows(installation: Installation, booking_id: int) -> list[int]:
    """
    Return the ids of a booking's live rows in the practice's database.
    """
    connection = installation.connect()
    try:
        rows = audit(connection, confirmed=()).ours
    finally:
        connection.close()
    return [row.id for row in rows if row.booking_id == booking_id and row.is_live]


def operations(installation: Installation) -> list[str]:
    """
    Return the names of all calls so far, in order.
    """
    return [call.operation for call in installation.simulator.requests_log]


def execute(installation: Installation, sql: str, *values: object) -> None:
    """
    Change the practice's database, as its own program would.
    """
    connection = installation.connect()
    try:
        connection.execute(sql, values)
        connection.commit()
    finally:
        connection.close()


def nothing_wrong(installation: Installation) -> None:
    """
    The simulator saw no breach of the definition or of a deadline, and the diary is as Healthengine believes it to be.
    """
    simulator = installation.simulator
    standing = [b.id for b in simulator.bookings(PRACTICE_ID) if b.stands and b.answer is not None]
    connection = installation.connect()
    try:
        report = audit(connection, confirmed=standing)
    finally:
        connection.close()

    assert [] == simulator.violations
    assert report.is_clean
    assert () == report.unexpected


def seconds_since(installation: Installation, moment: datetime) -> float:
    """
    Return how much simulator time has passed since *moment*.
    """
    return (installation.clock.now() - moment).total_seconds()
