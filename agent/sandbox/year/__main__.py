"""
Live through the year: `python -m agent.sandbox.year`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from multiprocessing import get_context

from agent.sandbox.year.outcome import FIRST, TARGET, Outcome, outcome
from agent.sandbox.year.world import CASTS, Fault, Figures, Violation


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
    names = options.practice or [cast.name for cast in CASTS]
    live = partial(outcome, seed=options.seed, days=options.days, fault=options.fault)
    is_good = True
    with ExitStack() as stack:
        outcomes: Iterable[Outcome] = map(live, names)
        if len(names) > 1:
            pool = stack.enter_context(ProcessPoolExecutor(min(len(names), os.cpu_count() or 1), get_context("spawn")))
            outcomes = pool.map(live, names)
        for found in outcomes:
            print(f"{found.name}: {options.days} days from {FIRST}, seed {options.seed}, in {found.seconds:.0f} s")
            show(found.figures, found.violations)
            is_good = is_good and not found.violations and found.figures.share < TARGET
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
