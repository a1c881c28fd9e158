"""
`before-uninstall`, against an engine behind real IPC.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cli_engine import NOW, Cli, FakeEngine, status_of

from agent.domain.status import EngineStatus, TaskLine
from agent.domain.stopping import Stop
from agent.ipc.messages import Command, Done, Refused, Reply, StopBookings


def emptied(*, polled_after: float = 1.0, on_the_way: int = 0, tasks: int = 0) -> EngineStatus:
    """
    Patients see nothing; the last poll came so many seconds after Healthengine had acknowledged that.
    """
    status = status_of()
    return replace(
        status,
        practices=(replace(status.practices[0], stop=Stop(since=NOW), is_empty=True),),
        channels=tuple(replace(c, last_success=NOW + timedelta(seconds=polled_after)) for c in status.channels),
        booking_counts={"confirmed": 3, "inserting": on_the_way},
        tasks=tuple(TaskLine(id=n, practice_id="1001", kind="conflict", booking_id=n, why="", since=NOW) for n in range(tasks)),
    )


def then(engine: FakeEngine, *statuses: EngineStatus) -> None:
    """
    Once the command has been given, these statuses follow.
    """

    def answer(command: Command) -> Reply:
        if isinstance(command, StopBookings):
            for status in statuses:
                engine.server.publish(status)
        return Done(text="Practice 1001: online bookings stop.")

    engine.answer = answer


def test_it_stops_every_practice_and_waits_until_nothing_is_open(engine: FakeEngine, cli: Cli) -> None:
    """
    It says what patients will see and for how long.
    """
    then(engine, emptied())
    ran = cli("before-uninstall")

    assert 0 == ran.code
    assert [("", None)] == [(c.practice_id, c.until) for c in engine.commands if isinstance(c, StopBookings)]
    assert "patients see no free times until" in ran.out.lower()


def test_it_says_what_it_waits_for(engine: FakeEngine, cli: Cli) -> None:
    """
    And gives up after a while with what patients may still see.
    """
    then(engine, status_of())
    ran = cli("before-uninstall", "--timeout", "0.3")

    assert 2 == ran.code
    assert "waits: practice 1001: Healthengine has to acknowledge" in ran.out
    assert "cli-uninstall-slow" in ran.err
    assert "notices the silence" in ran.err


def test_a_poll_from_before_does_not_count(engine: FakeEngine, cli: Cli) -> None:
    """
    Somebody may have booked just before the times were gone.
    """
    then(engine, emptied(polled_after=0.0))
    ran = cli("before-uninstall", "--timeout", "0.3")

    assert 2 == ran.code
    assert "what patients did until then has to be fetched" in ran.out


def test_a_booking_on_its_way_is_waited_for(engine: FakeEngine, cli: Cli) -> None:
    """
    Whatever was begun is ended.
    """
    then(engine, emptied(on_the_way=2))
    ran = cli("before-uninstall", "--timeout", "0.3")

    assert 2 == ran.code
    assert "waits: 2 bookings on the way" in ran.out


def test_open_tasks_are_named(engine: FakeEngine, cli: Cli) -> None:
    """
    Nobody could see them afterwards.
    """
    then(engine, emptied(tasks=1))
    ran = cli("before-uninstall")

    assert 1 == ran.code
    assert "1 task still waiting for a person" in ran.out


def test_what_the_engine_refuses_is_said(engine: FakeEngine, cli: Cli) -> None:
    """
    A paused engine tells Healthengine nothing.
    """
    engine.answer = lambda _: Refused(code="stop-while-paused", message="The engine is paused.", remedy="frontdesk resume")
    ran = cli("before-uninstall")

    assert 2 == ran.code
    assert "frontdesk resume" in ran.err


def test_without_an_engine_nobody_can_tell_healthengine(cli: Cli) -> None:
    """
    The uninstaller's script can tell it from everything else.
    """
    assert 3 == cli("before-uninstall").code
