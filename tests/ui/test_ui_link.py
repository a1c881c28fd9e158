"""
The bridge to the engine: statuses come in, commands go out, losses are told, and the windows never wait.
"""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from ui_values import FakeClient, make_status

from agent.domain.errors import AuthRequired, FrontdeskError, Transient
from agent.domain.status import EngineState, EngineStatus
from agent.ui.commands import RESYNC, EngineClient, Reply
from agent.ui.link import EngineLink, LinkTimes
from agent.ui.single import SingleTray, session_name

QUICK = LinkTimes(first_status=0.3, silence=0.3, first_wait=0.01, longest_wait=0.02, stop=5)


class Doorway:
    """
    Connects to the clients and errors that the test puts in, in that order; then to nothing.
    """

    def __init__(self) -> None:
        self.waiting: queue.SimpleQueue[FakeClient | FrontdeskError] = queue.SimpleQueue()
        self.commands: queue.SimpleQueue[FakeClient | FrontdeskError] = queue.SimpleQueue()
        self.attempts = 0

    def connect(self) -> EngineClient:
        sending = threading.current_thread().name == "engine-commands"
        if not sending:
            self.attempts += 1
        try:
            found = (self.commands if sending else self.waiting).get_nowait()
        except queue.Empty:
            raise Transient("ipc-absent", "no engine answers") from None
        if isinstance(found, FrontdeskError):
            raise found
        return found


@pytest.fixture
def door() -> Doorway:
    """
    A door with nobody behind it.
    """
    return Doorway()


@pytest.fixture
def link(qtbot: QtBot, door: Doorway) -> Iterator[EngineLink]:
    """
    A link through the door, not started.
    """
    made = EngineLink(door.connect, times=QUICK)
    yield made
    made.stop()


def test_statuses_arrive_on_the_thread_of_the_windows(link: EngineLink, door: Doorway, qtbot: QtBot) -> None:
    """
    A pushed status becomes a signal on the receiver's own thread.
    """
    client = FakeClient()
    door.waiting.put(client)
    client.statuses.put(make_status(EngineState.PAUSED))
    seen: list[tuple[EngineStatus, bool]] = []

    class Receiver(EngineLink):
        def take(self, status: EngineStatus) -> None:
            seen.append((status, threading.current_thread() is threading.main_thread()))

    receiver = Receiver(door.connect)
    link.status_changed.connect(receiver.take)
    link.start()
    qtbot.waitUntil(lambda: bool(seen))

    assert [(make_status(EngineState.PAUSED), True)] == seen


def test_a_missing_engine_is_told_once_and_found_again(link: EngineLink, door: Doorway, qtbot: QtBot) -> None:
    """
    The same reason is not repeated while the link keeps trying, and the first status ends the trouble.
    """
    reasons: list[str] = []
    link.unreachable.connect(lambda reason, _code: reasons.append(reason))
    link.start()
    qtbot.waitUntil(lambda: door.attempts >= 4)
    client = FakeClient()
    client.statuses.put(make_status())
    with qtbot.waitSignal(link.status_changed):
        door.waiting.put(client)

    assert ["no engine answers"] == reasons


def test_a_lost_connection_is_opened_anew(link: EngineLink, door: Doorway, qtbot: QtBot) -> None:
    """
    After the engine went away and came back, its statuses arrive again, and the lost connection has been closed.
    """
    first, second = FakeClient(), FakeClient()
    first.statuses.put(make_status())
    door.waiting.put(first)
    link.start()
    losses: list[tuple[str, str]] = []
    link.unreachable.connect(lambda reason, code: losses.append((reason, code)))
    first.statuses.put(Transient("ipc-lost", "the connection was lost"))
    qtbot.waitUntil(lambda: bool(losses))
    second.statuses.put(make_status(EngineState.WORKING))
    with qtbot.waitSignal(link.status_changed) as found:
        door.waiting.put(second)

    assert ("the connection was lost", "ipc-lost") == losses[0]
    assert [make_status(EngineState.WORKING)] == found.args
    assert first.closed.is_set()


