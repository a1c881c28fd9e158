"""
What was measured, against its limit.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import psutil
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """
    One measured value.

    Attributes:
        limit: The most it may be; None: it is only shown.
        detail: What it was made from.
    """

    case: str
    what: str
    value: float
    unit: str = ""
    limit: float | None = None
    detail: str = ""

    @property
    def kept(self) -> bool:
        """
        Whether the limit was kept.
        """
        return self.limit is None or self.value <= self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """
    Our seconds and the bare seconds, pair by pair: each pair was measured back to back, so that a busy machine slows both.
    """

    ours: tuple[float, ...]
    bare: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """
        The median of the pairs' ratios.
        """
        return median(ours / bare for ours, bare in zip(self.ours, self.bare, strict=True))

    def __str__(self) -> str:
        return f"{median(self.ours):.3f} s against {median(self.bare):.3f} s, median of {len(self.ours)}"


def compare(ours: Callable[[], float], bare: Callable[[], float], *, runs: int) -> Comparison:
    """
    Measure both in turn; each callable does its own preparation and returns the seconds that count.
    """
    pairs = [(ours(), bare()) for _ in range(runs)]
    return Comparison(ours=tuple(a for a, _ in pairs), bare=tuple(b for _, b in pairs))


def show(figures: Sequence[Figure]) -> bool:
    """
    Print a table, and return whether every limit was kept.
    """
    memory = psutil.virtual_memory().total / 2**30
    table = Table(
        title=f"Python {platform.python_version()}, {psutil.cpu_count()} processors, {memory:.0f} GB, {platform.system()}"
    )
    for column in ("case", "what", "value", "limit", "", "from"):
        table.add_column(column, justify="right" if column in {"value", "limit"} else "left", overflow="fold")
    for figure in figures:
        verdict = "" if figure.limit is None else "ok" if figure.kept else "TOO MUCH"
        limit = "" if figure.limit is None else f"{figure.limit:g}"
        table.add_row(figure.case, figure.what, f"{figure.value:.3g} {figure.unit}".strip(), limit, verdict, figure.detail)
    Console(width=150).print(table)
    return all(figure.kept for figure in figures)
