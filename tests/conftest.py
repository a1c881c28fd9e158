"""
What every test folder shares.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sync_support import World

settings.register_profile("long", max_examples=400)


def pytest_configure(config: pytest.Config) -> None:
    """
    Where the long variants run too, random tests try four times as many examples.
    """
    if config.option.markexpr != "not long":
        settings.load_profile("long")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """
    A practice on a Monday morning, Healthengine, and an agent's state file, all quiet.
    """
    with World(tmp_path) as made:
        yield made
