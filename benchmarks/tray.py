"""
What the tray costs at rest, beside another Python program with an icon; and what ten trays cost the engine.

`FRONTDESK_BENCH_RIVAL` names the other program's command line, such as that of vorta in an environment of its own; without it
there is nothing to compare with. Everything is drawn on a virtual screen with a notification area.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

import psutil

from benchmarks.engine import RunningEngine
from benchmarks.process import ROOT
from benchmarks.report import Figure
from benchmarks.sink import Sink

sys.path.append(str(ROOT / "tests" / "ui"))  # the screen of the tests
from screen_support import Screen, wait_for  # after the path

RIVAL = "FRONTDESK_BENCH_RIVAL"
REST_S = 20.0
SETTLE_S = 10.0
TRAYS = 10
STARTS = 3

EMBEDDED = re.compile(r"""\s+0x[0-9a-f]+ "[^"]*": \("(?!trayer|panel)[^"]+" """)
"""A line of `xwininfo` about a window with a program's name; those of the area itself have its own, or none."""


class Rest(NamedTuple):
    """
    Programs that have nothing to do.

    Attributes:
        cpu: Percent of one processor.
        mb: Memory, with shared pages split between those that share them.
    """

    cpu: float
    mb: float


def run(folder: Path, path: Path) -> list[Figure]:
    """
    Measure all of it.
    """
    figures: list[Figure] = []
    with ExitStack() as stack:
        sink = stack.enter_context(Sink())
        home = folder / "home"
        engine = stack.enter_context(RunningEngine(home, path, sink))
        screen = Screen(stack, folder)
        engine.wait_until_at_rest()
        ours = (sys.executable, "-m", "agent.ui.main", "--home", str(home))
        figures += _one(screen, "frontdesk-tray", ours)
        rival = shlex.split(os.environ.get(RIVAL, ""))
        if rival:
            figures += _one(screen, Path(rival[0]).name, tuple(rival))
        figures += _ten(screen, ours, engine.processes)
    return figures


def _one(screen: Screen, name: str, command: tuple[str, ...]) -> list[Figure]:
    """
    Measure one program: how soon its icon is there (the median of several starts), and what it costs then.
    """
    seconds: list[float] = []
    for number in range(STARTS):
        look = partial(_new_icons, screen, frozenset(_icons(screen)))
        start = time.monotonic()
        process = psutil.Process(screen.start(*command).pid)
        wait_for(look, f"the icon of {name}", 60)
        seconds.append(time.monotonic() - start)
        if number < STARTS - 1:
            _end(process)
    rest = _at_rest([process, *process.children(recursive=True)])
    _end(process)
    return [
        Figure(case="tray", what=f"{name}: start to visible icon", value=sorted(seconds)[STARTS // 2], unit="s"),
        Figure(case="tray", what=f"{name}: memory at rest (PSS)", value=rest.mb, unit="MB"),
        Figure(case="tray", what=f"{name}: of one processor at rest", value=rest.cpu, unit="%", detail=f"{REST_S:.0f} s"),
    ]


def _ten(screen: Screen, command: tuple[str, ...], engine: Callable[[], list[psutil.Process]]) -> list[Figure]:
    """
    Measure the engine without and with ten trays, each in a session of its own as on a terminal server.
    """
    without = _at_rest(engine())
    threads = sum(one.num_threads() for one in engine())
    known = frozenset(_icons(screen))
    for number in range(TRAYS):
        screen.environment["WAYLAND_DISPLAY"] = f"session-{number}"  # part of what tells sessions apart
        screen.start(*command)
    wait_for(lambda: len(_new_icons(screen, known)) == TRAYS, "ten icons", 120)
    with_ten = _at_rest(engine())
    detail = f"{without.cpu:.2f} % and {without.mb:.0f} MB without a tray"
    if sum(one.num_threads() for one in engine()) < threads + TRAYS:
        raise RuntimeError("not every tray has reached the engine")
    more_cpu, more_mb = with_ten.cpu - without.cpu, with_ten.mb - without.mb
    who = f"the engine with {TRAYS} trays"
    return [
        Figure(case="tray", what=f"{who}: more of one processor", value=more_cpu, unit="%", detail=detail),
        Figure(case="tray", what=f"{who}: more memory (PSS)", value=more_mb, unit="MB"),
    ]


def _at_rest(processes: list[psutil.Process]) -> Rest:
    pause = threading.Event().wait
    pause(SETTLE_S)
    before = sum(_cpu(process) for process in processes)
    pause(REST_S)
    cpu = (sum(_cpu(process) for process in processes) - before) / REST_S * 100
    return Rest(cpu, sum(process.memory_full_info().pss for process in processes) / 2**20)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _icons(screen: Screen) -> list[str]:
    """
    Return the windows that programs have put into the notification area.
    """
    trees = [screen.tool("xwininfo", "-id", area, "-tree").splitlines() for area in screen.windows("--class", "trayer")]
    return [line.split()[0] for tree in trees for line in tree if EMBEDDED.match(line)]


def _new_icons(screen: Screen, known: frozenset[str]) -> set[str]:
    return set(_icons(screen)) - known


def _end(process: psutil.Process) -> None:
    family = [process, *process.children(recursive=True)]
    for one in family:
        one.terminate()
    psutil.wait_procs(family, 10)
