from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_support import EngineRoom


@pytest.fixture
def room(tmp_path: Path) -> Iterator[EngineRoom]:
    """
    An engine over one practice, not started.
    """
    made = EngineRoom(tmp_path)
    yield made
    made.close()
