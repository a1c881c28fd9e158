"""
`frontdesk status` and `frontdesk bookings`, against an engine behind real IPC.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from cli_engine import NOW, Cli, FakeEngine, status_of

from agent.cli.output import moment
from agent.domain.status import EngineState, ResyncStatus


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (EngineState.ONLINE, 0),
        (EngineState.WORKING, 0),
        (EngineState.STARTING, 1),
        (EngineState.PAUSED, 1),
        (EngineState.NOT_SET_UP, 1),
        (EngineState.ATTENTION, 1),
        (EngineState.OFFLINE, 2),
    ],
)
def test_the_exit_code_tells_a_monitor_how_it_is(engine: FakeEngine, cli: Cli, state: EngineState, code: int) -> None:
    """
    Healthy, needs attention, down: in words and in JSON alike.
    """
    engine.server.publish(status_of(state))

    assert code == cli("status").code
    assert code == cli("status", "--json").code


def test_every_state_is_in_the_table() -> None:
    """
    A new state needs words and an exit code.
    """
    from agent.cli.showing import EXITS, WORDS  # noqa: PLC0415 - the subject of this test alone

    assert set(EngineState) == set(EXITS) == set(WORDS)


def test_without_an_engine_the_exit_code_is_3(cli: Cli) -> None:
    """
    Not running is told apart from running badly.
    """
    ran = cli("status")

    assert (3, "") == (ran.code, ran.out)
    assert "no engine is running" in ran.err
    assert "[ipc-no-engine]" in ran.err
    assert "what to do: " in ran.err


def test_an_engine_without_a_status_is_starting(home: object, cli: Cli, engine: FakeEngine) -> None:
    """
    In its first moments an engine has nothing to tell.
    """
    engine.server._status = None

    ran = cli("status")

    assert (1, "") == (ran.code, ran.out)
    assert "ipc-starting" in ran.err


def test_status_shows_everything(engine: FakeEngine, cli: Cli) -> None:
    """
    One look: state, practices, channels, problems with remedies, tasks, workers, bookings.
    """
    out = cli("status").out

    assert out.startswith("Frontdesk: online bookings are working [online]\n")
    for text in (
        "process 4711, PMS sandbox by odbc",
        "1001\tSample Practice\tyes\tMon-Fri 08:00-18:00\t3\t4\t180\t2",
        f"1001\trequests\tok\t{moment(NOW)}\t-\t0\tnone",
        "warning: It is away. [pms-connect, pms, since ",
        "what to do: Wait.",
        "9\t1001\t78\tconflict",
        "read\t4712\tready",
        "bookings: 1 confirmed",
    ):
        assert text in out


def test_status_says_how_a_pause_and_a_resync_stand(engine: FakeEngine, cli: Cli) -> None:
    """
    Both are a person's doing, and shown with their time.
    """
    resync = ResyncStatus(scope="all", requested_at=NOW, requested_by="someone", finished_at=NOW, ok=True, result="3 sent")
    paused = replace(status_of(EngineState.PAUSED), paused_until=NOW + timedelta(minutes=30), resync=resync)
    engine.server.publish(paused)
    out = cli("status").out

    assert f"paused until {moment(paused.paused_until)} [paused]" in out
    assert f"last resync (all, {moment(NOW)}): done: 3 sent" in out


def test_status_as_json_is_the_whole_status(engine: FakeEngine, cli: Cli) -> None:
    """
    A monitor reads what the tray sees.
    """
    engine.server.publish(replace(status_of(), profile="Zo\u00eb \U0001f600"))
    out = cli("status", "--json").out
    data = json.loads(out)

    assert ("online", "Zo\u00eb \U0001f600", 180) == (data["state"], data["profile"], data["practices"][0]["published"]["days"])
    assert out.isascii()


def test_bookings_are_listed_with_their_answers(engine: FakeEngine, cli: Cli) -> None:
    """
    Ids and times, and how long the patient waited.
    """
    ran = cli("bookings")

    assert 0 == ran.code
    assert f"77\t1001\t5@1\t2026-04-01 09:30\t15\tconfirmed\t2.2 s\t{moment(NOW)}\t" in ran.out


def test_bookings_as_json_have_the_tasks_beside_them(engine: FakeEngine, cli: Cli) -> None:
    """
    What needs a person belongs to the list.
    """
    data = json.loads(cli("bookings", "--json").out)

    assert (77, 78, {"confirmed": 1}) == (data["bookings"][0]["booking_id"], data["tasks"][0]["booking_id"], data["counts"])


def test_no_bookings_are_said_in_words(engine: FakeEngine, cli: Cli) -> None:
    """
    An empty table looks like a fault.
    """
    engine.server.publish(replace(status_of(), bookings=()))

    assert "No bookings yet.\n" == cli("bookings").out


def test_on_a_terminal_tables_are_ruled(engine: FakeEngine, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A person sees a table, and brackets in a text are no markup.
    """
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "200")
    engine.server.publish(replace(status_of(), tasks=(replace(status_of().tasks[0], why="[red]taken[/red]"),)))
    out = cli("bookings").out

    assert "Bookings" in out
    assert "\u2502" in out
    assert "[red]taken[/red]" in out
