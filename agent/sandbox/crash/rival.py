"""
Somebody at the desk who wants the very times that patients book online, at the same moment.
"""

from __future__ import annotations

from queue import Empty, SimpleQueue
from random import Random
from threading import Event, Thread
from typing import Self

from agent.sandbox.healthengine.simulator import Simulator
from agent.sandbox.practice.desk import DeskStaff

SHARE = 0.2
"""Of the bookings that are fetched, how many the desk wants too."""

MOST_S = 0.25
"""So long after the agent has heard of a booking the desk has typed it in, at the latest."""


class Rival:
    """
    A thread; `wake` may be called from any. It looks before it books and takes its own entry back if it is not alone, as
    desk software does, but takes no lock of the agent's.
    """

    def __init__(self, simulator: Simulator, desk: DeskStaff, seed: int) -> None:
        self._simulator = simulator
        self._desk = desk
        self._random = Random(seed)
        self._fetched: SimpleQueue[None] = SimpleQueue()
        self._wanted: set[int] = set()
        self._stop = Event()
        self._thread = Thread(target=self._work, name="rival", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)

    def wake(self) -> None:
        """
        Learn that the agent is just being told what waits.
        """
        self._fetched.put(None)

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                self._fetched.get(timeout=0.2)
            except Empty:
                continue
            fresh = [b for b in self._simulator.bookings() if b.listed and b.id not in self._wanted]
            self._wanted.update(booking.id for booking in fresh)
            for booking in self._random.sample(fresh, k=round(len(fresh) * SHARE + self._random.random() / 2)):
                self._stop.wait(self._random.uniform(0, MOST_S / len(fresh)))
                who = int((booking.resource_id or "0").partition("@")[0])
                self._desk.book_if_free(who, booking.start, -(-booking.seconds // 60))
