"""
Writing: bookings and cancellations, each in one transaction under one lock, and looked at again afterwards.

Everything here is in one of three ways over when it returns or raises: done, not done, or `OutcomeUnknown`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from agent.domain.booking import (
    Booked,
    BookRequest,
    BookResult,
    CancelResult,
    FoundBooking,
    NotFree,
    NotThere,
    Overlapped,
)
from agent.domain.diary import AppointmentState
from agent.domain.errors import ContractBroken, FrontdeskError, Misconfigured, OutcomeUnknown, Transient
from agent.domain.identity import OTHER_ENGINE
from agent.pms.sql import normalise, parameters
from agent.pms.sql.apis import Api
from agent.pms.sql.carriers import Carrier, DuplicateKey, busy, no_right
from agent.pms.sql.free_times import Days
from agent.pms.sql.normalise import Place
from agent.pms.sql.queries import Queries
from agent.pms.sql.rows import AppointmentRow
from agent.pms.sql.running import DONE, Outcome
from agent.ports.pms import MAY_NOT_WRITE, BookingWay

LOCK = "frontdesk"
"""One lock for all our writing: the same booking twice and two bookings for the same time exclude each other."""

ENGINE_LOCK = "frontdesk:engine"
"""Held for as long as a connection for bookings lasts: it keeps a second engine out of the same database."""

MARKS_KEPT_S = 10.0
"""How long one look through the notes serves a burst of bookings."""

AFTER_INSERT = "after the booking was put in"

ATTEMPTS = 5
"""How often a key that the desk took first is chosen again."""


class Bookings:
    """
    The writing half of a PMS.

    Args:
        now: The present, aware UTC.
        api: What writes in place of the profile's SQL.

    Where a booking goes in steps, by an API or by procedures that commit by themselves, each call is done when it is answered: no
    transaction of ours holds it, so that before each booking the practice's system itself is asked for its reference.
    """

    def __init__(self, queries: Queries, now: Callable[[], datetime], api: Api | None = None) -> None:
        self._queries = queries
        self._profile = queries.profile
        self._marks = _Marks(queries)
        self._now = now
        self._api = api
        self._in_steps = self._profile.capabilities.booking is BookingWay.STEPS

    def book(self, carrier: Carrier, requests: Sequence[BookRequest]) -> list[BookResult]:
        """
        Put bookings in, each once, in one transaction where there are any, and take back those where somebody else's turns out to
        be there too.
        """
        if self._profile.capabilities.booking is BookingWay.NONE:
            raise _cannot("take bookings")
        began = self._now()
        with self._lock(carrier):
            inserted = self._insert(carrier, requests)
        days = Days(self._queries, carrier)
        try:
            return [
                found if isinstance(found, NotFree) else self._look_again(days, request, found, began + request.withdraw_within)
                for request, found in zip(requests, inserted, strict=True)
            ]
        except OutcomeUnknown:
            raise
        except FrontdeskError:
            raise _unknown(AFTER_INSERT) from None

    def lock_out_others(self, carrier: Carrier) -> None:
        """
        Take the lock that only one engine can have; having it already is as good.

        Raises:
            Transient: if another engine has it (`pms-other-engine`).
        """
        try:
            has_lock = self._queries.run(carrier, "engine_lock", {"lock_name": ENGINE_LOCK}).values.get("locked") == 1
        except Transient as error:
            if error.code != "pms-busy":
                raise
            has_lock = False
        if not has_lock:
            raise Transient(OTHER_ENGINE, "Another Frontdesk engine works with this database.")

    def find(self, carrier: Carrier, booking_id: int) -> FoundBooking:
        """
        Return what there is of a booking, asked under the lock that `book` takes.
        """
        if not self._profile.has("find_booked"):
            return NotThere()  # such a PMS never has a booking of ours
        if not self._profile.writes:
            return self._found(carrier, booking_id) or NotThere()  # nobody of ours writes meanwhile
        with self._lock(carrier):
            self._begin(carrier)
            try:
                rows = self._queries.find_booked(carrier, booking_id)
                return replace(_booked(rows), shares_time=self._shares_time(carrier, rows)) if rows else NotThere()
            finally:
                carrier.rollback()

    def cancel(self, carrier: Carrier, appointment_id: str, *, patient_id: str, start: datetime, after: datetime) -> CancelResult:
        """
        Cancel an appointment that still is what the caller takes it for.
        """
        if not self._profile.capabilities.cancel:
            raise _cannot("cancel appointments")
        with self._lock(carrier):
            self._begin(carrier)
            try:
                rows = self._queries.states(carrier, [appointment_id])
                if not rows or rows[0][7] is AppointmentState.CANCELLED:
                    return CancelResult.ALREADY
                _, _, _, starts, _, whose, _, state, _ = rows[0]
                if whose != patient_id or starts != start or start <= after or state is not AppointmentState.BOOKED:
                    return CancelResult.CHANGED
                bound = parameters.cancelled(self._profile, appointment_id, patient_id, start)
                if not self._write(carrier, "cancel", bound).changed:
                    return CancelResult.CHANGED
                self._commit(carrier)
            finally:
                carrier.rollback()  # nothing to undo after a commit
        return CancelResult.CANCELLED

    def try_writing(self, carrier: Carrier) -> tuple[()]:
        """
        Try whether the login may write: statements that change nothing, in a transaction that is taken back.
        """
        carrier.begin()
        try:
            if self._queries.run(carrier, "may_write", {}).values.get(DONE) == 0:
                raise no_right("write")
        finally:
            carrier.rollback()
        return ()

    def _insert(self, carrier: Carrier, requests: Sequence[BookRequest]) -> list[NotFree | _Inserted]:
        for _ in range(ATTEMPTS):
            self._begin(carrier)
            try:
                days = Days(self._queries, carrier)
                inserted = [self._insert_one(days, request) for request in requests]
                if days.taken:
                    self._commit(carrier)
            except _NotTaken:
                if len(requests) == 1:
                    return [NotFree(why="the practice's system did not take it")]
                raise busy("book") from None  # which of them it was shows when they are put in one by one
            except DuplicateKey:
                continue  # the desk numbered a row between our question and our insert
            else:
                return inserted
            finally:
                carrier.rollback()  # nothing to undo after a commit
        raise busy("book")

    def _insert_one(self, days: Days, request: BookRequest) -> NotFree | _Inserted:
        carrier = days.carrier
        may_be_there = self._in_steps or not self._marks.lack(carrier, request.booking_id)
        found = self._found(carrier, request.booking_id) if may_be_there else None
        if found:
            return _Inserted(found, "")
        why = days.why_not_free(request)
        if why:
            return NotFree(why=why)
        created = "" if request.patient_id else self._create_patient(carrier, request)
        patient_id = request.patient_id or created
        outcome = self._write(carrier, "book", parameters.placed(self._profile, request, patient_id))
        if self._in_steps and self._api is None:
            return self._seen(carrier, request, outcome, created)
        if not outcome.changed:
            raise _NotTaken
        appointment_id = _id_from(outcome.values, "book", "appointment_id")
        self._marks.add(request.booking_id)
        days.take(request)
        return _Inserted(Booked(appointment_ids=(appointment_id,), patient_id=patient_id), created)

    def _seen(self, carrier: Carrier, request: BookRequest, outcome: Outcome, created: str) -> _Inserted:
        # What procedures answer is told by their callers alone: the diary says whether it is there.
        try:
            found = self._found(carrier, request.booking_id)
        except FrontdeskError:
            raise _unknown(AFTER_INSERT) from None
        if found:
            return _Inserted(replace(found, already_there=False), created)
        if outcome.changed:
            raise _unknown(AFTER_INSERT)
        raise _NotTaken

    def _create_patient(self, carrier: Carrier, request: BookRequest) -> str:
        if not self._profile.capabilities.create_patients:
            raise _cannot("create patients")
        outcome = self._write(carrier, "create_patient", parameters.details(self._profile, request.patient))
        if outcome.values.get(DONE) == 0:
            raise _NotTaken
        return _id_from(outcome.values, "create_patient", "patient_id")

    def _write(self, carrier: Carrier, operation: str, bound: parameters.Bound) -> Outcome:
        if self._api is None:
            try:
                return self._queries.run(carrier, operation, bound)
            except FrontdeskError as error:
                if not self._in_steps or error.code in MAY_NOT_WRITE:
                    raise
                raise _unknown(f"in {operation}") from None  # a procedure may have done half of its work
        # What the operation's SQL selects is what the API has to be told beside.
        known = self._queries.run(carrier, operation, bound).values if self._profile.has(operation) else bound
        return self._api.run(operation, known)

    def _found(self, carrier: Carrier, booking_id: int) -> Booked | None:
        rows = self._queries.find_booked(carrier, booking_id)
        return _booked(rows) if rows else None

    def _shares_time(self, carrier: Carrier, ours: Sequence[AppointmentRow]) -> bool:
        ids = {row[0] for row in ours}
        for row in ours:
            day = self._queries.day_of(carrier, row[1], row[3].date())
            others = [other for other in day if other[0] not in ids and other[3] < _ends(row) and row[3] < _ends(other)]
            if others and any(live[0] == row[0] for live in day):
                return True
        return False

    def _look_again(self, days: Days, request: BookRequest, inserted: _Inserted, withdraw_until: datetime) -> BookResult:
        # The vendor's own program takes no lock of ours: between our question and our commit it may have put a row there.
        booked = inserted.booked
        rows = days.overlapping(request)
        ours = [row for row in rows if row[0] in booked.appointment_ids]
        others = [row for row in rows if row[0] not in booked.appointment_ids]
        # In steps nobody is asked whether the place is free either: what was free before is not where somebody else was as fast.
        is_shared = bool(others) or (self._in_steps and not days.is_open(request))
        if not (ours and is_shared):
            return booked  # ours alone is there; or ours was meanwhile moved or cancelled by the desk, which is theirs to do
        if self._now() < withdraw_until and self._withdraw(days.carrier, request, booked, inserted.created_patient_id):
            return NotFree(why="the practice booked the same time at the same moment")
        return Overlapped(appointment_ids=booked.appointment_ids, patient_id=booked.patient_id)

    def _withdraw(self, carrier: Carrier, request: BookRequest, booked: Booked, created_patient_id: str) -> bool:
        self._begin(carrier)
        try:
            for appointment_id in booked.appointment_ids:
                bound = parameters.reference(request.booking_id) | {
                    "appointment_id": parameters.one_id(self._profile, "appointment_id", appointment_id),
                    "created_patient_id": parameters.one_id(self._profile, "patient_id", created_patient_id),
                }
                self._write(carrier, "withdraw", bound)
            if self._found(carrier, request.booking_id):
                return False  # the desk has done something with it: it stays
            self._commit(carrier)
            return True
        finally:
            carrier.rollback()

    def _begin(self, carrier: Carrier) -> None:
        if not self._in_steps:
            carrier.begin()

    def _commit(self, carrier: Carrier) -> None:
        if self._in_steps:
            return
        try:
            carrier.commit()
        except DuplicateKey:
            raise
        except FrontdeskError as error:
            carrier.rollback()
            if error.code == "pms-busy" and not carrier.is_broken:
                raise  # the database said that it did not commit
            carrier.close()
            raise _unknown("while it was being made final") from None

    @contextmanager
    def _lock(self, carrier: Carrier) -> Iterator[None]:
        if not self._profile.has("lock"):
            yield  # where beginning a transaction locks the whole database
            return
        locked = self._queries.run(carrier, "lock", {"lock_name": LOCK}).values.get("locked")
        if locked != 1:
            raise busy("lock")
        try:
            yield
        finally:
            try:
                self._queries.run(carrier, "unlock", {"lock_name": LOCK})
            except FrontdeskError:
                carrier.close()  # which lets go of the lock; what was done stays done


class _Inserted(NamedTuple):
    booked: Booked
    created_patient_id: str


class _NotTaken(Exception):
    pass


class _Marks:
    # Which bookings the PMS has a mark of, as seen through one connection a moment ago. Notes cannot be looked up by an
    # index, so that a burst of new bookings would read all of them again for each. What is seen is seen under the lock that
    # every writer of ours holds, and a new mark is only ever written by us, through this very connection: what the marks
    # lack is not there. What they have is looked up for what it is now.

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self._carrier: Carrier | None = None
        self._seen: set[int] | None = None
        self._until = 0.0

    def lack(self, carrier: Carrier, booking_id: int) -> bool:
        if carrier is not self._carrier or time.monotonic() >= self._until:
            self._seen = self._queries.references(carrier)
            self._carrier, self._until = carrier, time.monotonic() + MARKS_KEPT_S
        return self._seen is not None and booking_id not in self._seen

    def add(self, booking_id: int) -> None:
        if self._seen is not None:
            self._seen.add(booking_id)


def _booked(rows: Sequence[AppointmentRow]) -> Booked:
    return Booked(appointment_ids=tuple(row[0] for row in rows), patient_id=rows[0][5], already_there=True)


def _ends(row: AppointmentRow) -> datetime:
    return row[3] + timedelta(minutes=max(row[4], 1))


def _id_from(values: parameters.Bound, operation: str, column: str) -> str:
    if column not in values:
        raise ContractBroken(
            "pms-rows", f"{operation}: no step gives {column}.", remedy="Select it under a line -- step: NAME expects=one"
        )
    return normalise.ids([values[column]], Place(operation, column))[0]


def _unknown(when: str) -> OutcomeUnknown:
    return OutcomeUnknown("pms-outcome-unknown", f"The answer of the practice database was lost {when}.")


def _cannot(what: str) -> Misconfigured:
    return Misconfigured("pms-cannot", f"This practice's system does not let the agent {what}.", remedy="Do it by hand.")
