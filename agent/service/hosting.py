"""
The engine inside a Windows service: the control manager starts this process, and hears at once that it is starting.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any, ClassVar

import servicemanager
import win32service
import win32serviceutil

from agent.domain.errors import FrontdeskError
from agent.service.service import NAME, START_LIMIT, STOP_LIMIT

assert sys.platform == "win32"  # noqa: S101 - tells the type checker, which runs everywhere, what this module is for

RunEngine = Callable[[threading.Event, Callable[[], None]], object]
"""Runs the engine until the event is set; calls the function once it is running."""


class EngineFailed(Exception):
    """
    The engine ended by a failure; the control manager is to start it again.
    """


class _Host(win32serviceutil.ServiceFramework):  # type: ignore[misc] # the package carries no types
    """
    Called by the control manager: `SvcRun` on a thread for the service, the others on the process's first thread.
    """

    _svc_name_ = NAME
    run: ClassVar[RunEngine]

    def __init__(self, args: Any) -> None:
        super().__init__(args)
        self._stop = threading.Event()

    def SvcRun(self) -> None:  # noqa: N802 - the framework's name
        """
        Run the engine; when this returns, the framework reports *stopped*.
        """
        self.ReportServiceStatus(win32service.SERVICE_START_PENDING, waitHint=_milliseconds(START_LIMIT.total_seconds()))
        try:
            type(self).run(self._stop, self._started)
        except FrontdeskError as error:
            servicemanager.LogErrorMsg(f"{error.message} [{error.code}] What to do: {error.remedy or 'see engine.log'}")
            raise EngineFailed(error.code) from None
        except Exception as error:  # noqa: BLE001 - the top of the service; its own words are dropped, for they may quote data
            raise EngineFailed(type(error).__name__) from None
        self.ReportServiceStatus(win32service.SERVICE_STOP_PENDING)

    def SvcStop(self) -> None:  # noqa: N802 - the framework's name
        """
        Begin an orderly stop.
        """
        self.ReportServiceStatus(win32service.SERVICE_STOP_PENDING, waitHint=_milliseconds(STOP_LIMIT.total_seconds()))
        self._stop.set()

    SvcShutdown = SvcStop  # the machine goes down: the same, in whatever time Windows gives

    def _started(self) -> None:
        if not self._stop.is_set():
            self.ReportServiceStatus(win32service.SERVICE_RUNNING)


def host(run: RunEngine) -> None:
    """
    Be the service until the control manager, or the engine itself, ends it. Call it on the process's first thread.

    Raises:
        OSError: if this process was not started by the control manager.
    """
    _Host.run = staticmethod(run)
    servicemanager.Initialize(NAME, servicemanager.__file__)
    servicemanager.PrepareToHostSingle(_Host)
    servicemanager.StartServiceCtrlDispatcher()


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
