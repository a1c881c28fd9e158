from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from agent.domain.masked import Secret
from agent.domain.status import (
    BookingLine,
    ChannelState,
    ChannelStatus,
    EngineState,
    EngineStatus,
    PracticeStatus,
    PublishedCounts,
    ResyncStatus,
    TaskLine,
    WorkerStatus,
)
from agent.ipc.messages import (
    PROTOCOL,
    AnswerLiveHours,
    Command,
    Done,
    GetStatus,
    Hello,
    ListCredentials,
    Message,
    Pause,
    Refused,
    RemoveCredential,
    Resume,
    Resync,
    Role,
    Scope,
    SetCredential,
    ShowLiveHours,
    StatusPush,
    Stop,
    Subscribe,
    Unreadable,
    Welcome,
    decode_from_client,
    decode_from_engine,
    encode,
)

AT = datetime(2026, 11, 20, 1, 2, 3, 456, tzinfo=UTC)

FULL = EngineStatus(
    state=EngineState.WORKING,
    at=AT,
    since=AT,
    version="0.1.0",
    pid=1,
    profile="sample",
    carrier="sqlite",
    paused_until=AT,
    practices=(PracticeStatus(id="1", name="Zoë", live_now=True, liveness="", published=PublishedCounts(days=3)),),
    channels=(ChannelStatus(practice_id="1", name="requests", state=ChannelState.OK, last_success=AT),),
    bookings=(
        BookingLine(
            practice_id="1",
            booking_id=7,
            state="confirmed",
            resource_id="r",
            start=datetime(2026, 11, 23, 9),
            minutes=15,
            seen_at=AT,
            updated_at=AT,
        ),
    ),
    booking_counts={"confirmed": 1},
    tasks=(TaskLine(id=1, practice_id="1", kind="past", booking_id=7, why="", since=AT),),
    workers=(WorkerStatus(name="reads", pid=3, state="ready"),),
    resync=ResyncStatus(scope="all", requested_at=AT, requested_by="mel"),
)

FROM_CLIENT: list[Hello | Command] = [
    Hello(id="0", program="tray 1"),
    Subscribe(id="1"),
    GetStatus(id="2"),
    Resync(id="3", scope=Scope.AVAILABILITY),
    Pause(id="4", minutes=30),
    Pause(id="5"),
    Resume(id="6"),
    Stop(id="7"),
    SetCredential(id="8", name="key", value=Secret("s3cret")),
    RemoveCredential(id="9", name="key"),
    ListCredentials(id="10"),
    ShowLiveHours(id="11"),
    AnswerLiveHours(id="12", practice_id="1001", adopt=True),
]

FROM_ENGINE: list[Message] = [
    Welcome(id="0", program="0.1.0", pid=3, user="mel", role=Role.USER),
    StatusPush(status=FULL),
    Done(id="1", text="done", data={"names": ["key"]}, status=FULL),
    Refused(id="2", code="c", message="m", remedy="r"),
]


@pytest.mark.parametrize("message", FROM_CLIENT, ids=lambda m: type(m).__name__)
def test_a_clients_message_survives_the_wire(message: Hello | Command) -> None:
    """
    What a client says is read as it was said, with its type, version and id on the wire.
    """
    data = encode(message)

    assert message == decode_from_client(data)
    assert {"type": type(message).__name__.lower(), "id": message.id, "version": PROTOCOL}.items() <= json.loads(data).items()


@pytest.mark.parametrize("message", FROM_ENGINE, ids=lambda m: type(m).__name__)
def test_an_engines_message_survives_the_wire(message: Message) -> None:
    """
    What the engine says is read as it was said, a whole status included.
    """
    assert message == decode_from_engine(encode(message))


def test_unknown_fields_are_ignored() -> None:
    """
    A newer client may send more than this engine knows, also deep in the status.
    """
    assert Resync(id="3") == decode_from_client(b'{"type":"resync","id":"3","later":{"a":[1]}}')
    status = json.loads(encode(StatusPush(status=FULL)))
    status["status"]["practices"][0]["later"] = 1

    assert StatusPush(status=FULL) == decode_from_engine(json.dumps(status).encode())
    assert decode_from_engine(b'{"type":"confetti","id":"3"}') is None


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "ipc-unreadable"),
        (b"\xff\xfe", "ipc-unreadable"),
        (b"[1]", "ipc-unreadable"),
        (b'{"id":"3"}', "ipc-unreadable"),
        (b"[" * 1_000_000, "ipc-unreadable"),
        (b'{"type":"resync","id":"3","scope":"O\'Brien"}', "ipc-bad-message"),
        (b'{"type":"pause","id":"3","minutes":0}', "ipc-bad-message"),
        (b'{"type":"setcredential","id":"3","name":"O\'Brien"}', "ipc-bad-message"),
        (b'{"type":"done","id":"3"}', "ipc-bad-message"),
        (b'{"type":"O\'Brien","id":"3"}', "ipc-unknown-message"),
    ],
)
def test_what_is_not_understood_is_refused_politely(data: bytes, code: str) -> None:
    """
    A refusal names the kind of trouble and the message's id, and repeats nothing of it.
    """
    with pytest.raises(Unreadable) as caught:
        decode_from_client(data)

    assert code == caught.value.refused.code
    assert caught.value.refused.id == ("" if code == "ipc-unreadable" else "3")
    assert "Brien" not in str(caught.value) + repr(caught.value.refused)


def test_a_credential_is_not_printed() -> None:
    """
    A message with a secret in it does not show it.
    """
    assert "s3cret" not in repr(SetCredential(name="key", value=Secret("s3cret")))
