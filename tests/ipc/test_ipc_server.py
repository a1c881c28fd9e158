from __future__ import annotations

import gc
import logging
import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from ipc_values import AT, LIMITS, STATUS, Raw, RecordingHandler, Statuses, status_number

from agent.domain.errors import FrontdeskError, Misconfigured, Transient
from agent.ipc.address import Address, address_of
from agent.ipc.client import IpcClient
from agent.ipc.frames import framed
from agent.ipc.messages import (
    Done,
    GetStatus,
    Hello,
    Pause,
    Refused,
    Resume,
    Resync,
    Role,
    Scope,
    StatusPush,
    Stop,
    Subscribe,
)
from agent.ipc.server import IpcServer

WAIT = 10.0


def until(condition: object, timeout: float = WAIT) -> bool:
    """
    Wait for a condition that no event announces.
    """
    assert callable(condition)
    pause = threading.Event()
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        pause.wait(0.01)
    return True


def test_a_command_reaches_the_handler_with_its_giver(client: IpcClient, handler: RecordingHandler) -> None:
    """
    A command is carried out once, with the id, role and name of who gave it, and answered.
    """
    reply = client.call(Resync(scope=Scope.CONFIGURATION))
    command, peer = handler.seen[0]

    assert isinstance(reply, Done)
    assert reply.text == "done"
    assert command == Resync(id=reply.id, scope=Scope.CONFIGURATION)
    assert (peer.user, peer.role) == (client.welcome.user, client.welcome.role)
    assert peer.user
    assert client.welcome.program == "0.1.0"
    assert client.call(Stop()) == Done(id="2", text="Stopping.", data={"seconds": 3})


def test_refusals_come_back_as_answers(client: IpcClient, caplog: pytest.LogCaptureFixture) -> None:
    """
    A refusal of the handler, an error that is understood and a mistake are all answered; the mistake's text stays inside.
    """
    with caplog.at_level(logging.DEBUG):
        replies = [client.call(Resume()), client.call(Pause(minutes=5)), client.call(Pause(minutes=6))]

    assert ["not-paused", "no-pause", "ipc-failed"] == [r.code for r in replies if isinstance(r, Refused)]
    assert "Do not." in repr(replies[1])
    assert "Brien" not in repr(replies) + caplog.text
    assert "KeyError" in caplog.text


def test_the_status_is_pushed_when_it_changes(server: IpcServer, client: IpcClient) -> None:
    """
    A subscriber gets what is known at once and then each change, but not a mere change of the time.
    """
    with pytest.raises(Transient, match="ipc-starting"):
        client.status()
    server.publish(STATUS)
    seen = Statuses()
    client.subscribe(seen)
    later = replace(STATUS, at=AT + timedelta(seconds=9))
    server.publish(later)
    server.publish(status_number(77))

    assert seen.wait_for(lambda status: status.pid == 77)
    assert [STATUS, status_number(77)] == seen.all
    server.publish(later)
    assert client.status() == later


def test_a_first_status_reaches_those_who_came_before_it(server: IpcServer, client: IpcClient) -> None:
    """
    A tray that subscribes to an engine that is still starting gets the first status.
    """
    seen = Statuses()
    client.subscribe(seen)
    server.publish(STATUS)

    assert seen.wait_for(lambda status: status == STATUS)


def test_fifty_clients_are_served_at_once(server: IpcServer, address: Address) -> None:
    """
    Fifty clients subscribe, all hear of a change, and none of them is left when they go.
    """
    with ExitStack() as stack:
        everyone = []
        for number in range(50):
            client = stack.enter_context(IpcClient.connect(address, program=f"test {number}"))
            seen = Statuses()
            client.subscribe(seen)
            everyone.append(seen)
        server.publish(STATUS)

        assert all(seen.wait_for(lambda status: status == STATUS) for seen in everyone)
        assert server.clients == 50
    assert until(lambda: server.clients == 0)


