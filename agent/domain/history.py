"""
What Healthengine was told of a booking, when and why, read from its steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from agent.domain.booking import BookingState, CancellationState

_TOLD = {
    BookingState.CONFIRMED: "yes",
    BookingState.REJECTED: "no",
    BookingState.GONE: "cancelled by the practice",
    BookingState.DID_NOT_ATTEND: "did not attend",
}

_TOLD_OF_CANCELLATION = {
    CancellationState.ANSWERED: "the change is made",
    CancellationState.REFUSED: "the change cannot be made",
    CancellationState.TASK: "the change cannot be made",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """
    One step of a booking or of a change that its patient asked for.

    Attributes:
        at: Aware UTC.
        request_id: The change's; 0: the step is the booking's own.
        told: What Healthengine heard with this step; empty: nothing.
    """

    at: datetime
    state: str
    reason: str = ""
    request_id: int = 0
    told: str = ""


def lines_of_booking(steps: Iterable[tuple[BookingState, datetime, str]]) -> Iterator[HistoryLine]:
    """
    Return a booking's steps, each with what Healthengine was told: a state that is only written anew tells nothing.
    """
    before: BookingState | None = None
    for state, at, reason in steps:
        told = _TOLD.get(state, "") if state is not before else ""
        yield HistoryLine(at=at, state=state.value, reason=reason, told=told)
        before = state


def lines_of_cancellation(request_id: int, steps: Iterable[tuple[CancellationState, datetime, str]]) -> Iterator[HistoryLine]:
    """
    Return the steps of a change that the patient asked for.
    """
    for state, at, reason in steps:
        told = _TOLD_OF_CANCELLATION.get(state, "")
        yield HistoryLine(at=at, state=state.value, reason=reason, request_id=request_id, told=told)
