"""
How the whole engine is doing, worked out from its channels and open conditions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from agent.domain.errors import AuthRequired, ContractBroken, FrontdeskError, Misconfigured
from agent.domain.status import ChannelState, ChannelStatus, Condition, EngineState, Severity

RECENT = {
    "requests": timedelta(minutes=2),
    "availability": timedelta(minutes=12),
    "changes": timedelta(minutes=12),
    "configuration": timedelta(hours=2),
}
"""How old the last success of a channel may be before it no longer counts as proof."""


def severity_of(error: FrontdeskError) -> Severity:
    """
    Return whether waiting helps (*warning*) or a person is needed (*error*).
    """
    needs_person = isinstance(error, (AuthRequired, Misconfigured, ContractBroken))
    return Severity.ERROR if needs_person else Severity.WARNING


def overall(
    *,
    is_set_up: bool,
    is_paused: bool,
    open_tasks: int,
    channels: Sequence[ChannelStatus],
    conditions: Iterable[Condition],
) -> EngineState:
    """
    Return the one word for the tray; the most urgent wins (the order of `EngineState`).
    """
    if open_tasks or any(c.severity is Severity.ERROR for c in conditions):
        return EngineState.ATTENTION
    if not is_set_up:
        return EngineState.NOT_SET_UP
    if is_paused:
        return EngineState.PAUSED
    states = {channel.state for channel in channels}
    if states & {ChannelState.FAILING, ChannelState.STALE}:
        return EngineState.OFFLINE
    if not channels or any(channel.last_success is None for channel in channels):
        return EngineState.STARTING
    if ChannelState.WORKING in states:
        return EngineState.WORKING
    return EngineState.ONLINE