def test_a_user_cannot_take_all_places(address: Address, handler: RecordingHandler) -> None:
    """
    One client too many of one user is refused by name, one too many of all is cut off; the others stay.
    """
    server = IpcServer(address, handler, program="1", limits=replace(LIMITS, clients=3, clients_per_user=2))
    server.start()
    try:
        with IpcClient.connect(address, program="a") as first, IpcClient.connect(address, program="b"):
            with pytest.raises(Misconfigured, match="ipc-too-many"):
                IpcClient.connect(address, program="c")
            assert until(lambda: server.clients == 2)
            with Raw(address):
                assert until(lambda: server.clients == 3)
                with pytest.raises(Transient, match="ipc-no-engine"):
                    IpcClient.connect(address, program="d")
            assert isinstance(first.call(Resync()), Done)
    finally:
        server.stop()


def test_a_silent_client_blocks_nobody(server: IpcServer, address: Address, client: IpcClient) -> None:
    """
    A client that never says hello, or half of it, is cut off in time, and the others are served meanwhile.
    """
    with Raw(address) as silent, Raw(address) as half:
        half.send(framed(b'{"type":"hello"}')[:9])

        assert isinstance(client.call(Resync()), Done)
        assert silent.ended()
        assert half.ended()
        assert isinstance(client.call(Resync()), Done)


def test_half_a_command_is_cut_off_but_a_quiet_client_stays(server: IpcServer, address: Address) -> None:
    """
    After the hello a client may be quiet for as long as it likes; a frame that has begun must end in time.
    """
    with Raw(address).welcomed() as quiet, Raw(address).welcomed() as half:
        half.send(b"\0\0")

        assert half.ended()
        quiet.say(GetStatus(id="9"))
        assert quiet.hear() == Done(id="9")


def test_bytes_one_by_one_are_a_message(server: IpcServer, address: Address) -> None:
    """
    A message that arrives in single bytes is a message.
    """
    with Raw(address).welcomed() as slow:
        for byte in framed(b'{"type":"getstatus","id":"7"}'):
            slow.send(bytes([byte]))

        assert slow.hear() == Done(id="7")


def test_garbage_is_refused_and_the_talk_goes_on(server: IpcServer, address: Address) -> None:
    """
    What is no message, or none that is known, is refused politely, and the next command is carried out.
    """
    with Raw(address).welcomed() as client:
        codes = []
        for data in (
            b"garbage",
            b'{"type":"confetti","id":"3"}',
            b'{"type":"pause","minutes":-1}',
            b'{"type":"hello","program":""}',
        ):
            client.send(framed(data))
            answer = client.hear()
            assert isinstance(answer, Refused)
            codes.append(answer.code)
        client.say(GetStatus(id="7"))

        assert ["ipc-unreadable", "ipc-unknown-message", "ipc-bad-message", "ipc-bad-message"] == codes
        assert client.hear() == Done(id="7")


@pytest.mark.parametrize("data", [b"garbage", b'{"type":"getstatus"}', b"\xff" * 100])
def test_without_a_hello_nothing_is_done(server: IpcServer, address: Address, data: bytes) -> None:
    """
    Who does not begin with hello gets one answer and the end.
    """
    with Raw(address) as client:
        client.send(framed(data))

        assert isinstance(client.hear(), Refused)
        assert client.ended()


def test_too_large_a_message_is_refused(server: IpcServer, address: Address) -> None:
    """
    A message over the limit is refused by its length, before it is sent.
    """
    with Raw(address).welcomed() as client:
        client.send((LIMITS.frame_bytes + 1).to_bytes(4, "big"))
        answer = client.hear()

        assert isinstance(answer, Refused)
        assert answer.code == "ipc-too-large"
        assert client.ended()


def test_another_protocol_is_refused_by_name(server: IpcServer, address: Address) -> None:
    """
    A client of another protocol version learns that, and what to do.
    """
    with Raw(address) as client:
        client.say(Hello(program="old", version=99))
        answer = client.hear()

        assert isinstance(answer, Refused)
        assert answer.code == "ipc-version"
        assert answer.remedy
        assert client.ended()


