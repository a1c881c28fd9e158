"""
The one word for the tray, worked out from channels and conditions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from agent.domain.errors import (
    AuthRequired,
    ContractBroken,
    FrontdeskError,
    Misconfigured,
    OutcomeUnknown,
    RecordRejected,
    Transient,
)
from agent.domain.health import overall, severity_of
from agent.domain.status import ChannelState, ChannelStatus, Condition, EngineState, Severity

NOON = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
E = EngineState
C = ChannelState


def channel(state: ChannelState, *, proven: bool = True) -> ChannelStatus:
    return ChannelStatus(practice_id="1001", name="requests", state=state, last_success=NOON if proven else None)


def condition(severity: Severity) -> Condition:
    return Condition(area="pms", code="pms-connect", severity=severity, message="m", remedy="r", since=NOON)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([C.OK, C.OK], E.ONLINE),
        ([C.OK, C.WORKING], E.WORKING),
        ([C.OK, C.FAILING], E.OFFLINE),
        ([C.WORKING, C.STALE], E.OFFLINE),
        ([C.FAILING, C.NEVER], E.OFFLINE),
        ([C.OK, C.NEVER], E.STARTING),
        ([C.WORKING, C.NEVER], E.STARTING),
        ([], E.STARTING),
    ],
)
def test_channels_decide_when_nothing_else_does(states: Sequence[ChannelState], expected: EngineState) -> None:
    """
    Healthy means a recent proven success in every channel, and a failure is more urgent than a start.
    """
    channels = [channel(state, proven=state is not C.NEVER) for state in states]

    assert expected is overall(is_set_up=True, is_paused=False, open_tasks=0, channels=channels, conditions=[])


def test_a_first_run_under_way_proves_nothing() -> None:
    """
    Working, but never yet successful, is starting.
    """
    channels = [channel(C.OK), channel(C.WORKING, proven=False)]

    assert E.STARTING is overall(is_set_up=True, is_paused=False, open_tasks=0, channels=channels, conditions=[])


@pytest.mark.parametrize("is_paused", [True, False])
@pytest.mark.parametrize("is_set_up", [True, False])
@pytest.mark.parametrize(("tasks", "severity"), [(1, None), (0, Severity.ERROR)])
def test_what_a_person_must_do_comes_first(tasks: int, severity: Severity | None, *, is_set_up: bool, is_paused: bool) -> None:
    """
    A task, or a condition that only a person ends, wins over everything.
    """
    conditions = [condition(severity)] if severity else []

    state = overall(
        is_set_up=is_set_up, is_paused=is_paused, open_tasks=tasks, channels=[channel(C.FAILING)], conditions=conditions
    )

    assert E.ATTENTION is state


def test_what_heals_by_itself_does_not_call_a_person() -> None:
    """
    A warning leaves the word to the channels.
    """
    conditions = [condition(Severity.WARNING)]

    assert E.ONLINE is overall(is_set_up=True, is_paused=False, open_tasks=0, channels=[channel(C.OK)], conditions=conditions)


def test_a_pause_is_shown_over_what_it_stops() -> None:
    """
    Paused channels are neither failing nor offline.
    """
    assert E.PAUSED is overall(is_set_up=True, is_paused=True, open_tasks=0, channels=[channel(C.FAILING)], conditions=[])


def test_without_a_practice_it_is_not_set_up() -> None:
    """
    Before the first practice there is nothing to be well or unwell.
    """
    assert E.NOT_SET_UP is overall(is_set_up=False, is_paused=False, open_tasks=0, channels=[], conditions=[])


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Transient("c", "m"), Severity.WARNING),
        (OutcomeUnknown("c", "m"), Severity.WARNING),
        (RecordRejected("c", "m"), Severity.WARNING),
        (AuthRequired("c", "m"), Severity.ERROR),
        (Misconfigured("c", "m"), Severity.ERROR),
        (ContractBroken("c", "m"), Severity.ERROR),
    ],
)
def test_who_has_to_act(error: FrontdeskError, expected: Severity) -> None:
    """
    Waiting helps, or a person does.
    """
    assert expected is severity_of(error)
