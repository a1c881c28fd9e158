"""
What every test folder shares.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sync_support import World

ONE_AT_A_TIME = ("servers", "screen", "frozen")


settings.register_profile("long", max_examples=400)


def pytest_configure(config: pytest.Config) -> None:
    """
    Where the long variants run too, random tests try four times as many examples.
    """
    if config.option.markexpr != "not long":
        settings.load_profile("long")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """
    Keep tests that share a database server or a screen in one process of a parallel run, so that each is started once.
    """
    if not config.pluginmanager.hasplugin("xdist"):
        return
    for item in items:
        for mark in ONE_AT_A_TIME:
            if item.get_closest_marker(mark):
                item.add_marker(pytest.mark.xdist_group(mark))
                break


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """
    A practice on a Monday morning, Healthengine, and an agent's state file, all quiet.
    """
    with World(tmp_path) as made:
        yield made