def test_a_reader_that_falls_behind_gets_the_newest(server: IpcServer, address: Address, client: IpcClient) -> None:
    """
    A subscriber that does not read is skipped over, delays nobody, and then gets the newest status.
    """
    with Raw(address).welcomed() as slow:
        slow.say(Subscribe(id="1"))
        assert isinstance(slow.hear(), Done)
        began = time.monotonic()
        for number in range(100):
            server.publish(status_number(number, padding=100_000))
        took = time.monotonic() - began
        assert isinstance(client.call(Resync()), Done)
        seen: list[int] = []
        while not seen or seen[-1] != 99:
            push = slow.hear()
            assert isinstance(push, StatusPush)
            seen.append(push.status.pid)

    assert len(seen) < 30
    assert seen == sorted(seen)
    assert took < 5


def test_a_client_that_never_reads_its_answers_is_cut_off(server: IpcServer, address: Address) -> None:
    """
    Answers that nobody reads do not pile up.
    """
    server.publish(status_number(1, padding=400_000))
    with Raw(address).welcomed() as client:
        with pytest.raises((OSError, EOFError)):  # noqa: PT012 - whichever call first notices
            for _ in range(2000):
                client.say(GetStatus())
            client.ended()
            client.say(GetStatus())

        assert until(lambda: server.clients == 0)


def test_too_many_commands_are_refused(address: Address, handler: RecordingHandler) -> None:
    """
    Beyond the burst commands are refused and not carried out, unreadable ones too.
    """
    server = IpcServer(address, handler, program="1", limits=replace(LIMITS, burst=3, per_second=0.0))
    server.start()
    try:
        with IpcClient.connect(address, program="a") as client:
            replies = [client.call(Resync()) for _ in range(5)]
        with Raw(address).welcomed() as raw:
            for _ in range(4):
                raw.send(framed(b"garbage"))
            codes = [answer.code for answer in (raw.hear() for _ in range(4)) if isinstance(answer, Refused)]
    finally:
        server.stop()

    assert [True, True, True, False, False] == [isinstance(reply, Done) for reply in replies]
    assert len(handler.seen) == 3
    assert [*["ipc-unreadable"] * 3, "ipc-too-fast"] == codes


def test_an_administrators_command_needs_one(client: IpcClient, handler: RecordingHandler, server: IpcServer) -> None:
    """
    A user may not stop the engine, and is told so.
    """
    for session in server._sessions:
        assert session.peer is not None
        session.peer = replace(session.peer, role=Role.USER)
    reply = client.call(Stop())

    assert isinstance(reply, Refused)
    assert reply.code == "ipc-not-administrator"
    assert [] == handler.seen
    assert isinstance(client.call(Resync()), Done)


def test_a_slow_command_keeps_only_its_giver_waiting(server: IpcServer, address: Address, handler: RecordingHandler) -> None:
    """
    While one client's command runs, another's is answered; its giver may give up waiting.
    """
    with IpcClient.connect(address, program="a") as slow, IpcClient.connect(address, program="b") as quick:
        with pytest.raises(Transient, match="ipc-engine-silent"):
            slow.call(Pause(minutes=7), timeout=0.2)
        assert handler.entered.is_set()
        assert isinstance(quick.call(Resync()), Done)
        handler.go_on.set()
        assert isinstance(slow.call(Resync()), Done)


