"""
Patients who book, cancel and book again of their own accord.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from itertools import count
from random import Random
from threading import Event, Lock, Thread
from types import TracebackType
from typing import NamedTuple, Self

from agent.sandbox.healthengine.openings import Opening
from agent.sandbox.healthengine.people import invented_person
from agent.sandbox.healthengine.records import Answer
from agent.sandbox.healthengine.simulator import Simulator

Person = Mapping[str, str | None]

_TRIES = 20
"""How often a patient who wants a time looks for it before taking another."""

_PAGES = 8
"""How many days a patient looks through before giving up for now."""

_REASONS = ("", "", "", "Follow-up", "Flu vaccination", "New prescription,\nand a referral", "Sore throat since Monday")


class _Who(NamedTuple):
    """
    A person, and which of those whom the practice knows; None: one of the others.
    """

    number: int | None
    person: Person


class SimulatedPatients:
    """
    A thread that acts for the patients of one practice. They take only what the simulator offers at that moment, so no time
    is ever booked twice, and nobody is at two places on one day.

    Args:
        simulator: Where they book.
        people: Patients whom the practice knows, under the definition's names; others are invented.
        practice_id: None: the first practice.
        every: Seconds of simulator time between two bookings, on average.
        cancel_share: Of the confirmed bookings, how many are cancelled again.
        early_share: How many are cancelled at once, with or without an answer.
        rebook_share: Of those who cancel, how many want the same time again.
        new_share: How many are people whom the practice does not know.
        patience: How long they keep a booking before they cancel it, in simulator time, on average.
        horizon: How far ahead they look.
        may_book: Asked before each booking; while it says no, nobody books anything new.
        seed: The same seed makes the same choices, as far as the engine's timing lets it.
    """

    def __init__(
        self,
        simulator: Simulator,
        *,
        people: Sequence[Person] = (),
        practice_id: str | None = None,
        every: float = 2.0,
        cancel_share: float = 0.25,
        early_share: float = 0.05,
        rebook_share: float = 0.5,
        new_share: float = 0.3,
        patience: timedelta = timedelta(seconds=10),
        horizon: timedelta = timedelta(days=14),
        may_book: Callable[[], bool] = lambda: True,
        seed: int = 1,
    ) -> None:
        self._simulator = simulator
        self._clock = simulator.clock
        self._people = list(people)
        self._practice_id = practice_id
        self._every = every
        self._cancel_share = cancel_share
        self._early_share = early_share
        self._rebook_share = rebook_share
        self._new_share = new_share
        self._patience = patience.total_seconds()
        self._horizon = horizon
        self._may_book = may_book
        self._random = Random(seed)
        self._invented = seed * 1_000_000
        self._plans: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._days: set[tuple[int, date]] = set()
        self._counts: Counter[str] = Counter()
        self._lock = Lock()
        self._stop = Event()
        self._thread = Thread(target=self._work, name="simulated-patients", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """
        Begin to book. Once only.
        """
        self._thread.start()

    def stop(self, within: float = 10.0) -> None:
        """
        Let the patients do nothing more.

        Raises:
            TimeoutError: if that takes longer than *within* real seconds.
        """
        self._stop.set()
        self._thread.join(within)
        if self._thread.is_alive():
            raise TimeoutError("the patients are still busy")

    @property
    def counts(self) -> Mapping[str, int]:
        """
        How often they `booked`, `cancelled`, `cancelled_early`, `rebooked`, and found nothing (`gave_up`).
        """
        with self._lock:
            return dict(self._counts)

    def act(self) -> int | None:
        """
        Book once, now; return the booking's id, or None if nothing was found. Not while the thread runs.
        """
        for _ in range(_PAGES):
            offered = self._simulator.some_openings(self._practice_id, self._random, within=self._horizon)
            if not offered:
                continue
            opening = self._random.choice(offered)
            booking_id = self._book(opening, self._somebody(opening.start.date()), "booked")
            if booking_id is not None:
                return booking_id
        self._count("gave_up")
        return None

    def _work(self) -> None:
        self._plan(0.0, self._book_now_and_then)
        while not self._stop.is_set():
            due, _, act = self._plans[0]
            wait = self._clock.real_seconds(timedelta(seconds=due - self._clock.monotonic()))
            if wait > 0:
                self._stop.wait(min(wait, 0.25))
                continue
            heapq.heappop(self._plans)
            act()

    def _plan(self, after: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._plans, (self._clock.monotonic() + after, next(self._order), act))

    def _book_now_and_then(self) -> None:
        self._plan(self._random.expovariate(1 / self._every), self._book_now_and_then)
        if self._may_book():
            self.act()

    def _book(self, opening: Opening, who: _Who, as_what: str) -> int | None:
        booking_id = self._simulator.book_opening(
            opening, who.person, reason=self._random.choice(_REASONS), is_new_patient=who.number is None
        )
        if booking_id is None:
            return None
        if who.number is not None:
            self._days.add((who.number, opening.start.date()))
        self._count(as_what)
        if self._random.random() < self._early_share:
            self._plan(self._random.uniform(0.0, 6.0), lambda: self._cancel(booking_id, opening, who, "cancelled_early"))
        elif self._random.random() < self._cancel_share:
            self._plan(self._random.expovariate(1 / self._patience), lambda: self._cancel_confirmed(booking_id, opening, who))
        return booking_id

    def _somebody(self, day: date) -> _Who:
        if self._people and self._random.random() >= self._new_share:
            index = self._random.randrange(len(self._people))
            if (index, day) not in self._days:
                return _Who(index, self._people[index])
        self._invented += 1
        return _Who(None, invented_person(self._invented))

    def _cancel_confirmed(self, booking_id: int, opening: Opening, who: _Who) -> None:
        answer = self._simulator.answer_of(booking_id)
        if answer is None:
            self._plan(1.0, lambda: self._cancel_confirmed(booking_id, opening, who))
        elif answer.answer is Answer.CONFIRMED:
            self._cancel(booking_id, opening, who, "cancelled")

    def _cancel(self, booking_id: int, opening: Opening, who: _Who, as_what: str) -> None:
        if not self._simulator.cancel(booking_id):
            return
        self._count(as_what)
        if self._random.random() < self._rebook_share:
            self._plan(self._random.uniform(0.0, 3.0), lambda: self._book_again(opening, who, _TRIES))

    def _book_again(self, opening: Opening, who: _Who, tries: int) -> None:
        if self._book(opening, who, "rebooked") is not None:
            return
        if tries > 0:
            self._plan(1.0, lambda: self._book_again(opening, who, tries - 1))
        else:
            self.act()

    def _count(self, what: str) -> None:
        with self._lock:
            self._counts[what] += 1
