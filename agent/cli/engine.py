"""
The way from a command to the running engine: one connection, with refusals raised as errors.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Self, TypeVar

import msgspec

from agent import __version__
from agent.domain.errors import ContractBroken, FrontdeskError, Transient
from agent.domain.status import EngineStatus
from agent.ipc.address import address_of
from agent.ipc.client import CALL_SECONDS, IpcClient
from agent.ipc.messages import Command, Done, Refused
from agent.settings.paths import Home

Answer = TypeVar("Answer")

NO_ENGINE = "ipc-no-engine"
"""The error code of an engine that is not running, or has gone."""


class NoEngine(Transient):
    """
    No engine is running for this home.
    """


class Engine:
    """
    An open connection. Every method raises `FrontdeskError` with what the engine refused, or why it cannot be reached.
    """

    def __init__(self, client: IpcClient) -> None:
        self._client = client
        self._statuses: queue.SimpleQueue[EngineStatus | FrontdeskError] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client.close()

    def status(self) -> EngineStatus:
        """
        Return the engine's newest status.
        """
        return self._client.status()

    def follow(self) -> None:
        """
        Begin to gather statuses for `statuses`, the present one first.
        """
        self._client.subscribe(self._statuses.put, self._statuses.put)

    def statuses(self, seconds: float) -> Iterator[EngineStatus]:
        """
        Yield what was gathered since `follow`, each as it comes, until the time is up.
        """
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                found = self._statuses.get(timeout=min(left, 1.0))  # on Windows, Ctrl-C waits until this returns
            except queue.Empty:
                continue
            if isinstance(found, FrontdeskError):
                raise found
            yield found

    def do(self, command: Command, *, timeout: float = CALL_SECONDS) -> str:
        """
        Have the engine carry something out; return its words.

        Args:
            timeout: How long its answer is waited for, in seconds.
        """
        return self._call(command, timeout).text

    def ask(self, question: Command, name: str, kind: type[Answer], *, timeout: float = CALL_SECONDS) -> Answer:
        """
        Return what the engine answers: `Done.data[name]`, read as a *kind*.

        Args:
            timeout: As for `do`.

        Raises:
            ContractBroken: if the engine answers something else (`ipc-bad-message`).
        """
        try:
            return msgspec.convert(self._call(question, timeout).data.get(name), kind)
        except msgspec.ValidationError:
            raise ContractBroken("ipc-bad-message", "the engine's answer cannot be understood") from None

    def _call(self, command: Command, timeout: float) -> Done:
        reply = self._client.call(command, timeout=timeout)
        if isinstance(reply, Refused):
            raise FrontdeskError(reply.code, reply.message, remedy=reply.remedy)
        return reply


def connect(home: Home) -> Engine:
    """
    Connect to the engine of *home*.

    Raises:
        NoEngine: if none is running (`ipc-no-engine`).
        FrontdeskError: if it does not answer or may not be asked.
    """
    try:
        return Engine(IpcClient.connect(address_of(home.folder), program=f"frontdesk {__version__}"))
    except Transient as error:
        if error.code != NO_ENGINE:
            raise
        raise NoEngine(
            error.code,
            f"no engine is running for the home {home.folder}",
            remedy="start the service Frontdesk, or run: frontdesk engine; if it runs elsewhere, name its home by --home",
        ) from None
