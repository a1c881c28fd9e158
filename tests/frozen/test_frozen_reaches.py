"""
What a frozen program has to reach outside its folder: a store for keys, ODBC drivers, a real database, Healthengine.

The program for Linux is looked for in `dist/`, and has a message bus and a store of keys of its own. The one for Windows runs
under Wine (`rig_support`), whose ODBC drivers are those of the Linux side.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from frozen_support import ENGINE, WHY_NOT
from rig_support import BUILD_LIMIT, DRIVE_C, why_not, windows_path, wine

from agent.sandbox.installation import API_KEY, PRACTICE_ID, Installation, ServerDatabase, wait_until

pytest.importorskip("pwd", reason="the database server is started on Linux alone")

from database_servers import MariaDb

Frontdesk = Callable[..., subprocess.CompletedProcess[str]]
"""Runs the frozen program with arguments; `said` is what it reads."""

STORE_TOOLS = ("dbus-daemon", "dbus-send", "gnome-keyring-daemon")
LIMIT = 120.0
READ = ("identity", "locations", "practitioners", "appointment_types", "sessions", "appointments")
"""What finds rows in a practice at work."""

WHY_NOT_LINUX = WHY_NOT or ", ".join(f"needs {tool}" for tool in STORE_TOOLS if shutil.which(tool) is None)
WHY_NOT_WINDOWS = why_not()

pytestmark = [pytest.mark.frozen, pytest.mark.slow, pytest.mark.servers, pytest.mark.timeout(BUILD_LIMIT + 300)]


@pytest.fixture(scope="module")
def database() -> Iterator[ServerDatabase]:
    """
    An empty database on a MariaDB of our own.
    """
    with MariaDb.running() as server:
        server.create_empty_database()
        yield ServerDatabase(dialect=server.dialect, connection=server.connection, password=server.password)


@pytest.fixture
def practice(database: ServerDatabase, tmp_path: Path) -> Iterator[Installation]:
    """
    A practice in it, and a simulated Healthengine.
    """
    with Installation.create(tmp_path / "sandbox", server=database, patients=200) as made:
        yield made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[dict[str, str]]:
    """
    What a program has to know to find a store of keys that is open, and nobody else's.
    """
    own = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")}
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("FRONTDESK_", "PYTHON"))} | own
    with ExitStack() as stack:

        def start(*command: str, said: str = "") -> subprocess.Popen[str]:
            process = stack.enter_context(
                subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            stack.callback(process.terminate)
            assert process.stdin is not None
            process.stdin.write(said)
            process.stdin.close()
            return process

        def is_open() -> bool:
            asked = ("org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets")
            command = ["dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus", *asked]
            return "true" in subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout

        bus = start("dbus-daemon", "--session", "--nofork", "--print-address=1")
        assert bus.stdout is not None
        environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        start("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets", said="a password")
        wait_until(is_open, 20, "the store of keys is open")
        yield environment


@pytest.fixture
def home_in_windows() -> Iterator[Path]:
    """
    A folder that a program for Windows accepts: nobody but administrators may change those above it.
    """
    with tempfile.TemporaryDirectory(dir=DRIVE_C / "ProgramData") as folder:
        yield Path(folder)


@pytest.mark.skipif(bool(WHY_NOT_LINUX), reason=WHY_NOT_LINUX or "-")
def test_the_program_for_linux(practice: Installation, store: dict[str, str]) -> None:
    """
    Its keys lie in the desktop's store.
    """

    def frontdesk(*arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
        command = [str(ENGINE), "--home", str(practice.home), *arguments]
        return subprocess.run(command, env=store, input=said, capture_output=True, text=True, check=False, timeout=LIMIT)

    it_keeps_keys_and_reads_the_practice(practice, frontdesk, "system store")


@pytest.mark.skipif(bool(WHY_NOT_WINDOWS), reason=WHY_NOT_WINDOWS or "-")
def test_the_program_for_windows(practice: Installation, windows_frozen: Path, home_in_windows: Path) -> None:
    """
    Its keys lie in files that are sealed for the machine.
    """
    practice.home = home_in_windows
    practice.write_config()

    def frontdesk(*arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
        words = ("frontdesk.exe", "--home", windows_path(practice.home), *arguments)
        return wine(windows_frozen, *words, said=said, limit=LIMIT)

    it_keeps_keys_and_reads_the_practice(practice, frontdesk, "protected file")


def it_keeps_keys_and_reads_the_practice(practice: Installation, frontdesk: Frontdesk, place: str) -> None:
    """
    Each key goes in by one process and is used by another; without them nothing is reached.
    """
    keys = {
        "api-key": API_KEY,
        f"practice-key:{PRACTICE_ID}": practice.practice_key,
        "pms-password": practice.variables()["FRONTDESK_PMS_PASSWORD"],
    }
    before = frontdesk("check", "--json")
    stored = [frontdesk("credentials", "set", name, said=f"{value}\n") for name, value in keys.items()]
    places = {line["name"]: line["where"] for line in json.loads(frontdesk("credentials", "list", "--json").stdout)}
    after = frontdesk("check", "--json")
    removed = [frontdesk("credentials", "remove", name) for name in keys]
    left = {line["where"] for line in json.loads(frontdesk("credentials", "list", "--json").stdout)}

    lines = {(line["area"], line["name"]): line["detail"] for line in json.loads(after.stdout)["lines"]}
    assert (1, 0) == (before.returncode, after.returncode), after.stdout
    assert [0] * 6 == [done.returncode for done in (*stored, *removed)], [done.stdout for done in stored]
    assert dict.fromkeys(keys, place) == {name: places[name] for name in keys}
    assert {"missing"} == left
    assert "MariaDB Unicode" in lines["drivers", "ODBC"]
    assert all(int(lines["pms", name].split()[0]) > 0 for name in READ), lines
    assert ("healthengine", f"practice {PRACTICE_ID}") in lines
