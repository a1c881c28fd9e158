"""
Looking whether a PMS that failed answers again, so that work resumes soon after the database does.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from agent.domain.errors import FrontdeskError
from agent.ports.clock import Clock
from agent.ports.pms import Pms

log = logging.getLogger(__name__)

PROBE_EVERY = timedelta(seconds=10)


class PmsProbe:
    """
    Asks the PMS for its identity every 10 s after somebody had trouble with it, until it answers.

    Args:
        on_back: Called from the probe's thread when it answers again.
    """

    def __init__(self, pms: Pms, clock: Clock, on_back: Callable[[], None]) -> None:
        self._pms = pms
        self._clock = clock
        self._on_back = on_back
        self._trouble = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="pms-probe", daemon=True)

    def start(self) -> None:
        """
        Start the probe's thread; it sleeps until there is trouble.
        """
        self._thread.start()

    def trouble(self) -> None:
        """
        Somebody could not work with the PMS.
        """
        self._trouble.set()

    def stop(self, timeout: float) -> None:
        """
        End the thread, within *timeout* real seconds unless the PMS holds it up.
        """
        self._stopping.set()
        self._trouble.set()
        self._thread.join(timeout)

    def _loop(self) -> None:
        while True:
            self._trouble.wait()
            if self._stopping.wait(self._clock.real_seconds(PROBE_EVERY)):
                return
            try:
                self._pms.identity()
            except FrontdeskError:
                continue
            except Exception:
                log.exception("looking for the PMS failed in a way nobody foresaw")
                continue
            self._trouble.clear()
            log.info("the PMS answers")
            self._on_back()
