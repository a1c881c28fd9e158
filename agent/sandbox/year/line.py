"""
What lies between the agent and the two sides: lines that fail when they are told to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from agent.domain.errors import AuthRequired, FrontdeskError, OutcomeUnknown, Transient

PMS_AWAY = Transient("pms-connect", "The practice's database does not answer.")
PMS_REFUSES = AuthRequired("pms-login", "The practice's database refuses the login.", remedy="Set the new password.")
LINK_DOWN = Transient("he-connect", "Healthengine does not answer.")
KEY_REFUSED = AuthRequired("he-refused", "Healthengine refuses the key.", remedy="Set the new key.")
PMS_SILENT = OutcomeUnknown("pms-answer-lost", "The database's answer was lost.")
HE_SILENT = OutcomeUnknown("he-answer-lost", "Healthengine's answer was lost.")

_FREE = frozenset({"capabilities", "close", "renew", "workers"})


class Line:
    """
    Stands in front of a port and lets its calls through, or not.

    Attributes:
        trouble: Every call fails with it; None: the line is up.
        lose: So many answers of *losable* calls get lost after the call has done its work.
        attempts: Calls that failed because of *trouble*.
    """

    def __init__(self, inner: object, *, losable: frozenset[str], lost: FrontdeskError, heard: Callable[[str], None]) -> None:
        self._inner = inner
        self._losable = losable
        self._lost = lost
        self._heard = heard
        self.trouble: FrontdeskError | None = None
        self.lose = 0
        self.attempts = 0
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return found if name in _FREE or not callable(found) else partial(self._call, name, found)

    def _call(self, name: str, operation: Callable[..., object], *args: object, **kwargs: object) -> object:
        if self.trouble is not None:
            self.attempts += 1
            raise self.trouble
        self.calls[name] += 1
        result = operation(*args, **kwargs)
        self._heard(name)
        if self.lose and name in self._losable:
            self.lose -= 1
            raise self._lost
        return result
