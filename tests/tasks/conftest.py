from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(_TESTS / "sync"))  # for `sync_support`
sys.path.insert(0, str(_TESTS / "pms" / "fakes"))  # for `fake_pms`

from sync_support import World  # noqa: E402 - after the path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """
    A practice on a Monday morning, Healthengine, and an agent's state file, all quiet.
    """
    with World(tmp_path) as made:
        yield made
