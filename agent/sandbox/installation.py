"""
A whole Frontdesk on this machine: a sample practice, a simulated Healthengine, a home folder, and an engine of its own
process between them. The demo and the end-to-end tests are built on it.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from agent.domain.errors import FrontdeskError, Misconfigured, Transient
from agent.domain.status import EngineStatus
from agent.ipc.address import address_of
from agent.ipc.client import IpcClient
from agent.ipc.messages import Command, Done, GetStatus, Reply, Stop
from agent.sandbox.clock import SandboxClock
from agent.sandbox.healthengine.config import PracticeAccount, SimulatorConfig
from agent.sandbox.healthengine.simulator import Simulator
from agent.sandbox.practice.build import build_practice, create_sqlite
from agent.sandbox.practice.database import connect_sqlite
from agent.sandbox.practice.desk import DeskStaff
from agent.sandbox.practice.facts import PracticeFacts

ZONE = ZoneInfo("Australia/Sydney")
PRACTICE_ID = "1001"
API_KEY = "sandbox-api-key"
DATABASE = "practice.sqlite"
START_LIMIT_S = 90.0
"""An engine is up in two seconds; under Wine, on a machine with much else to do, it was seen to take more than thirty."""

LIVE_HOURS = "Mon-Sun 00:00-23:59, holidays 00:00-23:59"

CONFIG = """\
# Made by the sandbox: an invented practice and a simulated Healthengine, both on this machine.
[vendor]
name = "Frontdesk-Sandbox"
email = "support@example.com"
environment = "sandbox"

[healthengine]
base_url = "{base_url}"

[pms]
profile = "{profile}"
carrier = "{carrier}"
connection = '{connection}'
dialect = "{dialect}"

[logging]
level = "{log_level}"

[[practices]]
id = "{practice_id}"
name = "Sample Practice"
timezone = "{zone}"
locations = [{locations}]
horizon_days = {horizon_days}
minimum_notice_minutes = {notice}
live_hours = "{live_hours}"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerDatabase:
    """
    An empty database on a server of its own, reached over ODBC, for a practice that is not kept in a file.

    Attributes:
        dialect: As in the settings: `mariadb` or `postgresql`.
        connection: The ODBC connection string without the password.
    """

    dialect: str
    connection: str
    password: str = field(repr=False)

    def connect(self) -> Any:
        """
        Return a pyodbc connection of the practice's own, not in autocommit mode.
        """
        import pyodbc  # noqa: PLC0415 - fails to load where there is no ODBC driver manager

        return pyodbc.connect(f"{self.connection};PWD={{{self.password.replace('}', '}}')}}}")


