"""
How long the window keeps a click waiting: the lag of its event loop, with an engine that hangs and with much to show.

Beside the wall's clock stands the time that the window itself worked: on a busy machine the one is longer. The program is the
product's own over the real IPC, drawn without a screen, while somebody opens tab after tab, scrolls, and moves over the map.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle, pairwise
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication, QTableView

from agent.ui.commands import RESYNC
from agent.ui.connection import connector
from agent.ui.helpdesk import Helpdesk
from agent.ui.main import TrayProgram
from agent.ui.window import StatusWindow
from benchmarks.process import Child
from benchmarks.report import Figure

SECONDS = 12.0
LIMIT_MS = 50.0
TICK_MS = 1
HAND_MS = 120
"""How often the person at the window does something: faster than anybody can."""


class Turn(NamedTuple):
    """
    A turn of the event loop.

    Attributes:
        at: Seconds, of a clock that only goes forward.
        worked: Seconds for which this thread has had a processor.
    """

    at: float
    worked: float


def run(folder: Path) -> list[Figure]:
    """
    Measure both.
    """
    figures: list[Figure] = []
    for kind, what in (("hung", "the engine hung"), ("full", "10,000 bookings, 40 practitioners x 90 days")):
        home = folder / kind
        (home / "run").mkdir(parents=True)
        engine = Child("benchmarks.window_engine", str(home), kind)
        engine.start()
        try:
            turns = _turns(home)
        finally:
            engine.stop()
        pairs = list(pairwise(turns))
        lag = _waits((b.at - a.at, b.at - a.at) for a, b in pairs)
        work = _waits((b.at - a.at, b.worked - a.worked) for a, b in pairs)
        detail = f"{len(turns)} turns of the loop in {turns[-1].at - turns[0].at:.1f} s"
        figures += [
            Figure(
                case="window", what=f"lag, 99 of 100 moments: {what}", value=p99(lag), unit="ms", limit=LIMIT_MS, detail=detail
            ),
            Figure(case="window", what=f"lag, the longest: {what}", value=max(lag), unit="ms"),
            Figure(case="window", what=f"its own work, 99 of 100 moments: {what}", value=p99(work), unit="ms"),
            Figure(case="window", what=f"its own work, the longest: {what}", value=max(work), unit="ms"),
        ]
    return figures


def p99(waits: Sequence[float]) -> float:
    """
    Return what 99 of 100 waits are not longer than.
    """
    return sorted(waits)[int(len(waits) * 0.99)]


def _turns(home: Path) -> list[Turn]:
    """
    Return when the event loop turned while the window was used, its first second left out.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    connect = connector(home)
    settings = QSettings(str(home / "tray.ini"), QSettings.Format.IniFormat)
    helpdesk = Helpdesk(connect, home=home, logs=home, saved_in=home)
    program = TrayProgram(connect, settings, helpdesk=helpdesk, open_at_start=True)
    turns: list[Turn] = []
    ticks, hand, end = QTimer(), QTimer(), QTimer()
    ticks.timeout.connect(lambda: turns.append(Turn(time.perf_counter(), time.thread_time())))
    person = _person(program.window)
    hand.timeout.connect(lambda: next(person))
    end.setSingleShot(True)
    end.timeout.connect(app.quit)
    program.start()
    ticks.start(TICK_MS)
    hand.start(HAND_MS)
    end.start(int(SECONDS * 1000))
    app.exec()
    for timer in (ticks, hand):
        timer.stop()
    program.stop()
    return [turn for turn in turns if turn.at - turns[0].at >= 1]


def _person(window: StatusWindow) -> Iterator[None]:
    """
    Do one thing after the other: the next tab, a few lines down, a few days across, a resync.
    """
    for number in cycle(range(window.tabs.count())):
        window.tabs.setCurrentIndex(number)
        yield
        for table in window.tabs.currentWidget().findChildren(QTableView):
            if not table.isVisible() or not table.model().rowCount():
                continue
            bar = table.verticalScrollBar()
            for step in range(1, 5):
                bar.setValue(bar.maximum() * step // 4)
                table.setCurrentIndex(table.model().index(step % table.model().rowCount(), step % table.model().columnCount()))
                yield
        window.wanted.emit(RESYNC)
        yield


def _waits(gaps: Iterable[tuple[float, float]]) -> list[float]:
    """
    Return how long, in ms, a click at each millisecond would have waited: in a long gap many would, each less than the last.

    Args:
        gaps: Seconds from one turn to the next, and for how many of them a click would have had to wait.
    """
    waits: list[float] = []
    for whole, busy in gaps:
        longest = max(0, round(busy * 1000) - TICK_MS)
        waits += range(longest, 0, -1)
        waits += [0.0] * max(1, round(whole * 1000) - longest)
    return waits
