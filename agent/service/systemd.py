"""
The engine as a systemd unit.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from agent.domain.errors import Misconfigured
from agent.service.service import DESCRIPTION, RESTARTS, START_LIMIT, STOP_LIMIT, Service, State

NAME = "frontdesk"
UNIT = Path("etc/systemd/system/frontdesk.service")
ACCOUNT = Path("etc/sysusers.d/frontdesk.conf")
ENVIRONMENT = Path("etc/frontdesk/environment")
"""Keys and passwords, for servers have no keyring: one `FRONTDESK_API_KEY=...` a line, readable by root alone."""

_HOMES_OF_PEOPLE = ("/home", "/root", "/run/user")
_CALL_LIMIT_S = 90.0
_STATES = {
    "active": State.RUNNING,
    "reloading": State.RUNNING,
    "activating": State.STARTING,
    "deactivating": State.STOPPING,
    "failed": State.FAILED,
}


def unit_text(service: Service) -> str:
    """
    Return the unit file: an engine that sees the system read-only and may write to its home alone.
    """
    home = str(service.home.folder)
    paths = (home, *(part for part in service.command if part.startswith("/")))
    hidden = "read-only" if any(path.startswith(f"{folder}/") for path in paths for folder in _HOMES_OF_PEOPLE) else "yes"
    command = " ".join(map(_quoted, (*service.command, "--home", home, "engine")))
    return f"""\
# Written by `frontdesk service install`. Changes of your own belong into: systemctl edit {NAME}
[Unit]
Description=Frontdesk. {DESCRIPTION}
Wants=network-online.target
After=network-online.target mariadb.service mysql.service postgresql.service
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart={command}
User={service.account or NAME}
EnvironmentFile=-/{ENVIRONMENT}
Restart=on-failure
RestartSec={RESTARTS[0].total_seconds():.0f}
TimeoutStartSec={START_LIMIT.total_seconds():.0f}
TimeoutStopSec={STOP_LIMIT.total_seconds():.0f}
UMask=0077
ReadWritePaths={_quoted(home)}
ProtectSystem=strict
ProtectHome={hidden}
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
CapabilityBoundingSet=
NoNewPrivileges=yes
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service

[Install]
WantedBy=multi-user.target
"""


def account_text(service: Service) -> str:
    """
    Return what makes the account `frontdesk`, which nobody can log in with.
    """
    return f'u {NAME} - "Frontdesk" {service.home.folder} -\n'


class Systemd:
    """
    `agent.service.service.ServiceManager` by `systemctl`.

    Args:
        root: Where the system's own folders begin; elsewhere in tests.
    """

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root

    def install(self, service: Service) -> None:
        """
        Write the unit, make its account, and have it started with the system.
        """
        service = self._with_account(service)
        self._write(UNIT, unit_text(service), 0o644)
        if service.account == NAME:
            self._write(ACCOUNT, account_text(service), 0o644)
            _run("systemd-sysusers", ACCOUNT.name)
        self.configure(service)
        _run("systemctl", "daemon-reload")
        _run("systemctl", "enable", NAME)

    def configure(self, service: Service) -> None:
        """
        Give the home to the account; other people's trays may pass through it to the socket.
        """
        self._require()
        service.home.create()
        account = self._with_account(service).account
        # an account's files hold no links out of the home; chown is told to follow none all the same
        _run("chown", "--recursive", "--no-dereference", f"{account}:", str(service.home.folder))
        service.home.folder.chmod(0o711)

    def remove(self) -> None:
        """
        Stop the unit and delete its file. The account stays, because what is left in the home is its own.
        """
        if not (self._root / UNIT).exists():
            return
        _run("systemctl", "disable", "--now", NAME)
        (self._root / UNIT).unlink()
        (self._root / ACCOUNT).unlink(missing_ok=True)
        _run("systemctl", "daemon-reload")

    def start(self) -> None:
        """
        Start it.
        """
        self._require()
        _run("systemctl", "start", NAME)

    def stop(self) -> None:
        """
        Stop it in good order.
        """
        self._require()
        _run("systemctl", "stop", NAME)

    def state(self) -> State:
        """
        Return what systemd says.
        """
        if not (self._root / UNIT).exists():
            return State.NOT_INSTALLED
        said = _call(("systemctl", "is-active", NAME)).stdout.strip()  # its exit code says the same, less finely
        return _STATES.get(said, State.STOPPED)

    def _with_account(self, service: Service) -> Service:
        """
        Return *service* with the account that is asked for, else that of the unit there is, else its own.
        """
        try:
            before = (self._root / UNIT).read_text(encoding="utf-8")
        except OSError:
            before = ""
        found = re.search(r"^User=(.+)$", before, re.MULTILINE)
        return replace(service, account=service.account or (found[1] if found else NAME))

    def _require(self) -> None:
        if not (self._root / UNIT).exists():
            raise Misconfigured(
                "service-not-installed", "there is no service Frontdesk here", remedy="as root: frontdesk service install"
            )

    def _write(self, name: Path, text: str, mode: int) -> None:
        path = self._root / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            path.chmod(mode)
        except OSError:
            raise Misconfigured(
                "service-refused", f"{path} cannot be written", remedy="run this as root, on a system with systemd"
            ) from None


def _quoted(word: str) -> str:
    """
    Return one word of a unit file's line: a per cent sign begins a specifier there, a dollar sign a variable.
    """
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if any(char.isspace() for char in word) or escaped != word else word


def _run(*command: str) -> None:
    done = _call(command)
    if done.returncode:
        raise Misconfigured(
            "service-refused",
            f"the system refused: {' '.join(command)} (exit code {done.returncode})",
            remedy=f"run this as root; more is said by: journalctl --unit {NAME}",
        )


def _call(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, check=False, capture_output=True, text=True, timeout=_CALL_LIMIT_S)
    except (OSError, subprocess.TimeoutExpired):
        raise Misconfigured(
            "service-refused", f"{command[0]} cannot be run here", remedy="run this as root, on a system with systemd"
        ) from None
