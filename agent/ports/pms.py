"""
The practice management system, as the use cases see it.

Every read returns the complete answer for what was asked, or raises: a failed or short read is never an empty diary.
Errors are those of `agent.domain.errors`: `Transient` (away, hung, torn), `AuthRequired` (login refused),
`Misconfigured` (profile or setting wrong), `ContractBroken` (rows that the profile does not promise),
`OutcomeUnknown` (a write whose answer was lost).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from agent.domain.booking import BookRequest, BookResult, CancelResult, FoundBooking
from agent.domain.carrying import AppointmentLinks
from agent.domain.days import DateRange
from agent.domain.diary import Appointment, Diary, Location, PmsIdentity, PmsType, Practitioner
from agent.domain.patients import PatientDetails, PmsPatient
from agent.domain.tasks import Notice

MAY_NOT_WRITE = frozenset({"pms-no-right", "pms-read-only", "pms-api-refused", "pms-api-tls", "pms-api-url"})
"""The codes of errors that say: we may not write, or not this, and nothing was written."""


class BookingWay(StrEnum):
    """
    How bookings get into the PMS.
    """

    TRANSACTION = "transaction"
    STEPS = "steps"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """
    What this PMS can do for us; what it cannot degrades visibly.

    Attributes:
        links: It has telehealth links of its own.
        engine_lock: It has a named lock that keeps a second engine out.
    """

    booking: BookingWay
    create_patients: bool
    cancel: bool
    links: bool = False
    engine_lock: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """
    The outcome of trying one operation.

    Attributes:
        operation: For example `appointments`.
        place: File, column or row that is wrong; empty when all is well.
        rows: How many rows came back.
        remedy: What to do; empty: what is done about any statement that fails.
    """

    operation: str
    ok: bool
    rows: int = 0
    place: str = ""
    message: str = ""
    remedy: str = ""


class Pms(Protocol):
    """
    One practice database (or, later, cloud service). Safe to call from several threads.
    """

    @property
    def capabilities(self) -> Capabilities:
        """
        What this PMS can do; known without asking it.
        """

    def identity(self) -> PmsIdentity:
        """
        Return which database this is.
        """

    def engine_lock(self) -> None:
        """
        Make sure that this engine, and no other, has the database's named lock: it is held for as long as the connection for
        bookings lasts, and that connection writes nothing without it.

        Raises:
            Transient: if another engine has it (`pms-other-engine`).
        """

    def check(self) -> Sequence[CheckLine]:
        """
        Try every read operation and say how each went; raises only if the PMS cannot be reached at all.
        """

    def locations(self) -> Sequence[Location]:
        """
        Return every place.
        """

    def practitioners(self) -> Sequence[Practitioner]:
        """
        Return everyone who can be booked, a row for each place and specialty.
        """

    def appointment_types(self) -> Sequence[PmsType]:
        """
        Return every appointment type in use.
        """

    def markers(self, window: DateRange) -> Mapping[date, str]:
        """
        Return a cheap fingerprint for every date of *window* (`""` for a date with nothing at all).
        """

    def diary(self, window: DateRange) -> Diary:
        """
        Return working time and what takes it, read between two equal markers.

        Raises:
            Transient: if the diary changed during each of three readings (`pms-torn-read`).
        """

    def find_patients(self, people: Sequence[PatientDetails]) -> Sequence[Sequence[PmsPatient]]:
        """
        Return for each of *people* the records that might be this person, by indexed look-ups.
        """

    def patients(self, ids: Sequence[str]) -> Sequence[PmsPatient]:
        """
        Return the records with these ids, those that exist.
        """

    def book(self, request: BookRequest) -> BookResult:
        """
        Put one booking in, once: asked again with the same booking id it returns what is already there.

        Raises:
            OutcomeUnknown: if the answer was lost; ask `find_booked`.
        """

    def book_all(self, requests: Sequence[BookRequest]) -> Sequence[BookResult]:
        """
        Put several bookings in, in their order, as `book` would one after the other, but in one transaction.

        Only for known patients, and only where *capabilities* say that a booking is one transaction.

        Raises:
            OutcomeUnknown: if the answer was lost; ask `find_booked` for each of them.
            FrontdeskError: otherwise none of them is in; `book` says which it was.
        """

    def find_booked(self, booking_id: int) -> FoundBooking:
        """
        Return what the PMS holds for a booking, asked under the same lock as `book`.
        """

    def cancel(self, appointment_id: str, *, patient_id: str, start: datetime, after: datetime) -> CancelResult:
        """
        Cancel an appointment if it still is that patient's, still starts at *start* and is not arrived.

        *start* must also lie after *after*, the present; both are local and naive.

        Raises:
            OutcomeUnknown: if the answer was lost; asking again is safe.
        """

    def states(self, ids: Sequence[str]) -> Mapping[str, Appointment]:
        """
        Return where each appointment is now, cancelled ones included; an id that no longer exists is left out.
        """

    def appointments_of(self, patient_id: str, since: datetime) -> Sequence[Appointment]:
        """
        Return a patient's appointments that start at *since* (local, naive) or later, cancelled ones left out.
        """

    def leave_message(self, notice: Notice, subject: str, text: str) -> None:
        """
        Put a message for the practice's people there, about a task that nobody takes: ids and times alone.

        Raises:
            Misconfigured: if this PMS has no messages (`pms-cannot`).
            OutcomeUnknown: if the answer was lost.
        """

    def renew(self) -> None:
        """
        Read over a new connection from the next reading on; what is under way is not disturbed.
        """

    def links(self, appointment_ids: Sequence[str]) -> AppointmentLinks:
        """
        Return the telehealth links of an appointment, those of its first row that has any.
        """

    def close(self) -> None:
        """
        Let go of every connection and worker; a later call opens them again.
        """
