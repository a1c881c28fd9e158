"""
The installer's whole life under Wine.

Silent installation, a service that enters a simulated Healthengine's bookings, upgrade, an older version that is refused,
uninstallation. It takes a minute, and needs programs that were frozen there:

    FRONTDESK_WINDOWS_FROZEN=FOLDER pytest tests/frozen/test_installer_in_rig.py

FOLDER is `dist/frontdesk` as the Windows Python beside the project made it; `RIG_HOME` names that Python's own folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.sandbox.healthengine.patients import SimulatedPatients
from agent.sandbox.installation import API_KEY, PRACTICE_ID, Installation, wait_until

ROOT = Path(__file__).resolve().parents[2]
ASKED = "FRONTDESK_WINDOWS_FROZEN"
PREFIX = Path(os.environ.get("RIG_HOME") or Path.home() / ".cache" / "windows-rig") / "prefix"
PROGRAMS = PREFIX / "drive_c" / "Program Files" / "Frontdesk"
DATA = PREFIX / "drive_c" / "ProgramData" / "Frontdesk"
RUN_KEY = r"HKLM\Software\Microsoft\Windows\CurrentVersion\Run"
STEP_LIMIT = 240.0

pytestmark = [
    pytest.mark.frozen,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not os.environ.get(ASKED), reason=f"takes a minute under Wine; {ASKED} names what it installs"),
    pytest.mark.skipif(
        any(shutil.which(tool) is None for tool in ("wine", "wixl", "msibuild")), reason="needs wine, wixl, msitools"
    ),
]


def wine(*command: str) -> tuple[int, str]:
    """
    Run a Windows program; return its exit code and what it printed.

    Its input and output have to be pipes, and a service that it starts would keep those open: so they end at files.
    """
    environment = os.environ | {"WINEPREFIX": str(PREFIX), "WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree=d;mshtml=d;mscms=n"}
    with tempfile.NamedTemporaryFile() as said:
        line = f'true | timeout {STEP_LIMIT:.0f} wine "$@" > >(cat >{said.name}) 2>&1; exit "${{PIPESTATUS[1]}}"'
        done = subprocess.run(["bash", "-c", line, "-", *command], env=environment, check=False, timeout=STEP_LIMIT + 30)
        return done.returncode, Path(said.name).read_text(encoding="utf-8", errors="replace")


def msiexec(*words: str) -> int:
    return wine("msiexec", *words, "/qn")[0]


def windows_path(path: Path) -> str:
    return "Z:" + str(path).replace("/", "\\")


def is_running() -> bool:
    return "RUNNING" in wine("sc", "query", "Frontdesk")[1]


@pytest.fixture(scope="module")
def installers(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """
    One version, and a higher one, of the same programs.
    """
    folder = tmp_path_factory.mktemp("installers")
    made = []
    for version in ("0.1.0", "0.2.0"):
        made.append(folder / f"{version}.msi")
        options = ["--folder", os.environ[ASKED], "--version", version, "--output", str(made[-1])]
        subprocess.run([sys.executable, str(ROOT / "installer" / "msi.py"), *options], check=True, capture_output=True)
    return windows_path(made[0]), windows_path(made[1])


@pytest.fixture
def session() -> Iterator[None]:
    """
    A Windows that goes on between two calls, with nothing of ours in it.
    """
    environment = os.environ | {"WINEPREFIX": str(PREFIX)}
    subprocess.run(["wineserver", "-k"], env=environment, check=False)
    subprocess.run(["wineserver", "-w"], env=environment, check=False, timeout=60)
    shutil.rmtree(DATA, ignore_errors=True)
    subprocess.run(["wineserver", "-p"], env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield
    subprocess.run(["wineserver", "-k"], env=environment, check=False)


def test_it_is_installed_upgraded_and_removed(installers: tuple[str, str], session: None, tmp_path: Path) -> None:
    """
    Nobody looks on; patients book all the while, and at the end they see no free times and nothing is left.
    """
    old, new = installers
    with Installation.create(tmp_path, carrier="sqlite", patients=500) as sandbox:
        shared, keys = tmp_path / "shared.toml", tmp_path / "keys.txt"
        settings = (sandbox.home / "config.toml").read_text(encoding="utf-8")
        settings = settings.replace(sandbox.connection, windows_path(sandbox.database))
        shared.write_text(settings.replace(f'id = "{PRACTICE_ID}"', 'id = "{PRACTICEID}"'), encoding="utf-8")
        keys.write_text(f"api-key = {API_KEY}\npractice-key = {sandbox.practice_key}\n", encoding="utf-8")

        given = [f"PRACTICEID={PRACTICE_ID}", f"CONFIGPATH={windows_path(shared)}", f"KEYFILE={windows_path(keys)}"]
        installed = msiexec("/i", old, *given)
        wait_until(sandbox.simulator.openings, 60, "the service publishes")

        assert (0, True) == (installed, is_running())
        assert not keys.exists()
        assert "frontdesk-tray.exe" in wine("reg", "query", RUN_KEY)[1]

        with SimulatedPatients(sandbox.simulator, people=[], every=2.0, seed=11):
            wait_until(lambda: _confirmed(sandbox) >= 3, 60, "the service enters bookings")
            before = _confirmed(sandbox)
            upgraded = msiexec("/i", new, "TRAYAUTOSTART=0")
            wait_until(lambda: _confirmed(sandbox) > before + 2, 60, "the new version enters bookings")

        assert (0, True) == (upgraded, is_running())
        assert f'id = "{PRACTICE_ID}"' in (DATA / "config.toml").read_text(encoding="utf-8")
        assert "frontdesk-tray.exe" not in wine("reg", "query", RUN_KEY)[1]

        refused = msiexec("/i", old)

        assert refused != 0
        assert is_running()

        removed = msiexec("/x", new, "REMOVEDATA=1")

        assert 0 == removed
        assert not is_running()
        assert not PROGRAMS.exists()
        assert not DATA.exists()
        assert 0 == sandbox.simulator.verdict().practices[0].published.open_days
        assert 0 == sandbox.simulator.verdict().practices[0].bookings.unanswered


def _confirmed(sandbox: Installation) -> int:
    return sum(booking.answer is not None for booking in sandbox.simulator.bookings(PRACTICE_ID))
