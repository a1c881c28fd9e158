"""
What the engine is as a service, the same on every system, and what can be done with it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from agent.settings.paths import Home

NAME = "Frontdesk"
"""What Windows calls it; a systemd unit is in lower case."""

DESCRIPTION = "Publishes the practice's free times to Healthengine and enters what patients book there."

RESTARTS = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=1))
"""How long the system waits before it starts a failed engine again; the last one counts from then on."""

FAILURES_FORGOTTEN = timedelta(days=1)

START_LIMIT = timedelta(seconds=60)
"""How long a start may take from one report of progress to the next."""

STOP_LIMIT = timedelta(seconds=20)
"""How long an orderly stop may take: today's live hours are cut, bookings in hand are ended."""


class State(StrEnum):
    """
    What the system says of the service.
    """

    NOT_INSTALLED = "not installed"
    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """
    The service of one home.

    Attributes:
        command: How the command line of this installation is started; what it should do is added to it.
        account: Under which it runs; empty: as before, at first an account of its own that the system makes for it.
    """

    home: Home
    command: tuple[str, ...]
    account: str = ""

    @classmethod
    def of(cls, home: Home, account: str = "") -> Service:
        """
        Return the service of *home*, run by the program that runs now.
        """
        program = (sys.executable,) if getattr(sys, "frozen", False) else (sys.executable, "-m", "agent")
        return cls(home=home, command=program, account=account)


class ServiceManager(Protocol):
    """
    The system's own way to keep a program running. Each call can be repeated without harm.

    Raises:
        Misconfigured: if the system refuses (`service-refused`), or there is no such service (`service-not-installed`).
    """

    def install(self, service: Service) -> None:
        """
        Make the service known, to be started with the system, or bring it up to date; it is not started.
        """

    def configure(self, service: Service) -> None:
        """
        Set what an installer cannot say of a service that is there: account, start, restarts, and who may enter its folders.
        """

    def remove(self) -> None:
        """
        Stop the service and forget it; the home stays.
        """

    def start(self) -> None:
        """
        Start it, and wait until it runs.
        """

    def stop(self) -> None:
        """
        Stop it in good order, and wait for it.
        """

    def state(self) -> State:
        """
        Return what the system says of it.
        """
