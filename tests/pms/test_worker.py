"""
Worker processes: what they carry, and what follows when they hang, die or lose the engine.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from practices import Practice
from sample_rows import TEN, TUESDAY
from sample_rows import request as booking

from agent.domain.booking import Booked, CancelResult, NotFree, NotThere
from agent.domain.days import DateRange
from agent.domain.diary import Location
from agent.domain.errors import AuthRequired, ContractBroken, Misconfigured, OutcomeUnknown, RecordRejected, Transient
from agent.pms.sql import wire
from agent.pms.sql.lane import Limits
from agent.pms.sql.process import WorkerPms

CHILD = "import sys; from agent.pms.sql.worker import main; sys.exit(main(sys.stdin.buffer, sys.stdout.buffer))"
COMMAND = (sys.executable, "-c", CHILD)
SHORT = Limits(silence_s=1.5, total_s=1.5)
LONG = Limits(silence_s=60, total_s=60)  # for a worker that has to be started first, on a machine that is busy
DAY = DateRange.of_days(TUESDAY, 1)

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs SIGSTOP")


@pytest.fixture
def staffed(local_practice: Practice) -> Practice:
    """
    A practitioner who works on Tuesday.
    """
    desk = local_practice.desk
    desk.add_location()
    desk.add_practitioner("1", first_name="Zoë 😀")
    desk.add_type()
    desk.add_patient("7")
    desk.add_session("1", TUESDAY, 540, 1020)
    return local_practice


@pytest.fixture
def pms(staffed: Practice) -> Iterator[WorkerPms]:
    """
    The practice's PMS behind workers.
    """
    opened = WorkerPms(staffed.folders, staffed.carrier, staffed.connection, worker_command=COMMAND)
    yield opened
    opened.close()


@pytest.fixture
def hasty(staffed: Practice) -> Iterator[WorkerPms]:
    """
    The same, with little patience.
    """
    opened = WorkerPms(
        staffed.folders, staffed.carrier, staffed.connection, worker_command=COMMAND, rows=SHORT, diary=SHORT, booking=SHORT
    )
    made_ready(opened)
    yield opened
    opened.close()


def made_ready(pms: WorkerPms) -> None:
    pms.start()
    limit = time.monotonic() + 60
    while {"ready"} != {worker.state for worker in pms.workers}:
        assert time.monotonic() < limit
        threading.Event().wait(0.01)


def pid_of(pms: WorkerPms, name: str) -> int:
    return next(worker.pid for worker in pms.workers if worker.name == name)


def gone(pid: int) -> bool:
    try:
        psutil.Process(pid).wait(60)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True


def test_an_api_that_the_profile_does_not_have(staffed: Practice) -> None:
    """
    Somebody thinks that something writes which does not.
    """
    with pytest.raises(Misconfigured, match="pms-api-url"):
        WorkerPms(staffed.folders, staffed.carrier, staffed.connection, api_url="http://localhost:30223/api/v1")


def test_everything_crosses_unchanged(staffed: Practice, pms: WorkerPms) -> None:
    """
    What the workers answer is what the PMS answers in this process.
    """
    staffed.desk.add_appointment("1", TEN.replace(hour=15), reference=9)
    direct = staffed.pms()

    assert direct.capabilities == pms.capabilities
    assert direct.identity() == pms.identity()
    assert direct.check() == pms.check()
    assert direct.locations() == pms.locations()
    assert direct.practitioners() == pms.practitioners()
    assert direct.appointment_types() == pms.appointment_types()
    assert direct.markers(DAY) == pms.markers(DAY)
    assert direct.diary(DAY) == pms.diary(DAY)
    assert direct.states(["1", "2"]) == pms.states(["1", "2"])
    assert direct.patients(["7"]) == pms.patients(["7"])
    assert direct.find_patients([booking().patient]) == pms.find_patients([booking().patient])
    direct.close()


def test_booking_and_cancelling(pms: WorkerPms) -> None:
    """
    Every kind of answer to a booking comes through.
    """
    booked = pms.book(booking())

    assert isinstance(booked, Booked)
    assert isinstance(pms.book(booking(502)), NotFree)
    assert isinstance(pms.find_booked(501), Booked)
    assert NotThere() == pms.find_booked(502)
    assert CancelResult.CANCELLED is pms.cancel(
        booked.appointment_ids[0], patient_id="7", start=TEN, after=TEN.replace(year=2025)
    )


@pytest.mark.parametrize("kind", [Transient, OutcomeUnknown, AuthRequired, Misconfigured, ContractBroken, RecordRejected])
def test_errors_cross(kind: type[Transient]) -> None:
    """
    An error keeps its kind, code, message and remedy.
    """
    import msgspec  # noqa: PLC0415  # only here

    found = wire.error_of(msgspec.msgpack.encode(wire.failure(kind("pms-x", "What.", remedy="How."))))

    assert (kind, "pms-x", "What.", "How.") == (type(found), found.code, found.message, found.remedy)


def test_errors_of_the_database_come_back(staffed: Practice, pms: WorkerPms) -> None:
    """
    The caller sees the database's trouble as if it had none between.
    """
    staffed.desk.run("ALTER TABLE locations RENAME TO places")

    with pytest.raises(Misconfigured, match="pms-sql"):
        pms.locations()


def test_a_defect_is_told_without_its_text(staffed: Practice) -> None:
    """
    What the program does not handle is told by place; a booking's outcome is then unknown.
    """
    meddling = CHILD.replace("sys.exit", "import agent.pms.sql.free_times as b; b.merge = lambda s: 1 / 0; sys.exit")
    pms = WorkerPms(staffed.folders, staffed.carrier, staffed.connection, worker_command=(sys.executable, "-c", meddling))

    with pytest.raises(OutcomeUnknown, match="ZeroDivisionError") as raised:
        pms.book(booking())

    assert "division by" not in str(raised.value)
    pms.close()


@posix_only
def test_a_worker_that_hangs(hasty: WorkerPms) -> None:
    """
    It is killed and replaced; meanwhile calls fail at once, and soon they succeed again.
    """
    stopped = pid_of(hasty, "reads")
    os.kill(stopped, signal.SIGSTOP)

    with pytest.raises(Transient, match="pms-hung") as raised:
        hasty.locations()

    assert not isinstance(raised.value, OutcomeUnknown)
    assert gone(stopped)
    assert ("reads", 0, "failed") == hasty.workers[0]
    with pytest.raises(Transient, match="pms-away"):
        hasty.locations()
    hasty._rows = LONG
    assert 1 == len(until_it_answers(hasty))
    assert stopped != pid_of(hasty, "reads")


def until_it_answers(pms: WorkerPms) -> Sequence[Location]:
    limit = time.monotonic() + 60
    while True:
        try:
            return pms.locations()
        except Transient as error:
            assert time.monotonic() < limit
            threading.Event().wait(error.retry_after.total_seconds() if error.retry_after else 0.1)


@posix_only
def test_a_booking_worker_that_hangs(hasty: WorkerPms) -> None:
    """
    Nobody knows what became of the booking; reading goes on meanwhile.
    """
    hasty._rows = LONG
    os.kill(pid_of(hasty, "bookings"), signal.SIGSTOP)

    with pytest.raises(OutcomeUnknown, match="pms-hung"):
        hasty.book(booking())

    assert 1 == len(hasty.locations())


@posix_only
def test_patients_are_looked_up_by_whichever_worker_is_free(pms: WorkerPms) -> None:
    """
    While the booking worker is at work the reading one looks; nobody waits for a booking that is under way.
    """
    pms._booking = LONG
    made_ready(pms)
    booking_pid = pid_of(pms, "bookings")
    os.kill(booking_pid, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(1) as pool:
            under_way = pool.submit(pms.book, booking())
            limit = time.monotonic() + 60
            while "working" not in [worker.state for worker in pms.workers if worker.name == "bookings"]:
                assert time.monotonic() < limit
            found = pms.find_patients([booking().patient])
            is_waiting = not under_way.done()
            os.kill(booking_pid, signal.SIGCONT)
            under_way.result(60)
    finally:
        os.kill(booking_pid, signal.SIGCONT)

    assert 1 == len(found)
    assert is_waiting


@posix_only
def test_waiting_for_the_turn_counts(hasty: WorkerPms) -> None:
    """
    A booking that never got its turn was certainly not made.
    """
    os.kill(pid_of(hasty, "bookings"), signal.SIGSTOP)
    outcomes: list[Transient] = []

    def book(number: int) -> None:
        try:
            hasty.book(booking(number))
        except Transient as error:
            outcomes.append(error)

    threads = [threading.Thread(target=book, args=(number,)) for number in (501, 502)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert ["OutcomeUnknown", "Transient"] == sorted(type(error).__name__ for error in outcomes)


def test_a_worker_that_dies(hasty: WorkerPms) -> None:
    """
    One found dead is replaced at once and nobody notices.
    """
    hasty._rows = LONG
    dead = pid_of(hasty, "reads")
    psutil.Process(dead).kill()
    assert gone(dead)

    assert 1 == len(hasty.locations())


def test_a_worker_that_dies_at_work(staffed: Practice) -> None:
    """
    A booking whose worker died has an unknown outcome.
    """
    dying = CHILD.replace("sys.exit", "import os, agent.pms.sql.free_times as b; b.merge = lambda s: os._exit(3); sys.exit")
    pms = WorkerPms(staffed.folders, staffed.carrier, staffed.connection, worker_command=(sys.executable, "-c", dying))

    with pytest.raises(OutcomeUnknown, match="pms-worker-died"):
        pms.book(booking())

    pms.close()


def test_a_worker_that_cannot_be_started(staffed: Practice) -> None:
    """
    A missing program is said to be missing, and one that ends at once is told.
    """
    missing = WorkerPms(staffed.folders, staffed.carrier, staffed.connection, worker_command=("no-such-program-at-all",))
    with pytest.raises(Misconfigured, match="pms-worker-start"):
        missing.locations()
    ending = WorkerPms(staffed.folders, staffed.carrier, staffed.connection, worker_command=(sys.executable, "-c", ""))
    with pytest.raises(Transient, match="pms-worker-died"):
        ending.locations()
    ending.close()


def test_the_password_is_on_no_command_line(staffed: Practice) -> None:
    """
    Who looks at the list of processes sees neither password nor connection.
    """
    pms = WorkerPms(staffed.folders, staffed.carrier, staffed.connection, worker_command=COMMAND)
    pms.locations()

    command = psutil.Process(pid_of(pms, "reads")).cmdline()

    assert staffed.connection not in " ".join(command)
    pms.close()


@posix_only
def test_closing_ends_even_a_stopped_worker(hasty: WorkerPms) -> None:
    """
    Closing waits for no answer and leaves no process.
    """
    hasty._rows = LONG
    pids = [worker.pid for worker in hasty.workers]
    os.kill(pids[0], signal.SIGSTOP)

    hasty.close()

    assert [True, True] == [gone(pid) for pid in pids]
    assert ["stopped", "stopped"] == [worker.state for worker in hasty.workers]
    assert 1 == len(hasty.locations())


PARENT = """
import sys, threading
from pathlib import Path
from agent.pms.sql.process import WorkerPms
pms = WorkerPms([Path(p) for p in sys.argv[3:]], "sqlite", sys.argv[1], worker_command=(sys.executable, "-c", sys.argv[2]))
try:
    threading.Thread(target=pms.locations, daemon=True).start()
    while not pms.workers[0].pid or pms.workers[0].state != "working":
        pass
finally:
    print(pms.workers[0].pid, flush=True)
threading.Event().wait()
"""
STUCK = CHILD.replace(
    "sys.exit",
    "import threading, agent.pms.sql.queries as q; q.Queries.locations = lambda *_: threading.Event().wait(); sys.exit",
)


@pytest.mark.parametrize("child", [CHILD, STUCK], ids=["idle", "stuck"])
def test_a_worker_whose_engine_is_killed(staffed: Practice, child: str) -> None:
    """
    It ends by itself, even while the driver does not come back, and ignores Ctrl+C.
    """
    folders = [str(folder) for folder in staffed.folders]
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, staffed.connection, child, *folders],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()

    assert gone(pid)


@posix_only
def test_ctrl_c_is_the_engines_business(hasty: WorkerPms) -> None:
    """
    A worker goes on when the console sends it an interrupt.
    """
    hasty._rows = LONG
    pid = pid_of(hasty, "reads")
    os.kill(pid, signal.SIGINT)

    assert 1 == len(hasty.locations())
    assert pid == pid_of(hasty, "reads")
