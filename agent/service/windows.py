"""
The engine as a Windows service: what the control manager, the Event Log and the folders are told.
"""

from __future__ import annotations

import stat
import subprocess
import sys
import time
import winreg
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pywintypes
import servicemanager
import win32api
import win32con
import win32security
import win32service
import winerror

from agent.domain.errors import Misconfigured
from agent.service.folders import owner_is_trusted, rights_for, service_sid
from agent.service.service import DESCRIPTION, FAILURES_FORGOTTEN, NAME, RESTARTS, START_LIMIT, STOP_LIMIT, Service, State

assert sys.platform == "win32"  # noqa: S101 - tells the type checker, which runs everywhere, what this module is for

OWN_ACCOUNT = rf"NT SERVICE\{NAME}"
"""A virtual account: it has no password, no rights but those given here, and goes with the service."""

_EVENT_SOURCE = rf"SYSTEM\CurrentControlSet\Services\EventLog\Application\{NAME}"
_ERRORS_WARNINGS_INFORMATION = 7
_LOGON_RIGHT = "SeServiceLogonRight"
_START_NAME = 7  # its place in what QueryServiceConfig returns
_ASKED_EVERY_S = 0.2
_START_TRIES = 3
"""Windows waits 30 s for a service's first word. New programs may need longer, once: an antivirus reads each of their files."""

_STATES = {
    win32service.SERVICE_RUNNING: State.RUNNING,
    win32service.SERVICE_START_PENDING: State.STARTING,
    win32service.SERVICE_STOP_PENDING: State.STOPPING,
}


class WindowsServices:
    """
    `agent.service.service.ServiceManager` by the service control manager.
    """

    def install(self, service: Service) -> None:
        """
        Make the service if there is none, and configure it.
        """
        with _translated(), _manager(win32service.SC_MANAGER_CREATE_SERVICE) as manager:
            try:
                win32service.CreateService(
                    manager,
                    NAME,
                    NAME,
                    win32service.SERVICE_QUERY_STATUS,
                    win32service.SERVICE_WIN32_OWN_PROCESS,
                    win32service.SERVICE_AUTO_START,
                    win32service.SERVICE_ERROR_NORMAL,
                    command_line(service),
                    None,
                    False,
                    None,
                    service.account or OWN_ACCOUNT,
                    None,
                )
            except pywintypes.error as error:
                if error.winerror != winerror.ERROR_SERVICE_EXISTS:
                    raise
        self.configure(service)

    def configure(self, service: Service) -> None:
        """
        Set account, delayed start, restarts, Event Log source and the home's access lists.
        """
        with _translated():
            with _opened(win32service.SERVICE_ALL_ACCESS) as handle:
                _set_service(handle, service)
                account: str = win32service.QueryServiceConfig(handle)[_START_NAME]
            _set_event_source()
            if account.upper() != OWN_ACCOUNT.upper():
                _let_log_on(_sid_of(account))
            _close_home(service.home.folder, _sid_of(account))

    def remove(self) -> None:
        """
        Stop the service and forget it and its Event Log source.
        """
        if self.state() is State.NOT_INSTALLED:
            return
        self.stop()
        with _translated(), _opened(win32con.DELETE) as handle:
            win32service.DeleteService(handle)
        with suppress(FileNotFoundError):
            winreg.DeleteKey(winreg.HKEY_LOCAL_MACHINE, _EVENT_SOURCE)

    def start(self) -> None:
        """
        Start it, and wait until it runs.
        """
        with _translated(), _opened(win32service.SERVICE_START) as handle:
            for tries_left in reversed(range(_START_TRIES)):
                try:
                    win32service.StartService(handle, None)
                except pywintypes.error as error:
                    if error.winerror == winerror.ERROR_SERVICE_REQUEST_TIMEOUT and tries_left:
                        continue
                    if error.winerror != winerror.ERROR_SERVICE_ALREADY_RUNNING:
                        raise
                break
        if self._settled(State.STARTING, START_LIMIT.total_seconds()) is not State.RUNNING:
            raise Misconfigured(
                "service-not-running",
                "the service has not come up",
                remedy="the Event Log (Application, source Frontdesk) and logs\\engine.log say why; try: frontdesk check",
            )

    def stop(self) -> None:
        """
        Stop it in good order, and wait until its process has ended.
        """
        with _translated(), _opened(win32service.SERVICE_STOP | win32service.SERVICE_QUERY_STATUS) as handle:
            pid = win32service.QueryServiceStatusEx(handle)["ProcessId"]
            with suppress(pywintypes.error):  # it is stopped, or stops already
                win32service.ControlService(handle, win32service.SERVICE_CONTROL_STOP)
        if self._settled(State.STOPPING, STOP_LIMIT.total_seconds()) is State.STOPPED:
            _wait_for_end(pid)
            return
        raise Misconfigured(
            "service-not-stopped",
            f"the service has not stopped within {STOP_LIMIT.total_seconds():.0f} seconds",
            remedy="look at logs\\engine.log; as a last resort end frontdesk.exe in the Task Manager, nothing is lost by it",
        )

    def state(self) -> State:
        """
        Return what the control manager says.
        """
        try:
            with _opened(win32service.SERVICE_QUERY_STATUS) as handle:
                return _STATES.get(win32service.QueryServiceStatus(handle)[1], State.STOPPED)
        except Misconfigured:
            return State.NOT_INSTALLED

    def _settled(self, passing: State, seconds: float) -> State:
        """
        Return the state after *passing*; a service that was just told may still show the one before.
        """
        before = State.RUNNING if passing is State.STOPPING else State.STOPPED
        deadline = time.monotonic() + seconds
        seen = self.state()
        while seen is passing or (seen is before and time.monotonic() < deadline - seconds + 1.0):
            if time.monotonic() > deadline:
                break
            time.sleep(_ASKED_EVERY_S)  # the control manager tells nobody
            seen = self.state()
        return seen


