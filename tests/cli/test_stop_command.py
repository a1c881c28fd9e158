"""
`stop`, against an engine behind real IPC.
"""

from __future__ import annotations

import threading

from cli_engine import Cli, FakeEngine

from agent.ipc.messages import Command, Done, Refused, Reply, Stop


def test_it_waits_until_the_engine_has_gone(engine: FakeEngine, cli: Cli) -> None:
    """
    It says so, and the exit code with it.
    """
    going: list[threading.Thread] = []

    def answer(command: Command) -> Reply:
        if isinstance(command, Stop):
            going.append(threading.Thread(target=engine.server.stop))
            going[0].start()
        return Done(text="The engine stops.")

    engine.answer = answer
    ran = cli("stop")
    going[0].join(10)

    assert 0 == ran.code, ran.err
    assert "It has ended." in ran.out


def test_an_engine_that_stays_is_not_said_to_have_gone(engine: FakeEngine, cli: Cli) -> None:
    """
    After a while the command gives up.
    """
    ran = cli("stop", "--timeout", "0.3")

    assert 2 == ran.code
    assert "cli-stop-slow" in ran.err


def test_what_the_engine_refuses_a_user_is_said(engine: FakeEngine, cli: Cli) -> None:
    """
    Stopping is for administrators.
    """
    engine.answer = lambda _: Refused(code="ipc-administrators-only", message="For administrators.", remedy="Ask one.")
    ran = cli("stop")

    assert 2 == ran.code
    assert "Ask one." in ran.err


def test_without_an_engine_there_is_nothing_to_stop(cli: Cli) -> None:
    """
    A script can tell it from everything else.
    """
    assert 3 == cli("stop").code
