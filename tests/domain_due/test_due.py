"""
What is due when.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain import due
from agent.domain.due import REFUSED_PAUSE, Job, JobHistory, gap_is_wake_up, interval, is_due, next_due

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def s(seconds: float) -> timedelta:
    """
    So many seconds.
    """
    return timedelta(seconds=seconds)


def ago(seconds: float) -> datetime:
    """
    That long before now.
    """
    return NOW - s(seconds)


@pytest.mark.parametrize(
    ("job", "live", "outside"),
    [
        (Job.POLL, 5, 5),
        (Job.AVAILABILITY, 30, 300),
        (Job.CHANGES, 30, 300),
        (Job.CONFIGURATION, 300, 3600),
        (Job.FULL_AVAILABILITY, 86_400, 86_400),
        (Job.UPTIME, 60, 60),
    ],
)
def test_rhythm(job: Job, live: int, outside: int) -> None:
    """
    Each job has its interval in and outside live hours, and is due exactly when it has passed.
    """
    for is_live, seconds in ((True, live), (False, outside)):
        assert s(seconds) == interval(job, live=is_live)
        assert is_due(job, JobHistory(last_success=ago(seconds)), now=NOW, live=is_live)
        assert not is_due(job, JobHistory(last_success=ago(seconds - 0.001)), now=NOW, live=is_live)


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param(JobHistory(), True, id="never run"),
        pytest.param(JobHistory(last_attempt=ago(1)), False, id="begun and given up"),
        pytest.param(JobHistory(last_attempt=ago(31)), True, id="given up an interval ago"),
        pytest.param(JobHistory(last_success=ago(1)), False, id="just succeeded"),
        pytest.param(JobHistory(last_success=ago(1), wanted=True), True, id="wanted"),
        pytest.param(JobHistory(last_success=ago(1), wanted=True, not_before=ago(-1)), False, id="wanted but held"),
        pytest.param(JobHistory(last_success=ago(90), not_before=ago(-1)), False, id="held"),
        pytest.param(JobHistory(last_success=ago(90), not_before=NOW), True, id="no longer held"),
        pytest.param(JobHistory(last_success=ago(1), failures=1, not_before=ago(1)), True, id="failed since"),
        pytest.param(JobHistory(last_attempt=ago(30), last_success=ago(2)), True, id="a slow run counts from its beginning"),
        pytest.param(JobHistory(last_attempt=ago(1), last_success=ago(29)), False, id="under way"),
        pytest.param(JobHistory(last_success=ago(-1)), True, id="a success in the future"),
        pytest.param(JobHistory(last_attempt=ago(-1), last_success=ago(3)), True, id="an attempt in the future"),
        pytest.param(JobHistory(last_success=ago(1), not_before=ago(-3601)), False, id="an absurd hold leaves the rhythm"),
        pytest.param(JobHistory(last_success=ago(90), not_before=ago(-3601)), True, id="an absurd hold does not hold"),
        pytest.param(
            JobHistory(last_attempt=ago(-100), last_success=ago(90), failures=2, not_before=ago(-160)),
            True,
            id="a hold made before the clock was set back",
        ),
        pytest.param(JobHistory(last_success=ago(10**8)), True, id="the clock was set forward"),
    ],
)
def test_is_due(history: JobHistory, *, expected: bool) -> None:
    """
    Success, wishes, holds and jumps of the clock decide together.
    """
    assert expected == is_due(Job.AVAILABILITY, history, now=NOW, live=True)


def test_live_hours_begin() -> None:
    """
    What was in no hurry outside live hours is due at once when they begin.
    """
    history = JobHistory(last_success=ago(60))

    assert NOW + s(240) == next_due(Job.AVAILABILITY, history, now=NOW, live=False)
    assert is_due(Job.AVAILABILITY, history, now=NOW, live=True)


@pytest.mark.parametrize(
    ("job", "waits"),
    [
        (Job.POLL, [5, 10, 16, 16]),
        (Job.AVAILABILITY, [30, 60, 120, 240, 240]),
        (Job.CHANGES, [30, 60, 120, 240, 240]),
        (Job.CONFIGURATION, [30, 60, 120, 240, 240]),
        (Job.FULL_AVAILABILITY, [30, 60]),
        (Job.UPTIME, [30, 60]),
    ],
)
def test_back_off(job: Job, waits: list[int]) -> None:
    """
    Each failure in a row doubles the wait, up to a limit.
    """
    history = JobHistory(last_success=ago(3))
    seen = []
    for _ in waits:
        history = due.after_failure(job, history, now=NOW, jitter=0.0)
        assert history.not_before is not None
        seen.append((history.not_before - NOW).total_seconds())

    assert waits == seen
    assert len(waits) == history.failures


@pytest.mark.parametrize(("job", "most"), [(Job.POLL, 20), (Job.AVAILABILITY, 300), (Job.FULL_AVAILABILITY, 300)])
def test_the_longest_back_off(job: Job, most: int) -> None:
    """
    With all the jitter there is the wait reaches its limit and no further.
    """
    history = due.after_failure(job, JobHistory(failures=10_000), now=NOW, retry_after=None, jitter=1.0)

    assert NOW + s(most) == history.not_before


@pytest.mark.parametrize(("retry_after", "expected"), [(None, 5), (s(1), 5), (s(90), 90), (timedelta(days=2), 3600), (s(-5), 5)])
def test_retry_after_is_obeyed(retry_after: timedelta | None, expected: int) -> None:
    """
    What the other side asks for counts where it is longer, within an hour.
    """
    history = due.after_failure(Job.POLL, JobHistory(), now=NOW, jitter=0.0, retry_after=retry_after)

    assert NOW + s(expected) == history.not_before
    assert is_due(Job.POLL, history, now=NOW + s(expected), live=True)


def test_a_failed_wish_is_not_forgotten() -> None:
    """
    What was wanted and failed is due again after its wait, though the last good run is recent.
    """
    asked = JobHistory(last_attempt=NOW, last_success=ago(60))
    history = due.after_failure(Job.FULL_AVAILABILITY, asked, now=NOW, jitter=0.0)

    assert not is_due(Job.FULL_AVAILABILITY, history, now=NOW + s(29), live=True)
    assert is_due(Job.FULL_AVAILABILITY, history, now=NOW + s(30), live=True)


def test_success_ends_everything() -> None:
    """
    A good run clears failures, refusals, holds and the wish, and keeps one that came meanwhile.
    """
    troubled = JobHistory(last_attempt=ago(2), failures=3, refusals=1, not_before=NOW, wanted=True)

    assert JobHistory(last_attempt=ago(2), last_success=NOW) == due.after_success(troubled, now=NOW)
    assert due.after_success(troubled, now=NOW, wanted_meanwhile=True).wanted


def test_a_refused_login_rests() -> None:
    """
    The first refusal is tried again soon, each later one after an hour or a new secret.
    """
    once = due.login_refused(Job.POLL, JobHistory(), now=NOW, jitter=0.0)
    twice = due.login_refused(Job.POLL, once, now=NOW, jitter=0.0)
    thrice = due.login_refused(Job.POLL, twice, now=NOW + REFUSED_PAUSE, jitter=0.0)

    assert NOW + s(5) == once.not_before
    assert not is_due(Job.POLL, due.wanted(twice), now=NOW + REFUSED_PAUSE - s(1), live=True)
    assert is_due(Job.POLL, twice, now=NOW + REFUSED_PAUSE, live=True)
    assert NOW + 2 * REFUSED_PAUSE == thrice.not_before
    assert is_due(Job.POLL, due.secret_changed(thrice), now=NOW + REFUSED_PAUSE, live=True)
    assert NOW + s(5) == due.login_refused(Job.POLL, due.secret_changed(thrice), now=NOW, jitter=0.0).not_before


def test_another_failure_in_between_does_not_excuse_a_refusal() -> None:
    """
    Refusals are counted until a success.
    """
    history = due.login_refused(Job.POLL, JobHistory(), now=NOW, jitter=0.0)
    history = due.after_failure(Job.POLL, history, now=NOW, jitter=0.0)
    history = due.login_refused(Job.POLL, history, now=NOW, jitter=0.0)

    assert NOW + REFUSED_PAUSE == history.not_before


@pytest.mark.parametrize(
    ("tick", "seen", "expected"),
    [
        (1, 1, False),
        (1, 20, False),
        (1, 31, False),
        (1, 31.5, True),
        (1, 3600, True),
        (60, 100, False),
        (60, 180, False),
        (60, 181, True),
        (1, -3600, False),
    ],
)
def test_wake_up(tick: float, seen: float, *, expected: bool) -> None:
    """
    A gap far beyond the tick means sleep; a busy machine or a clock set back does not.
    """
    assert expected == gap_is_wake_up(s(tick), s(seen))


instants = st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
histories = st.builds(
    JobHistory,
    last_attempt=instants,
    last_success=instants,
    failures=st.integers(0, 10_000),
    refusals=st.integers(0, 10),
    not_before=instants,
    wanted=st.booleans(),
)
jobs = st.sampled_from(Job)


@given(job=jobs, history=histories, live=st.booleans())
def test_no_job_is_put_off_for_ever(job: Job, history: JobHistory, *, live: bool) -> None:
    """
    Whatever the clock did before, a job is due within its interval or an hour.
    """
    at = next_due(job, history, now=NOW, live=live)

    assert at <= NOW + max(REFUSED_PAUSE, interval(job, live=live))
    assert (at <= NOW) == is_due(job, history, now=NOW, live=live)


@given(job=jobs, history=histories, live=st.booleans())
def test_what_is_next_due_is_due_then(job: Job, history: JobHistory, *, live: bool) -> None:
    """
    When the time that was told has come, the job is due.
    """
    at = max(NOW, next_due(job, history, now=NOW, live=live))

    assert is_due(job, history, now=at, live=live)


@given(job=jobs, history=histories, jitter=st.floats(0, 1), live=st.booleans(), refused=st.booleans())
def test_after_a_failure_there_is_always_a_pause(
    job: Job, history: JobHistory, jitter: float, *, live: bool, refused: bool
) -> None:
    """
    A failure is never tried again at once, wanted or not, and always within the longest wait.
    """
    begun = replace(history, last_attempt=NOW, last_success=ago(7))
    failed = (
        due.login_refused(job, begun, now=NOW, jitter=jitter)
        if refused
        else due.after_failure(job, begun, now=NOW, retry_after=None, jitter=jitter)
    )

    assert not is_due(job, failed, now=NOW, live=live)
    assert not is_due(job, due.wanted(failed), now=NOW + s(4.9), live=live)
    assert is_due(job, failed, now=NOW + REFUSED_PAUSE, live=live)


@given(job=jobs, history=histories, live=st.booleans())
def test_after_a_success_the_rhythm_begins_again(job: Job, history: JobHistory, *, live: bool) -> None:
    """
    A good run is followed by the next one exactly an interval after it began.
    """
    done = due.after_success(due.started(history, now=ago(1)), now=NOW)

    assert ago(1) + interval(job, live=live) == next_due(job, done, now=NOW, live=live)
