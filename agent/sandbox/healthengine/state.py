"""
What the simulator remembers: practices, bookings, requests, violations, calls.

Nothing here is safe to use without `World.changed`, the one condition that guards everything.
"""

from __future__ import annotations

import hashlib
import random
import threading
import uuid
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from agent.sandbox.clock import SandboxClock
from agent.sandbox.healthengine.config import LATE_AFTER, LateStatus, PracticeAccount, SimulatorConfig
from agent.sandbox.healthengine.wire import LiveRange, PmsAppointmentType, PmsResource, Range, Subscription

MAX_VIOLATIONS = 10_000
FIRST_BOOKING = 700_001
FIRST_REQUEST = 1_001


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


@dataclass(slots=True, kw_only=True)
class PracticeState:
    """
    Everything about one practice.

    Attributes:
        recent: For each resource and day, when each digest was last sent.
        blocked: Rejected times, hidden until the next snapshot of their resource and day.
        expected_alive: Whether silence counts as a violation; since when.
        polls, last_poll, largest_gap, largest_live_gap: Of `GET /requests...`; gaps in seconds of simulator time.
    """

    account: PracticeAccount
    consent: bool
    resources: dict[str, PmsResource] = field(default_factory=dict)
    types: dict[str, PmsAppointmentType] = field(default_factory=dict)
    resources_sent: int = 0
    types_sent: int = 0
    contract: dict[str, Any] | None = None
    live_hours: tuple[tuple[LiveRange, ...], ...] | None = None
    published: dict[tuple[str, date], PublishedDay] = field(default_factory=dict)
    recent: dict[tuple[str, date], dict[str, datetime]] = field(default_factory=dict)
    blocked: dict[tuple[str, date], list[tuple[datetime, datetime]]] = field(default_factory=dict)
    bookings: dict[int, BookingRecord] = field(default_factory=dict)
    by_resource: dict[str, list[BookingRecord]] = field(default_factory=dict)
    updates: dict[int, UpdateRecord] = field(default_factory=dict)
    availability_asks: list[AvailabilityAsk] = field(default_factory=list)
    change_asks: dict[int, ChangeAsk] = field(default_factory=dict)
    resources_wanted: bool = False
    types_wanted: bool = False
    features: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(FEATURES, False))
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    subscription_errors: list[dict[str, Any]] = field(default_factory=list)
    document_asks: list[DocumentAsk] = field(default_factory=list)
    documents: dict[str, int] = field(default_factory=dict)
    uploaded: dict[str, int] = field(default_factory=dict)
    client_asks: list[tuple[date, str]] = field(default_factory=list)
    client_snapshots: int = 0
    attach: dict[int, AttachDocument] = field(default_factory=dict)
    expected_alive: bool = True
    alive_since: datetime | None = None
    polls: int = 0
    last_poll: datetime | None = None
    largest_gap: float = 0.0
    largest_live_gap: float = 0.0
    unhealthy_seconds: float = 0.0
    silence_noted: bool = False
    refused: deque[datetime] = field(default_factory=deque)
    user_agent_noted: bool = False

    @property
    def id(self) -> str:
        """
        The practice id.
        """
        return self.account.practice_id

    def local(self, moment: datetime) -> datetime:
        """
        Return an instant as naive local wall time.
        """
        return moment.astimezone(self.account.zone).replace(tzinfo=None)

    def listed(self) -> list[BookingRecord]:
        """
        Return the bookings in `/requests/bookings`.
        """
        return [booking for booking in self.bookings.values() if booking.listed]

    def pending_updates(self) -> list[UpdateRecord]:
        """
        Return the updates that nobody has answered.
        """
        return [update for update in self.updates.values() if update.answer is None]


