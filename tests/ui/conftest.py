"""
What every test of a window needs.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="module")
def _windows_are_collected_on_their_own_thread() -> Iterator[None]:
    """
    As in the program, where `Collector` sees to it: a closed window must not be destroyed on a thread of a later test.
    """
    gc.disable()
    yield
    gc.collect()
    gc.enable()
