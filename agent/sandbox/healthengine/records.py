"""
The things that the simulator remembers: bookings, updates, requests, documents, violations, calls.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from agent.sandbox.healthengine.config import LATE_AFTER, LateStatus
from agent.sandbox.healthengine.wire import Range


class Kind(StrEnum):
    """
    The kinds of request that a poll may list.
    """

    BOOKINGS = "bookings"
    BOOKING_UPDATES = "bookingUpdates"
    AVAILABILITY = "availability"
    APPOINTMENT_CHANGES = "pmsAppointmentChanges"
    RESOURCES = "pmsResources"
    TYPES = "pmsAppointmentTypes"
    AVAILABLE_DOCUMENTS = "availableDocuments"
    UPLOAD_DOCUMENTS = "uploadDocuments"
    CLIENT_SNAPSHOTS = "clientSnapshots"
    ATTACH_DOCUMENTS = "attachDocuments"


class ViolationKind(StrEnum):
    """
    What an agent can do wrong.
    """

    DEFINITION = "definition"  # a request that the definition does not allow
    USER_AGENT = "user-agent"
    UNKNOWN_ID = "unknown-id"  # a resource or type that was never sent
    MISSING_TIME = "missing-time"  # publishes a clock time that daylight saving leaves out
    LATE_REJECT = "late-reject"
    CONTRADICTION = "contradiction"  # yes after no, or no after yes
    OTHER_IDS = "other-ids"  # two different sets of ids for one booking
    UNANSWERED = "unanswered"  # a request waiting for more than ten minutes of live time
    SILENCE = "silence"  # no poll for more than ten minutes of live time
    TIGHT_LOOP = "tight-loop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """
    Something an agent must not do. *why* names rules, fields and ids, never a patient's data.
    """

    at: datetime
    practice_id: str
    kind: ViolationKind
    operation: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """
    One call as it was answered.

    Attributes:
        at: Simulator time at which it arrived.
        status: 0 if the connection was dropped by a fault.
        body: The parsed body of configuration, availability and booking answers; None for everything else.
        fault: The fault that was played, if any.
    """

    at: datetime
    practice_id: str
    method: str
    operation: str
    status: int
    request_bytes: int
    body: Any = None
    fault: str = ""


class Answer(StrEnum):
    """
    What the agent said to a booking or an update.
    """

    CONFIRMED = "confirmed"
    REJECTED = "rejected"


@dataclass(slots=True, kw_only=True, repr=False)
class BookingRecord:
    """
    One booking, from the patient's wish to its end. Its `repr` shows no patient.

    Attributes:
        start: Local wall time at the practice, naive.
        person: The patient's details under the definition's names.
        resource_gone: The resource was removed before the booking was answered (R6).
        listed: It is in `/requests/bookings`.
        given_ids, given_patient: Ids known from before, sent along with the booking.
        answer_ids, answer_patient: Ids of the agent's own yes.
        stands_anyway: Rejected too late: the patient believes in it all the same.
    """

    id: int
    practice_id: str
    resource_id: str | None
    type_id: str | None
    booked_at: datetime
    start: datetime
    seconds: int
    person: Mapping[str, str | None]
    reason: str = ""
    comments: str = ""
    telehealth_url: str | None = None
    is_new_patient: bool = False
    given_ids: tuple[str, ...] = ()
    given_patient: str | None = None
    resource_gone: bool = False
    listed: bool = True
    asked: bool = True
    answer: Answer | None = None
    answered_at: datetime | None = None
    answer_ids: tuple[str, ...] = ()
    answer_patient: str | None = None
    stands_anyway: bool = False
    cancelled_at: datetime | None = None
    practice_cancelled_at: datetime | None = None
    did_not_attend_at: datetime | None = None
    overdue_noted: bool = False

    def __repr__(self) -> str:
        return f"BookingRecord(id={self.id}, start={self.start:%Y-%m-%d %H:%M}, answer={self.answer}, listed={self.listed})"

    @property
    def stands(self) -> bool:
        """
        Whether the patient means to come, so that the time is taken.
        """
        if self.cancelled_at or self.practice_cancelled_at:
            return False
        return self.answer is not Answer.REJECTED or self.stands_anyway

    @property
    def end(self) -> datetime:
        """
        Local wall time at which it ends.
        """
        return self.start + timedelta(seconds=self.seconds)

    @property
    def ids(self) -> tuple[str, ...]:
        """
        The appointment ids, as far as Healthengine knows them.
        """
        return self.answer_ids or self.given_ids

    @property
    def patient_id(self) -> str | None:
        """
        The PMS's patient id, as far as Healthengine knows it.
        """
        return self.answer_patient or self.given_patient

    def status(self, now: datetime, late: LateStatus) -> str:
        """
        Return the definition's `bookingStatus`.
        """
        if self.cancelled_at or self.practice_cancelled_at:
            return "Cancelled"
        if self.answer is Answer.REJECTED:
            return "Confirmed" if self.stands_anyway else "Cancelled"
        if self.answer is Answer.CONFIRMED:
            return "Confirmed"
        return late.value if now - self.booked_at >= LATE_AFTER else "Requested"


@dataclass(slots=True, kw_only=True)
class UpdateRecord:
    """
    A change that Healthengine wants made to a booking.
    """

    request_id: int
    booking_id: int
    status: str
    updated_at: datetime
    answer: Answer | None = None
    answered_at: datetime | None = None
    overdue_noted: bool = False


@dataclass(slots=True, kw_only=True)
class AvailabilityAsk:
    """
    A day that Healthengine wants again; *resource_id* None: for every resource, *waiting* are those still to come.
    """

    request_id: int
    day: date
    resource_id: str | None
    asked_at: datetime
    waiting: set[str] = field(default_factory=set)
    overdue_noted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAsk:
    """
    A booking whose fate Healthengine wants to know.
    """

    booking_id: int
    ids: tuple[str, ...]
    patient_id: str | None
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentAsk:
    """
    Documents wanted for a booking; *document_id* None: which there are.
    """

    booking_id: int
    ids: tuple[str, ...]
    patient_id: str | None
    document_id: str | None = None


@dataclass(slots=True, kw_only=True)
class AttachDocument:
    """
    A document on its way from Healthengine into the PMS.
    """

    request_id: int
    pmsPatientId: str  # noqa: N815 - the definition's spelling, so that the fields can be sent as they are
    content: bytes = field(repr=False)
    name: str = field(repr=False)
    created_at: datetime
    booking_id: int | None = None
    answer: Answer | None = None

    @property
    def sha1(self) -> str:
        """
        The hash that the definition asks for.
        """
        return hashlib.sha1(self.content, usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedDay:
    """
    The snapshot that stands for a resource and a day.
    """

    ranges: tuple[Range, ...]
    digest: str
    at: datetime


FEATURES: Mapping[str, str] = {
    "documents": "Documents of a booking",
    "clientSnapshots": "Client snapshots",
    "attachDocuments": "Documents for the PMS",
}
