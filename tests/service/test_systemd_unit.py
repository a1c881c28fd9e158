"""
The systemd unit: its text, what systemd itself thinks of it, and the calls that install and remove it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent.domain.errors import Misconfigured
from agent.service.service import Service, State
from agent.service.systemd import Systemd, unit_text
from agent.settings.paths import Home

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="systemd is Linux's")

STAND_IN = """#!/bin/sh
echo "$(basename "$0") $*" >> "$CALLS"
[ "$1" = is-active ] && echo "$SAYS"
exit "${REFUSES:-0}"
"""


def service(folder: str = "/var/lib/frontdesk", *, program: str = "/usr/bin/frontdesk", account: str = "") -> Service:
    return Service(home=Home(folder=Path(folder)), command=(program,), account=account)


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """
    Stand-ins for the system's own programs, which write down how they are called.
    """
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("systemctl", "systemd-sysusers", "chown"):
        (programs / name).write_text(STAND_IN, encoding="utf-8")
        (programs / name).chmod(0o755)
    written = tmp_path / "calls"
    written.touch()
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CALLS", str(written))
    return written


@pytest.mark.parametrize(
    ("made", "line"),
    [
        (service(), "ExecStart=/usr/bin/frontdesk --home /var/lib/frontdesk engine"),
        (service("/srv/front desk"), 'ExecStart=/usr/bin/frontdesk --home "/srv/front desk" engine'),
        (service("/srv/100%$x"), 'ExecStart=/usr/bin/frontdesk --home "/srv/100%%$$x" engine'),
        (service(), "User=frontdesk"),
        (service(account="clinic"), "User=clinic"),
        (service(), "ProtectHome=yes"),
        (service("/home" + "/clinic/frontdesk"), "ProtectHome=read-only"),
        (service(program="/root" + "/frontdesk"), "ProtectHome=read-only"),
        (service(), "Restart=on-failure"),
        (service(), "EnvironmentFile=-/etc/frontdesk/environment"),
    ],
    ids=["command", "blank", "signs", "own-account", "account", "no-homes", "home-there", "program-there", "restart", "keys"],
)
def test_the_unit_says(made: Service, line: str) -> None:
    """
    Each line follows from what the service is.
    """
    assert line in unit_text(made).splitlines()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    """
    It reads every line, and counts the engine among what is exposed little.
    """
    unit = tmp_path / "frontdesk.service"
    unit.write_text(unit_text(service(program="/bin/true")), encoding="utf-8")
    verified = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    complaints = [line for line in verified.stderr.splitlines() if str(unit) in line or "frontdesk.service" in line]
    exposed = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=25", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert [] == complaints
    assert 0 == exposed.returncode, exposed.stdout[-300:]


def test_it_is_installed_configured_and_removed(tmp_path: Path, calls: Path) -> None:
    """
    Files are written below the root alone, and each change is told to systemd; the home stays.
    """
    home = tmp_path / "home"
    root = tmp_path / "root"
    systemd = Systemd(root)
    before = systemd.state()
    systemd.install(service(str(home)))
    systemd.install(service(str(home)))
    written = sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
    systemd.remove()
    systemd.remove()
    left = [path for path in root.rglob("*") if path.is_file()]
    told = calls.read_text(encoding="utf-8").splitlines()

    assert before is State.NOT_INSTALLED
    assert ["etc/systemd/system/frontdesk.service", "etc/sysusers.d/frontdesk.conf"] == written
    assert [] == left
    assert home.stat().st_mode & 0o777 == 0o711
    assert [
        "systemd-sysusers frontdesk.conf",
        f"chown --recursive --no-dereference frontdesk: {home}",
        "systemctl daemon-reload",
        "systemctl enable frontdesk",
    ] * 2 + ["systemctl disable --now frontdesk", "systemctl daemon-reload"] == told


def test_its_account_stays_until_another_is_asked_for(tmp_path: Path, calls: Path) -> None:
    """
    An upgrade, which asks for none, changes nothing.
    """
    systemd = Systemd(tmp_path / "root")
    for account in ("clinic", "", "other"):
        systemd.install(service(str(tmp_path / "home"), account=account))
    owners = [line.split()[3] for line in calls.read_text(encoding="utf-8").splitlines() if line.startswith("chown")]

    assert ["clinic:", "clinic:", "other:"] == owners


@pytest.mark.parametrize(
    ("says", "state"),
    [
        ("active", State.RUNNING),
        ("activating", State.STARTING),
        ("deactivating", State.STOPPING),
        ("failed", State.FAILED),
        ("inactive", State.STOPPED),
    ],
)
def test_its_state_is_systemds(tmp_path: Path, calls: Path, monkeypatch: pytest.MonkeyPatch, says: str, state: State) -> None:
    """
    In one word.
    """
    systemd = Systemd(tmp_path / "root")
    systemd.install(service(str(tmp_path / "home")))
    monkeypatch.setenv("SAYS", says)

    assert state is systemd.state()


def test_a_refusal_is_said(tmp_path: Path, calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    With what was asked, and what to do.
    """
    systemd = Systemd(tmp_path / "root")
    systemd.install(service(str(tmp_path / "home")))
    monkeypatch.setenv("REFUSES", "4")

    with pytest.raises(Misconfigured, match="systemctl start frontdesk") as refused:
        systemd.start()

    assert "as root" in refused.value.remedy


def test_without_a_service_nothing_can_be_started(tmp_path: Path, calls: Path) -> None:
    """
    It is said how to make one.
    """
    with pytest.raises(Misconfigured, match="no service") as refused:
        Systemd(tmp_path).start()

    assert "frontdesk service install" in refused.value.remedy
