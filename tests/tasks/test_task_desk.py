"""
Tasks through the engine's own parts: over all practices, recorded with who did what, and told of by a thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from sync_support import PRACTICE_ID, World

from agent.domain.errors import FrontdeskError, Transient
from agent.domain.tasks import TaskAction, TaskKind
from agent.engine.desk import PracticeDesk
from agent.engine.tasks import TaskDesk, TaskMessenger
from agent.ports.clock import Clock
from agent.sync.leaving import OtherRoads

AT = datetime(2026, 11, 23, tzinfo=UTC)


class Reception:
    """
    A task desk over one practice.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.agent = world.running()
        self.wanted: list[bool] = []
        self.remembered: list[tuple[str, str, str]] = []
        requests = SimpleNamespace(want=lambda *, now: self.wanted.append(now))
        desk = SimpleNamespace(practice=world.practice, context=self.agent.context, requests=requests)
        self.desk = TaskDesk(
            world.store.tasks,
            world.clock,
            desks=lambda: [cast(PracticeDesk, desk)],
            remember=lambda *line: self.remembered.append(line),
        )

    def open(self, booking_id: int, practice_id: str = PRACTICE_ID) -> int:
        return self.world.store.tasks.open(practice_id, TaskKind.UNREADABLE, booking_id, "why", self.world.clock.now()).id


@pytest.fixture
def reception(world: World) -> Reception:
    """
    Nothing to do yet.
    """
    return Reception(world)


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(FrontdeskError) as caught:
        call()
    return caught.value.code


def test_what_people_do_is_recorded(reception: Reception) -> None:
    """
    With the number of the task and who it was.
    """
    number = reception.open(5)
    reception.desk.act(number, TaskAction.CLAIM, by="mel")
    reception.desk.act(number, TaskAction.DONE, by="sam")

    assert [
        ("task-claim", f"Task {number} was claimed.", "mel"),
        ("task-done", f"Task {number} was done.", "sam"),
    ] == reception.remembered


def test_open_and_ended_ones_are_listed(reception: Reception) -> None:
    """
    Ended ones for a day, as long as they can be taken up again.
    """
    first, second = reception.open(5), reception.open(6)
    reception.desk.act(first, TaskAction.DONE, by="mel")
    listed = [[t.id for t in reception.desk.list("", done=done)] for done in (False, True)]
    reception.world.clock.advance(days=1, minutes=1)

    assert [[second], [first]] == listed
    assert [] == reception.desk.list("", done=True)


def test_what_is_not_there(reception: Reception) -> None:
    """
    Neither the task nor the practice that it was for.
    """
    gone = reception.open(5, practice_id="1009")

    assert "task-unknown" == code_of(lambda: reception.desk.show(99))
    assert "practice-unknown" == code_of(lambda: reception.desk.act(gone, TaskAction.CLAIM, by="mel"))


def test_what_was_entered_by_hand_is_confirmed_soon(reception: Reception) -> None:
    """
    The poll that confirms it is asked for at once.
    """
    world = reception.world
    world.pms.add_appointment("1", datetime(2026, 11, 24, 10, 0), patient_id="7")
    world.patient_books(1, waited=30)
    reception.agent.poll()
    (task,) = world.tasks()
    world.pms.add_appointment("1", datetime(2026, 11, 24, 11, 0), patient_id="7", reference=1)
    offered = reception.desk.show(task.id).offered
    reception.desk.act(task.id, TaskAction.ENTERED, by="mel")

    assert TaskAction.ENTERED in offered
    assert [True] == reception.wanted


class Roads:
    """
    Counts the looks; the state file fails once.
    """

    def __init__(self) -> None:
        self.looks = 0
        self.twice = threading.Event()

    def run(self) -> int:
        self.looks += 1
        if self.looks == 1:
            raise Transient("store-busy", "Busy.")
        self.twice.set()
        return 1


def messenger(
    world: World, roads: Roads, *, is_held: Callable[[], bool] = lambda: False, on_change: Callable[[], None] = lambda: None
) -> TaskMessenger:
    clock = cast(Clock, SimpleNamespace(real_seconds=lambda span: span / timedelta(hours=1)))
    return TaskMessenger(cast(OtherRoads, roads), clock, is_held=is_held, on_change=on_change)


def test_the_messenger_goes_on_after_a_failure(world: World) -> None:
    """
    Until it is stopped; what went out changes the status.
    """
    roads, changed = Roads(), threading.Event()
    made = messenger(world, roads, on_change=changed.set)
    made.start()

    assert roads.twice.wait(10)
    assert changed.wait(10)
    made.stop(10)
    assert not made._thread.is_alive()


def test_a_copy_of_the_machine_tells_nobody(world: World) -> None:
    """
    While a person has to say which machine is the real one; the other one tells.
    """
    roads, asked = Roads(), threading.Event()

    def is_held() -> bool:
        asked.set()
        return True

    made = messenger(world, roads, is_held=is_held)
    made.start()

    assert asked.wait(10)
    made.stop(10)
    assert 0 == roads.looks