@dataclass(kw_only=True)
class Installation:
    """
    Everything of one sandbox. Use it as a context manager: leaving it ends every process and thread.

    Attributes:
        folder: Holds the practice's database; the home folder may lie elsewhere, never around the database.
        carrier: Through which the engine reaches it: `odbc` or `sqlite`.
        server: Where the practice is, if not in a file.
        profile: The practice's system.
        environment: Added to that of every process.
    """

    folder: Path
    home: Path
    carrier: str
    connection: str
    facts: PracticeFacts
    clock: SandboxClock
    simulator: Simulator
    base_url: str = ""
    horizon_days: int = 60
    minimum_notice: int = 15
    live_hours: str = LIVE_HOURS
    log_level: str = "info"
    practice_key: str = ""
    profile: str = "sandbox"
    server: ServerDatabase | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    engine: subprocess.Popen[bytes] | None = None

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        home: Path | None = None,
        scale: float = 1.0,
        start: datetime | None = None,
        carrier: str = "",
        server: ServerDatabase | None = None,
        patients: int = 5000,
        seed: int = 7,
        **changes: object,
    ) -> Self:
        """
        Build the practice and prepare the simulator; nothing runs yet.

        Args:
            start: What its clock shows now, aware; by default the present.
            carrier: `odbc` or `sqlite`; empty: ODBC where there is a driver for SQLite.
            server: An empty database to build the practice in; by default it is a file in *folder*.
            changes: Fields of this class or of `SimulatorConfig`.

        Raises:
            Transient: if ODBC is wanted and there is no driver for SQLite (`sandbox-no-driver`).
        """
        folder.mkdir(parents=True, exist_ok=True)
        clock = SandboxClock(scale, start)
        local = clock.now().astimezone(ZONE).replace(tzinfo=None)
        if server is None:
            facts = create_sqlite(folder / DATABASE, today=local.date(), now=local, seed=seed, patients=patients)
            found = _carrier(folder / DATABASE, carrier)
        else:
            found = ("odbc", server.connection)
            with closing(server.connect()) as connection:
                facts = build_practice(connection, today=local.date(), now=local, seed=seed, patients=patients)
        own = {name: changes.pop(name) for name in list(changes) if name in cls.__dataclass_fields__}
        practice_key = f"sandbox-{secrets.token_hex(8)}"
        account = PracticeAccount(practice_id=PRACTICE_ID, practice_key=practice_key, zone=ZONE)
        config = SimulatorConfig(**{"practices": (account,), "api_keys": frozenset({API_KEY}), **changes})  # type: ignore[arg-type] # the tests name its fields
        return cls(
            folder=folder,
            home=home or folder / "home",
            carrier=found[0],
            connection=found[1],
            server=server,
            facts=facts,
            clock=clock,
            simulator=Simulator(config, clock),
            practice_key=practice_key,
            **own,  # type: ignore[arg-type] # checked by the names of the fields
        )

    @property
    def database(self) -> Path:
        """
        The practice's database, where it is a file.
        """
        return self.folder / DATABASE

    @property
    def output(self) -> Path:
        """
        What the engine printed.
        """
        return self.folder / "engine.txt"

    def connect(self) -> Any:
        """
        Return a connection of the practice's own to its database: of `sqlite3` or `pyodbc`, not in autocommit mode.
        """
        return connect_sqlite(self.database) if self.server is None else self.server.connect()

    def local_now(self) -> datetime:
        """
        Return the practice's wall time, naive.
        """
        return self.clock.now().astimezone(ZONE).replace(tzinfo=None)

    def desk(self, *, every: float = 2.0, seed: int = 1) -> DeskStaff:
        """
        Return the front desk's people; start them yourself.
        """
        return DeskStaff(self.connect, self.local_now, every=every, seed=seed, errors=_driver_errors(self.server))

    def __enter__(self) -> Self:
        self.base_url = self.simulator.start()
        self.write_config()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_engine()
        self.simulator.stop()

    def write_config(self) -> None:
        """
        Write the home folder's settings as this object has them now.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "config.toml").write_text(
            CONFIG.format(
                base_url=self.base_url,
                profile=self.profile,
                carrier=self.carrier,
                connection=self.connection,
                dialect="" if self.server is None else self.server.dialect,
                log_level=self.log_level,
                practice_id=PRACTICE_ID,
                zone=ZONE.key,
                locations=", ".join(f'"{i}"' for i in self.facts.location_ids),
                horizon_days=self.horizon_days,
                notice=self.minimum_notice,
                live_hours=self.live_hours,
            ),
            encoding="utf-8",
        )

    def command(self, *arguments: str) -> list[str]:
        """
        Return the command line of Frontdesk with *arguments*, for this home.
        """
        program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "agent"]
        return [*program, "--home", str(self.home), *arguments]

    def tray_command(self) -> list[str]:
        """
        Return the command line of the tray with its window open, for this home; frozen it is a program of its own.
        """
        if getattr(sys, "frozen", False):
            return [str(Path(sys.executable).with_stem("frontdesk-tray")), "--home", str(self.home), "--window"]
        return self.command("tray", "--window")

    def variables(self) -> dict[str, str]:
        """
        Return the environment for its processes, keys included.
        """
        return {
            **os.environ,
            "FRONTDESK_API_KEY": API_KEY,
            f"FRONTDESK_PRACTICE_KEY_{PRACTICE_ID}": self.practice_key,
            **({} if self.server is None else {"FRONTDESK_PMS_PASSWORD": self.server.password}),
            **self.environment,
        }

    def start_engine(self) -> None:
        """
        Start the engine as a process of its own and wait until it answers.
        """
        engine = self.launch_engine()
        wait_until(lambda: engine.poll() is not None or self.status() is not None, START_LIMIT_S, "the engine answers")
        if engine.poll() is not None:
            said = self.output.read_text(encoding="utf-8", errors="replace")
            raise Misconfigured("sandbox-engine", f"The engine ended with {engine.returncode}: {said[-2000:]}")

    def launch_engine(self) -> subprocess.Popen[bytes]:
        """
        Start the engine as a process of its own, and return it without waiting.
        """
        clock = self.clock
        times = {"scale": clock.scale, "origin": clock.origin_real, "start": clock.origin.timestamp()}
        is_own_time = clock.scale != 1.0 or abs(clock.origin_real - clock.origin.timestamp()) > 1
        options = [text for name, value in times.items() for text in (f"--time-{name}", repr(value))]
        with self.output.open("wb") as output:
            self.engine = subprocess.Popen(
                self.command("engine", *(options if is_own_time else [])),
                env=self.variables(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for us: we end it in good order.
                start_new_session=sys.platform != "win32",
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        return self.engine

    def stop_engine(self, within: float = 20.0) -> int | None:
        """
        End the engine in good order; returns its exit code, None if it was not running.
        """
        engine, self.engine = self.engine, None
        if engine is None:
            return None
        try:
            self.call(Stop())
            return engine.wait(within)
        except (FrontdeskError, subprocess.TimeoutExpired):
            engine.kill()
            return engine.wait(within)

    def kill_engine(self) -> None:
        """
        End the engine as a power cut would.
        """
        if self.engine is not None:
            self.engine.kill()
            self.engine.wait(20)
            self.engine = None

    def call(self, command: Command) -> Reply:
        """
        Send one command to the engine.
        """
        with IpcClient.connect(address_of(self.home), program="sandbox") as client:
            return client.call(command)

    def status(self) -> EngineStatus | None:
        """
        Return the engine's status, or None if there is no engine that answers.
        """
        try:
            reply = self.call(GetStatus())
        except FrontdeskError:
            return None
        return reply.status if isinstance(reply, Done) else None

    def run(self, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """
        Run `frontdesk` with *arguments* and return what it printed.
        """
        return subprocess.run(
            self.command(*arguments),
            env=self.variables(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            encoding="utf-8",
        )


def _carrier(database: Path, wanted: str) -> tuple[str, str]:
    """
    Return the carrier and what it connects to.
    """
    driver = "" if wanted == "sqlite" else sqlite_driver()
    connection = f"Driver={{{driver}}};Database={database};Timeout=2000;NoCreat=1"
    if driver and _can_read(connection):
        return "odbc", connection
    if wanted == "odbc":
        raise Transient("sandbox-no-driver", "There is no ODBC driver here that reads a SQLite file.")
    return "sqlite", str(database)


def _can_read(connection: str) -> bool:
    """
    Return whether a driver that is installed does its work, too: one that belongs to another system's paths does not.
    """
    import pyodbc  # noqa: PLC0415 - as below

    try:
        link = pyodbc.connect(connection, autocommit=True)
        try:
            return link.execute("SELECT count(*) FROM practice_info").fetchone() is not None
        finally:
            link.close()
    except pyodbc.Error:
        return False


def _driver_errors(server: ServerDatabase | None) -> tuple[type[Exception], ...]:
    if server is None:
        return (sqlite3.Error,)
    import pyodbc  # noqa: PLC0415 - as above

    return (pyodbc.Error,)


def wait_until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """
    Look ten times a second until *condition* is true.

    Raises:
        Transient: after *seconds* of the machine's own time (`sandbox-timeout`), naming *what*.
    """
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Transient("sandbox-timeout", f"Waited {seconds:g} s in vain until {what}.")
        time.sleep(0.1)


def sqlite_driver() -> str:
    """
    Return the name of an ODBC driver for SQLite that is installed here, or the empty text.
    """
    try:
        import pyodbc  # noqa: PLC0415 - fails to load where there is no ODBC driver manager
    except ImportError:
        return ""
    names: Sequence[str] = pyodbc.drivers()
    return next((name for name in names if "sqlite3" in name.lower()), "")