def test_an_engine_that_says_nothing_is_not_running_well(link: EngineLink, door: Doorway, qtbot: QtBot) -> None:
    """
    A connection without a first status counts as a loss.
    """
    losses: list[tuple[str, str]] = []
    link.unreachable.connect(lambda reason, code: losses.append((reason, code)))
    door.waiting.put(FakeClient())
    link.start()
    qtbot.waitUntil(lambda: bool(losses))

    assert ("nothing has come from it yet", "ipc-engine-silent") == losses[0]


def test_a_silent_connection_is_renewed_without_alarm(link: EngineLink, door: Doorway, qtbot: QtBot) -> None:
    """
    An engine that has nothing new to say for long is asked again; as long as it answers nobody is told.
    """
    first, second = FakeClient(), FakeClient()
    first.statuses.put(make_status())
    second.statuses.put(make_status(EngineState.WORKING))
    door.waiting.put(first)
    door.waiting.put(second)
    reasons: list[str] = []
    link.unreachable.connect(lambda reason, _code: reasons.append(reason))
    link.start()
    with qtbot.waitSignal(link.status_changed, check_params_cb=lambda s: s.state is EngineState.WORKING):
        pass

    assert [] == reasons


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        ("The resync has started.", Reply(command=RESYNC, ok=True, message="The resync has started.")),
        (
            AuthRequired("ipc-role", "Only an administrator may do this.", remedy="Ask one."),
            Reply(command=RESYNC, ok=False, message="Only an administrator may do this. Ask one."),
        ),
    ],
)
def test_a_command_gets_its_answer(
    link: EngineLink, door: Doorway, qtbot: QtBot, answer: str | FrontdeskError, reply: Reply
) -> None:
    """
    The engine's yes or no comes back with the command it belongs to.
    """
    client = FakeClient(answer=answer)
    door.commands.put(client)
    link.start()
    with qtbot.waitSignal(link.replied) as replied:
        link.send(RESYNC)

    assert [RESYNC] == client.commands
    assert [reply] == replied.args


def test_a_command_without_an_engine_is_answered_too(link: EngineLink, qtbot: QtBot) -> None:
    """
    Nobody waits for ever for an answer that cannot come.
    """
    link.start()
    with qtbot.waitSignal(link.replied) as replied:
        link.send(RESYNC)

    assert [Reply(command=RESYNC, ok=False, message="no engine answers")] == replied.args


def test_stopping_ends_the_threads(link: EngineLink, door: Doorway, qtbot: QtBot) -> None:
    """
    After stop no thread of the link is left, though one was waiting for the engine.
    """
    client = FakeClient()
    client.statuses.put(make_status())
    door.waiting.put(client)
    with qtbot.waitSignal(link.status_changed):
        link.start()
    link.stop()

    assert [] == [t.name for t in threading.enumerate() if t.name.startswith("engine-")]
    assert client.closed.is_set()


def test_a_second_tray_brings_up_the_first(qtbot: QtBot, tmp_path: Path) -> None:
    """
    There is one tray for a session and home; another start asks it for the window and gives way.
    """
    name = session_name(tmp_path.name)
    first, second = SingleTray(name, folder=tmp_path), SingleTray(name, folder=tmp_path)
    mine = first.claim()
    with qtbot.waitSignal(first.raised):
        theirs = second.claim()
    first.release()
    later = second.claim()
    second.release()

    assert (True, False, True) == (mine, theirs, later)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows gives each user a folder for temporary files")
def test_the_claim_lies_where_no_other_user_can_take_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    In the session's own folder, and not in the one that all users share.
    """
    tmp_path.chmod(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    single = SingleTray("claim")
    claimed = single.claim()
    found = [path.name for path in tmp_path.iterdir()]
    single.release()

    assert claimed
    assert ["claim.lock"] == found


def test_other_sessions_and_homes_have_trays_of_their_own() -> None:
    """
    The name of the claim depends on the home and on the session, which Windows knows by itself.
    """
    sessions = 1 if sys.platform == "win32" else 2
    names = {session_name(home, environ={"DISPLAY": display}) for home in ("a", "b") for display in (":1", ":2")}

    assert 2 * sessions == len(names)
