from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agent.domain.status import ChannelState, ChannelStatus, Condition, EngineState, EngineStatus, Severity
from agent.domain.upgrading import Verdict, health_of

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def status(
    *codes: str,
    severity: Severity = Severity.ERROR,
    state: EngineState = EngineState.ONLINE,
    version: str = "2",
    worked: bool = True,
) -> EngineStatus:
    channels = tuple(
        ChannelStatus(practice_id="1001", name=name, state=ChannelState.OK, last_success=NOW if worked else None)
        for name in ("requests", "availability")
    )
    conditions = tuple(
        Condition(area="availability:1001", code=code, severity=severity, message="It is so.", remedy="", since=NOW)
        for code in codes
    )
    return EngineStatus(
        state=state,
        at=NOW,
        since=NOW,
        version=version,
        pid=1,
        profile="p",
        carrier="odbc",
        channels=channels,
        conditions=conditions,
    )


@pytest.mark.parametrize(
    ("seen", "verdict", "reasons"),
    [
        (status(), Verdict.WELL, 0),
        (status(worked=False), Verdict.WAITING, 2),
        (status(version="1"), Verdict.WAITING, 1),
        (status("pms-connect", severity=Severity.WARNING, worked=False), Verdict.WAITING, 3),
        (status("pms-profile", worked=False), Verdict.FAILED, 1),
        (status("settings-invalid", "store-broken"), Verdict.FAILED, 2),
        (status("pms-login"), Verdict.WELL, 0),
        (status("he-key-refused", worked=False), Verdict.WAITING, 3),
        (status(state=EngineState.PAUSED, worked=False), Verdict.WELL, 0),
        (status(state=EngineState.NOT_SET_UP, worked=False), Verdict.WELL, 0),
    ],
    ids=["well", "new", "other", "away", "profile", "settings", "before", "key", "paused", "not-set-up"],
)
def test_a_new_program_is_judged_by_what_it_can_help(seen: EngineStatus, verdict: Verdict, reasons: int) -> None:
    """
    What was wrong before, what heals by itself and what Healthengine refuses would be the same with the old program.
    """
    health = health_of(seen, "2", known={"pms-login"})

    assert (verdict, reasons) == (health.verdict, len(health.reasons))
