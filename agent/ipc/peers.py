"""
Who is at the other end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from agent.ipc.frames import Connection
from agent.ipc.messages import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """
    A client, as the operating system knows it.
    """

    user: str
    role: Role
    pid: int


class ClientConnection(Connection, Protocol):
    """
    A connection as the engine sees it.
    """

    def peer(self) -> Peer:
        """
        Return who is at the other end; ask after something was received, Windows does not know before.
        """
