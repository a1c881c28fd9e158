"""
What every test folder shares.
"""

from __future__ import annotations

import pytest

ONE_AT_A_TIME = ("servers", "screen", "frozen")


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
