"""
What a second, unprivileged user of the machine may do: a real account, in a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from ipc_values import STATUS, RecordingHandler

from agent.domain.identity import Answer
from agent.domain.masked import Secret
from agent.domain.tasks import TaskAction
from agent.ipc.address import Address, address_of
from agent.ipc.client import IpcClient
from agent.ipc.messages import Command
from agent.ipc.server import IpcServer
from agent.ipc.session import Limits
from agent.settings.paths import Home

pytestmark = pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() != 0, reason="only root can play another user")

NOBODY = 65534

AS_NOBODY = f"""
import json, os, socket, struct, sys
os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})
path, words = sys.argv[1], json.loads(sys.stdin.read())

def frame(data):
    return struct.pack(">I", len(data)) + data

def connected():
    made = socket.socket(socket.AF_UNIX)
    made.settimeout(20)
    made.connect(path)
    return made

def hear(peer):
    try:
        head = peer.recv(4, socket.MSG_WAITALL)
        return json.loads(peer.recv(struct.unpack(">I", head)[0], socket.MSG_WAITALL)) if len(head) == 4 else None
    except OSError:
        return None

def welcomed():
    peer = connected()
    peer.sendall(frame(b'{{"type":"hello","program":"x"}}'))
    return peer, hear(peer)
"""

ASK = """
peer, welcome = welcomed()
for word in words:
    peer.sendall(frame(word.encode()))
    print(json.dumps(hear(peer)))
"""

FLOOD = """
crowd = []
while True:
    peer, welcome = welcomed()
    if welcome is None or welcome["type"] != "welcome":
        break
    crowd.append(peer)
silent = [connected() for _ in range(20)]
for peer in crowd[:3]:
    try:
        peer.sendall(frame(b'{"type":"getstatus"}') * 2000)
    except OSError:
        pass
crowd[3].sendall(struct.pack(">I", 1 << 31))
crowd[4].sendall(frame(b"[" * 100_000))
crowd[5].sendall(b"\\x00\\x00")
print(json.dumps([len(crowd), hear(crowd[3])["code"], hear(crowd[4])["code"]]), flush=True)
socket.socketpair()[0].recv(1)
"""

LOOK = """
found = []
for root, folders, files in os.walk(words):
    for name in files:
        try:
            open(os.path.join(root, name), "rb").close()
            found.append(name)
        except OSError:
            pass
for name in ("config.toml", "state/state.db", "run/engine.sock", "engine.lock", "new"):
    for step in (lambda p: open(p, "a").close(), os.unlink, lambda p: os.rename(p, p + "x")):
        try:
            step(os.path.join(words, name))
            found.append("changed " + name)
        except OSError:
            pass
print(json.dumps(found))
"""


@pytest.fixture
def home() -> Iterator[Home]:
    """
    The home of a service: others may pass through it, to its socket.
    """
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        made = Home(folder=Path(name) / "home")
        made.create()
        for file in (made.config, made.state_db, made.logs / "engine.log", made.profiles / "a.sql"):
            file.write_text("private")
        yield made


@pytest.fixture
def handler() -> RecordingHandler:
    return RecordingHandler()


@pytest.fixture
def address(home: Home, handler: RecordingHandler) -> Iterator[Address]:
    """
    A server with the product's own limits, but for the number of clients.
    """
    server = IpcServer(address_of(home.folder), handler, program="1", limits=Limits(clients=40, clients_per_user=12))
    server.start()
    server.publish(STATUS)
    yield address_of(home.folder)
    server.stop()


def as_nobody(script: str, address: Address, words: object) -> list[object]:
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY + script, address.path],
        input=json.dumps(words),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_what_a_user_may_ask(address: Address, handler: RecordingHandler) -> None:
    """
    Every command there is: those for administrators are refused and never reach the engine, whatever role the client claims.
    """
    fields = {
        "role": "administrator",
        "user": "root",
        "name": "api-key",
        "value": msgspec.to_builtins(Secret("x")),
        "answer": next(iter(Answer)),
        "action": next(iter(TaskAction)),
        "adopt": True,
        "ids": [1],
        "minutes": 8,
        "task_id": 1,
        "bookings": [["1001", 1]],
        "practice_id": "1001",
        "resource_id": "1",
        "date": "2026-11-24",
    }
    commands = [kind for kind in Command.__subclasses__() if kind.__name__ not in {"GetStatus", "Subscribe"}]
    words = [json.dumps({"type": kind.__struct_config__.tag, **fields}) for kind in commands]
    answers: list[object] = []
    for start in range(0, len(words), 15):  # within the rate that one client may have
        answers += as_nobody(ASK, address, words[start : start + 15])
    refused = {
        kind.__name__
        for kind, answer in zip(commands, answers, strict=True)
        if isinstance(answer, dict) and answer.get("code") == "ipc-not-administrator"
    }

    assert {kind.__name__ for kind in commands if kind.administrator} == refused
    assert {"Stop", "SetCredential", "RemoveCredential", "ListCredentials", "Adopt"} <= refused
    assert {kind.__name__ for kind in commands} - refused == {type(command).__name__ for command, _ in handler.seen}
    assert {"nobody"} == {peer.user for _, peer in handler.seen}


def test_a_flood_of_one_user_leaves_the_others_alone(address: Address) -> None:
    """
    All the places of one user, silent clients, too many commands, too long, too deep and half a frame: the engine's own account
    comes in and is answered.
    """
    with subprocess.Popen(
        [sys.executable, "-c", AS_NOBODY + FLOOD, address.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as flood:
        assert flood.stdin is not None
        assert flood.stdout is not None
        flood.stdin.write("[]")
        flood.stdin.close()
        said = json.loads(flood.stdout.readline())
        with IpcClient.connect(address, program="mine") as client:
            found = client.status()
        flood.kill()

    assert [12, "ipc-too-large", "ipc-unreadable"] == said
    assert STATUS == found


def test_what_a_user_may_read_and_change(address: Address, home: Home) -> None:
    """
    No file of a service's home is read by others but its settings, which have no secret in them, and none is changed; the socket
    can be connected to, and not replaced.
    """
    (found,) = as_nobody(LOOK, address, str(home.folder))

    assert found in ([], ["config.toml"])
