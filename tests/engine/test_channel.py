"""
One kind of work, run after run, whatever happens in it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from engine_support import PATIENCE_S, until
from sync_support import LINK_DOWN, SettableClock

from agent.domain.due import Job
from agent.domain.errors import AuthRequired, Cancelled, FrontdeskError, Transient
from agent.domain.status import ChannelState
from agent.engine.channel import Channel

STORE_BUSY = Transient("store-busy", "Another program is holding the agent's state file.")


class Bench:
    """
    A channel whose work waits and ends as a test wants it.

    Attributes:
        go: Cleared, the next run stays under way.
        outcomes: What the next runs raise or return; then "done".
    """

    def __init__(self) -> None:
        self.clock = SettableClock()
        self.go = threading.Event()
        self.go.set()
        self.outcomes: list[BaseException | str] = []
        self.began = 0
        self.at_a_time = 0
        self.good = 0
        self.telling_fails = False
        self.bad: list[FrontdeskError] = []
        self.channel = Channel(
            practice_id="1001",
            name="availability",
            job=Job.AVAILABILITY,
            work=self._work,
            clock=self.clock,
            on_success=self._on_success,
            on_failure=self._on_failure,
        )

    def _on_success(self, channel: Channel) -> None:
        self.good += 1
        if self.telling_fails:
            raise STORE_BUSY

    def _on_failure(self, channel: Channel, error: FrontdeskError) -> None:
        self.bad.append(error)
        if self.telling_fails:
            raise STORE_BUSY

    def _work(self) -> str:
        self.began += 1
        self.at_a_time += 1
        assert self.at_a_time == 1
        assert self.go.wait(PATIENCE_S)
        self.at_a_time -= 1
        outcome = self.outcomes.pop(0) if self.outcomes else "done"
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def tick(self) -> None:
        self.channel.tick(self.clock.now(), live=True)

    def state(self) -> ChannelState:
        return self.channel.status(self.clock.now(), live=True, paused=False).state

    def ran(self, times: int) -> None:
        until(lambda: self.channel._runs >= times, f"{times} runs have ended")

    def is_idle(self) -> bool:
        """
        Whether nothing is under way nor about to begin.
        """
        with self.channel._changed:
            return not (self.channel._is_working or self.channel._is_called)


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    made.channel.start()
    yield made
    made.go.set()
    assert made.channel.stop(PATIENCE_S)


def test_a_run_begins_when_it_is_due_and_not_before(bench: Bench) -> None:
    """
    At once at first, then every thirty seconds in live hours.
    """
    bench.tick()
    bench.ran(1)
    until(bench.is_idle, "the first run is over")
    bench.clock.advance(seconds=29)
    bench.tick()
    assert bench.is_idle()
    bench.clock.advance(seconds=1)

    bench.tick()

    bench.ran(2)


def test_a_wish_begins_a_run_out_of_turn(bench: Bench) -> None:
    """
    A booking has changed the free time: no tick is waited for.
    """
    bench.channel.want()

    bench.ran(1)


def test_a_wish_during_a_run_leads_to_another(bench: Bench) -> None:
    """
    The run under way may have read too early for it, and it never runs twice at a time.
    """
    bench.go.clear()
    bench.channel.want()
    until(lambda: bench.began == 1, "the first run began")
    bench.channel.want()
    bench.channel.want()
    bench.go.set()

    bench.ran(2)

    until(bench.is_idle, "all is done")
    assert 2 == bench.began


def test_ticks_during_a_run_lead_to_nothing(bench: Bench) -> None:
    """
    A slow run is not queued up behind itself.
    """
    bench.go.clear()
    bench.tick()
    until(lambda: bench.began == 1, "the first run began")
    bench.clock.advance(minutes=10)
    bench.tick()
    bench.go.set()
    bench.ran(1)

    until(bench.is_idle, "all is done")

    assert 1 == bench.began


def test_what_is_wanted_while_suspended_is_kept(bench: Bench) -> None:
    """
    Nothing begins in a pause, and nothing is lost over it.
    """
    bench.channel.suspend(suspended=True)
    bench.channel.want()
    bench.tick()
    assert bench.state() is ChannelState.NEVER

    bench.channel.suspend(suspended=False)

    bench.ran(1)


def test_a_suspended_channel_finishes_what_it_does(bench: Bench) -> None:
    """
    A pause cuts nothing off in the middle.
    """
    bench.go.clear()
    bench.channel.want()
    until(lambda: bench.began == 1, "the run began")
    bench.channel.suspend(suspended=True)
    bench.go.set()

    bench.ran(1)

    assert ChannelState.OK is bench.state()


def test_not_the_time_for_a_run_is_neither_success_nor_failure(bench: Bench) -> None:
    """
    Waiting for another channel's first success is nobody's fault.
    """
    bench.outcomes = [Cancelled("configuration-first", "Waits.")]
    bench.channel.want()
    until(lambda: bench.began == 1, "the run began")
    until(bench.is_idle, "it is over")
    assert ChannelState.NEVER is bench.state()
    assert (0, []) == (bench.good, bench.bad)
    assert bench.channel.last_success is None
    bench.channel.want()

    bench.ran(2)

    assert ChannelState.OK is bench.state()


def test_an_error_is_shown_and_tried_again_with_patience(bench: Bench) -> None:
    """
    Not at the next tick, but when the back-off is over.
    """
    bench.outcomes = [LINK_DOWN]
    bench.channel.want()
    bench.ran(1)
    until(lambda: bench.bad, "the failure is told")
    assert bench.channel.has_failed
    assert LINK_DOWN == bench.channel.last_error
    assert ChannelState.FAILING is bench.state()
    bench.clock.advance(seconds=1)
    bench.tick()
    bench.channel.want()
    assert bench.is_idle()
    bench.clock.advance(minutes=1)

    bench.tick()

    bench.ran(2)
    until(lambda: bench.good == 1, "the success is told")
    assert ChannelState.OK is bench.state()


def test_patience_is_kept_for_what_was_wanted_during_the_failing_run(bench: Bench) -> None:
    """
    "Come back in a minute" counts for every wish, also for one from before it was said.
    """
    bench.outcomes = [Transient("he-429", "Too much.", retry_after=timedelta(minutes=1))]
    bench.go.clear()
    bench.channel.want()
    until(lambda: bench.began == 1, "the run began")
    bench.channel.want()
    bench.go.set()
    bench.ran(1)
    until(bench.is_idle, "nothing is about to begin")

    assert 1 == bench.began

    bench.clock.advance(seconds=61)
    bench.tick()

    bench.ran(2)


def test_a_button_does_not_wait_for_patience(bench: Bench) -> None:
    """
    A person who presses it has perhaps just mended something.
    """
    bench.outcomes = [AuthRequired("he-403", "Refused."), AuthRequired("he-403", "Refused.")]
    bench.channel.want()
    bench.ran(1)
    bench.channel.want(now=True)
    bench.ran(2)

    bench.channel.want(now=True)

    bench.ran(3)
    assert ChannelState.OK is bench.state()


def test_a_login_refused_twice_is_left_alone_for_an_hour(bench: Bench) -> None:
    """
    Trying on locks out.
    """
    bench.outcomes = [AuthRequired("he-403", "Refused.")] * 2
    bench.channel.want()
    bench.ran(1)
    bench.clock.advance(minutes=1)
    bench.tick()
    bench.ran(2)
    until(bench.is_idle, "the second is over")
    bench.clock.advance(minutes=59)
    bench.tick()
    assert bench.is_idle()
    bench.clock.advance(minutes=2)

    bench.tick()

    bench.ran(3)


def test_something_nobody_foresaw_becomes_a_condition(bench: Bench) -> None:
    """
    The thread lives on, and the text of the exception, which may quote data, is dropped.
    """
    bench.outcomes = [ValueError("Ann Lee")]
    bench.channel.want()

    bench.ran(1)

    until(lambda: bench.bad, "the failure is told")
    assert "unexpected" == bench.bad[0].code
    assert "Ann" not in str(bench.bad[0])
    bench.channel.want(now=True)
    bench.ran(2)


@pytest.mark.parametrize("outcome", [LINK_DOWN, "done"])
def test_a_state_file_that_cannot_be_written_does_not_end_a_channel(bench: Bench, outcome: BaseException | str) -> None:
    """
    What came of a run cannot be shown; the next run comes all the same.
    """
    bench.telling_fails = True
    bench.outcomes = [outcome]
    bench.channel.want()
    bench.ran(1)

    bench.channel.want(now=True)

    bench.ran(2)
    until(lambda: bench.good, "the success is told")


def test_stopping_waits_for_the_run_under_way(bench: Bench) -> None:
    """
    Within its limit; what it does is finished, and nothing begins after it.
    """
    bench.go.clear()
    bench.channel.want()
    until(lambda: bench.began == 1, "the run began")
    bench.channel.want()

    assert not bench.channel.stop(0.05)

    bench.go.set()
    assert bench.channel.stop(PATIENCE_S)
    assert 1 == bench.began


def test_stopping_an_idle_channel_is_immediate(bench: Bench) -> None:
    """
    Its thread sleeps and is woken.
    """
    assert bench.channel.stop(PATIENCE_S)


def test_a_channel_that_never_started_stops_too() -> None:
    """
    A start that failed half-way can still be undone.
    """
    assert Bench().channel.stop(0.1)


def asked(bench: Bench, timeout: float = PATIENCE_S) -> tuple[threading.Thread, list[FrontdeskError | str | None]]:
    """
    Call `run_and_wait` from a thread of its own.
    """
    answers: list[FrontdeskError | str | None] = []

    def wait() -> None:
        answers.append(bench.channel.run_and_wait(timeout))

    thread = threading.Thread(target=wait)
    thread.start()
    return thread, answers


def waiting_for(target: int, bench: Bench) -> Callable[[], bool]:
    def is_waiting() -> bool:
        with bench.channel._changed:
            return bench.began >= target and bench.channel._is_called

    return is_waiting


def test_a_whole_run_is_waited_for(bench: Bench) -> None:
    """
    One that was under way when it was asked for does not count.
    """
    bench.outcomes = ["the first", "the second"]
    bench.go.clear()
    bench.channel.want()
    until(lambda: bench.began == 1, "the first run began")
    thread, answers = asked(bench)
    until(waiting_for(1, bench), "a second is wanted")
    bench.go.set()

    thread.join(PATIENCE_S)

    assert ["the second"] == answers


def test_a_run_that_is_waited_for_begins_though_the_one_before_it_failed(bench: Bench) -> None:
    """
    The button was pressed while a failing run was under way: it is tried again at once all the same.
    """
    bench.outcomes = [LINK_DOWN, "the second"]
    bench.go.clear()
    bench.channel.want()
    until(lambda: bench.began == 1, "the first run began")
    thread, answers = asked(bench)
    until(waiting_for(1, bench), "a second is wanted")
    bench.go.set()

    thread.join(PATIENCE_S)

    assert ["the second"] == answers


def test_a_run_that_is_waited_for_and_fails(bench: Bench) -> None:
    """
    Its error is the answer.
    """
    bench.outcomes = [LINK_DOWN]

    assert LINK_DOWN is bench.channel.run_and_wait(PATIENCE_S)


def test_a_run_that_is_waited_for_and_for_which_it_is_not_the_time(bench: Bench) -> None:
    """
    Whoever waits hears why, and does not wait for a run that may never come.
    """
    why = Cancelled("configuration-first", "Waits.")
    bench.outcomes = [why]

    assert why is bench.channel.run_and_wait(PATIENCE_S)
    assert bench.channel.last_error is None


def test_a_run_that_takes_too_long(bench: Bench) -> None:
    """
    Nobody waits for ever.
    """
    bench.go.clear()

    assert bench.channel.run_and_wait(0.05) is None


@pytest.mark.parametrize(("minutes", "expected"), [(0, ChannelState.OK), (12, ChannelState.OK), (13, ChannelState.STALE)])
def test_only_a_recent_success_is_proof(bench: Bench, minutes: float, expected: ChannelState) -> None:
    """
    A channel that has been quiet for too long is not well.
    """
    bench.channel.want()
    bench.ran(1)
    bench.clock.advance(minutes=minutes)

    assert expected is bench.state()


def test_the_state_of_a_channel(bench: Bench) -> None:
    """
    Never, working, and paused over everything.
    """
    assert ChannelState.NEVER is bench.state()
    bench.go.clear()
    bench.channel.want()
    until(lambda: bench.began == 1, "the run began")

    assert ChannelState.WORKING is bench.state()
    assert ChannelState.PAUSED is bench.channel.status(bench.clock.now(), live=True, paused=True).state
