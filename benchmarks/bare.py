"""
The least that could be done: pyodbc and a requests session, no checks, no memory, no worker.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

import pyodbc
import requests

T = TypeVar("T")

ROSTER = (
    "SELECT practitioner_id, location_id, roster_date, start_time, end_time, slot_minutes, type_ids"
    " FROM roster WHERE roster_date >= ? AND roster_date < ?"
)
ABSENCES = "SELECT practitioner_id, absence_date, start_time, end_time FROM absences WHERE absence_date >= ? AND absence_date < ?"
APPOINTMENTS = (
    "SELECT id, practitioner_id, location_id, starts_at, minutes, patient_id, type_id, status, notes"
    " FROM appointments WHERE starts_at >= ? AND starts_at < ? AND status <> 3"
)
WINDOW_QUERIES = (ROSTER, ABSENCES, APPOINTMENTS)

pyodbc.pooling = False


def connect(path: Path) -> pyodbc.Connection:
    """
    Open the SQLite file by ODBC.
    """
    return pyodbc.connect(f"Driver=SQLite3;Database={path};Timeout=5000;NoCreat=1")


def read_window(path: Path, first: date, end: date) -> int:
    """
    Fetch every row of the window over a fresh connection, and return how many there were.
    """
    with closing(connect(path)) as connection, closing(connection.cursor()) as cursor:
        return sum(len(cursor.execute(sql, first.isoformat(), end.isoformat()).fetchall()) for sql in WINDOW_QUERIES)


def run_queries(connection: pyodbc.Connection, statements: Iterable[tuple[str, Sequence[object]]]) -> int:
    """
    Run reading statements one after the other, and return how many rows they gave.
    """
    with closing(connection.cursor()) as cursor:
        return sum(len(cursor.execute(sql, *parameters).fetchall()) for sql, parameters in statements)


def post_all(url: str, bodies: Sequence[tuple[str, bool, bytes]], *, at_once: int) -> None:
    """
    Post *bodies* (path, whether gzip, bytes), *at_once* at a time.
    """
    with session(at_once) as http:

        def post(item: tuple[str, bool, bytes]) -> None:
            path, gzipped, body = item
            headers = {"Content-Type": "application/json", **({"Content-Encoding": "gzip"} if gzipped else {})}
            http.post(url + path, data=body, headers=headers, timeout=30).raise_for_status()

        side_by_side(post, bodies, at_once)


@dataclass(frozen=True, slots=True, kw_only=True)
class BareBooking:
    """
    One booking to insert and confirm.
    """

    id: int
    practitioner_id: int
    start: datetime
    minutes: int
    patient_id: int


def book_all(path: Path, url: str, bookings: Sequence[BareBooking], *, at_once: int) -> None:
    """
    Insert each booking in a transaction of its own on one connection, and confirm it, *at_once* confirmations at a time.
    """
    with (
        session(at_once) as http,
        ThreadPoolExecutor(at_once) as pool,
        closing(connect(path)) as connection,
        closing(connection.cursor()) as cursor,
    ):

        def confirm(booking: BareBooking) -> None:
            body = {"pmsAppointmentIds": [str(booking.id)], "pmsPatientId": str(booking.patient_id)}
            http.post(f"{url}/bookings/{booking.id}/confirmInsert", json=body, timeout=30).raise_for_status()

        sent = []
        for booking in bookings:
            cursor.execute(
                "INSERT INTO appointments SELECT COALESCE(MAX(id), 0) + 1, ?, 1, ?, 1, ?, ?, 0, ?, 1 FROM appointments",
                booking.practitioner_id,
                booking.patient_id,
                f"{booking.start:%Y-%m-%d %H:%M:%S}",
                booking.minutes,
                f"HE:{booking.id};",
            )
            connection.commit()
            sent.append(pool.submit(confirm, booking))
        for future in sent:
            future.result()


def session(connections: int) -> requests.Session:
    """
    Return a session that keeps that many connections.
    """
    http = requests.Session()
    http.trust_env = False
    http.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=connections))
    return http


def side_by_side(work: Callable[[T], None], items: Sequence[T], at_once: int) -> None:
    """
    Do *work* for every item, *at_once* at a time.
    """
    if at_once == 1:
        for item in items:
            work(item)
        return
    with ThreadPoolExecutor(at_once) as pool:
        for _ in pool.map(work, items):
            pass


def timed(work: Callable[[], object]) -> float:
    """
    Return how many seconds *work* takes.
    """
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
