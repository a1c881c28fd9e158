"""
One after another for the same booking, side by side for different ones.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from agent.sync.turns import Turns

PATIENCE_S = 30


def test_others_go_on_meanwhile() -> None:
    """
    Whoever works on other bookings waits for nobody.
    """
    turns = Turns()

    def other() -> bool:
        with turns.of([3, 4]):
            return True

    with ThreadPoolExecutor(1) as pool, turns.of([1, 2]):
        assert pool.submit(other).result(PATIENCE_S)


def test_the_same_booking_waits_for_its_turn() -> None:
    """
    One that is being worked on keeps the whole of the next call waiting, until it is given back.
    """
    turns = Turns()
    done: list[str] = []

    def second() -> None:
        with turns.of([2, 3]):
            done.append("second")

    with ThreadPoolExecutor(1) as pool:
        with turns.of([1, 2]):
            waiting = pool.submit(second)
            with pytest.raises(TimeoutError):
                waiting.result(0.1)
            done.append("first")
        waiting.result(PATIENCE_S)

    assert ["first", "second"] == done


def test_a_turn_is_given_back_after_an_error() -> None:
    """
    What goes wrong inside a turn holds up nobody behind it.
    """
    turns = Turns()
    with pytest.raises(ValueError, match="wrong"), turns.of([1]):
        raise ValueError("wrong")

    with turns.of([1]):
        pass
