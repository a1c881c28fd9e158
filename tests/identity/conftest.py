from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(_TESTS / "sync"), str(_TESTS / "pms" / "fakes")]  # for `sync_support` and `fake_pms`

from sync_support import World  # after the path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """
    A practice on a Monday morning, Healthengine, and an agent's state file, all quiet.
    """
    with World(tmp_path) as made:
        yield made
