from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.domain.activity import ActivityLine
from agent.domain.errors import Transient
from agent.domain.status import Condition, Severity
from agent.domain.uptime import UpInterval
from agent.ports.tasks import TaskKind, Tasks
from agent.store import Store
from agent.store.activity import Activity
from agent.store.database import Database

AT = datetime(2026, 11, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CONDITION = Condition(
    area="pms", code="pms-connect", severity=Severity.WARNING, message="No answer.", remedy="Wait.", since=AT, count=1
)


def test_a_task_is_opened_once(store: Store) -> None:
    """
    The same task is not opened twice while it is open, and again once it was closed.
    """
    tasks: Tasks = store.tasks
    first = tasks.open("1001", TaskKind.CONFLICT, 7, "taken", AT)
    again = tasks.open("1001", TaskKind.CONFLICT, 7, "still taken", AT + MINUTE)
    other = tasks.open("1001", TaskKind.MOVED, 7, "moved", AT)

    assert first == again
    assert [first, other] == tasks.open_tasks()

    tasks.close(first.id, AT)
    reopened = tasks.open("1001", TaskKind.CONFLICT, 7, "taken", AT + MINUTE)

    assert [other, reopened] == tasks.open_tasks()
    assert reopened.id != first.id


def test_a_booking_that_ended_closes_its_tasks(store: Store) -> None:
    """
    All open tasks of one booking of one practice are closed, no others.
    """
    store.tasks.open("1001", TaskKind.CONFLICT, 7, "", AT)
    store.tasks.open("1001", TaskKind.PAST, 7, "", AT)
    kept = [store.tasks.open("1001", TaskKind.PAST, 8, "", AT), store.tasks.open("1002", TaskKind.PAST, 7, "", AT)]
    store.tasks.close_for("1001", 7, AT)

    assert kept == store.tasks.open_tasks()


def test_a_condition_raised_twice_is_counted(store: Store) -> None:
    """
    An open condition keeps its beginning, takes over the newest words and counts.
    """
    store.conditions.raise_condition(CONDITION)
    worse = replace(CONDITION, severity=Severity.ERROR, message="Still no answer.", since=AT + MINUTE)
    expected = replace(worse, since=AT, count=2)

    assert expected == store.conditions.raise_condition(worse)
    assert [expected] == store.conditions.open_conditions()


def test_conditions_are_cleared_one_by_one_or_by_area(store: Store) -> None:
    """
    One condition or a whole area is cleared, and raised again it begins anew.
    """
    torn = replace(CONDITION, code="pms-torn-read")
    other = replace(CONDITION, area="healthengine:1001", code="he-link")
    for condition in (CONDITION, torn, other):
        store.conditions.raise_condition(condition)

    assert store.conditions.clear_condition("pms", "pms-connect") == 1
    assert store.conditions.clear_condition("pms", "pms-connect") == 0
    assert [other, torn] == store.conditions.open_conditions()
    assert store.conditions.clear_condition("pms") == 1
    assert [other] == store.conditions.open_conditions()
    assert store.conditions.raise_condition(CONDITION).count == 1


def test_activity_is_bounded(store: Store) -> None:
    """
    The newest rows are kept and come first, of one area or of all.
    """
    activity = Activity(store._database, keep=3)
    lines = [
        ActivityLine(at=AT + n * MINUTE, area="ab"[n % 2], code="resync", text=f"{n} days", given_by="mel") for n in range(6)
    ]
    for line in lines:
        activity.add(line)

    assert lines[:2:-1] == activity.recent(10)
    assert [lines[5], lines[4]] == activity.recent(2)
    assert [lines[4]] == activity.recent(10, area="a")


def test_uptime_joins_short_gaps(store: Store) -> None:
    """
    Signs of life less than three minutes apart are one interval; a longer silence begins another.
    """
    for minute, up in ((0, True), (1, True), (2, False), (3, True), (4, False), (6, True), (7, True)):
        store.uptime.extend(AT + minute * MINUTE, up=up)
    first, second = UpInterval(AT, AT + 3 * MINUTE), UpInterval(AT + 6 * MINUTE, AT + 7 * MINUTE)

    assert [first, second] == store.uptime.intervals(AT)
    assert [second] == store.uptime.intervals(AT + 4 * MINUTE)


def test_uptime_survives_a_clock_set_back(store: Store) -> None:
    """
    A clock slightly back changes nothing; a clock set back far begins an interval of its own.
    """
    for minute in (60, 61, 62, 61, 0, 1):
        store.uptime.extend(AT + minute * MINUTE, up=True)

    assert [UpInterval(AT, AT + MINUTE), UpInterval(AT + 60 * MINUTE, AT + 62 * MINUTE)] == store.uptime.intervals(AT)


def test_old_uptime_is_dropped(store: Store) -> None:
    """
    Intervals of more than 400 days ago go when a new one begins.
    """
    now = AT + timedelta(days=401)
    store.uptime.extend(AT, up=True)
    store.uptime.extend(now, up=True)

    assert [UpInterval(now, now)] == store.uptime.intervals(AT)


def test_a_condition_that_cannot_be_written_is_shown_all_the_same(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A full disk is shown though nothing can be kept, and is over when somebody says so.
    """

    @contextmanager
    def full(_database: Database) -> Iterator[sqlite3.Connection]:
        raise Transient("store-unwritable", "full")
        yield  # type: ignore[unreachable] # makes it a generator

    with monkeypatch.context() as patched:
        patched.setattr(Database, "writing", full)
        raised = [store.conditions.raise_condition(replace(CONDITION, code="store-unwritable")) for _ in range(2)]

    assert [1, 2] == [one.count for one in raised]
    assert ["store-unwritable"] == [one.code for one in store.conditions.open_conditions()]
    assert 1 == store.conditions.clear_condition(raised[0].area)
    assert not store.conditions.open_conditions()
