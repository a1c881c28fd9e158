"""
Run the benchmarks: `python -m benchmarks [case ...] [--runs N]`. Exit code 1 if a limit was not kept.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import availability, bookings, database, engine
from benchmarks.database import LARGEST, ORDINARY, Size
from benchmarks.report import Figure, show
from benchmarks.rig import local_now

CASES: dict[str, tuple[Size, Callable[[Path, Path, int], list[Figure]]]] = {
    "availability": (LARGEST, lambda folder, path, runs: availability.run(folder, path, runs=runs)),
    "waiting": (ORDINARY, lambda folder, path, runs: bookings.waiting(folder, path, runs=runs)),
    "burst": (ORDINARY, lambda folder, path, runs: bookings.burst(folder, path, runs=min(runs, 3))),
    "rest": (ORDINARY, lambda folder, path, _runs: engine.at_rest(folder, path)),
}


def main() -> int:
    """
    Run what is asked for and print the figures.
    """
    parser = argparse.ArgumentParser(prog="benchmarks", description="How fast, against the least that could be done.")
    parser.add_argument("cases", nargs="*", metavar="case", help=f"{', '.join(CASES)} (default: all)")
    parser.add_argument("--runs", type=int, default=3, help="how often each comparison is repeated; the median counts")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.cases if name not in CASES]
    if unknown:
        parser.error(f"there is no case {unknown[0]!r}; there are {', '.join(CASES)}")
    figures: list[Figure] = []
    with TemporaryDirectory(prefix="frontdesk-bench-") as name:
        folder = Path(name)
        for case in arguments.cases or CASES:
            size, measure = CASES[case]
            path = folder / f"practice-{size.practitioners}.sqlite"
            if not path.exists():
                database.build(path, size, today=local_now().date())
            start = time.monotonic()
            figures += measure(folder / case, path, arguments.runs)
            print(f"{case}: {time.monotonic() - start:.0f} s", file=sys.stderr)
    return 0 if show(figures) else 1


if __name__ == "__main__":
    sys.exit(main())
