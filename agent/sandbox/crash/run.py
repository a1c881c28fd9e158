"""
The crash run: patients book and cancel, the desk books the same times, answers are lost, and processes die.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from agent.domain.errors import Transient
from agent.sandbox.crash.moments import DiaryWatch, LedgerWatch, Lookout, Moment
from agent.sandbox.crash.reaper import Reaper
from agent.sandbox.crash.rival import Rival
from agent.sandbox.crash.stock import Stock, is_answered, is_published, take_stock
from agent.sandbox.demo import known_people
from agent.sandbox.healthengine.config import AnsweredAgain, EarlyCancel, LateStatus
from agent.sandbox.healthengine.faults import Fault, FaultKind
from agent.sandbox.healthengine.patients import SimulatedPatients
from agent.sandbox.healthengine.records import CallRecord
from agent.sandbox.installation import PRACTICE_ID, Installation, ServerDatabase, wait_until
from agent.sandbox.practice.database import Database
from agent.settings.paths import Home

HORIZON_DAYS = 40

KNOWN = 40
"""How many of those who book are patients of the practice."""

EVERY_S = 0.2
"""How many real seconds lie between two bookings, on average, as long as they are not ahead of the deaths."""

AHEAD = 12
"""So many bookings may be ahead of their share of the deaths: a burst for the engine that comes back."""

CANCEL_WHILE_DEAD = 0.4
"""How often the patient whose booking the engine died over cancels before it is back."""

SETTLED_AFTER = timedelta(minutes=14)
"""In simulator time: what only a person can settle is cancelled with Healthengine after nine minutes."""

PUBLISHED_AFTER = timedelta(minutes=12)

ANSWERS = frozenset(
    {"confirmBookingInsert", "rejectBookingInsert", "confirmBookingUpdate", "rejectBookingUpdate", "cancelBooking"}
)
"""What the agent says to a booking or cancellation."""

QUESTIONS = frozenset({"bookingRequests", "bookingUpdateRequests"})

STEPS = frozenset(
    {
        "booking: new -> requested",
        "booking: requested -> inserting",
        "booking: inserting -> inserted",
        "booking: inserted -> confirming",
        "booking: confirming -> confirmed",
        "booking: confirmed -> cancelled",
        "cancellation: new -> asked",
        "cancellation: asked -> cancelling",
        "cancellation: cancelling -> cancelled",
        "cancellation: cancelled -> answered",
    }
)
"""Steps of the ledger that every run takes, and at each of which the engine dies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """
    How much is to happen, at least.

    Attributes:
        deaths: At random; those at chosen moments come on top.
        each: Deaths at each chosen moment.
        has_rival: Whether somebody at the desk wants the times that are booked online, at the same moment.
        moments: The chosen moments; None: every step of the ledger, and every other moment that somebody watches.
    """

    bookings: int = 2000
    cancellations: int = 400
    deaths: int = 300
    each: int = 2
    has_rival: bool = True
    moments: frozenset[str] | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """
    What it came to.

    Attributes:
        deaths: By who died and why.
        moments: By the moment at which somebody died on purpose.
        missed: Chosen moments, or steps of the ledger, at which nobody died.
        desk: What the front desk did.
        seconds: Of the machine's own time.
    """

    stock: Stock
    deaths: Mapping[str, int]
    moments: Mapping[str, int]
    missed: Sequence[str]
    desk: Mapping[str, int]
    seconds: float

    @property
    def is_good(self) -> bool:
        """
        Whether nothing is wrong and every step has seen a death.
        """
        return not self.stock.wrong and not self.missed


def prepared(folder: Path, *, seed: int, scale: float, server: ServerDatabase | None = None) -> Installation:
    """
    Return an installation for a crash run, not entered yet; each seed reads Healthengine's definition another way.

    Args:
        scale: How many times as fast as the machine's own time runs.
        server: An empty database; by default the practice is in a file, reached over ODBC.
    """
    random = Random(seed)
    return Installation.create(
        folder,
        scale=scale,
        patients=300,
        carrier="odbc",
        server=server,
        horizon_days=HORIZON_DAYS,
        minimum_notice=24 * 60,  # so that no time that is booked passes meanwhile
        answered_again=random.choice(list(AnsweredAgain)),
        early_cancel=random.choice(list(EarlyCancel)),
        late_status=random.choice(list(LateStatus)),
    )


