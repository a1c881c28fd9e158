"""
Faults on demand: what a marketplace and the network before it can do to a call.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")

ANY = "*"
"""The operation of a fault that plays on every call."""

PORTAL = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Sign in to continue</h1></body></html>"


class FaultKind(StrEnum):
    """
    What can go wrong.
    """

    STATUS = "status"  # answered with a status, not processed
    HTML = "html"  # a captive portal's page with a 200, not processed
    DELAY = "delay"  # processed after a wait
    DROP_BEFORE = "drop_before"  # the connection ends, not processed
    DROP_AFTER = "drop_after"  # processed, then the connection ends: the acknowledgement is lost
    TRUNCATE = "truncate"  # processed, half of the body sent
    SLOW = "slow"  # processed, the answer trickles
    BODY = "body"  # processed, another body sent in place of its own
    DUPLICATE = "duplicate"  # every entry of a list twice
    SHUFFLE = "shuffle"  # a list in another order on every page
    LEAVE = "leave"  # entries leave the front of a list after its first page


BEFORE = frozenset({FaultKind.STATUS, FaultKind.HTML, FaultKind.DROP_BEFORE})
"""Kinds for which the call is not processed."""

LISTS = frozenset({FaultKind.DUPLICATE, FaultKind.SHUFFLE, FaultKind.LEAVE})
"""Kinds that change a list of requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """
    One fault and when it plays.

    Attributes:
        operation: An `operationId`, or `*`.
        practice_id: None: of every practice.
        times: For so many calls; None: without limit.
        lasting: For so long in simulator time; None: without limit.
        status, retry_after, retry_after_as_date: Of `STATUS`.
        wait: Of `DELAY` and `SLOW`, in simulator time.
        body, content_type: Of `BODY`.
        items: Of `LEAVE`: how many entries leave.
    """

    kind: FaultKind
    operation: str = ANY
    practice_id: str | None = None
    times: int | None = 1
    lasting: timedelta | None = None
    status: int = 503
    retry_after: timedelta | None = None
    retry_after_as_date: bool = False
    wait: timedelta = timedelta(0)
    body: bytes = b""
    content_type: str = "application/json"
    items: int = 1

    def headers(self, now: datetime) -> dict[str, str]:
        """
        Return the headers that a `STATUS` adds.
        """
        if self.retry_after is None:
            return {}
        if self.retry_after_as_date:
            return {"Retry-After": format_datetime((now + self.retry_after).replace(microsecond=0), usegmt=True)}
        return {"Retry-After": str(round(self.retry_after.total_seconds()))}

    def arrange(self, items: Sequence[T], page: int) -> Sequence[T]:
        """
        Return a list of requests as this fault shows it; *page* counts from 0.
        """
        match self.kind:
            case FaultKind.DUPLICATE:
                return [item for item in items for _ in range(2)]
            case FaultKind.SHUFFLE:
                cut = (page + 1) % max(1, len(items))
                return [*items[cut:], *items[:cut]][::-1]
            case FaultKind.LEAVE:
                return items[self.items :] if page > 0 else items
            case _:
                return items


class Faults:
    """
    The faults that are waiting to play; the oldest that fits a call is played. Safe to call from several threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Waiting] = []

    def add(self, fault: Fault, now: datetime) -> None:
        """
        Let *fault* play from simulator time *now* on.
        """
        until = None if fault.lasting is None else now + fault.lasting
        with self._lock:
            self._waiting.append(_Waiting(fault, fault.times, until))

    def clear(self) -> int:
        """
        Let nothing more go wrong; return how many were still waiting.
        """
        with self._lock:
            left = len(self._waiting)
            self._waiting.clear()
            return left

    def take(self, operation: str, practice_id: str, now: datetime, *, listing: bool) -> Fault | None:
        """
        Return the fault to play on a call, if any, and count it.
        """
        if not self._waiting:
            return None
        with self._lock:
            self._waiting = [w for w in self._waiting if w.times != 0 and (w.until is None or now < w.until)]
            for waiting in self._waiting:
                fault = waiting.fault
                if fault.operation not in {ANY, operation} or fault.practice_id not in {None, practice_id}:
                    continue
                if fault.kind in LISTS and not listing:
                    continue
                if waiting.times is not None:
                    waiting.times -= 1
                return fault
        return None


class _Waiting:
    """
    A fault with what is left of it.
    """

    __slots__ = ("fault", "times", "until")

    def __init__(self, fault: Fault, times: int | None, until: datetime | None) -> None:
        self.fault = fault
        self.times = times
        self.until = until
