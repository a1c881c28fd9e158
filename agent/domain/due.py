"""
What is due when.

The engine only ticks; these rules decide from what last succeeded, what failed and whether the practice is in its live
hours, so that waking up, a clock that jumps and a test are all the same question. All instants are aware UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Job(StrEnum):
    """
    What the engine does again and again.
    """

    POLL = "poll"
    AVAILABILITY = "availability"
    CHANGES = "changes"
    CONFIGURATION = "configuration"
    FULL_AVAILABILITY = "full_availability"
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

LONGEST_BACK_OFF = timedelta(minutes=5)
LONGEST_POLL_BACK_OFF = timedelta(seconds=60)

REFUSED_PAUSE = timedelta(hours=1)
"""How long a login that was refused twice is left alone, unless its secret changes."""

WAKE_UP_GAP = timedelta(seconds=30)
"""A tick that comes this much later than expected means that the machine slept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobHistory:
    """
    How a job has been going.

    Attributes:
        failures: In a row, since the last success.
        refused: How often in a row a login was refused.
        not_before: Patience that a failure asks for.
        wanted: Somebody asked for a run out of turn.
    """

    last_attempt: datetime | None = None
    last_success: datetime | None = None
    failures: int = 0
    refused: int = 0
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

    A last attempt that lies in the future belongs to a clock that has been put back: the job is due now.
    """
    if history.not_before is not None and now < history.not_before <= now + REFUSED_PAUSE:
        return history.not_before
    if history.wanted or history.last_attempt is None or history.last_attempt > now:
        return now
    if history.failures:
        return max(now, history.not_before or now)
    return max(now, history.last_attempt + interval(job, live=live))


def is_due(job: Job, history: JobHistory, *, now: datetime, live: bool) -> bool:
    """
    Return whether *job* should begin now.
    """
    return next_due(job, history, now=now, live=live) <= now


def after_success(history: JobHistory, *, now: datetime) -> JobHistory:
    """
    Return the history after a good run that ended *now*.
    """
    return JobHistory(last_attempt=history.last_attempt or now, last_success=now)


def after_failure(job: Job, history: JobHistory, *, now: datetime, retry_after: timedelta | None, jitter: float) -> JobHistory:
    """
    Return the history after a bad run: exponential back-off with jitter, and `Retry-After` obeyed.

    Args:
        job: Decides how long the longest wait is.
        history: Before the run.
        now: When the run ended.
        retry_after: What the other side asked for, if it did; at most an hour counts.
        jitter: From 0 to 1, so that many practices do not come back in the same second.
    """
    first = min(INTERVALS[job].live, timedelta(seconds=30))
    longest = LONGEST_POLL_BACK_OFF if job is Job.POLL else LONGEST_BACK_OFF
    wait = min(first * 2 ** min(history.failures, 16), longest) * (0.75 + 0.5 * jitter)
    if retry_after is not None:
        wait = max(wait, min(retry_after, REFUSED_PAUSE))
    return replace(history, failures=history.failures + 1, refused=0, not_before=now + wait, wanted=False)


def login_refused(job: Job, history: JobHistory, *, now: datetime) -> JobHistory:
    """
    Return the history after a login, key or consent was refused: one more try, then an hour of peace.
    """
    refused = history.refused + 1
    wait = INTERVALS[job].live if refused == 1 else REFUSED_PAUSE
    return replace(history, failures=history.failures + 1, refused=refused, not_before=now + wait, wanted=False)


def is_wake_up(expected: timedelta, seen: timedelta) -> bool:
    """
    Return whether a tick came so late that the machine must have slept.
    """
    return seen - expected > WAKE_UP_GAP
