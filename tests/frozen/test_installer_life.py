"""
The installer's whole life, with patients booking at a simulated Healthengine.

Silent installation, repair, an upgrade that changes the state's layout, an upgrade that fails, an older version that is refused,
uninstallation. It takes some minutes and installs for the whole machine, so it runs only where it is asked for: under Wine
(`make windows`, `rig_support`), or on a Windows computer that is thrown away (`FRONTDESK_INSTALLERS`: what `packing.py` made).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import packing
import pytest
from rig_support import BUILD_LIMIT, DRIVE_C, why_not, windows_path, wine_environment

from agent.sandbox.healthengine.patients import SimulatedPatients
from agent.sandbox.installation import API_KEY, PRACTICE_ID, Installation, wait_until
from agent.store.migrations import shipped

IS_WINDOWS = sys.platform == "win32"
INSTALLERS = "FRONTDESK_INSTALLERS"
MACHINE = Path("C:/") if IS_WINDOWS else DRIVE_C
PROGRAMS = MACHINE / "Program Files" / "Frontdesk"
DATA = MACHINE / "ProgramData" / "Frontdesk"
RUN_KEY = r"HKLM\Software\Microsoft\Windows\CurrentVersion\Run"
UNINSTALL_KEY = r"HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall"
INSTALLERS_KEYS = (r"HKLM\Software\Classes\Installer", r"HKLM\Software\Microsoft\Windows\CurrentVersion\Installer", UNINSTALL_KEY)
SERVICE_KEY = r"HKLM\System\CurrentControlSet\Services\Frontdesk"
EVENTS_KEY = r"HKLM\System\CurrentControlSet\Services\EventLog\Application\Frontdesk"
STEP_LIMIT = 240.0
LAYOUT = shipped()[-1].number

WHY_NOT = ("" if os.environ.get(INSTALLERS) else f"{INSTALLERS} asks for it") if IS_WINDOWS else why_not("wixl", "msibuild")

pytestmark = [
    pytest.mark.frozen,
    pytest.mark.slow,
    pytest.mark.timeout(BUILD_LIMIT + 900),
    pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-"),
]


def windows(*command: str) -> tuple[int, str]:
    """
    Run a Windows program; return its exit code and what it printed.

    Under Wine its input and output have to be pipes, and a service that it starts would keep those open: so they end at files.
    """
    if IS_WINDOWS:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, timeout=STEP_LIMIT)
        return done.returncode, done.stdout + done.stderr
    with tempfile.NamedTemporaryFile() as said:
        line = f'true | timeout {STEP_LIMIT:.0f} wine "$@" > >(cat >{said.name}) 2>&1; exit "${{PIPESTATUS[1]}}"'
        ended = subprocess.run(["bash", "-c", line, "-", *command], env=wine_environment(), check=False, timeout=STEP_LIMIT + 30)
        return ended.returncode, Path(said.name).read_text(encoding="utf-8", errors="replace")


def msiexec(*words: str) -> int:
    """
    Install, change or remove without questions; returns the exit code (of Wine its low byte). Windows also writes a log.
    """
    log = ("/l*v+", str(Path(tempfile.gettempdir()) / "frontdesk-life.log")) if IS_WINDOWS else ()
    return windows("msiexec", *words, "/qn", *log)[0]


def registry(*words: str) -> str:
    return windows("reg", "query", *words)[1]


def is_running() -> bool:
    return "RUNNING" in windows("sc", "query", "Frontdesk")[1]


def start_bookings() -> None:
    """
    Undo what is Wine's own: it does not tell an old version that it goes because of an upgrade (`UPGRADINGPRODUCTCODE`), and so
    online bookings are stopped as before an uninstallation. `test_installer_tables` reads the condition.
    """
    assert 0 == windows(str(PROGRAMS / "frontdesk.exe"), "start-bookings")[0]


def layout() -> int:
    """
    Return the layout of the state there is.
    """
    with closing(sqlite3.connect(f"{(DATA / 'state' / 'state.db').as_uri()}?mode=ro", uri=True)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def copied_layouts() -> set[str]:
    return {path.name for path in (DATA / "state").glob("state.db.v*")}


def upgrade_log() -> str:
    return (DATA / "logs" / "upgrade.log").read_text(encoding="utf-8")


@pytest.fixture
def installers(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """
    The folder of the three installers.
    """
    if IS_WINDOWS:
        return Path(os.environ[INSTALLERS]).resolve()
    packing.pack_all(request.getfixturevalue("windows_frozen"), tmp_path)
    return tmp_path


@pytest.fixture
def session() -> Iterator[None]:
    """
    A Windows with nothing of ours in it; under Wine one that goes on between two calls.
    """
    if IS_WINDOWS:
        assert not PROGRAMS.exists(), "Frontdesk is installed here, and this test would remove it"
        yield
        return
    environment = wine_environment()
    subprocess.run(["wineserver", "-k"], env=environment, check=False)
    subprocess.run(["wineserver", "-w"], env=environment, check=False, timeout=60)
    subprocess.run(["wineserver", "-p"], env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for key in INSTALLERS_KEYS:  # what a test that was interrupted has left; the rig has no other installers
        windows("reg", "delete", key, "/f")
    windows("sc", "delete", "Frontdesk")
    for folder in (PROGRAMS, DATA):
        shutil.rmtree(folder, ignore_errors=True)
    yield
    subprocess.run(["wineserver", "-k"], env=environment, check=False)


def test_it_is_installed_repaired_upgraded_and_removed(installers: Path, session: None, tmp_path: Path) -> None:
    """
    Nobody looks on; patients book all the while, and at the end they see no free times and nothing is left.
    """
    first, second, broken = (_path(installers / name) for name in (packing.FIRST, packing.SECOND, packing.BROKEN))
    with Installation.create(tmp_path, carrier="sqlite", patients=500) as sandbox:
        installed = msiexec("/i", first, *_given(sandbox, tmp_path))
        wait_until(sandbox.simulator.openings, 60, "the service publishes")

        assert (0, True) == (installed, is_running())
        assert not (tmp_path / "keys.txt").exists()
        assert "frontdesk-tray.exe" in registry(RUN_KEY)
        assert r"NT SERVICE\Frontdesk" in registry(SERVICE_KEY)
        assert "EventMessageFile" in registry(EVENTS_KEY)
        assert "1.0.0" in registry(UNINSTALL_KEY, "/s")
        assert (LAYOUT, set()) == (layout(), copied_layouts())

        with SimulatedPatients(sandbox.simulator, people=[], every=2.0, seed=11):
            _books_on(sandbox, "the service")
            (PROGRAMS / "frontdesk-tray.exe").unlink()
            (PROGRAMS / "_internal" / "tzdata" / "zones").unlink()
            repaired = msiexec("/i", first, "REINSTALL=ALL", "REINSTALLMODE=amus")  # what /fa says, which Wine does not know

            assert (0, True) == (repaired, is_running())
            assert (PROGRAMS / "frontdesk-tray.exe").exists()
            assert (PROGRAMS / "_internal" / "tzdata" / "zones").exists()
            _books_on(sandbox, "the repaired service")

            upgraded = msiexec("/i", second, "TRAYAUTOSTART=0")

            assert (0, True) == (upgraded, is_running())
            assert (LAYOUT + 1, {f"state.db.v{LAYOUT}"}) == (layout(), copied_layouts())
            assert f'id = "{PRACTICE_ID}"' in (DATA / "config.toml").read_text(encoding="utf-8")
            assert "frontdesk-tray.exe" not in registry(RUN_KEY)
            if not IS_WINDOWS:
                start_bookings()
            _books_on(sandbox, "the new version")

            failed = msiexec("/i", broken)

            assert failed != 0
            assert "does not do its work" in upgrade_log()
            assert LAYOUT + 1 == layout()
            assert 1 == len(list((DATA / "state").glob("state.db.undone-??????????????")))
            if not IS_WINDOWS:  # whose installer puts the old programs back, and starts them; Wine's does not
                assert 0 == msiexec("/i", second, "TRAYAUTOSTART=0")
                start_bookings()
            _books_on(sandbox, "the version before")

        assert msiexec("/i", first) != 0
        assert is_running()

        removed = msiexec("/x", second, "REMOVEDATA=1")

        assert 0 == removed
        assert not is_running()
        assert "ImagePath" not in registry(SERVICE_KEY)
        assert "EventMessageFile" not in registry(EVENTS_KEY)
        assert "Frontdesk" not in registry(UNINSTALL_KEY, "/s")
        assert not PROGRAMS.exists()
        assert not DATA.exists()
        assert 0 == sandbox.simulator.verdict().practices[0].published.open_days
        assert 0 == sandbox.simulator.verdict().practices[0].bookings.unanswered


def _path(path: Path) -> str:
    return str(path) if IS_WINDOWS else windows_path(path)


def _given(sandbox: Installation, folder: Path) -> list[str]:
    """
    Write what a silent installation brings along, and return the properties that name it.
    """
    if IS_WINDOWS:  # the service's own account has to reach the practice's database
        subprocess.run(["icacls", str(folder), "/grant", "*S-1-5-80-0:(OI)(CI)M", "/T", "/Q"], check=True)
    shared, keys = folder / "shared.toml", folder / "keys.txt"
    settings = (sandbox.home / "config.toml").read_text(encoding="utf-8")
    settings = settings.replace(sandbox.connection, _path(sandbox.database))
    shared.write_text(settings.replace(f'id = "{PRACTICE_ID}"', 'id = "{PRACTICEID}"'), encoding="utf-8")
    keys.write_text(f"api-key = {API_KEY}\npractice-key = {sandbox.practice_key}\n", encoding="utf-8")
    return [f"PRACTICEID={PRACTICE_ID}", f"CONFIGPATH={_path(shared)}", f"KEYFILE={_path(keys)}"]


def _books_on(sandbox: Installation, who: str) -> None:
    before = _confirmed(sandbox)
    wait_until(lambda: _confirmed(sandbox) > before + 2, 90, f"{who} enters bookings")


def _confirmed(sandbox: Installation) -> int:
    return sum(booking.answer is not None for booking in sandbox.simulator.bookings(PRACTICE_ID))
