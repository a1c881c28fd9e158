"""
The command `tasks`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest
from cli_engine import Cli, FakeEngine

from agent.domain.status import TaskLine
from agent.domain.tasks import TaskAction, TaskReport
from agent.ipc.messages import ActOnTask, Done, ListTasks, Refused, ShowTask

AT = datetime(2026, 11, 20, tzinfo=UTC)
TASK = TaskLine(
    id=9,
    practice_id="1001",
    kind="conflict",
    booking_id=78,
    why="The time is taken.",
    since=AT,
    location_id="2",
    resource_id="1@2",
    start=datetime(2026, 11, 21, 9, 30),
)
CLAIMED = replace(TASK, id=10, state="claimed", claimed_by="mel", claimed_at=AT)
ENDED = replace(TASK, id=11, state="done", done_by="sam", done_at=AT, ending="cancelled_with_healthengine")
REPORT = TaskReport(
    task=TASK,
    offered=(TaskAction.CLAIM, TaskAction.ENTERED, TaskAction.CANCEL_BOOKING),
    advice="Make room.",
    patient_name="Ann Lee",
    patient_phone="0400000001",
)


def test_what_waits_is_listed(engine: FakeEngine, cli: Cli) -> None:
    """
    Ids and times, and who is at it; the exit code tells a monitor.
    """
    engine.answer = lambda _: Done(data={"tasks": msgspec.to_builtins([TASK, CLAIMED])})
    ran = cli("tasks", "list", "--location", "2")

    assert 1 == ran.code
    assert "9\t1001\t2\t78\t2026-11-21 09:30\tconflict" in ran.out
    assert "claimed by mel" in ran.out
    assert [("2", False)] == [(c.location_id, c.done) for c in engine.commands if isinstance(c, ListTasks)]


@pytest.mark.parametrize(
    "arguments", [("tasks", "--ended", "--json"), ("tasks", "list", "--ended", "--json"), ("tasks", "--ended", "list", "--json")]
)
def test_what_ended_is_listed(engine: FakeEngine, cli: Cli, arguments: tuple[str, ...]) -> None:
    """
    For programs too, and wherever the options stand.
    """
    engine.answer = lambda _: Done(data={"tasks": msgspec.to_builtins([ENDED])})
    ran = cli(*arguments)

    assert (0, [11]) == (ran.code, [task["id"] for task in json.loads(ran.out)["tasks"]])
    assert [("", True)] == [(c.location_id, c.done) for c in engine.commands if isinstance(c, ListTasks)]


def test_nothing_waits(engine: FakeEngine, cli: Cli) -> None:
    """
    In words, and with exit code 0.
    """
    engine.answer = lambda _: Done(data={"tasks": []})
    ran = cli("tasks")

    assert (0, "Nothing waits for a person.\n") == (ran.code, ran.out)


def test_how_one_ended(engine: FakeEngine, cli: Cli) -> None:
    """
    Who, and how; or that it ended by itself.
    """
    by_itself = replace(ENDED, id=12, done_by="", ending="by_itself")
    engine.answer = lambda _: Done(data={"tasks": msgspec.to_builtins([ENDED, by_itself])})
    ran = cli("tasks", "--ended")

    assert "cancelled with healthengine by sam" in ran.out
    assert "by itself, 20" in ran.out


def test_one_is_shown_with_whom_to_phone(engine: FakeEngine, cli: Cli) -> None:
    """
    And with what to type for each thing that can be done.
    """
    engine.answer = lambda _: Done(data={"task": msgspec.to_builtins(REPORT)})
    ran = cli("tasks", "show", "9")

    assert 1 == ran.code
    assert "patient: Ann Lee 0400000001" in ran.out
    assert "frontdesk tasks done 9 --entered" in ran.out
    assert "frontdesk tasks cancel-booking 9" in ran.out
    assert [9] == [c.task_id for c in engine.commands if isinstance(c, ShowTask)]


def test_one_is_shown_as_json(engine: FakeEngine, cli: Cli) -> None:
    """
    For programs.
    """
    engine.answer = lambda _: Done(data={"task": msgspec.to_builtins(replace(REPORT, task=ENDED, patient_name=""))})
    ran = cli("tasks", "show", "11", "--json")

    assert (0, "Make room.") == (ran.code, json.loads(ran.out)["advice"])


@pytest.mark.parametrize(
    ("arguments", "action"),
    [
        (("claim", "9"), TaskAction.CLAIM),
        (("release", "9"), TaskAction.RELEASE),
        (("undo", "9"), TaskAction.UNDO),
        (("done", "9"), TaskAction.DONE),
        (("done", "9", "--entered"), TaskAction.ENTERED),
        (("cancel-booking", "9"), TaskAction.CANCEL_BOOKING),
    ],
)
def test_an_action_is_passed_on(engine: FakeEngine, cli: Cli, arguments: tuple[str, ...], action: TaskAction) -> None:
    """
    The engine does it and says what it did.
    """
    ran = cli("tasks", *arguments)

    assert (0, "It is done.\n") == (ran.code, ran.out)
    assert [(9, action)] == [(c.task_id, c.action) for c in engine.commands if isinstance(c, ActOnTask)]


def test_what_cannot_be_done_says_why(engine: FakeEngine, cli: Cli) -> None:
    """
    With the engine's remedy.
    """
    engine.answer = lambda _: Refused(code="task-unanswered", message="Healthengine waits.", remedy="Say --entered.")
    ran = cli("tasks", "done", "9")

    assert 2 == ran.code
    assert "[task-unanswered]" in ran.err
    assert "Say --entered." in ran.err


@pytest.mark.parametrize("arguments", [("tasks",), ("tasks", "show", "9")])
def test_a_strange_answer_is_refused(engine: FakeEngine, cli: Cli, arguments: tuple[str, ...]) -> None:
    """
    A newer or broken engine.
    """
    engine.answer = lambda _: Done(data={"tasks": 5, "task": 5})
    ran = cli(*arguments)

    assert (2, True) == (ran.code, "[ipc-bad-message]" in ran.err)


@pytest.mark.parametrize("number", ["0", "x", "-1", "99999999999999999999"])
def test_a_number_is_a_number(cli: Cli, number: str) -> None:
    """
    Wrong usage is refused before an engine is asked.
    """
    with pytest.raises(SystemExit) as caught:
        cli("tasks", "claim", number)

    assert 2 == caught.value.code
