"""
What is due when.

The engine only ticks; these rules decide from what last succeeded, what failed and whether the practice is in its live
hours, so that waking up, a clock that jumps and a test are all the same question. All instants are aware UTC. A clock that was
put back leaves times in the future behind: such a time is not believed, and the job is due.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Job(StrEnum):
    """
    What the engine does again and again for each practice.
    """

    POLL = "poll"  # what Healthengine wants
    AVAILABILITY = "availability"  # marker, then what differs
    CHANGES = "changes"  # what the front desk did to our bookings
    CONFIGURATION = "configuration"  # resources, types, liveness contract
    FULL_AVAILABILITY = "full_availability"  # every resource, every day
    UPTIME = "uptime"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """
    How often a job runs inside the live hours and outside them.
    """

    live: timedelta
    outside: timedelta


INTERVALS = {
    Job.POLL: Interval(live=timedelta(seconds=5), outside=timedelta(seconds=5)),
    Job.AVAILABILITY: Interval(live=timedelta(seconds=30), outside=timedelta(minutes=5)),
    Job.CHANGES: Interval(live=timedelta(seconds=30), outside=timedelta(minutes=5)),
    Job.CONFIGURATION: Interval(live=timedelta(minutes=5), outside=timedelta(minutes=60)),
    Job.FULL_AVAILABILITY: Interval(live=timedelta(hours=24), outside=timedelta(hours=24)),
    Job.UPTIME: Interval(live=timedelta(seconds=60), outside=timedelta(seconds=60)),
}

FIRST_BACK_OFF = timedelta(seconds=30)
"""The longest wait after a first failure: a configuration that failed once as a practice was linked is soon tried again."""

LONGEST_BACK_OFF = timedelta(minutes=5)
LONGEST_POLL_BACK_OFF = timedelta(seconds=20)
"""So that within 30 s of a fault's end everything works again: the poll that succeeds sets the other channels going."""

REFUSED_PAUSE = timedelta(hours=1)
"""How long a login that was refused twice is left alone, and the longest that anything makes a job wait."""

WAKE_UP_GAP = timedelta(seconds=30)
"""A tick that comes this much later than expected means that the machine slept."""

_JITTER = 0.25
_MOST_DOUBLINGS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class JobHistory:
    """
    How a job has been going.

    Attributes:
        last_attempt: When the last run began.
        last_success: When the last good run ended.
        failures: In a row, since the last success.
        refusals: How many of them because a login, key or consent was refused.
        not_before: Patience that a failure asks for; no run begins earlier, wanted or not.
        wanted: Somebody asked for a run out of turn.
    """

    last_attempt: datetime | None = None
    last_success: datetime | None = None
    failures: int = 0
    refusals: int = 0
    not_before: datetime | None = None
    wanted: bool = False


def interval(job: Job, *, live: bool) -> timedelta:
    """
    Return how often *job* runs.
    """
    return INTERVALS[job].live if live else INTERVALS[job].outside


def next_due(job: Job, history: JobHistory, *, now: datetime, live: bool) -> datetime:
    """
    Return when *job* should next begin; what is overdue is due *now*.

    The interval counts from the beginning of the last run, so that slow runs do not slow the rhythm down.
    """
    attempt, success, held = history.last_attempt, history.last_success, history.not_before
    if any(instant is not None and instant > now for instant in (attempt, success)):
        return now
    if held is not None and now < held <= now + REFUSED_PAUSE:
        return held
    began = attempt or success
    if history.wanted or history.failures or began is None:
        return now
    return max(now, began + interval(job, live=live))


def is_due(job: Job, history: JobHistory, *, now: datetime, live: bool) -> bool:
    """
    Return whether *job* should begin now.
    """
    return next_due(job, history, now=now, live=live) <= now


def started(history: JobHistory, *, now: datetime) -> JobHistory:
    """
    Return the history as a run begins.
    """
    return replace(history, last_attempt=now)


def wanted(history: JobHistory) -> JobHistory:
    """
    Return the history after somebody asked for a run: it begins as soon as nothing holds it back.
    """
    return replace(history, wanted=True)


def after_success(history: JobHistory, *, now: datetime, wanted_meanwhile: bool = False) -> JobHistory:
    """
    Return the history after a good run that ended *now*.

    Args:
        history: As the run began.
        now: When the run ended.
        wanted_meanwhile: Somebody asked while it was running, so that it may have read too early for them.
    """
    return JobHistory(last_attempt=history.last_attempt or now, last_success=now, wanted=wanted_meanwhile)


def after_failure(
    job: Job, history: JobHistory, *, now: datetime, jitter: float, retry_after: timedelta | None = None
) -> JobHistory:
    """
    Return the history after a bad run: exponential back-off with jitter, and `Retry-After` obeyed.

    Refusals are not forgotten for another failure in between: only a success shows that the login is good.

    Args:
        job: Decides how long the first and the longest wait are.
        history: Before the run.
        now: When the run ended.
        jitter: From 0 to 1, so that many practices do not come back in the same second.
        retry_after: What the other side asked for, if it did; at most an hour counts.
    """
    first = min(INTERVALS[job].live, FIRST_BACK_OFF)
    longest = LONGEST_POLL_BACK_OFF if job is Job.POLL else LONGEST_BACK_OFF
    doubled = first * 2 ** min(history.failures, _MOST_DOUBLINGS)
    wait = min(doubled, longest / (1 + _JITTER)) * (1 + _JITTER * jitter)
    if retry_after is not None:
        wait = max(wait, min(retry_after, REFUSED_PAUSE))
    return replace(history, failures=history.failures + 1, not_before=now + wait)


def login_refused(job: Job, history: JobHistory, *, now: datetime, jitter: float) -> JobHistory:
    """
    Return the history after a login, key or consent was refused: one more try, then an hour of peace, for trying on locks out.
    """
    failed = after_failure(job, history, now=now, jitter=jitter)
    held = failed.not_before if history.refusals == 0 else now + REFUSED_PAUSE
    return replace(failed, refusals=history.refusals + 1, not_before=held)


def secret_changed(history: JobHistory) -> JobHistory:
    """
    Return the history after a person did something about what was refused, or asks to try now: nothing holds it back.
    """
    return replace(history, failures=0, refusals=0, not_before=None, wanted=True)


def gap_is_wake_up(expected_tick: timedelta, seen: timedelta) -> bool:
    """
    Return whether so long a gap between two ticks means that the machine slept, and was not merely busy.
    """
    return seen - expected_tick > max(2 * expected_tick, WAKE_UP_GAP)
