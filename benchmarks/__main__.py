"""
Run the benchmarks: `python -m benchmarks [case ...] [--runs N]`. Exit code 1 if a limit was not kept.

`crash`, `steady` and `tray` take long and run only when they are named.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from agent.sandbox.crash.run import Plan
from benchmarks import availability, bookings, crash, database, engine, matching, practice, steady, tray, window
from benchmarks.database import LARGEST, ORDINARY, Size
from benchmarks.report import Figure, show
from benchmarks.rig import local_now

CASES: dict[str, tuple[Size, Callable[[Path, Path, int], list[Figure]]]] = {
    "availability": (LARGEST, lambda folder, path, runs: availability.run(folder, path, runs=runs)),
    "waiting": (ORDINARY, lambda folder, path, runs: bookings.waiting(folder, path, runs=runs)),
    "burst": (ORDINARY, lambda folder, path, runs: bookings.burst(folder, path, runs=min(runs, 3))),
    "matching": (ORDINARY, lambda folder, _path, runs: matching.run(folder, runs=max(runs, 5))),
    "practice": (ORDINARY, lambda _folder, _path, runs: practice.run(runs=runs)),
    "window": (ORDINARY, lambda folder, _path, _runs: window.run(folder)),
    "rest": (ORDINARY, lambda folder, path, _runs: engine.at_rest(folder, path)),
    "tray": (ORDINARY, lambda folder, path, _runs: tray.run(folder, path)),
}

LONG = ("crash", "steady")
ON_DEMAND = ("tray",)
"""Needs a virtual screen, and says most beside another program."""


def main() -> int:
    """
    Run what is asked for and print the figures.
    """
    parser = argparse.ArgumentParser(prog="benchmarks", description="How fast, against the least that could be done.")
    parser.add_argument("cases", nargs="*", metavar="case", help=f"{', '.join(CASES)} (default: these); {', '.join(LONG)}")
    parser.add_argument("--runs", type=int, default=3, help="how often each comparison is repeated; the median counts")
    parser.add_argument("--seed", type=int, default=1, help="crash: what happens when (default 1)")
    parser.add_argument(
        "--database", choices=crash.DATABASES, default=crash.DATABASES[0], help="crash: what the practice runs on"
    )
    parser.add_argument("--deaths", type=int, default=300, help="crash: how many at random; bookings are in proportion")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.cases if name not in {*CASES, *LONG}]
    if unknown:
        parser.error(f"there is no case {unknown[0]!r}; there are {', '.join((*CASES, *LONG))}")
    figures: list[Figure] = []
    with TemporaryDirectory(prefix="frontdesk-bench-") as name:
        folder = Path(name)
        for case in arguments.cases or [case for case in CASES if case not in ON_DEMAND]:
            start = time.monotonic()
            if case == "crash":
                figures += crash.run(folder / case, plan=_plan(arguments), database=arguments.database)
            elif case == "steady":
                figures += steady.run(folder / case)
            else:
                figures += _compared(folder, case, arguments.runs)
            print(f"{case}: {time.monotonic() - start:.0f} s", file=sys.stderr)
    return 0 if show(figures) else 1


def _plan(arguments: argparse.Namespace) -> Plan:
    whole = Plan()
    share = arguments.deaths / whole.deaths
    return Plan(
        bookings=round(whole.bookings * share),
        cancellations=round(whole.cancellations * share),
        deaths=arguments.deaths,
        seed=arguments.seed,
    )


def _compared(folder: Path, case: str, runs: int) -> list[Figure]:
    size, measure = CASES[case]
    path = folder / f"practice-{size.practitioners}.sqlite"
    if not path.exists():
        database.build(path, size, today=local_now().date())
    return measure(folder / case, path, runs)


if __name__ == "__main__":
    sys.exit(main())
