"""
What every use case of one practice works with.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from agent.domain.booking import NEXT, Booking, BookingState
from agent.domain.errors import Transient
from agent.domain.liveness import LivenessContract, contract_from, staffed
from agent.domain.moves import Place
from agent.domain.practice import Practice
from agent.domain.resources import Catalogue
from agent.domain.stopping import Stop
from agent.ports.approvals import Approvals
from agent.ports.clock import Clock
from agent.ports.history import History
from agent.ports.ledger import DayKey, Ledger, LedgerBooking, Published
from agent.ports.marketplace import Marketplace
from agent.ports.pms import Pms
from agent.ports.tasks import Tasks
from agent.sync.brake import Brake
from agent.sync.identity import IdentityGuard
from agent.sync.liveness import LiveHoursKeeper
from agent.sync.turns import Turns


class HealthengineTime:
    """
    Healthengine's own clock, known from the `Date` of its answers. Safe to use from several threads.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = timedelta()

    def seen(self, at: datetime) -> None:
        """
        Learn from an answer: *at* is its `Date`, whole seconds, aware UTC.
        """
        self._ahead = at - self._clock.now()

    def now(self) -> datetime:
        """
        Return what Healthengine's clock shows now; aware UTC.
        """
        return self._clock.now() + self._ahead


class AtReception:
    """
    What is known in memory alone of the bookings that reception is to enter. Safe to use from several threads.

    It dies with the process: what patients told Healthengine is kept nowhere (rule 6).
    """

    def __init__(self) -> None:
        self._bookings: dict[int, Booking] = {}
        self._markers: dict[int, str] = {}

    def remember(self, booking: Booking) -> None:
        """
        Keep what Healthengine says of a booking.
        """
        self._bookings[booking.id] = booking

    def booking(self, booking_id: int) -> Booking | None:
        """
        Return what Healthengine said of a booking, if that is still known.
        """
        return self._bookings.get(booking_id)

    def forget(self, booking_id: int) -> None:
        """
        Let go of a booking that is settled.
        """
        self._bookings.pop(booking_id, None)
        self._markers.pop(booking_id, None)

    def is_new(self, booking_id: int, marker: str) -> bool:
        """
        Return whether the booking's day is not as it was when nothing in it looked like the booking.
        """
        return self._markers.get(booking_id) != marker

    def nothing_there(self, booking_id: int, marker: str) -> None:
        """
        Note the marker of a day in which nothing looks like the booking.
        """
        self._markers[booking_id] = marker


def never(_day: date, _zone: ZoneInfo) -> bool:
    """
    Return that no date is a public holiday.
    """
    return False


def nobody_else(_practitioner_id: str, _start: datetime, _minutes: int) -> None:
    """
    Tell no other practice that time was taken or freed.
    """


