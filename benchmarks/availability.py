"""
Publishing: everything there is, and nothing at all.
"""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

from agent.domain.availability import free_time
from agent.domain.days import DateRange
from agent.domain.diary import Diary
from agent.domain.publishing import Asked, batches, chunks
from agent.healthengine import bodies
from agent.pms.sql import parameters
from agent.pms.sql.profile import load_profile, profile_folders
from agent.sync.rules import book_of
from benchmarks import bare, database
from benchmarks.bare import timed
from benchmarks.report import Figure, compare, of_runs
from benchmarks.rig import PRACTICE, Rig, local_now, rig
from benchmarks.sink import Sink

EVERYTHING = Asked(everything=True)
SIZE = database.LARGEST
RESOURCE_DAYS = SIZE.practitioners * SIZE.days


def run(folder: Path, path: Path, *, runs: int) -> list[Figure]:
    """
    Measure a full publication, the computing in it, and a look that finds nothing changed.
    """
    with Sink(keep=True) as keeper, rig(folder / "kept", path, keeper) as parts:
        keeper.reset()
        publish(parts)
        kept = keeper.kept()
        keeper.reset()
        figures = [computed(parts, runs=runs), *unchanged(parts, path, keeper, runs=runs * 3)]
    with Sink() as sink:
        return [everything(folder, path, sink, kept, runs=runs), *figures]


def everything(folder: Path, path: Path, sink: Sink, kept: list[tuple[str, bool, bytes]], *, runs: int) -> Figure:
    """
    Measure a full publication against fetching the same rows and posting the same bodies, *kept*, one after another.
    """
    window = DateRange.of_days(local_now().date(), SIZE.days)

    def ours() -> float:
        with rig(folder / "full", path, sink) as fresh:
            return timed(lambda: publish(fresh))

    def read_and_post() -> None:
        bare.read_window(path, window.first, window.end)
        bare.post_all(sink.url, kept, at_once=1)

    sent = sum(len(body) for _, _, body in kept) / 1e6
    return compare(ours, lambda: timed(read_and_post), runs=runs).figure(
        "everything",
        "against fetching and posting the same",
        limit=1.5,
        detail=f"{SIZE}, {len(kept)} calls, 20 ms each, {sent:.2f} MB",
    )


def publish(parts: Rig) -> None:
    """
    Send everything; anything less is a mistake of the benchmark.
    """
    report = parts.publishing.run(EVERYTHING)
    assert report.acknowledged == RESOURCE_DAYS, report


def unchanged(parts: Rig, path: Path, sink: Sink, *, runs: int) -> list[Figure]:
    """
    Measure a look that finds nothing changed, against the marker queries alone; everything has been sent and acknowledged.
    """
    profile = load_profile(*profile_folders("sandbox"))
    bound = parameters.window(profile, DateRange.of_days(local_now().date(), SIZE.days))
    statements = [statement.bind(bound) for statement in profile.statements["markers"]]
    parts.publishing.run()
    with closing(bare.connect(path)) as connection:
        look = compare(
            lambda: timed(parts.publishing.run), lambda: timed(lambda: bare.run_queries(connection, statements)), runs=runs
        )
    calls = sum(sink.seen()["calls"].values())
    return [
        look.figure("nothing changed", "against the marker queries alone", limit=1.5, detail=str(SIZE)),
        Figure(case="nothing changed", what="calls to Healthengine", value=calls, limit=0, detail=f"in {runs + 1} looks"),
    ]


def computed(parts: Rig, *, runs: int) -> Figure:
    """
    Measure the processor's time from rows in memory to bodies in memory, without reading or sending.
    """
    catalogue, now = parts.context.catalogue, local_now()
    book = book_of(parts.context, catalogue)
    seconds = [0.0] * runs

    def compute(window: DateRange, diary: Diary) -> None:
        desired = [book.apply(day, now).published for day in free_time(catalogue, diary, window, PRACTICE.zone)]
        for day in desired:
            day.fingerprint()
        for batch in batches(desired):
            bodies.availability(batch)

    for window in chunks(list(DateRange.of_days(now.date(), SIZE.days))):
        diary = parts.context.pms.diary(window)
        for i in range(runs):
            before = time.thread_time()
            compute(window, diary)
            seconds[i] += time.thread_time() - before
    microseconds = [total / RESOURCE_DAYS * 1e6 for total in seconds]
    what = "computing, for each resource and day"
    return of_runs(microseconds, "everything", what, unit="us", limit=60, detail=f"{RESOURCE_DAYS} of them, {runs} runs")
