"""
A real server on a real socket (on Windows: a named pipe), and a client.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ipc_values import LIMITS, RecordingHandler

from agent.ipc.address import Address, address_of
from agent.ipc.client import IpcClient
from agent.ipc.server import IpcServer


@pytest.fixture
def address(tmp_path: Path) -> Address:
    return address_of(tmp_path)


@pytest.fixture
def handler() -> Iterator[RecordingHandler]:
    handler = RecordingHandler()
    yield handler
    handler.go_on.set()


@pytest.fixture
def server(address: Address, handler: RecordingHandler) -> Iterator[IpcServer]:
    server = IpcServer(address, handler, program="0.1.0", limits=LIMITS)
    server.start()
    yield server
    handler.go_on.set()
    server.stop()
    assert server.clients == 0


@pytest.fixture
def client(server: IpcServer, address: Address) -> Iterator[IpcClient]:
    with IpcClient.connect(address, program="test 1") as client:
        yield client
