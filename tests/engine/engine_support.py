"""
A whole engine over a fake practice and a fake Healthengine, in a time that a test moves.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sync_support import NOW, SettableClock, World

from agent.domain.practice import Practice
from agent.domain.status import EngineState, EngineStatus
from agent.engine.channel import Channel
from agent.engine.desk import PracticeDesk
from agent.engine.engine import Engine
from agent.engine.report import Facts
from agent.sync.context import Context

PATIENCE_S = 60.0
"""Real seconds after which a test gives up; the machines are shared."""


def until(condition: Callable[[], object], what: str) -> None:
    """
    Wait until *condition* holds.
    """
    waiting = threading.Event()
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}"
        waiting.wait(0.01)


class EngineRoom:
    """
    Attributes:
        changed_settings: What the settings file says anew, once.
    """

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        # A hundred times faster than the engine's own waiting, slow enough that no jump of a test looks like sleep.
        self.clock = self.world.clock = SettableClock(NOW, real_scale=0.01)
        self.world.market.now = self.clock.now
        self.world.pms._now = self.clock.now
        self.changed_settings: Callable[[], Mapping[str, Practice] | None] = lambda: None
        self.engines: list[Engine] = []

    def build(self) -> Engine:
        answers = ThreadPoolExecutor(2)
        engine = Engine(
            store=self.world.store,
            clock=self.clock,
            answers=answers,
            facts=Facts(
                version="1", pid=1, profile="fake", carrier="fake", time_scale=1.0, workers=lambda: [("reads", 7, "ready")]
            ),
            pms=self.world.pms,
            reload=self._settings,
            on_change=lambda: None,
        )
        context = Context(
            practice=self.world.practice,
            pms=self.world.pms,
            marketplace=self.world.market,
            ledger=self.world.store.ledger,
            published=self.world.store.published,
            tasks=self.world.store.tasks,
            clock=self.clock,
            availability_wanted=lambda: None,
            activity=lambda code, text: None,
        )
        self.desk = PracticeDesk(
            context, answers=answers, aside=answers, on_success=engine.channel_succeeded, on_failure=engine.channel_failed
        )
        return engine

    def start(self) -> Engine:
        engine = self.build()
        self.engines.append(engine)
        engine.start([self.desk])
        return engine

    def online(self) -> Engine:
        """
        An engine that has had its first success everywhere.
        """
        engine = self.start()
        until(lambda: engine.status().state is EngineState.ONLINE, "the engine is online")
        return engine

    def stop(self, engine: Engine) -> None:
        self.engines.remove(engine)
        engine.stop()

    def close(self) -> None:
        for engine in self.engines:
            engine.stop()
        self.world.store.close()

    def _settings(self) -> Mapping[str, Practice] | None:
        return self.changed_settings()

    def polls(self) -> int:
        return self.world.market.calls.count("outstanding")

    def polled_after(self, seconds: float) -> None:
        """
        Let time pass, and wait for the poll that it brings.
        """
        before = self.polls()
        self.clock.advance(seconds=seconds)
        until(lambda: self.polls() > before, "another poll")

    def ticked(self, engine: Engine) -> None:
        """
        Let the engine look what is due, and wait for whatever it begins.
        """
        engine._tick()
        until(lambda: not any(is_busy(channel) for channel in self.desk.channels), "all channels are idle")

    def codes(self) -> list[str]:
        return [line.code for line in reversed(self.world.store.activity.recent(100))]


def is_busy(channel: Channel) -> bool:
    with channel._changed:
        return channel._is_working or (channel._is_called and not channel._is_suspended)


def condition_codes(status: EngineStatus) -> set[str]:
    return {condition.code for condition in status.conditions}


def raising(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail
