"""
`resync`, `pause` and `resume`, against an engine behind real IPC.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
from cli_engine import NOW, Cli, FakeEngine, status_of

from agent.domain.status import EngineState, ResyncStatus
from agent.ipc.messages import Command, Done, Pause, Refused, Reply, Resume, Resync, Scope

OLD = ResyncStatus(scope="all", requested_at=NOW, requested_by="x", finished_at=NOW, ok=True, result="the old result")
NEW = replace(OLD, requested_at=NOW + timedelta(hours=1), result="180 days sent")


def after(engine: FakeEngine, change: Callable[[], None]) -> Thread:
    """
    Once the command has been given, *change* what the engine says.
    """

    def wait() -> None:
        assert engine.given.wait(10)
        change()

    thread = Thread(target=wait, name="change")
    thread.start()
    return thread


@pytest.mark.parametrize(("arguments", "minutes"), [((), None), (("--minutes", "30"), 30)])
def test_pause_passes_its_length_on(engine: FakeEngine, cli: Cli, arguments: tuple[str, ...], minutes: int | None) -> None:
    """
    Without a length it is the engine's own.
    """
    ran = cli("pause", *arguments)

    assert (0, "It is done.\n") == (ran.code, ran.out)
    assert [minutes] == [command.minutes for command in engine.commands if isinstance(command, Pause)]


def test_resume_ends_a_pause(engine: FakeEngine, cli: Cli) -> None:
    """
    One command.
    """
    assert 0 == cli("resume").code
    assert [True] == [isinstance(command, Resume) for command in engine.commands]


@pytest.mark.parametrize("minutes", ["0", "-5", "10081", "1.5", "x"])
def test_a_pause_of_no_sensible_length_is_refused(cli: Cli, minutes: str) -> None:
    """
    Before the engine is asked.
    """
    with pytest.raises(SystemExit) as caught:
        cli("pause", "--minutes", minutes)

    assert 2 == caught.value.code


def test_a_refusal_is_shown_with_code_and_remedy(engine: FakeEngine, cli: Cli) -> None:
    """
    The engine's own words.
    """
    engine.answer = lambda _: Refused(code="ipc-denied", message="You may not.", remedy="Ask somebody.")
    ran = cli("pause")

    assert (2, "") == (ran.code, ran.out)
    assert "frontdesk: You may not. [ipc-denied]\n  what to do: Ask somebody.\n" == ran.err


@pytest.mark.parametrize(("ok", "code"), [(True, 0), (False, 1)])
@pytest.mark.parametrize("before", [None, OLD])
def test_resync_waits_for_its_own_result(
    engine: FakeEngine, cli: Cli, before: ResyncStatus | None, *, ok: bool, code: int
) -> None:
    """
    The result of an earlier resync is not taken for this one's; progress is shown on the way.
    """
    engine.server.publish(replace(status_of(), resync=before))

    def finish() -> None:
        channel = replace(status_of().channels[0], detail="90 of 180 days")
        running = replace(status_of(), channels=(channel,), resync=replace(NEW, finished_at=None))
        engine.server.publish(running)
        engine.server.publish(replace(running, resync=replace(NEW, ok=ok)))

    thread = after(engine, finish)
    ran = cli("resync", "availability")
    thread.join(10)

    assert code == ran.code
    assert [Scope.AVAILABILITY] == [command.scope for command in engine.commands if isinstance(command, Resync)]
    assert "It is done.\n  1001 requests: 90 of 180 days\n180 days sent\n" == ran.out


def test_a_resync_that_is_under_way_already_is_waited_for(engine: FakeEngine, cli: Cli) -> None:
    """
    Somebody else's wish is as good as ours.
    """
    engine.server.publish(replace(status_of(), resync=replace(NEW, finished_at=None)))
    thread = after(engine, lambda: engine.server.publish(replace(status_of(), resync=NEW)))
    ran = cli("resync")
    thread.join(10)

    assert (0, True) == (ran.code, ran.out.endswith("180 days sent\n"))


def test_resync_without_waiting_returns_at_once(engine: FakeEngine, cli: Cli) -> None:
    """
    For scripts.
    """
    ran = cli("resync", "--no-wait")

    assert (0, "It is done.\n") == (ran.code, ran.out)


def test_a_resync_that_takes_too_long_is_not_a_success(engine: FakeEngine, cli: Cli) -> None:
    """
    The engine goes on; the command says so.
    """
    ran = cli("resync", "--timeout", "0.2")

    assert 2 == ran.code
    assert "[cli-resync-slow]" in ran.err


def test_a_paused_engine_is_not_asked(engine: FakeEngine, cli: Cli) -> None:
    """
    It would begin nothing, and the command would wait for ever.
    """
    engine.server.publish(status_of(EngineState.PAUSED))
    ran = cli("resync")

    assert (2, []) == (ran.code, engine.commands)
    assert "[cli-paused]" in ran.err


def test_an_engine_that_goes_away_during_a_resync_is_reported(engine: FakeEngine, cli: Cli) -> None:
    """
    Nobody waits for an engine that is gone.
    """

    def lost(command: Command) -> Reply:
        return Done(text="Resync started.")

    engine.answer = lost
    thread = after(engine, engine.server.stop)
    ran = cli("resync")
    thread.join(10)

    assert 3 == ran.code
    assert "[ipc-no-engine]" in ran.err


def test_an_unknown_scope_is_refused(cli: Cli) -> None:
    """
    Wrong usage.
    """
    with pytest.raises(SystemExit) as caught:
        cli("resync", "everything")

    assert 2 == caught.value.code
