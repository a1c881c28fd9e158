"""
The desk, which takes no lock of ours, and online patients want the same times in OpenEMR at the same moment.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from random import Random

import pytest
from openemr_practice import OpenEmrPractice
from sample_rows import TEN, TUESDAY
from sample_rows import request as booking

from agent.domain.booking import Booked, BookResult, NotFree, Overlapped
from agent.domain.days import DateRange
from agent.domain.errors import FrontdeskError
from agent.pms.sql.process import WorkerPms

COMMAND = (sys.executable, "-m", "agent", "pms-worker")

SELDOM, MOST = 0.02, 20
"""How often the desk lets an appointment stand that it has put in, and how many altogether."""

pytestmark = pytest.mark.servers

DAY = DateRange.of_days(TUESDAY, 1)

Row = tuple[int, datetime, int, int]
"""Id, start, minutes, and the booking it carries; 0: the desk's."""


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long), pytest.param(3, marks=pytest.mark.long)])
def test_nobody_is_booked_over(openemr: OpenEmrPractice, seed: int) -> None:
    """
    No overlap is ours: where one of ours and one of the desk's stand together, the desk's came later.
    """
    desk = openemr.desk
    with desk.at_work():
        desk.add_location()
        desk.add_practitioner("1")
        desk.add_patient("7")
        desk.add_session("1", TUESDAY, 8 * 60, 20 * 60)
    starts = [TEN.replace(hour=8) + timedelta(minutes=10 * n) for n in range(60)]

    def patients(number: int, pms: WorkerPms) -> dict[int, BookResult | None]:
        random = Random(seed * 10 + number)
        results: dict[int, BookResult | None] = {}
        for booking_id in range(number * 1000, number * 1000 + 40):
            try:
                wanted = booking(booking_id, start=random.choice(starts), minutes=20, type_id="")
                results[booking_id] = pms.book(wanted)
            except FrontdeskError:
                results[booking_id] = None  # nobody knows: the ledger would ask again
        pms.close()
        return results

    ways = [WorkerPms(openemr.folders, openemr.carrier, openemr.connection, openemr.password, COMMAND) for _ in range(2)]
    with ThreadPoolExecutor(2) as threads, desk.at_work():
        booked = [threads.submit(patients, number, way) for number, way in enumerate(ways, 1)]
        random = Random(seed)
        stays = 0
        while not all(done.done() for done in booked):
            added = desk.add_appointment("1", random.choice(starts), 20, type_id="")
            if stays < MOST and random.random() < SELDOM:
                stays += 1
            else:
                desk.delete_appointment(added)
        results = {key: value for done in booked for key, value in done.result().items()}

    rows = live(openemr)
    ours = [row for row in rows if row[3]]
    assert len(ours) == len({row[3] for row in ours})
    assert {row[3] for row in ours} == {b for b, result in results.items() if isinstance(result, Booked | Overlapped)}
    assert any(isinstance(result, Booked) for result in results.values())
    assert any(isinstance(result, NotFree) for result in results.values())
    assert None not in results.values()
    for mine in ours:
        for other in rows:
            if other[0] != mine[0] and overlaps(mine, other):
                assert not other[3], "two of ours"
                assert other[0] > mine[0] or isinstance(results[mine[3]], Overlapped), "over one of the desk's"


def live(openemr: OpenEmrPractice) -> list[Row]:
    pms = openemr.pms()
    found = pms.diary(DAY).appointments
    pms.close()
    return [(int(a.id), a.start, a.minutes, a.reference) for a in found]


def overlaps(one: Row, other: Row) -> bool:
    return one[1] < other[1] + timedelta(minutes=other[2]) and other[1] < one[1] + timedelta(minutes=one[2])
