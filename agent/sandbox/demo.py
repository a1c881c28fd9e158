"""
`frontdesk demo`: the whole loop, live, with nothing but this machine.

An invented practice with staff at its desk, a simulated Healthengine with patients who book, cancel and book again, and a
real engine between them. At the end the practice's database and the simulator are compared, booking by booking.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live

from agent.domain.errors import FrontdeskError, Transient
from agent.domain.status import EngineStatus
from agent.ipc.address import address_of
from agent.ipc.client import IpcClient
from agent.sandbox.healthengine.patients import SimulatedPatients
from agent.sandbox.healthengine.verdict import PracticeVerdict, Verdict
from agent.sandbox.installation import PRACTICE_ID, Installation, wait_until
from agent.sandbox.practice.audit import AuditReport, audit
from agent.sandbox.practice.desk import DeskStaff
from agent.sandbox.practice.facts import bare_digits
from agent.sandbox.scene import Moment, scene

KNOWN_PEOPLE = 300
"""How many of the practice's patients book online; the others who do are new to it."""

BOOKING_EVERY = 1.4
DESK_EVERY = 1.0
"""Seconds between two bookings and between two changes at the desk, on average."""

LOOK_EVERY = 0.25

DRAIN_S = 15.0
"""How long the engine may take to answer what is outstanding when the patients have stopped."""

SAYS_SOMETHING = 6
"""Shorter values than this turn up by chance."""

WHOLE_SENTENCE = 20
"""Reasons for a visit as long as this are nobody's but the patient's."""