def command_line(service: Service) -> str:
    """
    Return what the control manager runs.
    """
    return subprocess.list2cmdline((*service.command, "--home", str(service.home.folder), "service", "run"))


def _set_service(handle: Any, service: Service) -> None:
    win32service.ChangeServiceConfig(
        handle,
        win32service.SERVICE_WIN32_OWN_PROCESS,
        win32service.SERVICE_AUTO_START,
        win32service.SERVICE_ERROR_NORMAL,
        command_line(service),
        None,
        False,
        None,
        service.account or None,  # None: as it is
        None,
        NAME,
    )
    restarts = [(win32service.SC_ACTION_RESTART, int(after.total_seconds() * 1000)) for after in RESTARTS]
    for level, value in (
        (win32service.SERVICE_CONFIG_DESCRIPTION, DESCRIPTION),
        (win32service.SERVICE_CONFIG_DELAYED_AUTO_START_INFO, True),
        (
            win32service.SERVICE_CONFIG_FAILURE_ACTIONS,
            {"ResetPeriod": int(FAILURES_FORGOTTEN.total_seconds()), "RebootMsg": "", "Command": "", "Actions": restarts},
        ),
        # an engine that ends by an error is started again too, not only one that crashes
        (win32service.SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, True),
        (win32service.SERVICE_CONFIG_SERVICE_SID_INFO, win32service.SERVICE_SID_TYPE_UNRESTRICTED),
    ):
        try:
            win32service.ChangeServiceConfig2(handle, level, value)
        except pywintypes.error as error:
            if error.winerror != winerror.ERROR_INVALID_LEVEL:  # not every system that runs Windows programs knows them all
                raise


def _set_event_source() -> None:
    with winreg.CreateKey(winreg.HKEY_LOCAL_MACHINE, _EVENT_SOURCE) as key:
        winreg.SetValueEx(key, "EventMessageFile", 0, winreg.REG_EXPAND_SZ, servicemanager.__file__)
        winreg.SetValueEx(key, "TypesSupported", 0, winreg.REG_DWORD, _ERRORS_WARNINGS_INFORMATION)


def _sid_of(account: str) -> Any:
    if account.upper() == OWN_ACCOUNT.upper():
        return win32security.ConvertStringSidToSid(service_sid(NAME))
    known = r"NT AUTHORITY\SYSTEM" if account == "LocalSystem" else account
    return win32security.LookupAccountName(None, known)[0]


