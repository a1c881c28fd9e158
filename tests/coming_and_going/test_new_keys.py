"""
A practice's key and the vendor's key, replaced while the client is in use, against the simulator.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from sync_support import the_practice

from agent.app.desks import Desks
from agent.domain.errors import AuthRequired
from agent.domain.masked import Secret
from agent.engine.clock import SystemClock
from agent.engine.desk import PracticeDesk
from agent.healthengine.client import HealthengineClient
from agent.sandbox.clock import SandboxClock
from agent.sandbox.healthengine.config import PracticeAccount, SimulatorConfig
from agent.sandbox.healthengine.simulator import Simulator
from agent.settings.credentials import Credentials
from agent.settings.paths import Home

ACCOUNT = PracticeAccount(practice_id="1001", practice_key="the-new-key", zone=ZoneInfo("Australia/Sydney"))


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """
    Healthengine, which knows the new key alone.
    """
    with Simulator(SimulatorConfig(practices=(ACCOUNT,), api_keys=frozenset({"the-new-api-key"})), SandboxClock(1.0)) as made:
        yield made


def test_new_keys_are_used_from_the_next_call_on(tmp_path: Path, simulator: Simulator) -> None:
    """
    Without a new client: what is under way keeps its connections.
    """
    environ = {"FRONTDESK_API_KEY": "the-old-api-key", "FRONTDESK_PRACTICE_KEY_1001": "the-old-key"}
    made: list[HealthengineClient] = []

    def client(_practice: object) -> HealthengineClient:
        made.append(
            HealthengineClient(
                simulator.base_url,
                api_key=Secret(environ["FRONTDESK_API_KEY"]),
                practice_id="1001",
                practice_key=Secret(environ["FRONTDESK_PRACTICE_KEY_1001"]),
                user_agent="Frontdesk (support@example.com) test",
                clock=SystemClock(),
                pause=threading.Event().wait,
            )
        )
        return made[0]

    desks = Desks(
        lambda _practice, _client: cast(PracticeDesk, None), client, Credentials(Home(folder=tmp_path), environ=environ)
    )
    desks.open(the_practice())
    with pytest.raises(AuthRequired):
        made[0].outstanding()
    environ.update({"FRONTDESK_API_KEY": "the-new-api-key", "FRONTDESK_PRACTICE_KEY_1001": "the-new-key"})
    desks.use_new_keys("1001")
    answer: Any = made[0].outstanding()
    desks.close("1001")

    assert () == answer.items


@pytest.mark.parametrize(("environ", "expected"), [({}, False), ({"FRONTDESK_PRACTICE_KEY_1001": "x"}, True)])
def test_a_variable_overrules_what_is_stored(tmp_path: Path, environ: dict[str, str], *, expected: bool) -> None:
    """
    So that nobody is told that a key is used which is not.
    """
    assert expected is Credentials(Home(folder=tmp_path), environ=environ).is_overruled("practice-key:1001")
