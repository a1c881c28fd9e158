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
        least, most: Between which values the runs were whose median this is; None: there was one run.
        detail: What it was made from.
    """

    case: str
    what: str
    value: float
    unit: str = ""
    limit: float | None = None
    least: float | None = None
    most: float | None = None
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
    def ratios(self) -> Sequence[float]:
        """
        Of each pair.
        """
        return [ours / bare for ours, bare in zip(self.ours, self.bare, strict=True)]

    def __str__(self) -> str:
        return f"{median(self.ours):.3f} s against {median(self.bare):.3f} s, {len(self.ours)} runs"

    def figure(self, case: str, what: str, *, limit: float | None, detail: str) -> Figure:
        """
        Return the median ratio for the table.
        """
        return of_runs(self.ratios, case, what, limit=limit, detail=f"{self}; {detail}")


def of_runs(
    values: Sequence[float], case: str, what: str, *, unit: str = "", limit: float | None = None, detail: str = ""
) -> Figure:
    """
    Return the median of several runs' *values* for the table.
    """
    return Figure(
        case=case,
        what=what,
        value=median(values),
        unit=unit,
        limit=limit,
        least=min(values),
        most=max(values),
        detail=detail,
    )


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
    for column in ("case", "what", "value", "min-max", "limit", "", "from"):
        table.add_column(column, justify="right" if column in {"value", "min-max", "limit"} else "left", overflow="fold")
    for figure in figures:
        verdict = "" if figure.limit is None else "ok" if figure.kept else "TOO MUCH"
        limit = "" if figure.limit is None else f"{figure.limit:g}"
        spread = "" if figure.least is None or figure.most is None else f"{figure.least:.3g}-{figure.most:.3g}"
        value = f"{figure.value:.3g} {figure.unit}".strip()
        table.add_row(figure.case, figure.what, value, spread, limit, verdict, figure.detail)
    Console(width=160).print(table)
    return all(figure.kept for figure in figures)
