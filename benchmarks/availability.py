"""
Publishing: everything there is, and nothing at all.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median

from agent.domain.availability import after_notice, free_time
from agent.domain.days import DateRange
from agent.domain.publishing import CHUNK_DAYS, Asked, batches
from agent.healthengine import bodies
from agent.pms.sql import parameters
from agent.pms.sql.profile import load_profile, profile_folders
from benchmarks import bare, database
from benchmarks.bare import timed
from benchmarks.report import Figure, compare
from benchmarks.rig import PRACTICE, Rig, local_now, rig
from benchmarks.sink import Sink

EVERYTHING = Asked(everything=True)
RESOURCE_DAYS = database.PRACTITIONERS * database.DAYS


def run(folder: Path, path: Path, *, runs: int) -> list[Figure]:
    """
    Measure a full publication, the computing in it, and a look that finds nothing changed.
    """
    with Sink() as sink, Sink(keep=True) as keeper:
        with rig(folder / "kept", path, keeper) as parts:
            keeper.reset()
            publish(parts)
            kept = keeper.kept()
            compute = median(seconds_to_compute(parts) for _ in range(runs))
        window = DateRange.of_days(local_now().date(), database.DAYS)

        def ours() -> float:
            with rig(folder / "full", path, sink) as fresh:
                return timed(lambda: publish(fresh))

        def least() -> float:
            def read_and_post() -> None:
                bare.read_window(path, window.first, window.end)
                bare.post_all(sink.url, kept, at_once=1)

            return timed(read_and_post)

        full = compare(ours, least, runs=runs)
        figures = [
            Figure(
                case="everything", what="against fetching and posting the same", value=full.ratio, limit=1.5, detail=str(full)
            ),
            Figure(
                case="everything",
                what="computing, for each resource and day",
                value=compute / RESOURCE_DAYS * 1e6,
                unit="us",
                limit=60,
                detail=f"{compute:.3f} s for {RESOURCE_DAYS}",
            ),
            Figure(
                case="everything",
                what="sent",
                value=sum(len(body) for _, _, body in kept) / 1e6,
                unit="MB",
                detail=f"{len(kept)} calls, 20 ms each",
            ),
        ]
        return figures + unchanged(folder, path, sink, runs=runs)


def publish(parts: Rig) -> None:
    """
    Send everything; anything less is a mistake of the benchmark.
    """
    report = parts.publishing.run(EVERYTHING)
    assert report.acknowledged == RESOURCE_DAYS, report


def unchanged(folder: Path, path: Path, sink: Sink, *, runs: int) -> list[Figure]:
    """
    Measure a look that finds nothing changed, against the marker queries alone.
    """
    profile = load_profile(*profile_folders("sandbox"))
    window = DateRange.of_days(local_now().date(), database.DAYS)
    bound = parameters.window(profile, window)
    statements = [statement.bind(bound) for statement in profile.statements["markers"]]
    with rig(folder / "unchanged", path, sink) as parts:
        publish(parts)
        parts.publishing.run()
        sink.reset()
        connection = bare.connect(path)
        try:
            look = compare(
                lambda: timed(parts.publishing.run),
                lambda: timed(lambda: bare.run_queries(connection, statements)),
                runs=runs * 3,
            )
        finally:
            connection.close()
        calls = sum(sink.seen()["calls"].values())
    return [
        Figure(case="nothing changed", what="against the marker queries alone", value=look.ratio, limit=1.5, detail=str(look)),
        Figure(case="nothing changed", what="calls to Healthengine", value=calls, limit=0, detail=f"in {runs * 3} looks"),
    ]


def seconds_to_compute(parts: Rig) -> float:
    """
    Return how long it takes to get from rows in memory to bodies in memory, without reading or sending.
    """
    catalogue, now = parts.context.catalogue, local_now()
    year = DateRange.of_days(now.date(), database.DAYS)
    total = 0.0
    for start in range(0, database.DAYS, CHUNK_DAYS):
        days = list(year)[start : start + CHUNK_DAYS]
        window = DateRange.of_days(days[0], len(days))
        diary = parts.context.pms.diary(window)

        def compute(window: DateRange = window, diary: object = diary) -> None:
            free = free_time(catalogue, diary, window, PRACTICE.zone)  # type: ignore[arg-type] # a diary, bound at once
            desired = [after_notice(day, now) for day in free]
            for day in desired:
                day.fingerprint()
            for batch in batches(desired):
                bodies.availability(batch)

        total += timed(compute)
    return total
