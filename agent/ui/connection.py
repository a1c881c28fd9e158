"""
The engine's client as the link wants it: over the IPC of one home folder.
"""

from __future__ import annotations

import queue
from pathlib import Path

from agent import __version__
from agent.domain.errors import FrontdeskError
from agent.domain.status import EngineStatus
from agent.ipc import messages
from agent.ipc.address import address_of
from agent.ipc.client import IpcClient
from agent.ui.commands import Command, CommandKind, Connect, EngineClient

PROGRAM = f"frontdesk-tray {__version__}"


def connector(home: Path) -> Connect:
    """
    Return what opens a connection to the engine of a home folder.
    """
    address = address_of(home)

    def connect() -> EngineClient:
        return IpcEngineClient(IpcClient.connect(address, program=PROGRAM))

    return connect


class IpcEngineClient:
    """
    An `EngineClient`. It subscribes when the first status is asked for, so that a connection for one command gets none.
    """

    def __init__(self, client: IpcClient) -> None:
        self._client = client
        self._subscribed = False
        self._heard: queue.SimpleQueue[EngineStatus | FrontdeskError] = queue.SimpleQueue()

    def next_status(self, timeout_seconds: float) -> EngineStatus | None:
        """
        Wait for the next status that the engine pushes.
        """
        if not self._subscribed:
            self._subscribed = True
            self._client.subscribe(self._heard.put, self._heard.put)
        try:
            heard = self._heard.get(timeout=timeout_seconds)
        except queue.Empty:
            return None
        if isinstance(heard, FrontdeskError):
            raise heard
        return heard

    def send(self, command: Command) -> str:
        """
        Give a command and return the engine's answer in plain words.
        """
        reply = self._client.call(message_for(command))
        if isinstance(reply, messages.Refused):
            raise FrontdeskError(reply.code, reply.message, remedy=reply.remedy)
        return reply.text

    def close(self) -> None:
        """
        Let go of the connection.
        """
        self._client.close()


def message_for(command: Command) -> messages.Command:
    """
    Return the message that carries a command.
    """
    match command.kind:
        case CommandKind.RESYNC:
            return messages.Resync()
        case CommandKind.PAUSE:
            return messages.Pause(minutes=command.minutes or None)
        case CommandKind.RESUME:
            return messages.Resume()
