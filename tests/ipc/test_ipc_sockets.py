from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from ipc_values import LIMITS, RecordingHandler

from agent.domain.errors import Misconfigured
from agent.ipc.address import Address, address_of
from agent.ipc.client import IpcClient
from agent.ipc.messages import Resync
from agent.ipc.server import IpcServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets")

NOBODY = 65534

# the interpreter may lie where another user cannot start it, so root starts it and becomes the other user
BECOME_NOBODY = f"""
import os, socket, struct, sys
os.setgroups([])
os.setgid({NOBODY})
os.setuid({NOBODY})
"""

AS_CLIENT = """
peer = socket.socket(socket.AF_UNIX)
peer.connect(sys.argv[1])
def ask(data):
    peer.sendall(struct.pack(">I", len(data)) + data)
    (size,) = struct.unpack(">I", peer.recv(4, socket.MSG_WAITALL))
    return peer.recv(size, socket.MSG_WAITALL).decode()
print(ask(b'{"type":"hello","program":"x"}'))
print(ask(b'{"type":"stop"}'))
print(ask(b'{"type":"resync"}'))
"""

AS_IMPOSTOR = """
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print("ready", flush=True)
listener.accept()
sys.stdin.readline()
"""


@contextmanager
def running(script: str, path: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", BECOME_NOBODY + script, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


@pytest.fixture
def shared_home() -> Iterator[Path]:
    """
    A home that other users may enter, as a service's is.
    """
    if getattr(os, "geteuid", int)() != 0:
        pytest.skip("only root can play another user")
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_the_role_comes_from_the_operating_system(shared_home: Path) -> None:
    """
    Another user's process reaches the engine, is a user and may not stop it, but may ask for a resync.
    """
    handler = RecordingHandler()
    server = IpcServer(address_of(shared_home), handler, program="1", limits=LIMITS)
    server.start()
    try:
        with running(AS_CLIENT, address_of(shared_home).path) as process:
            assert process.stdout is not None
            welcome, stop, resync = (process.stdout.readline() for _ in range(3))
    finally:
        server.stop()

    assert '"role":"user"' in welcome
    assert "ipc-not-administrator" in stop
    assert '"type":"done"' in resync
    assert [Resync] == [type(command) for command, _ in handler.seen]


def test_another_users_program_is_not_taken_for_the_engine(shared_home: Path) -> None:
    """
    Nobody is told a password because they answered in the engine's place.
    """
    address = address_of(shared_home)
    run = shared_home / "run"
    run.mkdir()
    run.chmod(0o777)
    with running(AS_IMPOSTOR, address.path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with pytest.raises(Misconfigured, match="ipc-impostor"):
            IpcClient.connect(address, program="a")


def test_the_socket_is_open_to_all_and_goes_with_the_engine(address: Address, server: IpcServer) -> None:
    """
    Everybody may connect, only the engine's account may replace the socket, and stopping removes it.
    """
    path = Path(address.path)

    assert path.stat().st_mode & 0o777 == 0o666
    assert path.parent.stat().st_mode & 0o777 == 0o755
    server.stop()
    assert not path.exists()


def test_a_socket_left_behind_is_replaced(address: Address, handler: RecordingHandler) -> None:
    """
    What a killed engine left in the place is no obstacle.
    """
    script = "import os, socket, sys" + AS_IMPOSTOR.replace("listener.accept()", "os._exit(0)")
    Path(address.path).parent.mkdir()
    subprocess.run([sys.executable, "-c", script, address.path], check=True, stdout=subprocess.DEVNULL, timeout=30)
    assert Path(address.path).exists()
    server = IpcServer(address, handler, program="1")
    server.start()
    with IpcClient.connect(address, program="a") as client:
        assert client.welcome.pid == os.getpid()
    server.stop()


def test_a_home_however_deep_has_a_socket(tmp_path: Path, handler: RecordingHandler) -> None:
    """
    A home whose path is longer than a socket's may be is served all the same.
    """
    home = tmp_path.joinpath(*["a-long-folder-name-for-a-practice"] * 6)
    home.mkdir(parents=True)
    server = IpcServer(address_of(home), handler, program="1")
    server.start()
    try:
        with IpcClient.connect(address_of(home), program="a") as client:
            assert client.welcome.program == "1"
    finally:
        server.stop()


def test_a_place_that_cannot_be_used_is_named(tmp_path: Path, handler: RecordingHandler) -> None:
    """
    A file where the folder should be is a setting to mend.
    """
    (tmp_path / "run").write_text("")
    with pytest.raises(Misconfigured, match="ipc-address"):
        IpcServer(address_of(tmp_path), handler, program="1").start()
