"""
The engine as it is run: a process of its own with a home folder, over the benchmark's database and sink.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from benchmarks import database
from benchmarks.process import ROOT
from benchmarks.report import Figure
from benchmarks.rig import BASE_PATH, PRACTICE, ZONE, booking_bodies, connection_text, local_now, wait_for_answers
from benchmarks.sink import Sink

REST_S = 30.0
POLL = f"GET {BASE_PATH}/requests"
CONFIG = """\
[vendor]
name = "Frontdesk"
email = "support@example.com"
environment = "benchmark"

[healthengine]
base_url = "{url}"

[pms]
profile = "sandbox"
carrier = "odbc"
connection = '{connection}'

[[practices]]
id = "{practice}"
name = "Benchmark"
timezone = "{zone}"
live_hours = "Mon-Sun 00:00-23:59, holidays 00:00-23:59"
horizon_days = 60
"""


class RunningEngine:
    """
    An engine, for the time of a `with`.
    """

    def __init__(self, home: Path, path: Path, sink: Sink) -> None:
        self._home = home
        self._sink = sink
        home.mkdir(parents=True)
        config = CONFIG.format(url=sink.url + BASE_PATH, connection=connection_text(path), practice=PRACTICE.id, zone=ZONE.key)
        (home / "config.toml").write_text(config, encoding="utf-8")
        self.started = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        keys = {"FRONTDESK_API_KEY": "benchmark", f"FRONTDESK_PRACTICE_KEY_{PRACTICE.id}": "benchmark"}
        self.started = time.time()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "agent", "--home", str(self._home), "engine"],
            cwd=ROOT,
            env={**os.environ, **keys},
            stdin=subprocess.DEVNULL,
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)

    def processes(self) -> list[psutil.Process]:
        """
        Return the engine's process and those it started.
        """
        assert self._process is not None
        engine = psutil.Process(self._process.pid)
        return [engine, *engine.children(recursive=True)]

    def wait_until_at_rest(self, *, limit: float = 120.0) -> None:
        """
        Wait until it has published everything and has sent nothing but polls for ten seconds.
        """
        pause = threading.Event()
        quiet_since, seen = time.monotonic(), -1
        end = time.monotonic() + limit
        while time.monotonic() < end:
            calls = self._sink.seen()["calls"]
            others = sum(number for call, number in calls.items() if call != POLL)
            if others != seen or POLL not in calls:
                quiet_since, seen = time.monotonic(), others
            elif time.monotonic() - quiet_since > 10:
                return
            pause.wait(0.5)
        raise TimeoutError("the engine did not come to rest")


def at_rest(folder: Path, path: Path) -> list[Figure]:
    """
    Measure an engine that has nothing to do, after a booking: until the first one it has no process for them.
    """
    with Sink() as sink, RunningEngine(folder / "rest", path, sink) as engine:
        engine.wait_until_at_rest()
        first_poll = sink.seen()["first"][POLL] - engine.started
        sink.offer(booking_bodies(database.free_slots(path, 1, after=local_now()), first_id=1))
        wait_for_answers(sink, 1, limit=30)
        engine.wait_until_at_rest()
        processes = engine.processes()
        before = sum(_cpu(process) for process in processes)
        threading.Event().wait(REST_S)
        cpu = (sum(_cpu(process) for process in processes) - before) / REST_S * 100
        memory = [process.memory_full_info() for process in processes]
    names = f"engine and {len(processes) - 1} workers"
    figures = [
        Figure(case="at rest", what="from start to the first poll", value=first_poll, unit="s", detail=str(database.ORDINARY)),
        Figure(case="at rest", what="of one processor", value=cpu, unit="%", detail=f"{names}, {REST_S:.0f} s, a poll every 5 s"),
    ]
    # Shared pages: counted for every process in the first, split between them in the second, which not every system tells.
    for kind, meaning in (("rss", "shared pages counted each time"), ("pss", "shared pages counted once")):
        if hasattr(memory[0], kind):
            size = sum(getattr(m, kind) for m in memory) / 2**20
            figures.append(
                Figure(case="at rest", what=f"memory ({kind.upper()})", value=size, unit="MB", detail=f"{names}; {meaning}")
            )
    return figures


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