def crash_run(installation: Installation, plan: Plan) -> Outcome:
    """
    Live through *plan* with an installation that was entered and whose engine is not running yet.

    Raises:
        Transient: if the patients cannot do what was planned in time (`sandbox-timeout`).
    """
    began = time.monotonic()
    simulator, random = installation.simulator, Random(plan.seed)
    first_new_patient = _newest_patient(installation)
    installation.start_engine()
    wait_until(simulator.openings, 120, "the first free times are published")
    desk = installation.desk(every=1.0, seed=plan.seed)

    def cancel_perhaps(booking_id: int) -> None:
        if booking_id and random.random() < CANCEL_WHILE_DEAD:
            with suppress(KeyError):
                simulator.cancel(booking_id)

    def something_fails() -> None:
        simulator.add_fault(_fault(random))

    reaper = Reaper(
        installation,
        at_random=plan.deaths,
        each=plan.each,
        chosen=plan.moments,
        seed=plan.seed,
        on_death=cancel_perhaps,
        between=something_fails,
    )
    patients = _patients(installation, plan, reaper)
    with ExitStack() as stack:
        rival = stack.enter_context(Rival(simulator, desk, plan.seed))

        def heard(call: CallRecord) -> None:
            reaper.called()
            if call.operation == "bookingRequests" and plan.has_rival:
                rival.wake()
            if call.operation in ANSWERS:
                reaper.happened(Moment(f"call: {call.operation}, {'lost' if not call.status else 'processed'}"))
            elif call.operation in QUESTIONS:
                reaper.happened(Moment(f"call: {call.operation}"))

        simulator.tell(heard)
        stack.enter_context(Lookout(lambda: LedgerWatch(Home(folder=installation.home).state_db), reaper.happened))
        if installation.server is not None:
            dialect, connect = installation.server.dialect, installation.connect
            stack.enter_context(Lookout(lambda: DiaryWatch(connect, dialect), reaper.happened))
        stack.enter_context(desk)
        with reaper, patients:
            limit = 300 + 20 * plan.deaths
            wait_until(lambda: not reaper.left and _has_enough(installation, plan), limit, "everything planned has happened")
    simulator.clear_faults()
    if installation.status() is None:
        installation.kill_engine()
        installation.start_engine()
    with suppress(Transient):  # what is not settled by then is in the stock
        wait_until(lambda: is_answered(installation), _real(installation, SETTLED_AFTER), "everything is answered")
        wait_until(lambda: is_published(installation), _real(installation, PUBLISHED_AFTER), "what is free is published")
    return Outcome(
        stock=take_stock(installation, first_new_patient=first_new_patient),
        deaths=reaper.deaths,
        moments=reaper.moments,
        missed=sorted((plan.moments or STEPS) - reaper.moments.keys()),
        desk=desk.counts,
        seconds=time.monotonic() - began,
    )


def _patients(installation: Installation, plan: Plan, reaper: Reaper) -> SimulatedPatients:
    def may_book() -> bool:
        died = (plan.deaths - reaper.left) / plan.deaths
        return sum(patients.counts.get(name, 0) for name in ("booked", "rebooked")) < plan.bookings * died + AHEAD

    patients = SimulatedPatients(
        installation.simulator,
        people=known_people(installation, KNOWN),
        every=EVERY_S * installation.clock.scale,
        cancel_share=plan.cancellations / plan.bookings,
        early_share=0.1,
        horizon=timedelta(days=installation.horizon_days),
        may_book=may_book,
        seed=plan.seed,
    )
    return patients


def _has_enough(installation: Installation, plan: Plan) -> bool:
    bookings = installation.simulator.bookings(PRACTICE_ID)
    return len(bookings) >= plan.bookings and sum(1 for b in bookings if b.cancelled_at) >= plan.cancellations


def _fault(random: Random) -> Fault:
    kinds = [FaultKind.DROP_AFTER] * 4 + [
        FaultKind.DROP_BEFORE,
        FaultKind.STATUS,
        FaultKind.HTML,
        FaultKind.TRUNCATE,
        FaultKind.DELAY,
    ]
    operation = random.choice([*sorted(ANSWERS), *sorted(QUESTIONS), "*"])
    wait = timedelta(seconds=random.uniform(0, 10))
    return Fault(kind=random.choice(kinds), operation=operation, times=random.randint(1, 2), wait=wait)


def _newest_patient(installation: Installation) -> int:
    with closing(installation.connect()) as connection:
        return int(Database(connection).rows("SELECT MAX(id) FROM patients")[0][0])


def _real(installation: Installation, span: timedelta) -> float:
    return installation.clock.real_seconds(span) + 60
