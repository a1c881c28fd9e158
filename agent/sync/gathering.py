"""
Doing in one go what several threads want at the same moment.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Gathering(Generic[T]):
    """
    Hands on what is brought; whoever comes while somebody is at it leaves his to him. May be used from any thread.

    Args:
        take: Does what is to be done with everything brought; called by one thread at a time.
    """

    def __init__(self, take: Callable[[list[T]], None]) -> None:
        self._take = take
        self._brought: list[T] = []
        self._is_being_taken = False
        self._lock = threading.Lock()

    def bring(self, item: T) -> None:
        """
        Have *item* taken, now or, if somebody is at it, soon after.
        """
        with self._lock:
            self._brought.append(item)
            if self._is_being_taken:
                return
            self._is_being_taken = True
        try:
            while items := self._all():
                self._take(items)
        except BaseException:
            with self._lock:
                self._is_being_taken = False  # whoever comes next takes what is left as well
            raise

    def _all(self) -> list[T]:
        with self._lock:
            items, self._brought = self._brought, []
            self._is_being_taken = bool(items)
            return items
