"""
Live through the year: `python -m agent.sandbox.year`.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import date, timedelta
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


def main(arguments: list[str] | None = None) -> int:
    """
    Print what the year came to; 1 if anything happened that never may.
    """
    parser = argparse.ArgumentParser(prog="python -m agent.sandbox.year", description="A simulated year of three practices.")
    parser.add_argument("--practice", choices=[cast.name for cast in CASTS], action="append", help="only this one (repeatable)")
    parser.add_argument("--seed", type=int, default=1, help="what happens when (default 1)")
    parser.add_argument("--days", type=int, default=365, help="how long (default 365)")
    parser.add_argument("--fault", type=Fault, choices=list(Fault), default=Fault.NONE, help="break something on purpose")
    options = parser.parse_args(arguments)
    is_good = True
    for name in options.practice or [cast.name for cast in CASTS]:
        began = time.perf_counter()
        with quiet_logs():
            life = live_through(name, seed=options.seed, days=options.days, fault=options.fault)
        print(f"{name}: {options.days} days from {FIRST}, seed {options.seed}, in {time.perf_counter() - began:.0f} s")
        show(life.figures, life.violations.found)
        is_good = is_good and not life.violations.found and life.figures.share < TARGET
    return 0 if is_good else 1


def show(figures: Figures, violations: list[Violation]) -> None:
    """
    Print one world's year.
    """
    for title, counts in (
        ("what came of it", figures.counts),
        ("what happened", figures.events),
        ("tasks opened", figures.tasks),
        ("checked", figures.checks),
    ):
        print(f"  {title}")
        for key in sorted(counts):
            print(f"    {key:<44}{counts[key]:>9}")
    print("  hours")
    lines = [("live", figures.live), *((f"hidden: {why}", span) for why, span in sorted(figures.hidden.items()))]
    lines += [("hidden: brake", figures.held), ("open, but outside the live hours", figures.unwatched)]
    for key, span in lines:
        print(f"    {key:<44}{span / timedelta(hours=1):>9.1f}")
    print(f"    {'hidden by a wrong contract or the brake':<44}{figures.share:>9.2%}  (target below {TARGET:.1%})")
    for day, seconds in figures.worst.most_common(5):
        print(f"    {f'hidden by a wrong contract on {day:%a %d/%m/%Y}':<44}{seconds / 3600:>9.1f}")
    print(f"  {len(violations)} violations")
    for violation in violations[:40]:
        print(f"    {violation.at:%Y-%m-%d %H:%M:%S}Z {violation.kind}: {violation.what}")


if __name__ == "__main__":
    sys.exit(main())
