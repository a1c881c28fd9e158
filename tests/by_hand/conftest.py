from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sync_support import World

from agent.ports.pms import BookingWay, Capabilities


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """
    A practice whose PMS is only read, on a Monday morning; all quiet.
    """
    with World(tmp_path) as made:
        made.pms.capabilities = Capabilities(booking=BookingWay.NONE, create_patients=False, cancel=False)
        yield made