def _let_log_on(sid: Any) -> None:
    policy = win32security.LsaOpenPolicy(None, win32security.POLICY_CREATE_ACCOUNT | win32security.POLICY_LOOKUP_NAMES)
    try:
        win32security.LsaAddAccountRights(policy, sid, (_LOGON_RIGHT,))
    finally:
        win32security.LsaClose(policy)


def _close_home(home: Path, account: Any) -> None:
    """
    Give the home and all that is in it to administrators and the engine's account.

    Raises:
        Misconfigured: `service-home-foreign`, if somebody else has put something there, or a link that leads out.
    """
    account_sid = _text(account)
    rights = rights_for(account_sid)
    token = win32security.OpenProcessToken(win32api.GetCurrentProcess(), win32con.TOKEN_QUERY)
    own = _text(win32security.GetTokenInformation(token, win32security.TokenUser)[0])
    home.mkdir(parents=True, exist_ok=True)
    _refuse_foreign(home, own, account_sid)
    _protect(home, rights.home)  # first: from now on nobody else puts anything there
    for path in _below(home):
        _refuse_foreign(path, own, account_sid)
        _protect(path, rights.folder if path.is_dir() else rights.file)


def _below(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        yield path
        if path.is_dir():
            yield from _below(path)


def _refuse_foreign(path: Path, own: str, account: str) -> None:
    owner = win32security.GetFileSecurity(str(path), win32security.OWNER_SECURITY_INFORMATION).GetSecurityDescriptorOwner()
    is_link = path.lstat().st_file_attributes & stat.FILE_ATTRIBUTE_REPARSE_POINT
    if is_link or not owner_is_trusted(_text(owner), own, account):
        raise Misconfigured(
            "service-home-foreign",
            f"{path} belongs to somebody who is no administrator, or leads elsewhere, so it is not taken over",
            remedy="find out who put it there; then remove it, or take it over as an administrator, and try again",
        )


def _protect(path: Path, rights: str) -> None:
    descriptor = win32security.ConvertStringSecurityDescriptorToSecurityDescriptor(rights, win32security.SDDL_REVISION_1)
    wanted = (
        win32security.OWNER_SECURITY_INFORMATION
        | win32security.DACL_SECURITY_INFORMATION
        | win32security.PROTECTED_DACL_SECURITY_INFORMATION
    )
    win32security.SetNamedSecurityInfo(
        str(path),
        win32security.SE_FILE_OBJECT,
        wanted,
        descriptor.GetSecurityDescriptorOwner(),
        None,
        descriptor.GetSecurityDescriptorDacl(),
        None,
    )


def _wait_for_end(pid: int) -> None:
    """
    Wait until the process has let go of its files; the control manager says *stopped* a little before.
    """
    deadline = time.monotonic() + STOP_LIMIT.total_seconds()
    while pid and time.monotonic() < deadline:
        try:
            win32api.OpenProcess(win32con.SYNCHRONIZE, False, pid).Close()
        except pywintypes.error:
            return
        time.sleep(_ASKED_EVERY_S)  # as above


def _text(sid: Any) -> str:
    return str(win32security.ConvertSidToStringSid(sid))


@contextmanager
def _manager(access: int) -> Iterator[Any]:
    manager = win32service.OpenSCManager(None, None, access | win32service.SC_MANAGER_CONNECT)
    try:
        yield manager
    finally:
        win32service.CloseServiceHandle(manager)


@contextmanager
def _opened(access: int) -> Iterator[Any]:
    with _manager(0) as manager:
        try:
            handle = win32service.OpenService(manager, NAME, access)
        except pywintypes.error as error:
            if error.winerror != winerror.ERROR_SERVICE_DOES_NOT_EXIST:
                raise
            raise Misconfigured(
                "service-not-installed",
                "there is no service Frontdesk here",
                remedy="as an administrator: frontdesk service install",
            ) from None
        try:
            yield handle
        finally:
            win32service.CloseServiceHandle(handle)


@contextmanager
def _translated() -> Iterator[None]:
    """
    Turn pywin32's error into one of ours: which call was refused, and why.
    """
    try:
        yield
    except pywintypes.error as error:
        raise Misconfigured(
            "service-refused",
            f"Windows refused {error.funcname} ({error.winerror}: {error.strerror.rstrip('. ')})",
            remedy="run this as an administrator; an account has to exist, written as DOMAIN\\name",
        ) from None
