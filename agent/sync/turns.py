"""
One after another for the same booking, side by side for different ones.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class Turns:
    """
    Lets one thread at a time work on a booking. Safe to use from several threads; a thread has one turn at a time.
    """

    def __init__(self) -> None:
        self._taken: set[int] = set()
        self._given_back = threading.Condition()

    @contextmanager
    def of(self, booking_ids: Iterable[int]) -> Iterator[None]:
        """
        Wait until nobody else works on any of these bookings, and keep everybody else from them inside the block.

        All are taken at the same moment, so that nobody waits for somebody who waits for him.
        """
        wanted = set(booking_ids)
        with self._given_back:
            self._given_back.wait_for(lambda: self._taken.isdisjoint(wanted))
            self._taken |= wanted
        try:
            yield
        finally:
            with self._given_back:
                self._taken -= wanted
                self._given_back.notify_all()
