"""
The way to the PMS, which can be shut: during maintenance nobody reads, writes or holds a connection.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from agent.domain.errors import Cancelled
from agent.ports.pms import Pms

MAINTENANCE = "maintenance"

_NEEDS_NO_CONNECTION = frozenset({"capabilities", "workers", "close", "renew"})


class PmsGate:
    """
    A PMS (`agent.ports.pms.Pms`) whose every operation raises `Cancelled` (`maintenance`) while the gate is shut.

    Safe to call from several threads.
    """

    def __init__(self, inner: Pms, *, shut: bool = False) -> None:
        self._inner = inner
        self._changed = threading.Condition()
        self._in_use = 0
        self._is_shut = shut

    @property
    def is_shut(self) -> bool:
        """
        Whether nobody gets through.
        """
        return self._is_shut

    def shut(self, timeout: float) -> bool:
        """
        Let nobody in any more, wait until everybody inside is done, and let go of every connection.

        Args:
            timeout: How long to wait, in real seconds; afterwards whoever is still inside loses the connection.

        Returns:
            Whether everybody was done in time.
        """
        with self._changed:
            self._is_shut = True
            are_done = self._changed.wait_for(lambda: self._in_use == 0 or not self._is_shut, timeout)
            if not self._is_shut:
                return are_done  # opened again meanwhile: the connections may stay
        self._inner.close()
        return are_done

    def open(self) -> None:
        """
        Let everybody through again; connections are opened when they are first needed.
        """
        with self._changed:
            self._is_shut = False
            self._changed.notify_all()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return found if name in _NEEDS_NO_CONNECTION else partial(self._call, found)

    def _call(self, operation: Callable[..., object], *args: object, **kwargs: object) -> object:
        with self._changed:
            if self._is_shut:
                raise Cancelled(MAINTENANCE, "Waits until the maintenance of the database has ended.")
            self._in_use += 1
        try:
            return operation(*args, **kwargs)
        finally:
            with self._changed:
                self._in_use -= 1
                self._changed.notify_all()
