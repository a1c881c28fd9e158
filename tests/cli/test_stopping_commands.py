"""
`stop-bookings`, `start-bookings` and `maintenance`, against an engine behind real IPC.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cli_engine import NOW, Cli, FakeEngine, status_of

from agent.domain.status import EngineStatus, WorkerStatus
from agent.domain.stopping import Stop
from agent.ipc.messages import Command, Done, Maintenance, Reply, StartBookings, StopBookings


def answering(engine: FakeEngine, after: EngineStatus) -> None:
    """
    Once the command has been given, the status is *after*.
    """

    def answer(command: Command) -> Reply:
        if isinstance(command, (StopBookings, StartBookings, Maintenance)):
            engine.server.publish(after)
        return Done(text="It is done.")

    engine.answer = answer


def emptied() -> EngineStatus:
    """
    Patients see nothing.
    """
    status = status_of()
    return replace(status, practices=(replace(status.practices[0], stop=Stop(since=NOW), is_empty=True),))


def given(engine: FakeEngine) -> list[Command]:
    """
    The commands that stop or start something.
    """
    return [c for c in engine.commands if isinstance(c, (StopBookings, StartBookings, Maintenance))]


def test_stop_bookings_waits_until_patients_see_nothing(engine: FakeEngine, cli: Cli) -> None:
    """
    All practices by default, without an end.
    """
    answering(engine, emptied())
    ran = cli("stop-bookings")

    assert (0, True) == (ran.code, "acknowledged" in ran.out)
    assert [("", None)] == [(c.practice_id, c.until) for c in given(engine) if isinstance(c, StopBookings)]


def test_stop_bookings_does_not_claim_what_is_not_acknowledged(engine: FakeEngine, cli: Cli) -> None:
    """
    It says so after a while, and that the engine goes on.
    """
    answering(engine, status_of())
    ran = cli("stop-bookings", "--timeout", "0.3")

    assert 2 == ran.code
    assert "acknowledged" not in ran.out
    assert "cli-stop-slow" in ran.err


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-31", lambda: datetime(2026, 3, 31).astimezone()),
        ("2026-03-31T14:30", lambda: datetime(2026, 3, 31, 14, 30).astimezone()),
        ("2026-03-31T14:30+00:00", lambda: datetime(2026, 3, 31, 14, 30, tzinfo=UTC)),
        ("14:30", lambda: datetime.now().astimezone().replace(hour=14, minute=30, second=0, microsecond=0)),
    ],
)
def test_the_end_is_in_this_computers_time(engine: FakeEngine, cli: Cli, text: str, expected: Callable[[], datetime]) -> None:
    """
    With its zone, so that the engine cannot take it for another.
    """
    ran = cli("stop-bookings", "--practice", "1001", "--until", text, "--no-wait")

    assert 0 == ran.code
    assert [("1001", expected())] == [(c.practice_id, c.until) for c in given(engine) if isinstance(c, StopBookings)]


def test_start_bookings_is_one_word(engine: FakeEngine, cli: Cli) -> None:
    """
    For one practice or all.
    """
    assert 0 == cli("start-bookings", "--practice", "1001").code
    assert ["1001"] == [c.practice_id for c in given(engine) if isinstance(c, StartBookings)]


def test_maintenance_waits_until_every_connection_is_closed(engine: FakeEngine, cli: Cli) -> None:
    """
    Then the work on the database can begin.
    """
    answering(engine, replace(status_of(), workers=(WorkerStatus(name="reads", pid=0, state="stopped"),)))
    ran = cli("maintenance", "--minutes", "30")

    assert (0, True) == (ran.code, "connection" in ran.out)
    assert [30] == [c.minutes for c in given(engine) if isinstance(c, Maintenance)]


@pytest.mark.parametrize("arguments", [("maintenance", "--minutes", "0"), ("stop-bookings", "--until", "soon")])
def test_nonsense_is_refused_before_the_engine_is_asked(cli: Cli, arguments: tuple[str, ...]) -> None:
    """
    With the way it should be written.
    """
    with pytest.raises(SystemExit) as caught:
        cli(*arguments)

    assert 2 == caught.value.code


def test_maintenance_is_named_in_the_status(engine: FakeEngine, cli: Cli) -> None:
    """
    With its end.
    """
    engine.server.publish(replace(status_of(), in_maintenance=True, paused_until=NOW + timedelta(hours=1)))

    assert "maintenance: the database is let go of until" in cli("status").out


def test_reception_may_stop_bookings() -> None:
    """
    Whoever may pause may also do it in good order; each is recorded with who it was.
    """
    assert [False] * 3 == [kind.administrator for kind in (StopBookings, StartBookings, Maintenance)]
