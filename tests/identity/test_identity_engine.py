"""
A refused login, through the whole engine: however many channels there are, the database sees two tries in an hour.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, cast

import pytest
from sync_support import World

from agent.domain.errors import AuthRequired
from agent.domain.status import EngineState
from agent.engine.clock import SystemClock
from agent.engine.desk import PracticeDesk
from agent.engine.engine import Engine
from agent.engine.report import Facts
from agent.ports.marketplace import Marketplace
from agent.ports.pms import Pms
from agent.sandbox.installation import wait_until
from agent.sync.context import Context
from agent.sync.identity import GuardedPms, IdentityGuard

REFUSED = AuthRequired("pms-login", "The database refuses the login.", remedy="Set the password again.")


class Running:
    """
    An engine in this process over a fake PMS and Healthengine, on time that runs 600 times as fast.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.clock = SystemClock(scale=600.0)
        self.pms = GuardedPms(cast(Pms, world.pms), self.clock)
        pms = cast(Pms, self.pms)
        self.guard = IdentityGuard(
            pms,
            machine_id="m1",
            home=world.store.identity,
            notices=world.store.conditions,
            clock=self.clock,
            ours_missing=lambda: 0,
            remember=lambda code, text, by: None,
        )
        self.pms.obey(self.guard)
        answers = ThreadPoolExecutor(1)
        facts = Facts(version="0", pid=1, profile="fake", carrier="fake", time_scale=600.0, workers=lambda: ())
        self.engine = Engine(
            store=world.store,
            clock=self.clock,
            answers=answers,
            facts=facts,
            pms=pms,
            reload=lambda: None,
            on_change=lambda: None,
            is_held=lambda: self.guard.is_held,
            try_login=self.pms.try_now,
        )
        context = Context(
            practice=world.practice,
            pms=pms,
            marketplace=cast(Marketplace, world.market),
            ledger=world.store.ledger,
            published=world.store.published,
            tasks=world.store.tasks,
            clock=self.clock,
            guard=self.guard,
            availability_wanted=lambda: None,
            activity=lambda code, text: None,
        )
        self.desk = PracticeDesk(
            context,
            answers=answers,
            aside=answers,
            on_success=self.engine.channel_succeeded,
            on_failure=self.engine.channel_failed,
        )

    def logins(self) -> int:
        return sum(name not in {"close", "renew"} for name in self.world.pms.calls)

    def live_for(self, span: timedelta) -> None:
        end = self.clock.now() + span
        wait_until(lambda: self.clock.now() >= end, 30, "the time has passed")


@pytest.fixture
def running(world: World) -> Iterator[Running]:
    """
    An engine that has not been started.
    """
    made = Running(world)
    yield made
    made.engine.stop()


def test_a_refused_login_is_tried_twice_by_all_channels_together(running: Running) -> None:
    """
    At start nothing is polled, the status says what to do, and the account is not locked out.
    """
    running.world.pms.fail("*", REFUSED, times=10_000)
    running.engine.start([running.desk])
    running.live_for(timedelta(minutes=25))
    status = running.engine.status()

    assert 2 == running.logins()
    assert [] == running.world.market.calls
    assert EngineState.ATTENTION is status.state
    assert {"Set the password again."} == {c.remedy for c in status.conditions}


def test_another_password_is_tried_at_once(running: Running) -> None:
    """
    Nobody waits out the hour, and nothing has to be restarted.
    """
    running.world.pms.fail("*", REFUSED, times=10_000)
    running.engine.start([running.desk])
    running.live_for(timedelta(minutes=5))
    running.world.pms.mend()
    before = running.engine.status().state
    since = running.clock.now()
    running.engine.login_changed()
    wait_until(lambda: running.engine.status().state is EngineState.ONLINE, 20, "it works")

    assert EngineState.ATTENTION is before
    assert timedelta(minutes=50) > running.clock.now() - since


def test_a_login_that_is_refused_while_running(running: Running) -> None:
    """
    The password was changed in the middle of the day: the same, and a person's resync tries at once.
    """
    running.engine.start([running.desk])
    wait_until(lambda: running.world.market.sent, 20, "something was published")
    before = running.logins()
    running.world.pms.fail("*", REFUSED, times=10_000)
    running.live_for(timedelta(minutes=25))
    tried: Any = running.logins() - before
    running.world.pms.mend()
    running.engine.resync("all", by="mel")
    wait_until(lambda: running.engine.status().state is EngineState.ONLINE, 20, "it works again")

    assert 8 >= tried  # those under way when it began, and two
