"""
A channel: one kind of work of one practice, done by one thread of its own, run after run.

What goes wrong in a run is caught here, shown as a condition, and tried again when the rules in `agent.domain.due` say so.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from agent.domain.due import (
    Job,
    JobHistory,
    after_failure,
    after_success,
    is_due,
    login_refused,
    next_due,
    secret_changed,
    started,
    wanted,
)
from agent.domain.errors import AuthRequired, Cancelled, FrontdeskError, Transient
from agent.domain.health import RECENT
from agent.domain.status import ChannelState, ChannelStatus
from agent.ports.clock import Clock

log = logging.getLogger(__name__)

UNEXPECTED = "unexpected"


class Channel:
    """
    Runs *work* whenever it is due or wanted; never twice at a time.

    Args:
        name: As shown: requests, availability, changes or configuration.
        work: Does one run and returns it in a few plain words; raises the errors of `agent.domain.errors`, `Cancelled` when
            it is not the time for a run.
        on_success: Called after a good run.
        on_failure: Called with the error after a bad one.
    """

    def __init__(
        self,
        *,
        practice_id: str,
        name: str,
        job: Job,
        work: Callable[[], str],
        clock: Clock,
        on_success: Callable[[Channel], None],
        on_failure: Callable[[Channel, FrontdeskError], None],
    ) -> None:
        self.practice_id = practice_id
        self.name = name
        self.job = job
        self._work = work
        self._clock = clock
        self._on_success = on_success
        self._on_failure = on_failure
        self._changed = threading.Condition()
        self._history = JobHistory()
        self._is_called = False
        self._is_pressed = False  # called by a person, whom no patience holds up
        self._is_working = False
        self._is_stopping = False
        self._is_suspended = False
        self._was_failing = False
        self._runs = 0
        self._detail = ""
        self._last_error: FrontdeskError | None = None
        self._outcome: FrontdeskError | str = ""  # of the last run, also of one for which it was not the time
        self._thread = threading.Thread(target=self._loop, name=f"{name}-{practice_id}", daemon=True)

    @property
    def area(self) -> str:
        """
        Under which its conditions are kept.
        """
        return f"{self.name}:{self.practice_id}"

    @property
    def last_success(self) -> datetime | None:
        """
        When a run last succeeded; aware UTC.
        """
        with self._changed:
            return self._history.last_success

    @property
    def has_failed(self) -> bool:
        """
        Whether the last run failed.
        """
        with self._changed:
            return self._history.failures > 0

    @property
    def last_error(self) -> FrontdeskError | None:
        """
        What went wrong in the last run; None if it went well.
        """
        with self._changed:
            return self._last_error

    def start(self) -> None:
        """
        Start the channel's thread.
        """
        self._thread.start()

    def tick(self, now: datetime, *, live: bool) -> None:
        """
        Begin a run if one is due; returns at once.
        """
        with self._changed:
            if not (self._is_working or self._is_suspended) and is_due(self.job, self._history, now=now, live=live):
                self._is_called = True
                self._changed.notify_all()

    def want(self, *, now: bool = False) -> None:
        """
        Ask for a run as soon as the rules allow; with *now* also while they ask for patience (a person pressed a button).
        """
        with self._changed:
            if now:
                self._is_pressed = True
                self._was_failing = self._was_failing or self._history.failures > 0
                self._history = secret_changed(self._history)
            else:
                self._history = wanted(self._history)
            if self._history.not_before is None:
                self._is_called = True
                self._changed.notify_all()

    def suspend(self, *, suspended: bool) -> None:
        """
        Begin no further run until it is called again with False; what is wanted meanwhile is kept.
        """
        with self._changed:
            self._is_suspended = suspended
            self._changed.notify_all()

    def run_and_wait(self, timeout: float) -> FrontdeskError | str | None:
        """
        Run as soon as possible and return how that went; None if it took longer than *timeout* real seconds.

        A run that is under way already does not count: the next whole one does.
        """
        with self._changed:
            target = self._runs + (2 if self._is_working else 1)
        self.want(now=True)
        with self._changed:
            if not self._changed.wait_for(lambda: self._runs >= target or self._is_stopping, timeout):
                return None
            return self._outcome

    def stop(self, timeout: float) -> bool:
        """
        End the thread after its present run; returns whether it ended within *timeout* real seconds.
        """
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def status(self, now: datetime, *, live: bool, paused: bool) -> ChannelStatus:
        """
        Return how it is doing.
        """
        with self._changed:
            history, working, detail = self._history, self._is_working, self._detail
        return ChannelStatus(
            practice_id=self.practice_id,
            name=self.name,
            state=self._state(history, now, working=working, paused=paused),
            last_success=history.last_success,
            last_attempt=history.last_attempt,
            next_due=next_due(self.job, history, now=now, live=live),
            failures=history.failures,
            detail=detail,
        )

    def _state(self, history: JobHistory, now: datetime, *, working: bool, paused: bool) -> ChannelState:
        if paused:
            return ChannelState.PAUSED
        if history.failures:
            return ChannelState.FAILING
        if working:
            return ChannelState.WORKING
        if history.last_success is None:
            return ChannelState.NEVER
        return ChannelState.OK if now - history.last_success <= RECENT[self.name] else ChannelState.STALE

    def run_if_called(self) -> bool:
        """
        Do one run now, in the caller's thread, if there is one to do; returns whether there was.

        For whoever steps a channel that was never started, on time of its own.
        """
        with self._changed:
            is_called = self._is_called and not self._is_suspended and not self._is_stopping
        if is_called:
            self._run()
        return is_called

    def _loop(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: (self._is_called and not self._is_suspended) or self._is_stopping)
                if self._is_stopping:
                    return
            self._run()

    def _run(self) -> None:
        with self._changed:
            self._is_called = self._is_pressed = False
            self._is_working = True
            self._history = replace(started(self._history, now=self._clock.now()), wanted=False)
        error: FrontdeskError | None = None
        detail = ""
        try:
            detail = self._work()
        except Cancelled as why:
            self._skipped(why)
            return
        except FrontdeskError as known:
            error, detail = known, known.message
        except Exception:
            log.exception("%s: a run failed in a way nobody foresaw", self.area)
            error = Transient(UNEXPECTED, "Something went wrong that nobody foresaw.", remedy="Send the diagnostics to support.")
            detail = error.message
        self._record(error, detail)

    def _skipped(self, why: Cancelled) -> None:
        """
        It was not the time: neither a success nor a failure, but an answer to whoever waits for the run.
        """
        with self._changed:
            self._is_working = False
            self._outcome = why
            self._runs += 1
            self._changed.notify_all()

    def _record(self, error: FrontdeskError | None, detail: str) -> None:
        now = self._clock.now()
        with self._changed:
            was_failing, self._was_failing = self._was_failing, error is not None
            history = self._history
            if error is None:
                self._history = after_success(history, now=now, wanted_meanwhile=history.wanted)
                self._is_called = self._is_called or history.wanted
            else:
                self._history = self._after(error, history, now)
                self._is_called = self._is_pressed  # anything else that was wanted meanwhile waits for the back-off
            self._is_working = False
            self._detail = detail
            self._last_error = error
            self._outcome = error or detail
            self._runs += 1
            self._changed.notify_all()
        if error is None and was_failing:
            log.info("%s works again", self.area)
        if error is not None and not was_failing:
            log.warning("%s failed: %s", self.area, error.code)
        try:
            if error is None:
                self._on_success(self)
            else:
                self._on_failure(self, error)
        except Exception:
            # A state file that cannot be written for a while must not end the channel for good.
            log.exception("%s: what came of a run could not be shown", self.area)

    def _after(self, error: FrontdeskError, history: JobHistory, now: datetime) -> JobHistory:
        jitter = random.random()  # noqa: S311 - no secret
        if isinstance(error, AuthRequired):
            return login_refused(self.job, history, now=now, jitter=jitter)
        retry_after = error.retry_after if isinstance(error, Transient) else None
        if self.job is Job.POLL and error.code.startswith("pms-"):
            # Healthengine did answer: a patient who books now must not wait out a back-off meant for the PMS.
            history, retry_after = replace(history, failures=0), None
        return after_failure(self.job, history, now=now, jitter=jitter, retry_after=retry_after)
