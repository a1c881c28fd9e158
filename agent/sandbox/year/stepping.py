"""
The engine without threads: whoever steps it does its work.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from agent.engine.desk import PracticeDesk
from agent.engine.engine import Engine


class AtOnce(ThreadPoolExecutor):
    """
    Runs everything in the caller's thread.
    """

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """
        Run *call* now.
        """
        done: Future[Any] = Future()
        done.set_result(call(*args, **kwargs))
        return done


class SteppedEngine(Engine):
    """
    An engine whose channels are never started.
    """

    def add(self, desk: PracticeDesk) -> None:
        """
        Set a practice to work.
        """
        desk.context.elsewhere = partial(self._taken_or_freed, desk)
        self._desks = (*self._desks, desk)
        for channel in desk.channels:
            channel.suspend(suspended=self.is_paused)
