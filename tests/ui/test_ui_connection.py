"""
The link's client over the real IPC: statuses, commands, refusals, and the end of an engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from ui_values import BRISBANE, NOW, activity_lines, make_status, sent_day, sent_map, uptime_report

from agent.domain.errors import FrontdeskError, Misconfigured, Transient
from agent.domain.status import EngineState, EngineStatus
from agent.ipc import messages
from agent.ipc.address import address_of
from agent.ipc.peers import Peer
from agent.ipc.server import IpcServer
from agent.ui.commands import PAUSES, RELEASE, RESUME, RESYNC, RESYNCS, START_BOOKINGS, TRY_AGAIN, Command, EngineClient
from agent.ui.connection import connector, message_for
from agent.ui.questions import ActivityQuestion, AdoptHours, SentDayQuestion, SentQuestion, UptimeQuestion

SYDNEY = ZoneInfo("Australia/Sydney")


class Pausable:
    """
    Refuses to pause, and does everything else.
    """

    def handle(self, command: messages.Command, peer: Peer) -> messages.Reply:
        if isinstance(command, messages.Pause):
            raise FrontdeskError("engine-busy", "Not now.", remedy="Try later.")
        if isinstance(command, messages.GetDiagnostics):
            return messages.Done(id=command.id, data={"files": {"engine.json": "{}"}})
        if isinstance(command, messages.ShowSent):
            return messages.Done(id=command.id, data={"sent": msgspec.to_builtins((sent_map(),))})
        if isinstance(command, messages.ShowSentDay):
            day = sent_day(command.resource_id, date=command.date)
            return messages.Done(id=command.id, data={"day": msgspec.to_builtins(day)})
        if isinstance(command, messages.ShowUptime):
            return messages.Done(id=command.id, data={"uptime": msgspec.to_builtins((uptime_report(),))})
        if isinstance(command, messages.AnswerLiveHours):
            return messages.Done(id=command.id, text=f"adopted {command.adopt} {command.practice_id}")
        if isinstance(command, messages.ListActivity):
            return messages.Done(id=command.id, data={"activity": msgspec.to_builtins(activity_lines())})
        return messages.Done(id=command.id, text="Resync started.")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """
    An engine's home folder.
    """
    (tmp_path / "run").mkdir()
    return tmp_path


@pytest.fixture
def server(home: Path) -> Iterator[IpcServer]:
    """
    A running server with a status.
    """
    made = IpcServer(address_of(home), Pausable(), program="frontdesk test")
    made.start()
    made.publish(make_status())
    yield made
    made.stop()


@pytest.fixture
def client(home: Path, server: IpcServer) -> Iterator[EngineClient]:
    """
    A connection to the server.
    """
    made = connector(home)()
    yield made
    made.close()


def next_of(client: EngineClient) -> EngineStatus | None:
    return client.next_status(10)


def test_the_present_status_comes_first_and_then_each_new_one(client: EngineClient, server: IpcServer) -> None:
    """
    A fresh connection knows at once how things are, and hears of every change.
    """
    first = next_of(client)
    server.publish(make_status(EngineState.PAUSED))

    assert (make_status(), make_status(EngineState.PAUSED)) == (first, next_of(client))


def test_no_news_is_none(client: EngineClient) -> None:
    """
    When nothing has changed within the time, there is no status.
    """
    next_of(client)

    assert client.next_status(0.05) is None


def test_commands_are_answered_in_words(client: EngineClient) -> None:
    """
    Yes comes back as the engine's text, no as its error with the remedy.
    """
    with pytest.raises(FrontdeskError) as refused:
        client.send(PAUSES[0][1])

    assert "Resync started." == client.send(RESYNC)
    assert ("engine-busy", "Not now.", "Try later.") == (refused.value.code, refused.value.message, refused.value.remedy)


def test_an_engine_that_ends_is_noticed(client: EngineClient, server: IpcServer) -> None:
    """
    The connection's end is an error and not silence.
    """
    next_of(client)
    server.stop()

    with pytest.raises(Transient):
        next_of(client)


def test_without_an_engine_there_is_no_connection(home: Path) -> None:
    """
    Where nothing listens, connecting says so; and whether there are settings at all.
    """
    with pytest.raises(Misconfigured) as new:
        connector(home)()
    (home / "config.toml").touch()
    with pytest.raises(Transient) as absent:
        connector(home)()

    assert ("ipc-not-set-up", "ipc-no-engine") == (new.value.code, absent.value.code)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (RESYNC, messages.Resync(scope=messages.Scope.ALL)),
        (PAUSES[0][1], messages.Pause(minutes=30)),
        (PAUSES[1][1], messages.Pause(minutes=60)),
        (PAUSES[2][1], messages.Pause(minutes=9 * 60 + 55)),
        (PAUSES[3][1], messages.Pause(minutes=None)),
        (RESYNCS[1][1], messages.Resync(scope=messages.Scope.CONFIGURATION)),
        (RESYNCS[2][1], messages.Resync(scope=messages.Scope.AVAILABILITY)),
        (RESUME, messages.Resume()),
        (TRY_AGAIN, messages.TryAgain()),
        (RELEASE, messages.Release()),
        (START_BOOKINGS, messages.StartBookings()),
    ],
)
def test_every_command_has_its_message(command: Command, message: messages.Command) -> None:
    """
    What the menus offer is what the engine is asked.
    """
    assert message == message_for(command, NOW)


@pytest.mark.parametrize(
    ("now", "minutes"),
    [
        (datetime(2026, 11, 23, 0, 0, tzinfo=BRISBANE), 1440),
        (datetime(2026, 11, 23, 23, 59, 30, tzinfo=BRISBANE), 1),
        (datetime(2026, 10, 3, 12, 0, tzinfo=SYDNEY), 720),
        (datetime(2026, 10, 4, 1, 0, tzinfo=SYDNEY), 22 * 60),
    ],
    ids=["midnight", "just before", "the day before", "the day that loses an hour"],
)
def test_until_tomorrow_ends_at_midnight(now: datetime, minutes: int) -> None:
    """
    The length is that of the rest of the day, also where the clock is put forward in it.
    """
    assert minutes == PAUSES[2][1].pause_minutes(now)


def test_the_bundle_comes_over_the_connection(client: EngineClient) -> None:
    """
    Its files are those that the engine sent.
    """
    assert {"engine.json": "{}"} == client.diagnostics()


def test_what_is_looked_up_arrives_whole(client: EngineClient) -> None:
    """
    Map, day, uptime and timeline come out as they went in, rules and all.
    """
    day = SentDayQuestion(practice_id="1001", resource_id="2@1", day=NOW.date())

    assert (sent_map(),) == client.look_up(SentQuestion())
    assert sent_day("2@1", date=NOW.date()) == client.look_up(day)
    assert (uptime_report(),) == client.look_up(UptimeQuestion())
    assert activity_lines() == client.look_up(ActivityQuestion())
    assert "adopted True 1001" == client.look_up(AdoptHours(practice_id="1001"))
