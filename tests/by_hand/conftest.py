from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "pms" / "fakes"), str(TESTS / "sync")]  # for `fake_pms` and `sync_support`

from sync_support import World  # noqa: E402 - after the path

from agent.ports.pms import BookingWay, Capabilities  # noqa: E402 - as above


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """
    A practice whose PMS is only read, on a Monday morning; all quiet.
    """
    with World(tmp_path) as made:
        made.pms.capabilities = Capabilities(booking=BookingWay.NONE, create_patients=False, cancel=False)
        yield made