@dataclass(kw_only=True)
class Context:
    """
    One practice with its ports, shared by its channels.

    Attributes:
        availability_wanted: Called when free time has just changed.
        activity: Called with a code and plain words (ids and counts only) for the timeline.
        approvals: Which doctors and types have been seen and approved; None: all are.
        is_holiday: Whether a date is a public holiday where a zone is.
        brake: Holds large sudden changes; None: nothing is held.
        guard: Knows whether this is the practice's machine and database; None: that is not asked.
        live_hours: Knows the live hours; None: they are as set.
        history: Keeps what Healthengine was told; None: nobody does.
        elsewhere: Tells the other practices on the same PMS that a practitioner's time was taken or freed.
        ledger_began: When the ledger was begun anew, aware UTC: it knows no booking from before. None: it knows them all.
        stop: Returns a person's word to stop online bookings, if it is in force: no free time is published.
    """

    practice: Practice
    pms: Pms
    marketplace: Marketplace
    ledger: Ledger
    published: Published
    tasks: Tasks
    clock: Clock
    availability_wanted: Callable[[], None]
    activity: Callable[[str, str], None]
    approvals: Approvals | None = None
    is_holiday: Callable[[date, ZoneInfo], bool] = never
    brake: Brake | None = None
    guard: IdentityGuard | None = None
    live_hours: LiveHoursKeeper | None = None
    history: History | None = None
    elsewhere: Callable[[str, datetime, int], None] = nobody_else
    stop: Callable[[], Stop | None] = lambda: None
    ledger_began: datetime | None = None
    healthengine_time: HealthengineTime = field(init=False)
    at_reception: AtReception = field(init=False, default_factory=AtReception)
    _catalogue: Catalogue | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _turns: Turns = field(default_factory=Turns)
    _raised: int = 0
    _unwritten: set[DayKey] = field(default_factory=set)
    _raised_at: dict[tuple[str, date], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.healthengine_time = HealthengineTime(self.clock)

    def local_now(self, location_id: str = "") -> datetime:
        """
        Return the practice's wall time, naive; with *location_id* that of the clocks there.
        """
        zone = self.practice.zone_at(location_id) if location_id else self.practice.zone
        return self.clock.now().astimezone(zone).replace(tzinfo=None)

    def local_now_of(self, resource_id: str | None) -> datetime:
        """
        Return the wall time where a resource is, naive; the practice's own if there is no such resource.
        """
        resource = self.catalogue.resource(resource_id or "")
        return self.local_now(resource.location_id if resource else "")

    def live_contract(self) -> LivenessContract:
        """
        Return the live hours that Healthengine is to know now.
        """
        practice, keeper = self.practice, self.live_hours
        return staffed(contract_from(practice.live_hours), practice) if keeper is None else keeper.contract(practice)

    @property
    def catalogue(self) -> Catalogue:
        """
        What the practice publishes, as last read from the PMS.

        Raises:
            Transient: before the first reading (`pms-not-read-yet`).
        """
        catalogue = self._catalogue  # replaced as a whole: no lock is needed to read it
        if catalogue is None:
            raise Transient("pms-not-read-yet", "The practice's doctors and appointment types have not been read yet.")
        return catalogue

    def learn(self, catalogue: Catalogue) -> None:
        """
        Replace the catalogue by what has just been read.
        """
        self._catalogue = catalogue

    @property
    def has_catalogue(self) -> bool:
        """
        Whether the PMS has been read at least once.
        """
        return self._catalogue is not None

    @property
    def premises(self) -> Mapping[str, str]:
        """
        Of the PMS's locations that are rooms, the building that each is in; nothing before the first reading.
        """
        return self._catalogue.premises if self._catalogue is not None else {}

    def step(
        self,
        entry: LedgerBooking,
        *states: BookingState,
        appointment_ids: tuple[str, ...] | None = None,
        patient_id: str | None = None,
        reason: str | None = None,
        answered: bool = False,
        place: Place | None = None,
        other_ids: tuple[str, ...] | None = None,
        own_ids: bool = False,
    ) -> LedgerBooking:
        """
        Take a booking's next steps in the ledger, in one go, and return where it then is.

        Answers and cancellations run side by side: if somebody else was quicker and a state may no longer follow, the
        booking stays where it is, and only what was learned (ids, that it was answered) is added. Look at the result.

        The time of a booking that reception is to enter is withheld from this step on, and let go by the step that ends it.

        Args:
            place: Where its appointment is now.
            other_ids: What else the patient has.
            own_ids: Healthengine is told ids of our own from now on.
        """
        with self._turns.of([entry.booking_id]):
            before = current = self.ledger.booking(self.practice.id, entry.booking_id) or entry
            taken: list[LedgerBooking] = []
            for state in states:
                follows = state is current.state or state in NEXT[current.state]
                current = replace(
                    current,
                    state=state if follows else current.state,
                    updated_at=self.clock.now(),
                    appointment_ids=current.appointment_ids if appointment_ids is None else appointment_ids,
                    patient_id=current.patient_id if patient_id is None else patient_id,
                    reason=reason if reason is not None and follows else current.reason,
                    present=current.present if place is None else None if place == current.booked else place,
                    other_ids=current.other_ids if other_ids is None else other_ids,
                    answered_at=current.answered_at or (self.healthengine_time.now() if answered else None),
                    own_ids=current.own_ids or own_ids,
                )
                taken.append(current)
            self.ledger.write_all(taken)
        is_by_hand = [e.state is BookingState.BY_HAND for e in (before, current)]
        if any(is_by_hand) and not all(is_by_hand) and self.has_catalogue:
            self.time_taken_or_freed(current.practitioner_id, current.start, current.minutes)
        return current

    def step_all(self, entries: Sequence[LedgerBooking], *states: BookingState, answered: bool = False) -> list[LedgerBooking]:
        """
        Take the same next steps for several bookings, all in one go, with the ids that *entries* have; else as `step`.

        One that Healthengine took has nothing left to explain: its reason goes.
        """
        now = self.clock.now()
        answered_at = self.healthengine_time.now() if answered else None
        reached: list[LedgerBooking] = []
        taken: list[LedgerBooking] = []
        with self._turns.of(entry.booking_id for entry in entries):
            for entry in entries:
                found = self.ledger.booking(self.practice.id, entry.booking_id) or entry
                state = found.state
                for wanted in states:
                    state = wanted if wanted is state or wanted in NEXT[state] else state
                    current = replace(
                        found,
                        state=state,
                        updated_at=now,
                        appointment_ids=entry.appointment_ids,
                        patient_id=entry.patient_id,
                        answered_at=found.answered_at or answered_at,
                        reason="" if answered and state is wanted else found.reason,
                    )
                    taken.append(current)
                reached.append(taken[-1])
            self.ledger.write_all(taken)
        return reached

    def time_taken_or_freed(self, practitioner_id: str, start: datetime, minutes: int) -> None:
        """
        Make every snapshot under way of that practitioner's days too old to count, and ask for new ones.

        One diary can be several resources: all of them are meant, those of other practices too.
        """
        self.resend(practitioner_id, start, minutes)
        self.elsewhere(practitioner_id, start, minutes)

    def resend(self, practitioner_id: str, start: datetime, minutes: int) -> None:
        """
        Do what `time_taken_or_freed` does, in this practice alone.
        """
        days = {start.date(), (start + timedelta(minutes=max(minutes - 1, 0))).date()}
        keys = [
            DayKey(resource_id=resource.id, date=day) for resource in self.catalogue.siblings(practitioner_id) for day in days
        ]
        with self._lock:
            self._raised += 1
            self._raised_at.update({(key.resource_id, key.date): self._raised for key in keys})
            self._unwritten.update(keys)
        self.availability_wanted()

    def write_raised(self) -> None:
        """
        Put into the store what our own bookings have changed since the last call. Called before anything is published:
        until then it matters only to snapshots under way, and those die with the process.
        """
        with self._lock:
            keys, self._unwritten = self._unwritten, set()
        if keys:
            self.published.raise_generation(self.practice.id, keys)
            self.published.set_markers(self.practice.id, dict.fromkeys((key.date for key in keys), "changed by us"))

    def raised(self) -> int:
        """
        Return a token of this moment, for `raised_since`.
        """
        with self._lock:
            return self._raised

    def raised_since(self, token: int, resource_id: str, day: date) -> bool:
        """
        Return whether a booking of ours has changed that day since *token* was taken.
        """
        with self._lock:
            return self._raised_at.get((resource_id, day), 0) > token
