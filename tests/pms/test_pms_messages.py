"""
Messages about tasks, put into each kind of database.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

import pytest
from meddling import meddled, once
from practices import Practice

from agent.domain.errors import Misconfigured
from agent.domain.tasks import Notice, TaskKind
from agent.notices.message import MessageRoad
from agent.pms.sql.carriers.registry import connector
from agent.pms.sql.pms import SqlPms

AT = datetime(2026, 11, 23, 1, 30, 7, 250, tzinfo=UTC)
NOTICE = Notice(task_id=9, practice_id="1001", location_id="2", kind=TaskKind.MOVED, booking_id=78, since=AT)


class Opened(NamedTuple):
    """
    A practice, and a way to it.
    """

    practice: Practice
    pms: SqlPms


@pytest.fixture
def opened(practice: Practice) -> Iterator[Opened]:
    """
    Nobody has written anything yet.
    """
    made = Opened(practice, practice.pms())
    yield made
    made.pms.close()


def test_a_message_is_left_once(opened: Opened) -> None:
    """
    For its place, with the task's number and no name; asked again it stays the only one.
    """
    road = MessageRoad(pms=opened.pms)
    road.send(NOTICE)
    road.send(NOTICE)
    road.send(replace(NOTICE, task_id=10, location_id=""))
    desk = opened.practice.desk

    assert 2 == desk.value("SELECT COUNT(*) FROM messages")
    assert 2 == desk.value("SELECT location_id FROM messages WHERE subject LIKE '%task 9 %'")
    assert desk.value("SELECT location_id FROM messages WHERE subject LIKE '%task 10 %'") is None
    assert "Booking: 78" in desk.value("SELECT body FROM messages WHERE subject LIKE '%task 9 %'")
    assert str(desk.value("SELECT MIN(created_at) FROM messages")).startswith(f"{AT.astimezone():%Y-%m-%d %H:%M:%S}")


def test_somebody_else_writes_at_the_same_moment(practice: Practice) -> None:
    """
    The number is taken: another one is chosen.
    """
    others = "INSERT INTO messages VALUES (1, NULL, '2026-11-23 10:00:00', 'Lunch', 'At noon', 0)"
    hook = once(lambda: practice.desk.run(others))
    pms = meddled(practice, {"begin" if practice.profile.dialect.name == "sqlite" else "insert": hook})
    MessageRoad(pms=pms).send(NOTICE)
    pms.close()

    assert 2 == practice.desk.value("SELECT COUNT(*) FROM messages")


def test_a_pms_without_messages_says_so(local_practice: Practice) -> None:
    """
    And what to do about it.
    """
    profile = local_practice.profile
    statements = {name: found for name, found in profile.statements.items() if name != "message"}
    pms = SqlPms(replace(profile, statements=statements), connector(profile, "sqlite", local_practice.connection, None))
    with pytest.raises(Misconfigured, match="pms-cannot") as caught:
        MessageRoad(pms=pms).send(NOTICE)

    assert "pms_message" in caught.value.remedy
