"""
Windows are destroyed on their own thread.
"""

from __future__ import annotations

import gc
import threading

import pytest
from pytestqt.qtbot import QtBot

from agent.ui.collecting import Collector


class Circle:
    """
    Refers to itself, so that only the garbage collector ends it, and notes on which thread that is.
    """

    def __init__(self, ended_on: list[threading.Thread]) -> None:
        self.itself = self
        self.ended_on = ended_on

    def __del__(self) -> None:
        self.ended_on.append(threading.current_thread())


def _busy() -> None:
    kept: list[list[int]] = [[] for _ in range(100_000)]
    del kept


def test_another_thread_collects_nothing(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    However much it allocates; the thread of the windows collects soon after.
    """
    monkeypatch.setattr("agent.ui.collecting.EVERY_MS", 10)
    ended_on: list[threading.Thread] = []
    gc.enable()
    collector = Collector()
    Circle(ended_on)

    busy = threading.Thread(target=_busy)
    busy.start()
    busy.join()

    assert [] == ended_on
    enough_to_be_due = [[] for _ in range(2 * gc.get_threshold()[0])]  # type: ignore[var-annotated] # they stay empty
    qtbot.waitUntil(lambda: bool(ended_on), timeout=10_000)
    assert [threading.main_thread()] == ended_on
    assert enough_to_be_due
    collector.stop()
    assert gc.isenabled()
    gc.disable()
