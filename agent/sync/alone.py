"""
Keeping two engines of one practice apart by a named lock in its database (design: *Identity*).
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from agent.domain.errors import Transient
from agent.domain.identity import OTHER_ENGINE
from agent.domain.status import Condition, Severity
from agent.ports.brake import Notices
from agent.ports.clock import Clock
from agent.ports.pms import Pms

log = logging.getLogger(__name__)

AREA = "other-engine"


class Alone:
    """
    Holds the database's lock for one engine, and shows when another engine has it. Not safe to call from several threads.

    Args:
        remember: Puts a line on the timeline: code, text, who.
    """

    def __init__(self, pms: Pms, *, notices: Notices, clock: Clock, remember: Callable[[str, str, str], None]) -> None:
        self._pms = pms
        self._notices = notices
        self._clock = clock
        self._remember = remember
        self._is_shut_out: bool | None = None

    @property
    def is_shut_out(self) -> bool:
        """
        Whether another engine had the lock when it was last asked for.
        """
        return bool(self._is_shut_out)

    def holds_lock(self) -> bool:
        """
        Ask for the lock, and return whether this engine has it; where the PMS has none, nobody is shut out.

        Raises:
            FrontdeskError: if the PMS cannot be asked.
        """
        before, self._is_shut_out = self._is_shut_out, self._is_taken()
        if self._is_shut_out and not before:
            self._show()
        elif before and not self._is_shut_out:
            self._remember("engine-takes-over", "The other engine has gone: this one takes over.", "")
        if not self._is_shut_out and before is not False:
            self._notices.clear_condition(AREA)
        return not self._is_shut_out

    def _is_taken(self) -> bool:
        if not self._pms.capabilities.engine_lock:
            return False
        try:
            self._pms.engine_lock()
        except Transient as error:
            if error.code != OTHER_ENGINE:
                raise
            return True
        return False

    def _show(self) -> None:
        text = "Another Frontdesk engine works with this database: this one neither polls nor publishes nor writes."
        log.warning("%s", text)
        self._notices.raise_condition(
            Condition(
                area=AREA,
                code=OTHER_ENGINE,
                severity=Severity.ERROR,
                message=text,
                remedy="Leave one of the two running. This one takes over by itself when the other has stopped.",
                since=self._clock.now(),
            )
        )
        self._remember("engine-shut-out", text, "")
