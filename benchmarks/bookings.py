"""
Bookings: a thousand that wait, and two hundred at the same moment.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from statistics import median

from agent.app.running import SENDERS
from benchmarks import bare, database
from benchmarks.bare import BareBooking, timed
from benchmarks.engine import RunningEngine
from benchmarks.report import Figure, compare, of_runs
from benchmarks.rig import BASE_PATH, booking_bodies, local_now, rig, wait_for_answers
from benchmarks.sink import Sink

WAITING = 1000
AT_ONCE = 200
SLOW_ANSWER_S = 0.150
PATIENT_ID = 7


def waiting(folder: Path, path: Path, *, runs: int) -> list[Figure]:
    """
    Measure a thousand waiting bookings, against inserting them and posting as many answers at a time.
    """
    slots = database.free_slots(path, WAITING, after=local_now())
    copies = _copies(folder, path)
    with Sink() as sink:

        def ours() -> float:
            with rig(folder / "state", next(copies), sink) as parts:
                sink.reset()
                sink.offer(booking_bodies(slots, first_id=1))

                def enter() -> None:
                    parts.poll()
                    wait_for_answers(sink, WAITING, limit=120)

                return timed(enter)

        def least() -> float:
            copy = next(copies)
            sink.reset()
            return timed(lambda: bare.book_all(copy, sink.url + BASE_PATH, _bare(slots), at_once=SENDERS))

        entered = compare(ours, least, runs=runs)
    detail = f"{database.ORDINARY}; {SENDERS} answers at a time, 20 ms each"
    return [entered.figure(f"{WAITING} bookings wait", "against bare inserts and posts", limit=2, detail=detail)]


def burst(folder: Path, path: Path, *, runs: int) -> list[Figure]:
    """
    Measure how long the last of 200 patients who book in the same moment waits, over a slow link.
    """
    slots = iter(database.free_slots(path, AT_ONCE * runs, after=local_now()))
    copy = next(_copies(folder, path))
    last: list[float] = []
    middle: list[float] = []
    with Sink() as sink, RunningEngine(folder / "burst", copy, sink) as engine:
        engine.wait_until_at_rest()
        sink.set_delay(SLOW_ANSWER_S)
        for i in range(runs):
            bookings = booking_bodies([next(slots) for _ in range(AT_ONCE)], first_id=1 + i * AT_ONCE)
            booked = datetime.fromisoformat(bookings[0]["bookedTime"] + "+00:00").timestamp()
            sink.reset()
            sink.offer(bookings)
            wait_for_answers(sink, AT_ONCE, limit=60)
            waits = [at - booked for at in sink.seen()["answered"].values()]
            last.append(max(waits))
            middle.append(median(waits))
    detail = f"{database.ORDINARY}; {SLOW_ANSWER_S * 1000:.0f} ms for each answer, {runs} runs"
    case = f"{AT_ONCE} bookings at once"
    return [
        Figure(case=case, what="until the last is answered, worst run", value=max(last), unit="s", limit=20, detail=detail),
        of_runs(middle, case, "until half are answered", unit="s"),
    ]


def _copies(folder: Path, path: Path) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for number in count():
        yield Path(shutil.copyfile(path, folder / f"practice-{number}.sqlite"))


def _bare(slots: list[tuple[int, datetime]]) -> list[BareBooking]:
    return [
        BareBooking(id=i, practitioner_id=practitioner, start=start, minutes=database.SLOT, patient_id=PATIENT_ID)
        for i, (practitioner, start) in enumerate(slots, start=1)
    ]
