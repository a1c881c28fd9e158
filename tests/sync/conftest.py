from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "pms" / "fakes"))  # for `fake_pms`

from sync_support import World  # after the path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """
    A practice on a Monday morning, Healthengine, and an agent's state file, all quiet.
    """
    with World(tmp_path) as made:
        yield made
