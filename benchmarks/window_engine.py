"""
An engine's side of the connection with much to show, or one that hangs: `python -m benchmarks.window_engine HOME full|hung`.

It says *ready* and ends when its standard input does.
"""

from __future__ import annotations

import sys
import threading
from datetime import timedelta
from pathlib import Path

import msgspec

from agent.domain.coming import ComingBooking, ComingBookings, soonest
from agent.domain.status import EngineStatus
from agent.ipc import messages
from agent.ipc.address import address_of
from agent.ipc.peers import Peer
from agent.ipc.server import IpcServer
from benchmarks.process import ROOT

sys.path.append(str(ROOT / "tests" / "ui"))  # the values that the tests of the window show
from ui_values import (
    NOW,
    activity_lines,
    booking,
    make_status,
    patients,
    sent_day,
    sent_map,
    task,
    uptime_report,
)  # after the path

BOOKINGS = 10_000
PRACTITIONERS = 40
DAYS = 90
PUSHED_EVERY_S = 0.25


class FullEngine:
    """
    Answers at once, with as much as the largest practice has.
    """

    def __init__(self) -> None:
        local = NOW.replace(tzinfo=None)
        found = [
            ComingBooking(
                line=booking(n + 1, start=local + timedelta(minutes=5 * n)), resource_name="Dr Mia Tran", has_patient=True
            )
            for n in range(BOOKINGS)
        ]
        self._coming = soonest([ComingBookings(bookings=tuple(found), count=BOOKINGS, today=120)])
        self._map = (sent_map(rows=PRACTITIONERS, days=DAYS),)

    def handle(self, command: messages.Command, peer: Peer) -> messages.Reply:  # noqa: ARG002 - the protocol's
        """
        Answer what the window asks.
        """
        match command:
            case messages.ListBookings():
                return _done(bookings=self._coming)
            case messages.NamePatients():
                return _done(patients=patients(command.bookings))
            case messages.ShowSent():
                return _done(sent=self._map)
            case messages.ShowSentDay():
                return _done(day=sent_day(command.resource_id, date=command.date))
            case messages.ShowUptime():
                return _done(uptime=(uptime_report(),))
            case messages.ListActivity():
                return _done(activity=activity_lines() * 70)
        return messages.Done(text="Done.")


class HungEngine:
    """
    Answers nothing.
    """

    def handle(self, command: messages.Command, peer: Peer) -> messages.Reply:  # noqa: ARG002 - the protocol's
        """
        Wait for ever.
        """
        threading.Event().wait()
        raise AssertionError


def status_number(number: int) -> EngineStatus:
    """
    Return a status in which something is new.
    """
    lines = tuple(booking(n + 1, "confirmed" if (n + number) % 3 else "inserting") for n in range(200))
    tasks = tuple(task(n + 1) for n in range(20))
    return make_status(at=NOW + timedelta(seconds=number), bookings=lines, tasks=tasks)


def main() -> None:
    """
    Serve until standard input ends.
    """
    home, is_full = Path(sys.argv[1]), sys.argv[2] == "full"
    server = IpcServer(address_of(home), FullEngine() if is_full else HungEngine(), program="frontdesk bench")
    server.start()
    server.publish(status_number(0))
    over = threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        over.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    print("ready", flush=True)
    number = 0
    while not over.wait(PUSHED_EVERY_S):
        number += 1
        if is_full:
            server.publish(status_number(number))
    server.stop()


def _done(**data: object) -> messages.Done:
    return messages.Done(data={name: msgspec.to_builtins(value) for name, value in data.items()})


if __name__ == "__main__":
    main()
