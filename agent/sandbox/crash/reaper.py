"""
Kills the engine or its workers, at random and at chosen moments, and starts the engine again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from random import Random
from threading import Condition, Event, Lock, Thread
from time import monotonic
from typing import Self

import psutil

from agent.sandbox.crash.moments import Moment
from agent.sandbox.installation import Installation

YOUNG_SHARE = 0.2
"""Of the random deaths, how many may fall into the engine's start."""

LEAST_LIFE_S, STARTS = 2.0, 1.5
"""How long the engine may live, once it has begun to work, before the next random death: seconds, or times what it takes to
begin on this machine, whichever is more."""

START_S = 30.0
"""How long it may take to begin."""

ENGINE_SHARE = 0.35
"""Of the random deaths, how many are the engine's; the others are its workers'."""


class Reaper:
    """
    A thread that keeps the engine running in between. `happened` may be called from any thread.

    Args:
        at_random: How many random deaths.
        each: How many deaths at each chosen moment, for each of its victims.
        chosen: The moments; None: all that it is told of.
        on_death: Called when the engine is dead and not yet started again, with the booking that was being worked on (0: none).
        between: Called between two random deaths.
    """

    def __init__(
        self,
        installation: Installation,
        *,
        at_random: int,
        each: int,
        chosen: frozenset[str] | None,
        seed: int,
        on_death: Callable[[int], None],
        between: Callable[[], None],
    ) -> None:
        self._installation = installation
        self._left = at_random
        self._each = each
        self._chosen = chosen
        self._random = Random(seed)
        self._on_death = on_death
        self._between = between
        self._lock = Lock()
        self._fallen = Condition(self._lock)
        self._is_down = False
        self._is_at_work = True
        self._booking_id = 0
        self._launched = 0.0
        self._most = LEAST_LIFE_S
        self._stop = Event()
        self._moments: Counter[str] = Counter()
        self._deaths: Counter[str] = Counter()
        self._thread = Thread(target=self._work, name="reaper", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(60)

    @property
    def left(self) -> int:
        """
        How many random deaths are still to be died.
        """
        return self._left

    @property
    def deaths(self) -> Mapping[str, int]:
        """
        How often who died, at random and in all.
        """
        with self._lock:
            return dict(self._deaths)

    @property
    def moments(self) -> Mapping[str, int]:
        """
        At which chosen moments somebody died, and how often.
        """
        with self._lock:
            return dict(self._moments)

    def happened(self, moment: Moment) -> None:
        """
        Kill, if nobody has died often enough at such a moment.
        """
        if self._chosen is not None and moment.what not in self._chosen:
            return
        with self._lock:
            number = self._moments[moment.what]
            victims = ("engine", "worker") if moment.what.startswith("diary:") else ("engine",)
            if self._is_down or self._stop.is_set() or number >= self._each * len(victims):
                return
            self._moments[moment.what] += 1
            self._booking_id = moment.booking_id
            self._kill(victims[number % len(victims)])

    def called(self) -> None:
        """
        Learn that the engine has called Healthengine: it is at work.
        """
        if not self._is_at_work:
            with self._fallen:
                self._is_at_work = not self._is_down
                self._most = max(LEAST_LIFE_S, STARTS * (monotonic() - self._launched))
                self._fallen.notify_all()

    def _work(self) -> None:
        while not self._stop.is_set():
            with self._fallen:
                if self._random.random() > YOUNG_SHARE:
                    self._fallen.wait_for(lambda: self._is_at_work or self._is_down or self._stop.is_set(), START_S)
                self._fallen.wait_for(lambda: self._is_down or self._stop.is_set(), self._random.uniform(0, self._most))
                if not self._is_down and self._left and not self._stop.is_set():
                    self._left -= 1
                    self._kill("engine" if self._random.random() < ENGINE_SHARE else "worker", at_random=True)
                booking_id, self._booking_id = self._booking_id, 0
            if self._is_down:
                self._installation.kill_engine()
                self._on_death(booking_id)
                self._installation.launch_engine()
                self._launched = monotonic()
                self._is_at_work = self._is_down = False
            self._between()

    def _kill(self, who: str, *, at_random: bool = False) -> None:
        engine = self._installation.engine
        if engine is None:
            return
        when = "at random" if at_random else "at a moment"
        if who == "worker":
            with suppress(psutil.Error):
                for worker in psutil.Process(engine.pid).children():
                    worker.kill()
                    self._deaths[f"worker {when}"] += 1
            return
        engine.kill()
        self._is_down = True
        self._deaths[f"engine {when}"] += 1
        self._fallen.notify_all()
