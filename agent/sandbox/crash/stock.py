"""
Taking stock: the diary, Healthengine, the ledger and what is published, compared from outside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, takewhile

from agent.domain.booking import BookingState
from agent.domain.days import clock_minute
from agent.domain.tasks import TaskKind
from agent.engine.holidays import is_public_holiday
from agent.sandbox.healthengine.records import Answer, BookingRecord, ViolationKind
from agent.sandbox.installation import PRACTICE_ID, ZONE, Installation
from agent.sandbox.practice.audit import AuditReport, audit
from agent.sandbox.practice.database import Connection, Database, as_date, as_datetime
from agent.settings.paths import Home
from agent.store.looking import look_at

UNDER_WAY = (
    BookingState.REQUESTED,
    BookingState.INSERTING,
    BookingState.INSERTED,
    BookingState.CONFIRMING,
    BookingState.REJECTING,
)
"""A booking in one of these states is not settled."""

FIRST_SETTLED_DAY = 3
"""Days from today from which on the clock of the run changes nothing of what is free."""

_WHILE_DEAD = frozenset({ViolationKind.SILENCE, ViolationKind.UNANSWERED})
"""How long everything takes is up to whoever keeps killing the engine; what is still unanswered at the end is counted."""

_TAKEN = "status IN (0, 1, 2, 5)"  # live or blocked

_PlaceDay = tuple[str, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """
    What was found, each line naming bookings or days.

    Attributes:
        lost: Healthengine and the patient believe in it, the diary has nothing.
        doubled: Several live rows, or other ids than Healthengine was told.
        unexpected: A live row of what was refused or cancelled.
        overlaps: Two rows share time, ours being one, and nobody was asked to look at it.
        left_to_a_person: Two rows share time, too late to say no: there is a task.
        unanswered: Healthengine still waits, or the ledger is not settled.
        free_time: Days whose published time is not what is free in the diary.
        patients: Records that were created for a booking and belong to none.
    """

    bookings: int
    cancellations: int
    lost: Sequence[str] = ()
    doubled: Sequence[str] = ()
    unexpected: Sequence[str] = ()
    overlaps: Sequence[str] = ()
    unanswered: Sequence[str] = ()
    free_time: Sequence[str] = ()
    patients: Sequence[str] = ()
    breaches: Sequence[str] = ()
    left_to_a_person: Sequence[str] = ()

    @property
    def wrong(self) -> dict[str, Sequence[str]]:
        """
        What must not be, by its name; empty if all is well.
        """
        names = ("lost", "doubled", "unexpected", "overlaps", "unanswered", "free_time", "patients", "breaches")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


def is_answered(installation: Installation) -> bool:
    """
    Return whether nothing waits, neither at Healthengine nor in the ledger.
    """
    return not installation.simulator.outstanding() and not _under_way(installation)


def is_published(installation: Installation) -> bool:
    """
    Return whether what is published is what is free.
    """
    with closing(installation.connect()) as connection:
        return not _free_time(installation, connection)


def take_stock(installation: Installation, *, first_new_patient: int) -> Stock:
    """
    Compare everything with everything; the engine has come to rest.
    """
    simulator = installation.simulator
    bookings = simulator.bookings(PRACTICE_ID)
    standing = [b.id for b in bookings if b.stands and b.answer is not None]
    with closing(installation.connect()) as connection:
        found = audit(connection, confirmed=standing)
        free_time = _free_time(installation, connection)
        patients = _orphans(connection, first_new_patient)
    with look_at(Home(folder=installation.home).state_db) as store:
        conflicts = {task.booking_id for task in store.tasks.open_tasks() if task.kind is TaskKind.CONFLICT}
    shared = [(o, f"booking {o.booking_id} (row {o.appointment_id}) and row {o.other_id}") for o in found.double_booked]
    return Stock(
        bookings=len(bookings),
        cancellations=sum(1 for b in bookings if b.cancelled_at is not None),
        lost=[_line(simulator.booking(i)) for i in found.missing],
        doubled=[*(f"booking {i}: several rows" for i in found.duplicates), *_other_ids(bookings, found)],
        unexpected=[_line(simulator.booking(i)) for i in found.unexpected],
        overlaps=[text for overlap, text in shared if overlap.booking_id not in conflicts],
        left_to_a_person=[text for overlap, text in shared if overlap.booking_id in conflicts],
        unanswered=[
            *(f"{kind}" for kind in simulator.outstanding()),
            *(f"booking {b.id}: no answer" for b in bookings if b.asked and b.listed),
            *_under_way(installation),
        ],
        free_time=free_time,
        patients=patients,
        breaches=[str(breach) for breach in simulator.violations if breach.kind not in _WHILE_DEAD],
    )


def _line(booking: BookingRecord) -> str:
    cancelled = ", cancelled by the patient" if booking.cancelled_at else ""
    return f"booking {booking.id}: {booking.answer or 'no answer'}{cancelled}"


def _other_ids(bookings: Sequence[BookingRecord], found: AuditReport) -> list[str]:
    rows = {row.booking_id: str(row.id) for row in found.ours if row.is_live}
    return [
        f"booking {b.id}: Healthengine was told {b.answer_ids}, the row is {rows[b.id]}"
        for b in bookings
        if b.answer is Answer.CONFIRMED and b.id in rows and b.answer_ids != (rows[b.id],)
    ]


def _under_way(installation: Installation) -> list[str]:
    with look_at(Home(folder=installation.home).state_db) as store:
        return [f"booking {e.booking_id}: {e.state}" for e in store.ledger.bookings(PRACTICE_ID, states=UNDER_WAY)]


def _orphans(connection: Connection, first_new: int) -> list[str]:
    rows = Database(connection).rows(
        "SELECT id FROM patients WHERE id > ? AND id NOT IN (SELECT patient_id FROM appointments WHERE patient_id IS NOT NULL)",
        first_new,
    )
    return [f"patient {row[0]}" for row in rows]


def _free_time(installation: Installation, connection: Connection) -> list[str]:
    """
    Return the days whose published minutes are not those that the diary has free, worked out minute by minute.
    """
    now = installation.local_now()
    first, last = (now.date() + timedelta(days=n) for n in (FIRST_SETTLED_DAY, installation.horizon_days - 1))
    database = Database(connection)
    free, short = _free(database, first, last)
    database.rollback()  # ends the reading
    shown: dict[tuple[str, date], set[int]] = defaultdict(set)
    for (resource, day), ranges in installation.simulator.published().items():
        for span in ranges:
            shown[resource.partition(":")[0], day].update(range(clock_minute(span["start"]), clock_minute(span["end"])))
    return [
        f"{place} on {day}: {len(wrong)} minutes"
        for (place, day), minutes in free.items()
        if not is_public_holiday(day, ZONE) and (wrong := (shown[place, day] ^ minutes) - short[place, day])
    ]


def _free(database: Database, first: date, last: date) -> tuple[dict[_PlaceDay, set[int]], dict[_PlaceDay, set[int]]]:
    """
    Return the free minutes of each practitioner at each place on each day, and of these what is too short for a slot.
    """
    busy: dict[tuple[int, date], set[int]] = defaultdict(set)
    for who, day, start, end in database.rows("SELECT practitioner_id, absence_date, start_time, end_time FROM absences"):
        busy[int(who), as_date(day)].update(range(clock_minute(start), clock_minute(end)))
    for who, start, minutes in database.rows(f"SELECT practitioner_id, starts_at, minutes FROM appointments WHERE {_TAKEN}"):  # noqa: S608 - ours
        begin = as_datetime(start)
        at = begin.hour * 60 + begin.minute
        busy[int(who), begin.date()].update(range(at, at + int(minutes)))
    free: dict[_PlaceDay, set[int]] = defaultdict(set)
    short: dict[_PlaceDay, set[int]] = defaultdict(set)
    shifts = "SELECT practitioner_id, location_id, roster_date, start_time, end_time, slot_minutes FROM roster WHERE"
    for who, where, day, start, end, slot in database.rows(f"{shifts} roster_date >= ? AND roster_date < ?", first, last):
        key = (f"{who}@{where}", as_date(day))
        open_minutes = set(range(clock_minute(start), clock_minute(end))) - busy[int(who), as_date(day)]
        free[key] |= open_minutes
        for minute in open_minutes:
            stretch = set(takewhile(open_minutes.__contains__, count(minute)))
            if minute - 1 not in open_minutes and len(stretch) < int(slot):
                short[key] |= stretch
    return free, short
