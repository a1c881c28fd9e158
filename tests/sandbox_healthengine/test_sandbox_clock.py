"""
Time that runs faster than the wall clock.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from agent.sandbox.clock import SandboxClock

ORIGIN = datetime(2027, 3, 1, tzinfo=UTC)


def test_runs_at_its_scale() -> None:
    """
    Simulated time passes as many times faster as the scale says.
    """
    clock = SandboxClock(1000, ORIGIN)
    before, real = clock.now(), time.monotonic()
    while time.monotonic() - real < 0.02:
        pass
    passed, real_passed = clock.now() - before, time.monotonic() - real

    assert 20 <= passed.total_seconds() <= real_passed * 1000 + 5


def test_two_processes_agree() -> None:
    """
    Two clocks with the same scale and origins show the same time.
    """
    first = SandboxClock(100, ORIGIN, origin_real=time.time() - 60)
    second = SandboxClock(100, ORIGIN, origin_real=first.origin_real)

    assert abs(first.now() - second.now()) < timedelta(seconds=1)
    assert first.now() - ORIGIN >= timedelta(seconds=6000)


def test_by_default_shows_the_machine_time() -> None:
    """
    Without an origin the clock starts at the present.
    """
    assert abs(SandboxClock().now() - datetime.now(UTC)) < timedelta(seconds=1)


def test_advance_skips_time() -> None:
    """
    Advancing moves both readings and never goes back.
    """
    clock = SandboxClock(1, ORIGIN)
    clock.advance(timedelta(hours=1))

    assert clock.now() >= ORIGIN + timedelta(hours=1)
    assert clock.monotonic() >= 3600
    with pytest.raises(ValueError, match="never put back"):
        clock.advance(timedelta(seconds=-1))


def test_real_seconds_divides_by_the_scale() -> None:
    """
    A minute at sixty times the speed takes one real second.
    """
    assert SandboxClock(60).real_seconds(timedelta(minutes=1)) == 1.0


def test_refuses_a_scale_that_stands_still() -> None:
    """
    A scale must be positive.
    """
    with pytest.raises(ValueError, match="positive"):
        SandboxClock(0)
