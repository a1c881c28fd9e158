"""
Before an uninstall (rule 9): what is still to be done until Frontdesk may go without leaving anything open.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agent.domain.booking import BookingState
from agent.domain.status import EngineStatus
from agent.domain.words import counted

_ON_THE_WAY = (
    BookingState.REQUESTED,
    BookingState.INSERTING,
    BookingState.INSERTED,
    BookingState.CONFIRMING,
    BookingState.REJECTING,
)


def is_emptied(status: EngineStatus) -> bool:
    """
    Return whether Healthengine has acknowledged for every practice that nothing is free.
    """
    return all(practice.is_empty for practice in status.practices)


def waits_for(status: EngineStatus, emptied_at: datetime | None) -> Sequence[str]:
    """
    Return what has to happen first, in plain words; nothing is left when it is empty.

    Args:
        emptied_at: When patients first saw no free times at any practice, aware UTC; None: they still may. What they booked
            until then is asked for once more afterwards.
    """
    found = [
        f"practice {practice.id}: Healthengine has to acknowledge that nothing is free"
        for practice in status.practices
        if not practice.is_empty
    ]
    on_the_way = sum((status.booking_counts or {}).get(state.value, 0) for state in _ON_THE_WAY)
    if on_the_way:
        found.append(f"{counted(on_the_way, 'booking')} on the way to an answer")
    found += [
        f"practice {channel.practice_id}: what patients did until then has to be fetched and answered"
        for channel in status.channels
        if emptied_at and channel.name == "requests" and not (channel.last_success and channel.last_success > emptied_at)
    ]
    return found
