"""
The engine's status, put together from what it knows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from agent.domain.health import overall
from agent.domain.status import (
    BookingLine,
    EngineStatus,
    ResyncStatus,
    WorkerStatus,
)
from agent.domain.tasks import task_line
from agent.engine.desk import PracticeDesk
from agent.ports.clock import Clock
from agent.store.store import Store
from agent.sync.coming import booking_line

MOST_BOOKINGS = 200
"""How many bookings a status carries, the newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """
    What does not change while an engine runs, and where to ask for its workers.
    """

    version: str
    pid: int
    profile: str
    carrier: str
    time_scale: float
    workers: Callable[[], Sequence[tuple[str, int, str]]]
    vendor: str = ""


def report(
    *,
    facts: Facts,
    store: Store,
    clock: Clock,
    desks: Sequence[PracticeDesk],
    since: datetime,
    is_paused: bool,
    paused_until: datetime | None,
    resync: ResyncStatus | None,
    in_maintenance: bool = False,
) -> EngineStatus:
    """
    Return everything that a tray, a window or `frontdesk status` shows.
    """
    now = clock.now()
    channels = [c.status(now, live=d.is_live(now), paused=is_paused) for d in desks for c in d.channels]
    conditions = store.conditions.open_conditions()
    tasks = store.tasks.open_tasks()
    counts: Counter[str] = Counter()
    lines: list[BookingLine] = []
    for desk in desks:
        counts.update({state.value: n for state, n in store.ledger.counts(desk.practice.id).items()})
        recent = store.ledger.bookings(desk.practice.id, start_from=desk.context.local_now() - timedelta(days=1))
        lines += [booking_line(entry) for entry in recent]
    lines.sort(key=lambda line: line.updated_at, reverse=True)
    return EngineStatus(
        state=overall(
            is_set_up=bool(desks),
            is_paused=is_paused,
            open_tasks=len(tasks),
            channels=channels,
            conditions=conditions,
        ),
        at=now,
        since=since,
        version=facts.version,
        pid=facts.pid,
        profile=facts.profile,
        carrier=facts.carrier,
        time_scale=facts.time_scale,
        vendor=facts.vendor,
        paused_until=None if paused_until == datetime.max.replace(tzinfo=UTC) else paused_until,
        practices=tuple(desk.status(now) for desk in desks),
        channels=tuple(channels),
        conditions=tuple(conditions),
        bookings=tuple(lines[:MOST_BOOKINGS]),
        booking_counts=dict(counts),
        tasks=tuple(map(task_line, tasks)),
        workers=tuple(WorkerStatus(name=name, pid=pid, state=state) for name, pid, state in facts.workers()),
        resync=resync,
        in_maintenance=in_maintenance,
    )