class World:
    """
    The simulator's whole state, its clock and the condition that guards it.

    Attributes:
        changed: Hold it to read or write anything; it is notified by `touch`.
    """

    def __init__(self, config: SimulatorConfig, clock: SandboxClock) -> None:
        self.config = config
        self.clock = clock
        self.changed = threading.Condition(threading.RLock())
        self.practices = {a.practice_id: PracticeState(account=a, consent=a.consent) for a in config.practices}
        self.violations: list[Violation] = []
        self.requests_log: deque[CallRecord] = deque(maxlen=config.log_size)
        self.calls: Counter[str] = Counter()
        self._random = random.Random(7)
        self._next_booking = FIRST_BOOKING
        self._next_request = FIRST_REQUEST

    def now(self) -> datetime:
        """
        Return simulator time, aware UTC.
        """
        return self.clock.now()

    def touch(self) -> None:
        """
        Wake everybody who waits for something to change.
        """
        self.changed.notify_all()

    def practice(self, practice_id: str | None = None) -> PracticeState:
        """
        Return a practice, the first one by default.

        Raises:
            KeyError: if there is none with that id.
        """
        return self.practices[practice_id] if practice_id is not None else next(iter(self.practices.values()))

    def booking(self, booking_id: int) -> BookingRecord:
        """
        Return a booking of any practice.

        Raises:
            KeyError: if there is none with that id.
        """
        for practice in self.practices.values():
            if booking_id in practice.bookings:
                return practice.bookings[booking_id]
        raise KeyError(booking_id)

    def next_booking_id(self) -> int:
        """
        Return a booking id that was never used.
        """
        self._next_booking += 1
        return self._next_booking - 1

    def next_request_id(self) -> int:
        """
        Return a request id that follows all others.
        """
        self._next_request += 1
        return self._next_request - 1

    def new_uuid(self) -> str:
        """
        Return a made-up subscription id, the same ones in every run.
        """
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def violate(self, practice: PracticeState | None, kind: ViolationKind, operation: str, why: str) -> None:
        """
        Record what an agent must not do; after ten thousand the rest is dropped.
        """
        if len(self.violations) < MAX_VIOLATIONS:
            practice_id = practice.id if practice else ""
            self.violations.append(Violation(at=self.now(), practice_id=practice_id, kind=kind, operation=operation, why=why))

    def add_booking(self, practice: PracticeState, booking: BookingRecord) -> None:
        """
        Take in a new booking.
        """
        practice.bookings[booking.id] = booking
        if booking.resource_id is not None:
            practice.by_resource.setdefault(booking.resource_id, []).append(booking)
        self.touch()

    def add_update(self, practice: PracticeState, booking_id: int, status: str) -> UpdateRecord:
        """
        Want a change made to a booking.
        """
        update = UpdateRecord(request_id=self.next_request_id(), booking_id=booking_id, status=status, updated_at=self.now())
        practice.updates[update.request_id] = update
        self.touch()
        return update

    def ask_availability(self, practice: PracticeState, day: date, resource_id: str | None) -> AvailabilityAsk:
        """
        Want a day again; one that is waiting already is not asked twice.
        """
        for ask in practice.availability_asks:
            if ask.day == day and ask.resource_id == resource_id:
                return ask
        ask = AvailabilityAsk(
            request_id=self.next_request_id(),
            day=day,
            resource_id=resource_id,
            asked_at=self.now(),
            waiting={resource_id} if resource_id is not None else set(practice.resources),
        )
        practice.availability_asks.append(ask)
        self.touch()
        return ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """
    One checked call on its way to its operation.

    Attributes:
        body: Read by the operation's own model; None where it takes none.
        content: The same as parsed JSON.
        numbers: Whole numbers from the path, by name.
        texts: Texts from the path and the query, by name.
        arrange: What the faults do to a list of requests, given the list and the page wanted.
    """

    world: World
    practice: PracticeState
    operation: str
    now: datetime
    body: Any
    content: Any
    numbers: Mapping[str, int]
    texts: Mapping[str, str]
    arrange: Callable[[Sequence[Any], int], Sequence[Any]]

    def violate(self, kind: ViolationKind, why: str) -> None:
        """
        Record a violation of this call.
        """
        self.world.violate(self.practice, kind, self.operation, why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """
    The answer to a call.

    Attributes:
        content: Anything that JSON can say; `ACK` stands for a body that the definition leaves open.
    """

    status: int = 200
    content: Any = None


ACK = object()
"""The content of an answer whose body the definition leaves empty."""


def acknowledged() -> Reply:
    """
    Return a plain yes.
    """
    return Reply(content=ACK)


def refused(status: int, why: str = "") -> Reply:
    """
    Return a no; *why* is for people.
    """
    return Reply(status=status, content={"error": why} if why else None)
