"""
What is in the sample practice's database at the end of a run, and whether any rule about bookings was broken.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.domain.booking import referenced_booking
from agent.sandbox.practice.build import ARRIVED, BLOCKED, BOOKED, COMPLETED
from agent.sandbox.practice.database import Connection, Database, as_datetime

LIVE = frozenset({BOOKED, ARRIVED, COMPLETED})
"""States of an appointment that stands."""

_TAKES_TIME = LIVE | {BLOCKED}
_LONGEST = timedelta(days=1)

_ROWS = "SELECT id, practitioner_id, starts_at, minutes, status, notes FROM appointments ORDER BY starts_at, id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    One appointment.

    Attributes:
        booking_id: From its reference; 0: not one of ours.
    """

    id: int
    practitioner_id: int
    start: datetime
    minutes: int
    status: int
    booking_id: int

    @property
    def end(self) -> datetime:
        """
        When it ends.
        """
        return self.start + timedelta(minutes=self.minutes)

    @property
    def is_live(self) -> bool:
        """
        Whether it stands: booked, arrived or completed.
        """
        return self.status in LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """
    A live row of ours that shares time with another entry of the same practitioner.

    Attributes:
        other_id: The other row; its *other_booking_id* is 0 where it is the practice's own.
    """

    booking_id: int
    appointment_id: int
    other_id: int
    other_booking_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """
    What the audit found.

    Attributes:
        ours: Every row with a reference, cancelled ones included.
        duplicates: Bookings with more than one live row.
        double_booked: Overlaps in which a live row of ours takes part.
        missing: Bookings that should be live and have no live row.
        unexpected: Bookings that are live and should not be.
    """

    appointments: int
    ours: tuple[Row, ...]
    duplicates: tuple[int, ...]
    double_booked: tuple[Overlap, ...]
    missing: tuple[int, ...]
    unexpected: tuple[int, ...]

    @property
    def live_bookings(self) -> frozenset[int]:
        """
        The bookings that have a live row.
        """
        return frozenset(row.booking_id for row in self.ours if row.is_live)

    @property
    def is_clean(self) -> bool:
        """
        Whether nothing is lost, doubled or overlapping. Says nothing about *unexpected*: answers may be under way.
        """
        return not (self.duplicates or self.double_booked or self.missing)


def audit(connection: Connection, *, confirmed: Collection[int]) -> AuditReport:
    """
    Read the whole diary and compare it with *confirmed*, the bookings that Healthengine believes to stand.
    """
    database = Database(connection)
    rows = [
        Row(
            id=int(number),
            practitioner_id=int(practitioner),
            start=as_datetime(start),
            minutes=int(minutes),
            status=int(status),
            booking_id=referenced_booking(str(notes)),
        )
        for number, practitioner, start, minutes, status, notes in database.rows(_ROWS)
    ]
    database.rollback()  # ends the reading
    ours = tuple(row for row in rows if row.booking_id)
    live = [row.booking_id for row in ours if row.is_live]
    return AuditReport(
        appointments=len(rows),
        ours=ours,
        duplicates=tuple(sorted({booking for booking in live if live.count(booking) > 1})),
        double_booked=tuple(_overlaps(rows)),
        missing=tuple(sorted(set(confirmed) - set(live))),
        unexpected=tuple(sorted(set(live) - set(confirmed))),
    )


def _overlaps(rows: list[Row]) -> list[Overlap]:
    diaries: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if row.status in _TAKES_TIME:
            diaries[row.practitioner_id].append(row)
    found: list[Overlap] = []
    for diary in diaries.values():
        for row in diary:
            if not (row.booking_id and row.is_live):
                continue
            nearby = diary[bisect_left(diary, row.start - _LONGEST, key=lambda other: other.start) :]
            for other in nearby:
                if other.start >= row.end:
                    break
                if other.id != row.id and other.end > row.start:
                    found.append(_overlap(row, other))
    return found


def _overlap(row: Row, other: Row) -> Overlap:
    return Overlap(booking_id=row.booking_id, appointment_id=row.id, other_id=other.id, other_booking_id=other.booking_id)
