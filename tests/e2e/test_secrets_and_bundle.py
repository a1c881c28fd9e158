"""
Keys, passwords and patients in what the agent leaves on the disk, prints, shows in the process list, and puts into its bundle.
"""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from conftest import Install
from support import an_opening, book, confirmed, execute, started, until

from agent.sandbox.installation import Installation
from agent.ui.connection import connector

pytestmark = pytest.mark.slow

TOKEN = "Qzxjkw7731"
"""Nowhere else: whatever contains it has come from where it was put."""

KEYS = {
    "FRONTDESK_SMTP_PASSWORD": f"smtp-{TOKEN}",
    "FRONTDESK_WEBHOOK_SECRET": f"hook-{TOKEN}",
    "FRONTDESK_API_KEY_NEXT": f"next-{TOKEN}",
}

HOSTILE = {
    "firstname": f"{TOKEN}\x1b[2J\r\n'; DROP TABLE patients; --",
    "lastname": f"{TOKEN} {{0}} %s \u202e" + "x" * 10_000,
    "dob": "01-02-1960",
    "phone": "0491 570 156",
    "email": f"{TOKEN}@example.com",
}

COMMANDS = (("status",), ("bookings",), ("tasks",), ("check",), ("history", "--booking", "1"), ("status", "--json"))


def processes(installation: Installation) -> Iterator[psutil.Process]:
    assert installation.engine is not None
    engine = psutil.Process(installation.engine.pid)
    yield engine
    yield from engine.children(recursive=True)


def files_with(folder: Path, token: str) -> set[str]:
    """
    Return the files under *folder* in which *token* stands, in one encoding or another.
    """
    wanted = [token.encode(), token.encode("utf-16-le")]
    return {path.name for path in folder.rglob("*") if path.is_file() and any(text in path.read_bytes() for text in wanted)}


def names_in_practice(installation: Installation) -> list[str]:
    with closing(installation.connect()) as connection:
        return [row[0] for row in connection.execute("SELECT first_name FROM patients WHERE first_name LIKE ?", (f"{TOKEN}%",))]


def test_nothing_marked_is_found_anywhere_but_in_the_practice(install: Install, tmp_path: Path) -> None:
    """
    A patient with a hostile name is entered, another is refused by a database that quotes them; then everything is searched.
    """
    installation = install(log_level="debug", environment=KEYS)
    secrets = (TOKEN, installation.practice_key)
    execute(
        installation,
        "CREATE TRIGGER quoting BEFORE INSERT ON appointments WHEN NEW.practitioner_id = 3"
        f" BEGIN SELECT RAISE(ABORT, 'duplicate: {TOKEN}'); END",
    )
    started(installation)
    first = an_opening(installation)
    refused = next(o for o in installation.simulator.openings() if o.resource_id.startswith("3@"))
    confirmed(installation, book(installation, first, person=HOSTILE))
    book(installation, refused, person=HOSTILE)
    log = installation.home / "logs" / "engine.log"
    until(lambda: "pms-" in log.read_text(encoding="utf-8"), "the database's refusal is logged")
    lines = [" ".join(process.cmdline()) for process in processes(installation)]
    children = [process.environ() for process in list(processes(installation))[1:]]
    printed = [installation.run(*command) for command in COMMANDS]
    running = tmp_path / "running.zip"
    printed.append(installation.run("diagnostics", "--output", str(running)))
    with closing(connector(installation.home)()) as tray:
        asked = dict(tray.diagnostics())
    while_it_runs = files_with(installation.home, TOKEN) | files_with(installation.home, installation.practice_key)
    installation.stop_engine()
    stopped = tmp_path / "stopped.zip"
    printed.append(installation.run("diagnostics", "--output", str(stopped)))
    text = "".join(result.stdout + result.stderr for result in printed)
    bundles = [
        {name: bundle.read(name).decode() for name in bundle.namelist()} for bundle in map(zipfile.ZipFile, (running, stopped))
    ] + [asked]
    places = {
        "printed": text,
        "engine's output": installation.output.read_text(encoding="utf-8"),
        "bundles": str(bundles),
        "command lines": str(lines),
        "children's environment": str(children),
    }
    log_lines = log.read_text(encoding="utf-8").splitlines()

    assert [] == [(place, secret) for place, said in places.items() for secret in secrets if secret in said]
    assert set() == while_it_runs | files_with(installation.home, TOKEN) | files_with(installation.home, secrets[1])
    assert not {char for char in text if unicodedata.category(char) in {"Cc", "Cf"}} - set("\n\t")
    assert all(line.startswith(("20", "  ")) for line in log_lines)
    assert 3 == len(children) + 1
    assert [f"{TOKEN}[2J '; DROP TABLE patients; --"] == names_in_practice(installation)
    for bundle, is_running in zip(bundles, (True, False, True), strict=True):
        assert {"versions.json", "settings.json", "engine.json", "state.json", "engine.log"} == set(bundle)
        assert f'"running": {str(is_running).lower()}' in bundle["engine.json"]
        assert '"confirmed": 1' in bundle["state.json"]
        assert str(installation.folder) not in bundle["settings.json"]
