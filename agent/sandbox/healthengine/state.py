"""
What the simulator remembers: practices, bookings, requests, violations, calls.

Nothing here is safe to use without `World.changed`, the one condition that guards everything.
"""

from __future__ import annotations

import random
import threading
import uuid
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from agent.sandbox.clock import SandboxClock
from agent.sandbox.healthengine.config import PracticeAccount, SimulatorConfig
from agent.sandbox.healthengine.records import (
    FEATURES,
    AttachDocument,
    AvailabilityAsk,
    BookingRecord,
    CallRecord,
    ChangeAsk,
    DocumentAsk,
    PublishedDay,
    UpdateRecord,
    Violation,
    ViolationKind,
)
from agent.sandbox.healthengine.wire import LiveRange, PmsAppointmentType, PmsResource, Subscription

MAX_VIOLATIONS = 10_000
FIRST_BOOKING = 700_001
FIRST_REQUEST = 1_001


@dataclass(slots=True, kw_only=True)
class PracticeState:
    """
    Everything about one practice.

    Attributes:
        recent: For each resource and day, when each digest was last sent.
        blocked: Rejected times, hidden until the next snapshot of their resource and day.
        waiting_bookings, waiting_updates: Those that may be unanswered; asked through `listed` and `pending_updates`.
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
    waiting_bookings: list[BookingRecord] = field(default_factory=list)
    waiting_updates: list[UpdateRecord] = field(default_factory=list)
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
        Return the bookings in `/requests/bookings`; one that has left never comes back.
        """
        self.waiting_bookings = [booking for booking in self.waiting_bookings if booking.listed]
        return list(self.waiting_bookings)

    def pending_updates(self) -> list[UpdateRecord]:
        """
        Return the updates that nobody has answered.
        """
        self.waiting_updates = [update for update in self.waiting_updates if update.answer is None]
        return list(self.waiting_updates)


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
        practice.waiting_bookings.append(booking)
        if booking.resource_id is not None:
            practice.by_resource.setdefault(booking.resource_id, []).append(booking)
        self.touch()

    def add_update(self, practice: PracticeState, booking_id: int, status: str) -> UpdateRecord:
        """
        Want a change made to a booking.
        """
        update = UpdateRecord(request_id=self.next_request_id(), booking_id=booking_id, status=status, updated_at=self.now())
        practice.updates[update.request_id] = update
        practice.waiting_updates.append(update)
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
