"""
What may follow what, what is offered, and when a task must leave: by table and at random.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.booking import BookingState, Reply
from agent.domain.errors import FrontdeskError
from agent.domain.tasks import (
    ADVICE,
    BookingFacts,
    Ending,
    Task,
    TaskAction,
    TaskKind,
    TaskReport,
    TaskState,
    at_location,
    follow,
    must_leave,
    not_offered,
    notice_of,
    offered,
    retry_after,
    task_line,
    way_to_decline,
)

A, S, K = TaskAction, TaskState, TaskKind
AT = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OPEN = Task(id=9, practice_id="1001", kind=K.CONFLICT, booking_id=78, why="taken", since=AT, changed_at=AT)
CLAIMED = follow(OPEN, A.CLAIM, by="mel", at=AT)
DONE = follow(CLAIMED, A.DONE, by="mel", at=AT)
UNDONE = follow(DONE, A.UNDO, by="sam", at=AT)
WAITS = BookingFacts(state=BookingState.TASK, booked_at=AT, is_answered=False, is_in_pms=False)


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(FrontdeskError) as caught:
        call()
    return caught.value.code


@pytest.mark.parametrize(
    ("task", "action", "expected"),
    [
        (OPEN, A.CLAIM, S.CLAIMED),
        (OPEN, A.DONE, S.DONE),
        (OPEN, A.ENTERED, S.DONE),
        (OPEN, A.CANCEL_BOOKING, S.DONE),
        (CLAIMED, A.CLAIM, S.CLAIMED),  # taken over
        (CLAIMED, A.RELEASE, S.OPEN),
        (CLAIMED, A.DONE, S.DONE),
        (DONE, A.UNDO, S.UNDONE),
        (UNDONE, A.CLAIM, S.CLAIMED),
        (UNDONE, A.DONE, S.DONE),
        (OPEN, A.RELEASE, "task-not-claimed"),
        (UNDONE, A.RELEASE, "task-not-claimed"),
        (OPEN, A.UNDO, "task-not-done"),
        (DONE, A.CLAIM, "task-done"),
        (DONE, A.DONE, "task-done"),
        (DONE, A.RELEASE, "task-done"),
    ],
)
def test_what_may_follow_what(task: Task, action: TaskAction, expected: str) -> None:
    """
    Everything that is not in the table is refused, with a code.
    """
    if isinstance(expected, TaskState):
        assert expected is follow(task, action, by="sam", at=AT).state
    else:
        assert expected == code_of(lambda: follow(task, action, by="sam", at=AT))


def test_who_and_when_is_kept() -> None:
    """
    A claim and an end each have a name; taken up again, neither counts.
    """
    assert ("mel", AT, "mel", AT, Ending.DONE) == (
        DONE.claimed_by,
        DONE.claimed_at,
        DONE.done_by,
        DONE.done_at,
        DONE.ending,
    )
    assert ("", None, "", None, Ending.NOT_YET) == (
        UNDONE.claimed_by,
        UNDONE.claimed_at,
        UNDONE.done_by,
        UNDONE.done_at,
        UNDONE.ending,
    )


@pytest.mark.parametrize(
    ("task", "later", "expected"),
    [
        (DONE, timedelta(days=1), True),
        (DONE, timedelta(days=1, seconds=1), False),
        (follow(OPEN, A.ENTERED, by="mel", at=AT), MINUTE, False),
        (follow(OPEN, A.CANCEL_BOOKING, by="mel", at=AT), MINUTE, False),
        (replace(DONE, done_by="", ending=Ending.BY_ITSELF), MINUTE, False),
    ],
)
def test_what_may_be_undone(task: Task, later: timedelta, *, expected: bool) -> None:
    """
    A person's plain *done*, within a day; not what Healthengine was told, and not what ended by itself.
    """
    assert ((A.UNDO,) if expected else ()) == offered(task, None, AT + later)
    if not expected:
        assert "task-undo-too-late" == not_offered(task, A.UNDO, None, AT + later).code


@pytest.mark.parametrize(
    ("kind", "booking", "expected"),
    [
        (K.UNREADABLE, None, {A.CLAIM, A.DONE}),
        (K.CONFLICT, WAITS, {A.CLAIM, A.ENTERED, A.CANCEL_BOOKING}),
        (K.PAST, WAITS, {A.CLAIM, A.ENTERED, A.CANCEL_BOOKING}),
        (K.ENTER_BY_HAND, WAITS, {A.CLAIM, A.ENTERED, A.CANCEL_BOOKING}),
        (K.ENTER_BY_HAND, replace(WAITS, is_answered=True), {A.CLAIM, A.ENTERED, A.DONE}),
        (K.CONFLICT, replace(WAITS, state=BookingState.CONFIRMED, is_answered=True, is_in_pms=True), {A.CLAIM, A.DONE}),
        (K.MOVED, replace(WAITS, state=BookingState.CONFIRMED, is_answered=True, is_in_pms=True), {A.CLAIM, A.DONE}),
        (K.REUSED, replace(WAITS, state=BookingState.CONFIRMED, is_answered=True), {A.CLAIM, A.DONE, A.CANCEL_BOOKING}),
        (K.RESTORED, replace(WAITS, state=BookingState.GONE, is_answered=True), {A.CLAIM, A.DONE}),
        (K.CANCEL_BY_HAND, replace(WAITS, state=BookingState.CONFIRMED, is_answered=True, is_in_pms=True), {A.CLAIM, A.DONE}),
    ],
)
def test_what_is_offered(kind: TaskKind, booking: BookingFacts | None, expected: set[TaskAction]) -> None:
    """
    By kind, and by what Healthengine and the PMS have of the booking; one that is claimed may be released, too.
    """
    task = replace(OPEN, kind=kind)

    assert expected == set(offered(task, booking, AT))
    assert expected | {A.RELEASE} == set(offered(replace(CLAIMED, kind=kind), booking, AT))


@pytest.mark.parametrize(
    ("task", "action", "booking", "expected"),
    [
        (OPEN, A.DONE, WAITS, "task-unanswered"),
        (OPEN, A.ENTERED, None, "task-nothing-to-enter"),
        (OPEN, A.CANCEL_BOOKING, None, "task-nothing-to-cancel"),
        (OPEN, A.CANCEL_BOOKING, replace(WAITS, state=BookingState.CONFIRMED, is_in_pms=True), "task-in-pms"),
        (DONE, A.CLAIM, None, "task-done"),
    ],
)
def test_why_something_is_not_offered(task: Task, action: TaskAction, booking: BookingFacts | None, expected: str) -> None:
    """
    Each with a code of its own and, where there is one, what to do instead.
    """
    assert expected == not_offered(task, action, booking, AT).code


@pytest.mark.parametrize(("seconds", "expected"), [(14, Reply.REJECT), (15, Reply.TASK), (20, Reply.TASK), (600, Reply.TASK)])
def test_no_is_said_only_while_it_may_be(seconds: float, expected: Reply) -> None:
    """
    Afterwards Healthengine has told the patient yes, and the practice cancels.
    """
    assert expected is way_to_decline(WAITS, AT + timedelta(seconds=seconds))


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(TaskAction), st.sampled_from(["mel", "sam"]), st.integers(0, 2000)), max_size=12))
def test_whatever_people_do_a_task_stays_whole(steps: list[tuple[TaskAction, str, int]]) -> None:
    """
    Claimed means that somebody is named, done means that it ended somehow, and everything else is neither.
    """
    task, now = OPEN, AT
    for action, by, minutes in steps:
        now += minutes * MINUTE
        before = task
        try:
            task = follow(task, action, by=by, at=now)
        except FrontdeskError:
            assert action not in offered(before, None, now)
            continue

        assert now == task.changed_at
        assert (task.state is S.DONE) == bool(task.ending) == (task.done_at is not None) == bool(task.done_by)
        assert task.is_open == (task.state is not S.DONE)
        assert not task.waits or not task.claimed_by
        assert task.state is not S.CLAIMED or task.claimed_by == by


@settings(deadline=None, max_examples=100)
@given(
    st.sets(st.integers(0, 47)), st.integers(0, 1440), st.integers(1, 90), st.integers(0, 60), st.sampled_from([OPEN, CLAIMED])
)
def test_when_a_task_must_leave(live: set[int], waited: int, after: int, seconds: int, task: Task) -> None:
    """
    Against counting: only unclaimed, only in live hours, only after so many live minutes.
    """

    def is_live(at: datetime) -> bool:
        return (at.hour * 60 + at.minute) // 30 in live

    now = AT + waited * MINUTE + timedelta(seconds=seconds)
    whole = (now - AT) // MINUTE
    minutes = sum(is_live(now - n * MINUTE) for n in range(1, whole + 1))
    expected = task.waits and is_live(now) and minutes >= after

    assert expected == must_leave(task, now, after=after * MINUTE, is_live=is_live)


def test_a_task_of_the_night_waits_for_people() -> None:
    """
    It leaves ten minutes after the live hours begin, not as they begin; and one that was released waits anew.
    """

    def is_live(at: datetime) -> bool:
        return at.hour >= 8

    eight = AT.replace(hour=8)
    leaves = [must_leave(OPEN, eight + n * MINUTE, after=10 * MINUTE, is_live=is_live) for n in (0, 9, 10)]
    released = follow(follow(OPEN, A.CLAIM, by="mel", at=eight), A.RELEASE, by="mel", at=eight + 30 * MINUTE)

    assert [False, False, True] == leaves
    assert not must_leave(released, eight + 39 * MINUTE, after=10 * MINUTE, is_live=is_live)
    assert must_leave(released, eight + 40 * MINUTE, after=10 * MINUTE, is_live=is_live)


def test_what_is_tried_again_is_tried_ever_less() -> None:
    """
    Never faster than a minute, never slower than half an hour.
    """
    assert [1, 2, 4, 8, 16, 30, 30] == [retry_after(n) // MINUTE for n in range(1, 8)]
    assert 30 * MINUTE == retry_after(10_000)


def test_only_ids_leave() -> None:
    """
    Not even the plain words, and a report's name is not printed by accident.
    """
    report = TaskReport(task=task_line(OPEN), offered=(), advice=ADVICE[K.CONFLICT], patient_name="Ann Lee", patient_phone="04")

    assert "taken" not in str(notice_of(OPEN))
    assert "Ann" not in f"{report!r}{report}"
    assert set(TaskKind) == set(ADVICE)


def test_tasks_of_a_location() -> None:
    """
    One whose location nobody knows is everybody's.
    """
    one, two = replace(OPEN, id=1, location_id="1"), replace(OPEN, id=2, location_id="2")

    assert [[1, 2, 9], [2, 9]] == [[t.id for t in at_location([one, two, OPEN], where)] for where in ("", "2")]
