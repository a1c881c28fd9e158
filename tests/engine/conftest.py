from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "sync"))  # for `sync_support`
sys.path.insert(0, str(Path(__file__).parents[1] / "pms" / "fakes"))  # for `fake_pms`

from engine_support import EngineRoom  # after the path


@pytest.fixture
def room(tmp_path: Path) -> Iterator[EngineRoom]:
    """
    An engine over one practice, not started.
    """
    made = EngineRoom(tmp_path)
    yield made
    made.close()
