"""
The engine's parts between the benchmark's database and its sink, in this process; the PMS workers are processes of their own.
"""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from agent.app.adapters import worker_command
from agent.app.running import SENDERS, SWITCH_S
from agent.domain.days import Span
from agent.domain.masked import Secret
from agent.domain.practice import LiveHours, Practice
from agent.engine.clock import SystemClock
from agent.healthengine.client import HealthengineClient
from agent.pms.sql.process import WorkerPms
from agent.pms.sql.profile import profile_folders
from agent.store.store import Store
from agent.sync import requests
from agent.sync.availability import AvailabilitySync
from agent.sync.bookings import BookingDesk
from agent.sync.configuration import run_configuration
from agent.sync.context import Context
from benchmarks import database
from benchmarks.sink import Sink

ZONE = ZoneInfo("Australia/Sydney")
BASE_PATH = "/pms-api/v1"
PRACTICE = Practice(
    id="1001",
    name="Benchmark",
    locations=(),
    zone=ZONE,
    live_hours=LiveHours(days=((Span(0, 1440),),) * 7),
    horizon_days=database.LARGEST.days,
    minimum_notice=timedelta(),
)
PATIENT = {"firstname": "First7", "lastname": "Last7", "dob": "05-02-1950", "phone": "0400000007"}


def connection_text(path: Path) -> str:
    """
    Return the ODBC connection string for a SQLite file.
    """
    return f"Driver=SQLite3;Database={path};Timeout=2000;NoCreat=1"


def local_now() -> datetime:
    """
    Return the practice's wall time, naive.
    """
    return datetime.now(ZONE).replace(tzinfo=None)


@dataclass(kw_only=True)
class Rig:
    """
    One practice, ready to run its use cases.
    """

    context: Context
    publishing: AvailabilitySync
    desk: BookingDesk
    others: requests.OtherChannels

    def poll(self) -> requests.RequestsReport:
        """
        Fetch everything that waits and act on it; answers may still be on their way when it returns.
        """
        report = requests.act(self.context, self.desk, self.others, requests.fetch(self.context))
        if report.error is not None:
            raise report.error
        return report


@contextmanager
def rig(folder: Path, path: Path, sink: Sink) -> Iterator[Rig]:
    """
    Build the parts over the database *path*, with fresh state in *folder*, warmed up and with the configuration sent.
    """
    clock = SystemClock()
    pms = WorkerPms(
        profile_folders=profile_folders("sandbox"),
        carrier="odbc",
        connection=connection_text(path),
        password=None,
        worker_command=worker_command(),
    )
    pms.start()  # as the engine does
    client = HealthengineClient(
        sink.url + BASE_PATH,
        api_key=Secret("benchmark"),
        practice_id=PRACTICE.id,
        practice_key=Secret("benchmark"),
        user_agent="Frontdesk (support@example.com) benchmark",
        clock=clock,
    )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with Store.open(folder / "state.db") as store, ThreadPoolExecutor(SENDERS) as answers, ThreadPoolExecutor(1) as aside:
        context = Context(
            practice=PRACTICE,
            pms=pms,
            marketplace=client,
            ledger=store.ledger,
            published=store.published,
            tasks=store.tasks,
            clock=clock,
            availability_wanted=lambda: None,
            activity=lambda _code, _text: None,
        )
        interval = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_S)  # as the engine does
        try:
            run_configuration(context)
            yield Rig(
                context=context,
                publishing=AvailabilitySync(context),
                desk=BookingDesk(context, answers.submit, aside=aside.submit),
                others=requests.OtherChannels(availability=lambda _: None, changes=lambda _: None, configuration=lambda: None),
            )
        finally:
            sys.setswitchinterval(interval)
            answers.shutdown(wait=True)
            client.close()
            pms.close()


def booking_bodies(slots: Sequence[tuple[int, datetime]], *, first_id: int) -> list[dict[str, Any]]:
    """
    Return a booking for each of *slots* (practitioner, start), made just now, as Healthengine writes them.
    """
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
    return [
        {
            "bookingId": first_id + i,
            "pmsResourceId": f"{practitioner}@1",
            "pmsAppointmentTypeId": "1",
            "bookedTime": now,
            "bookingStatus": "Requested",
            "pmsAppointmentTime": f"{start:%Y-%m-%d %H:%M:%S}",
            "pmsAppointmentLength": database.SLOT * 60,
            "patient": PATIENT,
            "isNewPatient": False,
        }
        for i, (practitioner, start) in enumerate(slots)
    ]


def wait_for_answers(sink: Sink, count: int, *, limit: float) -> None:
    """
    Wait until *count* bookings are answered.
    """
    end = threading.Event()
    waited = 0.0
    while sink.progress()["answered"] < count:
        end.wait(0.02)
        waited += 0.02
        if waited > limit:
            raise TimeoutError(f"{sink.progress()['waiting']} bookings are still waiting after {limit:g} s")