WIND_DOWN_S = 7.0
"""Patients stop this long before the end, so that the whole fits into the time that was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """
    What a demo showed.
    """

    verdict: Verdict
    audit: AuditReport
    carrier: str
    leaks: int

    @property
    def practice(self) -> PracticeVerdict:
        """
        The one practice's share.
        """
        return self.verdict.practices[0]

    @property
    def is_good(self) -> bool:
        """
        Whether nothing was lost, doubled, left unanswered, told to the disk, or against the definition.
        """
        practice = self.practice
        return (
            self.audit.is_clean
            and not self.audit.unexpected
            and not self.verdict.violations
            and not practice.bookings.unanswered
            and not practice.cancellations.unanswered
            and not self.leaks
            and practice.bookings.confirmed > 0
        )

    def to_dict(self) -> dict[str, Any]:
        """
        Return it as plain data for JSON.
        """
        practice = self.practice
        b, c, p = practice.bookings, practice.cancellations, practice.published
        return {
            "ok": self.is_good,
            "carrier": self.carrier,
            "bookings": {
                "requested": b.requested,
                "confirmed": b.confirmed,
                "rejected": b.rejected,
                "unanswered": b.unanswered,
            },
            "cancellations": {"asked": c.asked, "applied": c.applied, "refused": c.refused, "unanswered": c.unanswered},
            "pms": {
                "from_bookings": len(self.audit.live_bookings),
                "missing": len(self.audit.missing),
                "unexpected": len(self.audit.unexpected),
                "duplicated": len(self.audit.duplicates),
                "double_booked": len(self.audit.double_booked),
            },
            "simulator": {
                "violations": len(self.verdict.violations),
                "violation_list": [str(v) for v in self.verdict.violations[:20]],
            },
            "published": {"resources": p.resources, "types": p.types, "days": p.days},
            "liveness": {
                "contract": practice.liveness.contract,
                "polls": practice.liveness.polls,
                "largest_gap": round(practice.liveness.largest_gap, 2),
                "hidden": list(practice.liveness.hidden),
            },
            "answer_seconds": {
                "p50": _rounded(practice.answer_seconds.p50),
                "p99": _rounded(practice.answer_seconds.p99),
            },
            "patient_values_under_home": self.leaks,
        }


def run_demo(*, headless: bool, seconds: float | None, as_json: bool, home: Path | None) -> int:
    """
    Run the demo; returns 0 if everything went as it should, else 1.

    Args:
        headless: Without tray and window.
        seconds: How long in all; None: until Ctrl-C.
        as_json: Print nothing but the outcome, as JSON.
        home: Keeps the home folder there; by default it goes with the demo.
    """
    _end_in_good_order()
    console = Console(stderr=as_json, highlight=False)
    end = time.monotonic() + seconds if seconds is not None else None
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="frontdesk-demo-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        console.print("Building a sample practice: 8 practitioners, 2 locations, 5,000 patients …")
        installation = stack.enter_context(Installation.create(folder, home=home))
        console.print(f"Starting the engine, over the {installation.carrier} carrier …")
        installation.start_engine()
        if not headless:
            stack.enter_context(_tray(installation, console))
        outcome = _play(installation, console, end, quiet=as_json)
    if as_json:
        sys.stdout.write(json.dumps(outcome.to_dict(), indent=2) + "\n")
    else:
        _say(outcome, console)
    return 0 if outcome.is_good else 1


def _end_in_good_order() -> None:
    """
    Let whatever ends this process end it as Ctrl-C does, so that no engine is left behind.
    """
    # SIGINT too: a shell's background job begins with it ignored.
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None and threading.current_thread() is threading.main_thread():
            signal.signal(number, signal.default_int_handler)


def _play(installation: Installation, console: Console, end: float | None, *, quiet: bool) -> Outcome:
    simulator = installation.simulator
    wait_until(simulator.openings, 60, "the first free times are published")
    patients = SimulatedPatients(
        simulator, people=known_people(installation, KNOWN_PEOPLE), every=BOOKING_EVERY, cancel_share=0.25, seed=11
    )
    desk = installation.desk(every=DESK_EVERY)
    with _stage(installation, desk, console, quiet=quiet) as show:
        with suppress(KeyboardInterrupt), desk, patients:
            _watch(show, None if end is None else end - WIND_DOWN_S)
        show("patients have stopped; the last answers")
        with suppress(Transient):
            wait_until(lambda: not simulator.outstanding(), DRAIN_S, "everything is answered")
        show("done")
    installation.stop_engine()
    verdict = simulator.verdict()
    standing = [b.id for b in simulator.bookings(PRACTICE_ID) if b.stands and b.answer is not None]
    connection = installation.connect()
    try:
        report = audit(connection, confirmed=standing)
    finally:
        connection.close()
    leaks = len(leaked_values(installation))
    return Outcome(verdict=verdict, audit=report, carrier=installation.carrier, leaks=leaks)


def _watch(show: Callable[[str], None], end: float | None) -> None:
    while end is None or time.monotonic() < end:
        show("Ctrl-C ends it" if end is None else f"{max(0.0, end - time.monotonic()):.0f} s left")
        time.sleep(LOOK_EVERY)


@contextmanager
def _stage(installation: Installation, desk: DeskStaff, console: Console, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """
    Yield what draws the present moment, given a few words on what is going on; it draws nothing where nobody looks.
    """
    if quiet or not console.is_terminal:
        yield lambda _phase: None
        return
    names = {r["pmsResourceId"]: r["pmsResourceName"] for r in installation.simulator.configuration()["resources"]}
    with IpcClient.connect(address_of(installation.home), program="demo") as client, Live(console=console) as live:

        def show(phase: str) -> None:
            status: EngineStatus | None = None
            with suppress(FrontdeskError):
                status = client.status()
            practice = installation.simulator.verdict().practices[0]
            live.update(
                scene(
                    Moment(
                        status=status,
                        practice=practice,
                        desk=desk.counts,
                        names=names,
                        phase=phase,
                        height=console.height,
                    )
                ),
                refresh=True,
            )

        yield show


def known_people(installation: Installation, count: int) -> list[dict[str, str | None]]:
    """
    Return some of the practice's active patients as they would write themselves at Healthengine.
    """
    connection = installation.connect()
    try:
        rows = connection.execute(
            "SELECT first_name, last_name, date_of_birth, phone, email, address, suburb, state, postcode, sex,"
            " medicare_number, medicare_irn, medicare_expiry FROM patients WHERE active = 1 AND date_of_birth IS NOT NULL"
        ).fetchall()
    finally:
        connection.close()
    return [_person(row) for row in random.Random(3).sample(rows, count)]


def _person(row: tuple[Any, ...]) -> dict[str, str | None]:
    born = date.fromisoformat(str(row[2])[:10])
    return {
        "firstname": row[0],
        "lastname": row[1],
        "dob": f"{born:%d-%m-%Y}",
        "phone": row[3],
        "email": row[4],
        "address": row[5],
        "suburb": row[6],
        "state": row[7],
        "postcode": row[8],
        "gender": {"M": "Male", "F": "Female", "X": "Other"}.get(row[9]),
        "medicareNumber": row[10] or None,
        "medicareIrn": row[11] or None,
        "medicareExpiry": row[12] or None,
    }


def leaked_values(installation: Installation) -> set[str]:
    """
    Return which patients' values stand in any file under home, the practice's own patients' or invented ones'; there must
    be none.
    """
    booked = booked_values(installation)
    found: set[str] = set()
    for path in installation.home.rglob("*"):
        if path.is_file() and not path.is_socket():
            data = path.read_bytes()
            for text in (data.decode("utf-8", "ignore"), data.decode("utf-16-le", "ignore")):
                found |= values_in(installation, text, booked)
    return found


def values_in(installation: Installation, text: str, booked: Collection[str]) -> set[str]:
    """
    Return which values of the practice's patients, or of *booked* (see `booked_values`), stand in *text*.
    """
    folded = text.casefold()
    return {*installation.facts.leaks(text), *(value for value in booked if value in folded)}


def booked_values(installation: Installation) -> set[str]:
    """
    Return what those who booked wrote about themselves, in small letters, as far as it cannot turn up by chance.
    """
    found: set[str] = set()
    for booking in installation.simulator.bookings(PRACTICE_ID):
        person = booking.person
        first, last = person.get("firstname") or "", person.get("lastname") or ""
        found |= {f"{first} {last}", f"{last}, {first}", f'"{last}"'} if first and last else set()
        found |= {person.get(name) or "" for name in ("dob", "phone", "email", "address", "medicareNumber")}
        found.add(bare_digits(person.get("phone") or ""))
        day, _, rest = (person.get("dob") or "").partition("-")
        month, _, year = rest.partition("-")
        found.add(f"{year}-{month}-{day}")
        # shorter ones, such as "Follow-up", are names of appointment types too
        found |= {booking.reason} if len(booking.reason) >= WHOLE_SENTENCE else set()
    return {value.casefold() for value in found if len(value) >= SAYS_SOMETHING}


@contextmanager
def _tray(installation: Installation, console: Console) -> Iterator[None]:
    """
    Show the tray and its window where there is a screen.
    """
    has_screen = sys.platform in ("win32", "darwin") or any(os.environ.get(v) for v in ("DISPLAY", "WAYLAND_DISPLAY"))
    if not has_screen:
        console.print("There is no screen here: the tray stays away.")
        yield
        return
    process = subprocess.Popen(
        installation.tray_command(),
        env=installation.variables(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)


def _say(outcome: Outcome, console: Console) -> None:
    facts = outcome.to_dict()
    b, c, pms, seconds = facts["bookings"], facts["cancellations"], facts["pms"], facts["answer_seconds"]
    console.print(
        f"\n{b['requested']} bookings asked for: {b['confirmed']} confirmed, {b['rejected']} rejected, "
        f"{b['unanswered']} unanswered.\n"
        f"{c['asked']} cancellations: {c['applied']} applied, {c['unanswered']} unanswered.\n"
        f"In the practice's diary: {pms['from_bookings']} from bookings, {pms['missing']} missing, "
        f"{pms['duplicated']} doubled, {pms['double_booked']} overlapping.\n"
        f"Patients waited {seconds['p50']} s (half of them), {seconds['p99']} s (99 of 100).\n"
        f"Breaches of Healthengine's definition: {facts['simulator']['violations']}. "
        f"Patients' values on the agent's disk: {facts['patient_values_under_home']}."
    )
    console.print("[green]All is well.[/green]" if outcome.is_good else "[red]Something went wrong.[/red]")


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
