"""
The way to the PMS: shut during maintenance, and nobody inside is thrown out without need.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from fake_pms import FakePms

from agent.domain.errors import Cancelled
from agent.engine.gate import PmsGate
from agent.ports.pms import Pms
from agent.sandbox.installation import wait_until


def the_pms() -> FakePms:
    pms = FakePms(now=lambda: datetime(2026, 11, 23, tzinfo=UTC).replace(tzinfo=None))
    pms.add_location()
    return pms


class SlowPms:
    """
    Stays inside until it is told to come out.
    """

    def __init__(self) -> None:
        self.is_inside = threading.Event()
        self.may_leave = threading.Event()
        self.closed = 0

    def locations(self) -> list[Any]:
        self.is_inside.set()
        assert self.may_leave.wait(10)
        return []

    def close(self) -> None:
        self.closed += 1


def test_a_shut_gate_lets_nobody_through_and_closes_the_connections() -> None:
    """
    Until it is opened again.
    """
    pms = the_pms()
    gate: Any = PmsGate(cast(Pms, pms))
    before = len(gate.locations())
    shut = gate.shut(1.0)
    with pytest.raises(Cancelled, match="maintenance"):
        gate.locations()
    asked = pms.calls.count("locations")
    closed = pms.calls.count("close")
    gate.open()

    assert shut
    assert 1 == asked
    assert 1 == closed
    assert before == len(gate.locations())


def test_whoever_is_inside_finishes_first() -> None:
    """
    A booking that is being written is not torn.
    """
    pms = SlowPms()
    gate: Any = PmsGate(cast(Pms, pms))
    inside = threading.Thread(target=gate.locations)
    shutting = threading.Thread(target=gate.shut, args=(10.0,))
    inside.start()
    assert pms.is_inside.wait(10)
    shutting.start()
    wait_until(lambda: gate.is_shut, 10, "it is shut for newcomers")
    closed_early = pms.closed
    pms.may_leave.set()
    shutting.join(10)
    inside.join(10)

    assert 0 == closed_early
    assert 1 == pms.closed


def test_whoever_does_not_come_out_loses_the_connection() -> None:
    """
    A hung driver does not keep maintenance from beginning.
    """
    pms = SlowPms()
    gate: Any = PmsGate(cast(Pms, pms))
    inside = threading.Thread(target=gate.locations)
    inside.start()
    assert pms.is_inside.wait(10)
    are_done = gate.shut(0.01)
    pms.may_leave.set()
    inside.join(10)

    assert not are_done
    assert 1 == pms.closed


def test_a_gate_may_be_shut_from_the_start() -> None:
    """
    An engine that restarts during maintenance does not touch the database.
    """
    pms = the_pms()
    gate: Any = PmsGate(cast(Pms, pms), shut=True)
    with pytest.raises(Cancelled):
        gate.identity()

    assert [] == [name for name in pms.calls if name == "identity"]
