"""
A simulator on loopback, with an agent's side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from agent_side import FIRST, ORIGIN, SECOND, AgentSide, FrozenClock

from agent.sandbox.healthengine import Simulator, SimulatorConfig


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(origin=ORIGIN)


@pytest.fixture
def simulate(clock: FrozenClock) -> Iterator[Callable[..., tuple[Simulator, AgentSide]]]:
    """
    Start simulators with any setting, each with an agent's side.
    """
    started: list[tuple[Simulator, AgentSide]] = []

    def start(**settings: Any) -> tuple[Simulator, AgentSide]:
        simulator = Simulator(SimulatorConfig(practices=(FIRST, SECOND), **settings), clock)
        side = AgentSide(simulator.start())
        started.append((simulator, side))
        return simulator, side

    yield start
    for simulator, side in started:
        side.close()
        simulator.stop()


@pytest.fixture
def pair(simulate: Callable[..., tuple[Simulator, AgentSide]]) -> tuple[Simulator, AgentSide]:
    """
    A configured practice at the default readings.
    """
    simulator, side = simulate()
    side.configure()
    return simulator, side
