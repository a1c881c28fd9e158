"""
The installer's database, made of a folder of stand-ins: what Windows Installer would do, read from its tables.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("wixl", "msibuild", "msiinfo", "msiextract")
FILES = ("frontdesk.exe", "frontdesk-tray.exe", "_internal/base_library.zip", "_internal/tzdata/Australia/Brisbane")

pytestmark = pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in TOOLS), reason=f"needs {', '.join(TOOLS)} (Debian: wixl, msitools)"
)


def pack(folder: Path, version: str) -> Path:
    """
    Make an installer of stand-ins for the frozen files.
    """
    for name in FILES:
        path = folder / "frozen" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    made = folder / f"{version}.msi"
    options = ["--folder", str(folder / "frozen"), "--version", version, "--output", str(made)]
    subprocess.run([sys.executable, str(ROOT / "installer" / "msi.py"), *options], check=True, capture_output=True)
    return made


def table(msi: Path, name: str) -> dict[str, list[str]]:
    """
    Return the rows of one table by their first column.
    """
    done = subprocess.run(["msiinfo", "export", str(msi), name], check=True, capture_output=True, text=True)
    return {row[0]: row for row in (line.rstrip("\r").split("\t") for line in done.stdout.splitlines()[3:])}


@pytest.fixture(scope="module")
def msi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack(tmp_path_factory.mktemp("installer"), "1.2.3")


def test_every_file_is_in_it(msi: Path, tmp_path: Path) -> None:
    """
    Where the programs look for them.
    """
    subprocess.run(["msiextract", "--directory", str(tmp_path), str(msi)], check=True, capture_output=True)
    found = {str(path.relative_to(tmp_path)).split("Frontdesk/", 1)[1] for path in tmp_path.rglob("*") if path.is_file()}

    assert set(FILES) == found


def test_it_happens_in_order(msi: Path) -> None:
    """
    The old version goes within what is rolled back, and when all of that is there again, the old program is started; Healthengine
    hears of an uninstallation before the engine stops; the service is made when the files are there, and unmade before they go.
    """
    rows = table(msi, "InstallExecuteSequence")
    number = {name: int(row[2]) for name, row in rows.items()}
    wanted = "InstallInitialize RestartService RemoveExistingProducts BeforeUninstall StopServices RemoveService RemoveFiles"
    wanted += " InstallFiles UndoInstallService PublishProduct InstallService InstallFinalize"

    assert wanted.split() == sorted(wanted.split(), key=number.__getitem__)


@pytest.mark.parametrize(
    ("action", "command", "condition"),
    [
        ("RestartService", "service start", "WIX_UPGRADE_DETECTED"),
        ("UndoInstallService", "service remove", "NOT Installed AND NOT WIX_UPGRADE_DETECTED"),
    ],
)
def test_what_fails_is_taken_back(msi: Path, action: str, command: str, condition: str) -> None:
    """
    After an upgrade the old program is started again, after a first installation no service is left: run by a rollback alone,
    with the system's rights.
    """
    rollback, deferred, no_impersonation, goes_on = 0x100, 0x400, 0x800, 0x40
    row = table(msi, "CustomAction")[action]

    assert rollback | deferred | no_impersonation | goes_on == int(row[1]) & 0xFC0
    assert command == row[3]
    assert condition == table(msi, "InstallExecuteSequence")[action][1]


def test_the_installation_fails_if_the_new_program_does_not_work(msi: Path) -> None:
    """
    Its command runs with the system's rights, and its exit code counts.
    """
    deferred, no_impersonation = 0x400, 0x800

    assert deferred | no_impersonation == int(table(msi, "CustomAction")["InstallService"][1]) & 0xFC0


@pytest.mark.parametrize("action", ["BeforeUninstall", "RemoveService"])
def test_an_upgrade_leaves_bookings_and_service_alone(msi: Path, action: str) -> None:
    """
    Only a real uninstallation stops online bookings and removes the service.
    """
    assert 'REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE' == table(msi, "InstallExecuteSequence")[action][1]


def test_what_is_given_on_the_command_line_arrives(msi: Path) -> None:
    """
    Every property is handed on to the part that runs with the system's rights, and `frontdesk` takes it.
    """
    command = table(msi, "CustomAction")["InstallService"][3]
    secure = table(msi, "Property")["SecureCustomProperties"][1].split(";")

    assert {f"[{name}]" for name in ("ACCOUNT", "CONFIGPATH", "PRACTICEID", "KEYFILE", "STARTSERVICE")} <= {
        part.strip('"') for part in command.split()
    }
    assert {"ACCOUNT", "CONFIGPATH", "PRACTICEID", "KEYFILE", "STARTSERVICE", "TRAYAUTOSTART", "REMOVEDATA"} <= set(secure)


def test_the_tray_starts_at_logon_unless_it_is_not_wanted(msi: Path) -> None:
    """
    For every user of the machine.
    """
    (row,) = table(msi, "Registry").values()

    assert ["2", r"Software\Microsoft\Windows\CurrentVersion\Run", "Frontdesk"] == row[1:4]
    assert 'TRAYAUTOSTART = "1"' == table(msi, "Component")["TrayAutostart"][4]


def test_versions_know_each_other(msi: Path, tmp_path: Path) -> None:
    """
    Another version is another product of the same family, made of the same components; a newer one is not replaced.
    """
    newer = pack(tmp_path, "1.3.0")
    codes = [table(made, "Property")["ProductCode"][1] for made in (msi, newer)]

    assert codes[0] != codes[1]
    assert table(msi, "Property")["UpgradeCode"] == table(newer, "Property")["UpgradeCode"]
    assert {row[1] for row in table(msi, "Component").values()} == {row[1] for row in table(newer, "Component").values()}
    assert "WIX_DOWNGRADE_DETECTED" in str(table(msi, "LaunchCondition"))
