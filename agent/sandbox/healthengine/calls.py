"""
A checked call on its way to its operation, and the answer on its way back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agent.sandbox.healthengine.records import ViolationKind
from agent.sandbox.healthengine.state import PracticeState, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """
    One checked call on its way to its operation.

    Attributes:
        body: Read by the operation's own model; None where it takes none.
        content: The same as parsed JSON.
        numbers: Whole numbers from the path, by name.
        texts: Texts from the path and the query, by name.
        arrange: What the faults do to a list of requests, given the list and the page wanted.
    """

    world: World
    practice: PracticeState
    operation: str
    now: datetime
    body: Any
    content: Any
    numbers: Mapping[str, int]
    texts: Mapping[str, str]
    arrange: Callable[[Sequence[Any], int], Sequence[Any]]

    def violate(self, kind: ViolationKind, why: str) -> None:
        """
        Record a violation of this call.
        """
        self.world.violate(self.practice, kind, self.operation, why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """
    The answer to a call.

    Attributes:
        content: Anything that JSON can say; `ACK` stands for a body that the definition leaves open.
    """

    status: int = 200
    content: Any = None


ACK = object()
"""The content of an answer whose body the definition leaves empty."""


def acknowledged() -> Reply:
    """
    Return a plain yes.
    """
    return Reply(content=ACK)


def refused(status: int, why: str = "") -> Reply:
    """
    Return a no; *why* is for people.
    """
    return Reply(status=status, content={"error": why} if why else None)
