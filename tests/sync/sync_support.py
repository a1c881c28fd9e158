"""
A practice, its marketplace and an agent that can be killed at any moment and started again on what it left behind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self, cast
from zoneinfo import ZoneInfo

from fake_marketplace import FakeMarketplace
from fake_pms import FakePms

from agent.domain.booking import Booking, BookingState, BookingUpdate, ChangeRequest, HealthengineStatus
from agent.domain.days import Span
from agent.domain.diary import Appointment, AppointmentState
from agent.domain.errors import OutcomeUnknown, Transient
from agent.domain.patients import PatientDetails
from agent.domain.practice import LiveHours, Practice
from agent.ports.approvals import Approvals
from agent.ports.ledger import Ledger, LedgerBooking, Published
from agent.ports.marketplace import AvailabilityRequest, Marketplace
from agent.ports.pms import Pms
from agent.ports.tasks import Task, Tasks
from agent.store import Store
from agent.sync.availability import AvailabilitySync
from agent.sync.bookings import UNFINISHED, BookingDesk
from agent.sync.changes import ChangeWatch
from agent.sync.configuration import read_catalogue
from agent.sync.context import Context
from agent.sync.requests import OtherChannels, RequestsReport, act, fetch

PRACTICE_ID = "1001"
SYDNEY = ZoneInfo("Australia/Sydney")
TODAY = date(2026, 11, 23)  # a Monday
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=SYDNEY).astimezone(UTC)
RESOURCE = "1@1:gp"
TEN = datetime(2026, 11, 24, 10, 0)
ANN = PatientDetails(first_name="Ann", last_name="Lee", date_of_birth=date(1980, 2, 3), phone="0400000001")
BEN = PatientDetails(first_name="Ben", last_name="Ng", date_of_birth=date(1990, 5, 6), phone="0400000002")
PMS_AWAY = Transient("pms-connect", "The PMS does not answer.")
LINK_DOWN = Transient("he-connect", "Healthengine does not answer.")
PMS_SILENT = OutcomeUnknown("pms-answer-lost", "The PMS's answer was lost.")
HE_SILENT = OutcomeUnknown("he-answer-lost", "Healthengine's answer was lost.")


class SettableClock:
    """
    Time that stands still until a test moves it.
    """

    def __init__(self, now: datetime = NOW, *, real_scale: float = 1.0) -> None:
        self._now = now
        self._start = now
        self._real_scale = real_scale

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - self._start).total_seconds()

    def real_seconds(self, span: timedelta) -> float:
        return span.total_seconds() * self._real_scale

    def advance(self, **span: float) -> None:
        self._now += timedelta(**span)

    def set_local(self, local: datetime) -> None:
        self._now = local.replace(tzinfo=SYDNEY).astimezone(UTC)


class Crash(BaseException):
    """
    The process dies: nothing of ours may catch it.
    """


class Saboteur:
    """
    Raises *error* at the n-th of all moments: before and after each call to anything it was put in front of.
    """

    def __init__(self, at: int, error: Callable[[str, bool], BaseException | None] = lambda name, is_done: Crash()) -> None:
        self.at = at
        self.moments = 0
        self.where = ""
        self._error = error

    def before_or_after(self, name: str, *, is_done: bool) -> None:
        self.moments += 1
        if self.moments == self.at:
            error = self._error(name, is_done)
            if error is not None:
                self.where = f"{'after' if is_done else 'before'} {name}"
                raise error

    def in_front_of(self, target: object) -> Any:
        return _Sabotaged(target, self)


PMS_READS = ("find_booked", "find_patients", "patients", "states", "practitioners", "appointment_types", "locations")
HE_LISTS = ("outstanding", "booking_requests", "booking_updates", "availability_requests", "change_requests")
HE_ANSWERS = ("confirm_booking", "reject_booking", "confirm_update", "reject_update", "cancel_booking")


def one_failure(name: str, is_done: bool) -> BaseException | None:  # noqa: FBT001 - the saboteur's signature
    """
    What may go wrong there by the ports' own promises: before it is done, or with the answer lost.
    """
    if name in (*PMS_READS, "book", "book_all", "cancel"):
        if not is_done:
            return PMS_AWAY
        return None if name in PMS_READS else PMS_SILENT
    if name in (*HE_LISTS, *HE_ANSWERS):
        if not is_done:
            return LINK_DOWN
        return None if name in HE_LISTS else HE_SILENT
    return None if is_done else Transient("store-busy", "Another program is holding the agent's state file.")


class _Sabotaged:
    def __init__(self, target: object, saboteur: Saboteur) -> None:
        self._target = target
        self._saboteur = saboteur

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if not callable(found):
            return found

        def call(*args: object, **kwargs: object) -> object:
            self._saboteur.before_or_after(name, is_done=False)
            result = found(*args, **kwargs)
            self._saboteur.before_or_after(name, is_done=True)
            return result

        return call


def the_practice(**changes: Any) -> Practice:
    hours = LiveHours(days=((Span(480, 1080),),) * 5 + ((),) * 2)
    made = Practice(id=PRACTICE_ID, name="Main Street", locations=(), zone=SYDNEY, live_hours=hours, horizon_days=7)
    return replace(made, **changes)


def the_diary(now: Callable[[], datetime]) -> FakePms:
    """
    Two practitioners, one type, open from nine to twelve every day of two weeks, one known patient.
    """
    pms = FakePms(now=now)
    pms.add_location()
    pms.add_practitioner("1")
    pms.add_practitioner("2", first_name="Grace", last_name="Hopper")
    pms.add_type()
    for number in range(14):
        for practitioner in ("1", "2"):
            pms.add_session(practitioner, TODAY + timedelta(days=number), 540, 720)
    pms.add_patient("7", first_name="Ann", last_name="Lee", date_of_birth=date(1980, 2, 3))
    return pms


class Agent:
    """
    One life of the agent: everything it keeps in memory.
    """

    def __init__(
        self, world: World, saboteur: Saboteur | None, answers: Callable[[Callable[[], None]], object] | None = None
    ) -> None:
        def port(target: object) -> Any:
            return saboteur.in_front_of(target) if saboteur else target

        self.availability_wanted = 0
        self.days_asked: list[AvailabilityRequest] = []
        self.changes_asked: list[ChangeRequest] = []
        self.configuration_asked = 0
        self.context = Context(
            practice=world.practice,
            pms=cast(Pms, port(world.pms)),
            marketplace=cast(Marketplace, port(world.market)),
            ledger=cast(Ledger, port(world.store.ledger)),
            published=cast(Published, port(world.store.published)),
            tasks=cast(Tasks, port(world.store.tasks)),
            clock=world.clock,
            availability_wanted=self._availability_wanted,
            activity=lambda code, text: world.activity.append((code, text)),
            approvals=cast(Approvals, port(world.store.approvals)),
            is_holiday=lambda day, zone: day in world.holidays,
        )
        self.desk = BookingDesk(self.context, answers or (lambda call: call()))
        self.watch = ChangeWatch(self.context)
        self.availability = AvailabilitySync(self.context)
        self.others = OtherChannels(
            availability=self.days_asked.extend, changes=self.changes_asked.extend, configuration=self._configuration_asked
        )

    def poll(self) -> RequestsReport:
        return act(self.context, self.desk, self.others, fetch(self.context))

    def read_practice(self) -> Self:
        self.context.learn(read_catalogue(self.context))
        return self

    def _availability_wanted(self) -> None:
        self.availability_wanted += 1

    def _configuration_asked(self) -> None:
        self.configuration_asked += 1


@cache
def _new_state() -> bytes:
    """
    A state file that nothing is in yet. To lay out its tables takes longer than most tests: it is done once and copied.
    """
    with TemporaryDirectory() as folder:
        file = Path(folder, "state.db")
        Store.open(file).close()
        return file.read_bytes()


class World:
    """
    What outlives the agent: the PMS, Healthengine, the state file and time.
    """

    def __init__(self, folder: Path) -> None:
        self.practice = the_practice()
        self.clock = SettableClock()
        self.pms = the_diary(self.clock.now)
        self.market = FakeMarketplace(self.clock.now)
        state = folder / "state.db"
        state.write_bytes(_new_state())
        self.store = Store.open(state)
        # A crash of the process loses nothing that was committed; waiting for the disk would only make the tests slow.
        self.store.ledger._database._connection.execute("PRAGMA synchronous = OFF")
        self.holidays: set[date] = set()
        self.activity: list[tuple[str, str]] = []
        self._requests = 500

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.store.close()

    def agent(self, saboteur: Saboteur | None = None, *, answers: Callable[[Callable[[], None]], object] | None = None) -> Agent:
        return Agent(self, saboteur, answers)

    def running(self) -> Agent:
        """
        An agent that has read the practice's doctors and types.
        """
        return self.agent().read_practice()

    def patient_books(self, booking_id: int = 1, *, waited: float = 0, **changes: Any) -> Booking:
        values: dict[str, Any] = {
            "resource_id": RESOURCE,
            "type_id": "1",
            "booked_at": self.clock.now() - timedelta(seconds=waited),
            "status": HealthengineStatus.REQUESTED,
            "start": TEN,
            "seconds": 900,
            "patient": ANN,
            **changes,
        }
        made = Booking(id=booking_id, **values)
        self.market.bookings[booking_id] = made
        return made

    def lists_again(self, booking: Booking) -> None:
        """
        Healthengine asks once more, as if our answer had been lost on the way.
        """
        self.market.bookings[booking.id] = booking

    def wants_update(
        self, booking_id: int, status: HealthengineStatus = HealthengineStatus.CANCELLED, **changes: Any
    ) -> BookingUpdate:
        self._requests += 1
        made = BookingUpdate(request_id=self._requests, booking_id=booking_id, status=status, **changes)
        self.market.updates[made.request_id] = made
        return made

    def patient_cancels(self, booking_id: int, *, stays: bool, update: bool) -> None:
        """
        Cancel a booking; one that is not answered yet stays in the list as cancelled, or leaves an update, or both.
        """
        listed = self.market.bookings.get(booking_id)
        if listed is not None and stays:
            self.market.bookings[booking_id] = replace(listed, status=HealthengineStatus.CANCELLED)
        elif listed is not None:
            del self.market.bookings[booking_id]
        if update or not stays or listed is None:
            self.wants_update(booking_id)

    def ours(self, booking_id: int = 1) -> list[Appointment]:
        """
        The live appointments that carry a booking's reference.
        """
        return [a for a in self.pms.live_appointments() if a.reference == booking_id]

    def entry(self, booking_id: int = 1) -> LedgerBooking:
        found = self.store.ledger.booking(PRACTICE_ID, booking_id)
        assert found is not None
        return found

    def state(self, booking_id: int = 1) -> BookingState:
        return self.entry(booking_id).state

    def tasks(self) -> list[Task]:
        return list(self.store.tasks.open_tasks())

    def is_quiet(self) -> bool:
        waiting = self.store.ledger.bookings(PRACTICE_ID, states=(BookingState.REQUESTED, *UNFINISHED))
        return not (self.market.bookings or self.market.updates or waiting)

    def settle(self, agent: Agent | None = None, *, polls: int = 12) -> Agent:
        """
        Poll every 5 s until there is nothing left to do.
        """
        agent = agent or self.agent()
        for _ in range(polls):
            agent.poll()
            if self.is_quiet():
                return agent
            self.clock.advance(seconds=5)
        raise AssertionError("it never became quiet")


def arrived(pms: FakePms, appointment_id: str) -> None:
    pms.change_appointment(appointment_id, state=AppointmentState.ARRIVED)
