"""
What several threads bring at the same moment is taken in one go.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from agent.sync.gathering import Gathering

PATIENCE_S = 30


def test_what_comes_meanwhile_is_taken_together() -> None:
    """
    Whoever comes while somebody is at it goes on at once; his is taken by that one, with all the others'.
    """
    taken: list[list[int]] = []
    has_begun, may_end = threading.Event(), threading.Event()

    def take(items: list[int]) -> None:
        taken.append(items)
        has_begun.set()
        assert may_end.wait(PATIENCE_S)

    gathering = Gathering(take)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(gathering.bring, 1)
        assert has_begun.wait(PATIENCE_S)
        gathering.bring(2)
        gathering.bring(3)
        may_end.set()
        first.result(PATIENCE_S)

    assert [[1], [2, 3]] == taken


def test_after_an_error_the_next_one_takes_over() -> None:
    """
    Nothing that was brought stays behind because somebody else failed.
    """
    taken: list[list[int]] = []

    def take(items: list[int]) -> None:
        if 1 in items:
            gathering.bring(2)
            raise ValueError("wrong")
        taken.append(items)

    gathering = Gathering(take)
    with pytest.raises(ValueError, match="wrong"):
        gathering.bring(1)
    gathering.bring(3)

    assert [[2, 3]] == taken