def test_several_threads_share_a_client(client: IpcClient) -> None:
    """
    Each caller gets the answer to its own command.
    """
    wrong: list[object] = []

    def ask(minutes: int) -> None:
        for _ in range(20):
            reply = client.call(Pause(minutes=minutes))
            if isinstance(reply, Refused) != (minutes == 5):
                wrong.append(reply)

    threads = [threading.Thread(target=ask, args=(minutes,)) for minutes in (4, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)

    assert [] == wrong


def test_stopping_tells_the_clients_and_the_next_engine_is_found(address: Address, handler: RecordingHandler) -> None:
    """
    A stopped engine's clients notice, a call then fails by name, and a new connection reaches the next engine.
    """
    first = IpcServer(address, handler, program="1", limits=LIMITS)
    first.start()
    lost: list[FrontdeskError] = []
    noticed = threading.Event()

    def on_lost(error: FrontdeskError) -> None:
        lost.append(error)
        noticed.set()

    with IpcClient.connect(address, program="a") as client:
        client.subscribe(Statuses(), on_lost)
        first.stop()
        first.stop()

        assert noticed.wait(WAIT)
        assert ["ipc-no-engine"] == [error.code for error in lost]
        with pytest.raises(Transient, match="ipc-no-engine"):
            client.call(Resync())
    with pytest.raises(Transient, match="ipc-no-engine"):
        IpcClient.connect(address, program="a")
    second = IpcServer(address, handler, program="2", limits=LIMITS)
    second.start()
    try:
        with IpcClient.connect(address, program="a") as client:
            assert client.welcome.program == "2"
    finally:
        second.stop()


def test_stopping_does_not_wait_for_a_stuck_command(address: Address, handler: RecordingHandler) -> None:
    """
    A command that hangs does not keep the engine from stopping, and its giver learns of it.
    """
    server = IpcServer(address, handler, program="1", limits=LIMITS)
    server.start()
    with IpcClient.connect(address, program="a") as client:
        codes: list[str] = []

        def ask() -> None:
            try:
                client.call(Pause(minutes=7))
            except Transient as error:
                codes.append(error.code)

        asking = threading.Thread(target=ask)
        asking.start()
        assert handler.entered.wait(WAIT)
        began = time.monotonic()
        server.stop(timeout=1.0)
        took = time.monotonic() - began
        asking.join(WAIT)
        handler.go_on.set()
        assert until(lambda: server.clients == 0)

    assert took < 3
    assert ["ipc-no-engine"] == codes


def test_a_second_engine_is_refused(server: IpcServer, address: Address, handler: RecordingHandler) -> None:
    """
    Two engines cannot listen in one place, and the first goes on.
    """
    with pytest.raises(Misconfigured, match="engine-already-runs"):
        IpcServer(address, handler, program="2").start()
    with IpcClient.connect(address, program="a") as client:
        assert client.welcome.program == "0.1.0"


def test_an_engine_that_does_not_answer_is_named(address: Address) -> None:
    """
    Something that takes connections and says nothing is an engine that hangs, not one that is missing.
    """
    from agent.ipc.transport import Listener  # noqa: PLC0415 - the one test that plays a hanging engine

    listener = Listener(address)
    taken: list[object] = []
    thread = threading.Thread(target=lambda: taken.append(listener.accept()))
    thread.start()
    try:
        with pytest.raises(Transient, match="ipc-engine-silent"):
            IpcClient.connect(address, program="a", timeout=0.3)
    finally:
        listener.close()
        thread.join(WAIT)
        for connection in taken:
            connection.release()  # type: ignore[attr-defined]  # what accept returned


def test_no_engine_is_named(tmp_path: Path) -> None:
    """
    Where nothing listens the client says so at once.
    """
    with pytest.raises(Transient, match="ipc-no-engine"):
        IpcClient.connect(address_of(tmp_path / "nowhere"), program="a")


def test_a_failing_callback_ends_nothing(server: IpcServer, client: IpcClient) -> None:
    """
    A mistake in a window does not end the connection.
    """
    seen = Statuses()

    def fail_once(status: object) -> None:
        seen(status)  # type: ignore[arg-type]  # a status
        if len(seen.all) == 1:
            raise KeyError

    client.subscribe(fail_once)
    server.publish(status_number(1))
    server.publish(status_number(2))

    assert seen.wait_for(lambda status: status.pid == 2)


def test_a_callback_may_close_the_client(server: IpcServer, address: Address) -> None:
    """
    A tray that quits from a callback does not lock itself up, and is not told that the connection was lost.
    """
    client = IpcClient.connect(address, program="a")
    lost: list[FrontdeskError] = []
    closed = threading.Event()

    def close(_: object) -> None:
        client.close()
        closed.set()

    client.subscribe(close, lost.append)
    server.publish(STATUS)

    assert closed.wait(WAIT)
    assert until(lambda: server.clients == 0)
    client.close()
    assert [] == lost
    gc.collect()  # an unreleased socket would warn here
