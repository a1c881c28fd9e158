"""
One world lived through from beginning to end.
"""

from __future__ import annotations

import random
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from agent.sandbox.year.days import Days
from agent.sandbox.year.life import Life
from agent.sandbox.year.room import quiet_logs
from agent.sandbox.year.world import CASTS, Fault, Figures, Violation

FIRST = date(2026, 7, 6)
TARGET = 0.005
"""Hidden by a wrong contract or the brake: less than this part of the live hours."""

_MEMORY = Path("/dev/shm")  # noqa: S108 - where there is such a folder, waiting for a disk is saved


def live_through(name: str, *, seed: int, days: int, first: date = FIRST, fault: Fault = Fault.NONE) -> Life:
    """
    Live through *days* days of the world *name* and return what is left of it.
    """
    cast = next(cast for cast in CASTS if cast.name == name)
    random.seed(seed)  # back-off has jitter
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None)))
        life = Life(cast, folder, first=first, days=days, seed=seed, fault=fault)
        life.live(Days(life).prepare)
        return life


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """
    What one world's year came to, and how long it took.
    """

    name: str
    seconds: float
    figures: Figures
    violations: list[Violation]


def outcome(name: str, *, seed: int, days: int, fault: Fault) -> Outcome:
    """
    Live through one world and return what is to be said of it.
    """
    began = time.perf_counter()
    with quiet_logs():
        life = live_through(name, seed=seed, days=days, fault=fault)
    seconds = time.perf_counter() - began
    return Outcome(name=name, seconds=seconds, figures=life.figures, violations=life.violations.found)
