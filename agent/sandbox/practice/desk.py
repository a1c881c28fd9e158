"""
The front desk of the sample practice: people who book, move and cancel in the same database while the agent works.

Like real desk software it looks at the diary before it books, takes no lock of the agent's, and knows nothing of it.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self, TypeVar

from agent.domain.booking import reference_text, referenced_booking
from agent.domain.days import MINUTES_PER_DAY, Span, clock_minute, merge, subtract
from agent.sandbox.practice.audit import LIVE
from agent.sandbox.practice.build import ARRIVED, BOOKED, CANCELLED, DID_NOT_ATTEND, INSERT_APPOINTMENT, TOKEN
from agent.sandbox.practice.database import Connection, Database, as_datetime

T = TypeVar("T")

_TRIES = 20
_LATEST_DAY = 7
_LOOK_BACK = timedelta(days=1)
_NEAR = (
    "SELECT id, starts_at, minutes FROM appointments WHERE practitioner_id = ? AND starts_at >= ? AND starts_at < ? "
    "AND status IN (0, 1, 2, 5) ORDER BY starts_at"  # live or blocked
)
_UPDATE = "UPDATE appointments SET {}, version = version + 1 WHERE id = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opening:
    practitioner_id: int
    location_id: int
    start: datetime
    minutes: int


class DeskStaff:
    """
    A thread that changes the diary at random moments; every method may be called from any thread.

    It leaves rows with a Healthengine reference alone unless told by name. Each change opens a connection of its own and is
    one short transaction. Should its entry turn out to lie over one written in between, it takes its own away again, as a
    person at the screen would.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        clock: Callable[[], datetime],
        *,
        every: float = 2.0,
        seed: int = 0,
        token: str = TOKEN,
        errors: tuple[type[Exception], ...] = (sqlite3.Error,),
    ) -> None:
        """
        Prepare, without starting.

        Args:
            connect: Opens a connection that is not in autocommit mode.
            clock: The wall time at the practice, naive.
            every: Seconds of the machine's own time between two changes, on average.
            token: The word that marks the practice's patients; goes into the notes.
            errors: What the driver raises; a change that fails so is counted and dropped.
        """
        self._connect = connect
        self._clock = clock
        self._every = every
        self._random = Random(seed)
        self._token = token
        self._errors = errors
        self._counts: Counter[str] = Counter()
        self._lock = Lock()
        self._stop = Event()
        self._thread = Thread(target=self._work, name="front-desk", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """
        Begin to work. Once only.
        """
        self._thread.start()

    def stop(self, within: float = 10.0) -> None:
        """
        Finish the change under way and go home.

        Raises:
            TimeoutError: if that takes longer than *within* seconds.
        """
        self._stop.set()
        self._thread.join(within)
        if self._thread.is_alive():
            raise TimeoutError("the front desk is still busy")

    @property
    def counts(self) -> Mapping[str, int]:
        """
        What was done so far: `booked`, `moved`, `cancelled`, `arrived`, `withdrawn`, `nothing_to_do`, `failed` and the
        names of what was done on demand, such as `booked_over`.
        """
        with self._lock:
            return dict(self._counts)

    def act(self) -> str:
        """
        Make one random change now, and return what it was, by its name in `counts`.
        """
        what = self._random.choices((self._book, self._move, self._cancel, self._arrive), (5, 2, 2, 2))[0]
        try:
            done = self._in_transaction(what)
        except self._errors:
            done = "failed"
        self._count(done)
        return done

    def cancel_booking_row(self, booking_id: int) -> list[int]:
        """
        Cancel the live rows of a Healthengine booking, as a person who was rung up; return their ids.
        """
        return self._change_booking(booking_id, "cancelled_booking", f"status = {CANCELLED}")

    def mark_did_not_attend(self, booking_id: int) -> list[int]:
        """
        Mark the live rows of a Healthengine booking as did-not-attend; return their ids.
        """
        return self._change_booking(booking_id, "did_not_attend_booking", f"status = {DID_NOT_ATTEND}")

    def mark_arrived(self, booking_id: int) -> list[int]:
        """
        Mark the live rows of a Healthengine booking as arrived; return their ids.
        """
        return self._change_booking(booking_id, "arrived_booking", f"status = {ARRIVED}")

    def move_booking_row(self, booking_id: int, start: datetime, *, practitioner_id: int | None = None) -> list[int]:
        """
        Move the live rows of a Healthengine booking, perhaps to another practitioner; return their ids.
        """
        if practitioner_id is None:
            return self._change_booking(booking_id, "moved_booking", "starts_at = ?", start)
        return self._change_booking(booking_id, "moved_booking", "starts_at = ?, practitioner_id = ?", start, practitioner_id)

    def book_over(self, practitioner_id: int, start: datetime, minutes: int) -> int:
        """
        Book without looking, on top of whatever is there; return the new row's id.
        """

        def insert(database: Database) -> int:
            place = _place_of(database, practitioner_id)
            return self._insert(
                database, _Opening(practitioner_id=practitioner_id, location_id=place, start=start, minutes=minutes)
            )

        number = self._in_transaction(insert)
        self._count("booked_over")
        return number

    def book_if_free(self, practitioner_id: int, start: datetime, minutes: int) -> bool:
        """
        Book a time that looks free, and take it back if it turns out not to be; return whether it stands.
        """

        def insert(database: Database) -> str:
            if _any_over(_entries_near(database, practitioner_id, start), start, minutes):
                return "was_taken"
            place = _place_of(database, practitioner_id)
            opening = _Opening(practitioner_id=practitioner_id, location_id=place, start=start, minutes=minutes)
            number = self._insert(database, opening)
            database.commit()
            return self._keep_if_alone(database, number, opening, "booked_the_same")

        try:
            done = self._in_transaction(insert)
        except self._errors:
            done = "failed"
        self._count(done)
        return done == "booked_the_same"

    def _work(self) -> None:
        while not self._stop.wait(self._random.expovariate(1 / self._every)):
            self.act()

    def _count(self, what: str) -> None:
        with self._lock:
            self._counts[what] += 1

    def _in_transaction(self, work: Callable[[Database], T]) -> T:
        database = Database(self._connect())
        try:
            result = work(database)
            database.commit()
            return result
        finally:
            database.close()  # closing undoes what was not committed

    def _change_booking(self, booking_id: int, name: str, assignments: str, *values: object) -> list[int]:
        def change(database: Database) -> list[int]:
            rows = database.rows(
                "SELECT id, status, notes FROM appointments WHERE notes LIKE ? ORDER BY id",
                f"%{reference_text(booking_id)}%",
            )
            ids = [int(row[0]) for row in rows if int(row[1]) in LIVE and referenced_booking(str(row[2])) == booking_id]
            for number in ids:
                database.run(_UPDATE.format(assignments), *values, number)
            return ids

        ids = self._in_transaction(change)
        self._count(name)
        return ids

    def _book(self, database: Database) -> str:
        opening = self._find_opening(database)
        if opening is None:
            return "nothing_to_do"
        number = self._insert(database, opening)
        database.commit()
        return self._keep_if_alone(database, number, opening, "booked")

    def _move(self, database: Database) -> str:
        entry = self._pick_own(database)
        opening = self._find_opening(database) if entry else None
        if entry is None or opening is None:
            return "nothing_to_do"
        database.run(
            _UPDATE.format("starts_at = ?, minutes = ?, practitioner_id = ?, location_id = ?"),
            opening.start,
            opening.minutes,
            opening.practitioner_id,
            opening.location_id,
            entry,
        )
        database.commit()
        return self._keep_if_alone(database, entry, opening, "moved")

    def _cancel(self, database: Database) -> str:
        entry = self._pick_own(database)
        if entry is None:
            return "nothing_to_do"
        database.run(_UPDATE.format(f"status = {CANCELLED}"), entry)
        return "cancelled"

    def _arrive(self, database: Database) -> str:
        now = self._clock()
        entry = self._pick_own(database, first=now - timedelta(hours=2), end=now + timedelta(minutes=30))
        if entry is None:
            return "nothing_to_do"
        database.run(_UPDATE.format(f"status = {ARRIVED}"), entry)
        return "arrived"

    def _keep_if_alone(self, database: Database, number: int, opening: _Opening, done: str) -> str:
        clash = [row for row in _entries_near(database, opening.practitioner_id, opening.start) if row[0] != number]
        if not _any_over(clash, opening.start, opening.minutes):
            return done
        database.run(_UPDATE.format(f"status = {CANCELLED}"), number)
        return "withdrawn"

    def _pick_own(self, database: Database, *, first: datetime | None = None, end: datetime | None = None) -> int | None:
        """
        Return a booked row of the practice's own that starts between *first* and *end*, by default from now on, or None.
        """
        first = first or self._clock()
        rows = database.rows(
            "SELECT id, notes FROM appointments WHERE status = ? AND starts_at >= ? AND starts_at < ? ORDER BY id",
            BOOKED,
            first,
            end or first + timedelta(days=_LATEST_DAY),
        )
        own = [int(row[0]) for row in rows if not referenced_booking(str(row[1]))]
        return self._random.choice(own) if own else None

    def _find_opening(self, database: Database) -> _Opening | None:
        """
        Look at the diary as the desk sees it at this moment: a free slot of somebody's working time, or None.
        """
        now = self._clock()
        day = now.date() + timedelta(days=self._random.randint(0, _LATEST_DAY))
        shifts = database.rows(
            "SELECT practitioner_id, location_id, start_time, end_time, slot_minutes FROM roster "
            "WHERE roster_date = ? ORDER BY id",
            day,
        )
        self._random.shuffle(shifts)
        for practitioner, location, start, end, slot in shifts:
            minutes = int(slot) or 15
            span = Span(clock_minute(str(start)), clock_minute(str(end)))
            starts = [
                at
                for free in subtract(span, _taken(database, int(practitioner), day))
                for at in _slots(day, free, minutes)
                if at > now
            ]
            if starts:
                return _Opening(
                    practitioner_id=int(practitioner),
                    location_id=int(location),
                    start=self._random.choice(starts),
                    minutes=minutes,
                )
        return None

    def _insert(self, database: Database, opening: _Opening) -> int:
        """
        Insert under the next id; somebody who took it meanwhile makes us take the one after.
        """
        patients = int(database.rows("SELECT MAX(id) FROM patients")[0][0])
        tries = 0
        while True:
            number = int(database.rows("SELECT COALESCE(MAX(id), 0) + 1 FROM appointments")[0][0])
            try:
                database.run(
                    INSERT_APPOINTMENT,
                    number,
                    opening.practitioner_id,
                    opening.location_id,
                    self._random.randint(1, patients),
                    1,
                    opening.start,
                    opening.minutes,
                    BOOKED,
                    f"{self._token}: booked at the desk",
                )
            except self._errors as error:
                database.rollback()
                tries += 1
                # every driver calls a duplicate so (PEP 249); a locked database is not worth another try
                if type(error).__name__ != "IntegrityError" or tries == _TRIES:
                    raise
            else:
                return number


def _any_over(entries: list[tuple[int, datetime, datetime]], start: datetime, minutes: int) -> bool:
    return any(begin < start + timedelta(minutes=minutes) and end > start for _, begin, end in entries)


def _place_of(database: Database, practitioner_id: int) -> int:
    """
    Return the first place where a practitioner works.
    """
    return int(
        database.rows(
            "SELECT location_id FROM practitioner_places WHERE practitioner_id = ? ORDER BY location_id", practitioner_id
        )[0][0]
    )


def _slots(day: date, free: Span, minutes: int) -> list[datetime]:
    midnight = datetime(day.year, day.month, day.day)
    return [midnight + timedelta(minutes=at) for at in range(free.start, free.end - minutes + 1, minutes)]


def _taken(database: Database, practitioner_id: int, day: date) -> list[Span]:
    midnight = datetime(day.year, day.month, day.day)
    absences = database.rows(
        "SELECT start_time, end_time FROM absences WHERE absence_date = ? AND practitioner_id = ?", day, practitioner_id
    )
    spans = [Span(clock_minute(str(start)), clock_minute(str(end))) for start, end in absences]
    for _, start, end in _entries_near(database, practitioner_id, midnight):
        first, last = (int((moment - midnight) / timedelta(minutes=1)) for moment in (start, end))
        spans.append(Span(max(first, 0), min(last, MINUTES_PER_DAY)))
    return merge(spans)


def _entries_near(database: Database, practitioner_id: int, moment: datetime) -> list[tuple[int, datetime, datetime]]:
    """
    Return what takes the practitioner's time within a day of *moment*: id, start and end.
    """
    rows = database.rows(_NEAR, practitioner_id, moment - _LOOK_BACK, moment + _LOOK_BACK)
    return [
        (int(number), as_datetime(start), as_datetime(start) + timedelta(minutes=int(length))) for number, start, length in rows
    ]
