"""
Stopping online bookings and starting them again, and maintenance of the database (rule 9).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from agent.domain.errors import FrontdeskError, Misconfigured
from agent.domain.status import Condition, Severity
from agent.domain.stopping import Stop, Way, moment, what_patients_see
from agent.engine.gate import MAINTENANCE, PmsGate
from agent.ports.brake import Notices
from agent.ports.clock import Clock
from agent.ports.ledger import Published
from agent.sync.availability import EMPTIED

if TYPE_CHECKING:
    from agent.engine.desk import PracticeDesk
    from agent.engine.engine import Engine

log = logging.getLogger(__name__)

CODE = "bookings-stopped"
NOTE = "stopped"
LET_GO_S = 30.0
"""How long whoever is at the database may take to finish before maintenance takes the connection away, in real seconds."""

STEP = timedelta(minutes=5)
"""How closely maintenance is compared with the live hours."""


class Stops:
    """
    Which practices take no new bookings online; it outlives the engine. Safe to call from several threads.
    """

    def __init__(self, notes: Published, clock: Clock) -> None:
        self._notes = notes
        self._clock = clock
        self._known: dict[str, Stop | None] = {}
        self._lock = threading.Lock()

    def of(self, practice_id: str) -> Stop | None:
        """
        Return the stop in force, or None.
        """
        with self._lock:
            if practice_id not in self._known:
                text = self._notes.note(practice_id, NOTE)
                self._known[practice_id] = msgspec.json.decode(text, type=Stop) if text else None
            found = self._known[practice_id]
        return None if found is None or found.is_over(self._clock.now()) else found

    def is_left_over(self, practice_id: str) -> bool:
        """
        Return whether a stop has ended by itself and nobody has acted on it yet.
        """
        return self.of(practice_id) is None and self._known[practice_id] is not None

    def set(self, practice_id: str, stop: Stop | None) -> None:
        """
        Stop a practice, or with None end that.
        """
        with self._lock:
            self._notes.set_note(practice_id, EMPTIED, "")
            self._notes.set_note(practice_id, NOTE, "" if stop is None else msgspec.json.encode(stop).decode())
            self._known[practice_id] = stop


class Stopper:
    """
    Carries out what a person says about stopping. Its methods may be called from any thread; each returns what patients will see.

    Args:
        on_open: Called when maintenance is over and before the PMS is asked anything: it may be another one now.
    """

    def __init__(
        self,
        engine: Engine,
        stops: Stops,
        gate: PmsGate,
        *,
        notices: Notices,
        notes: Published,
        clock: Clock,
        on_open: Callable[[], None] = lambda: None,
    ) -> None:
        self._engine = engine
        self._stops = stops
        self._gate = gate
        self._notices = notices
        self._notes = notes
        self._clock = clock
        self._on_open = on_open
        engine.on_resume = self._maintenance_is_over
        engine.on_tick = self.tick
        engine.is_in_maintenance = lambda: gate.is_shut

    def stop(self, practice_id: str, until: datetime | None, *, by: str) -> str:
        """
        Publish nothing; go on answering what is outstanding. *practice_id* empty: every practice; *until* aware.

        Raises:
            FrontdeskError: if there is no such practice (`practice-unknown`).
            Misconfigured: if *until* is past (`stop-until-past`), or the engine is paused (`stop-while-paused`) and so could
                tell nobody.
        """
        now = self._clock.now()
        if until is not None and until <= now:
            raise Misconfigured("stop-until-past", "That time has passed.", remedy="Give a later one, or leave it out.")
        if self._engine.is_paused:
            raise Misconfigured(
                "stop-while-paused",
                "The engine is paused and tells Healthengine nothing.",
                remedy="First: frontdesk resume",
            )
        said: list[str] = []
        for desk in self._desks(practice_id):
            practice = desk.practice
            self._stops.set(practice.id, Stop(since=now, until=until, by=by))
            ends = until.astimezone(practice.zone) if until else None
            said.append(f"Practice {practice.id}: online bookings stop. {what_patients_see(Way.STOPPED, until=ends)}")
            self.show(desk)
            desk.availability.want(now=True)
            self._engine.remember(CODE, f"Online bookings of practice {practice.id} are stopped.", by=by)
        if self._engine.is_held:
            said.append(
                "But nothing is sent while everything waits. The status says why; a question there is answered with `frontdesk "
                "adopt`. Until then the times are hidden only when Healthengine notices the silence, after ten minutes of live "
                "hours."
            )
        return "\n".join(said)

    def start(self, practice_id: str, *, by: str) -> str:
        """
        Publish again what is free. *practice_id* empty: every practice.

        Raises:
            FrontdeskError: if there is no such practice (`practice-unknown`).
        """
        said: list[str] = []
        for desk in self._desks(practice_id):
            if self._stops.of(desk.practice.id) is not None:
                self._end(desk, by=by)
                said.append(f"Practice {desk.practice.id}: online bookings start. {what_patients_see(Way.STARTED)}")
        return "\n".join(said) or "Online bookings were not stopped."

    def maintenance(self, minutes: int, *, by: str) -> str:
        """
        Let go of the database for *minutes*: nothing is read or written, and Healthengine is not polled.

        It begins at once, and whoever is at the database finishes first.
        """
        lasts = timedelta(minutes=minutes)
        ends = self._clock.now() + lasts
        said = [
            what_patients_see(
                Way.MAINTENANCE,
                until=ends.astimezone(desk.practice.zone),
                lasts=lasts,
                touches_live_hours=_touches_live_hours(desk, ends - lasts, ends),
            )
            for desk in self._engine.desks
        ]
        self._notes.set_note("", MAINTENANCE, MAINTENANCE)
        self._engine.pause(minutes, by=by)
        threading.Thread(target=self._let_go, name="maintenance", daemon=True).start()
        return "\n".join(["Maintenance begins: the database is let go of, and it ends by itself.", *dict.fromkeys(said)])

    def show(self, desk: PracticeDesk) -> None:
        """
        Show that a practice is stopped, if it is.
        """
        practice, stop = desk.practice, self._stops.of(desk.practice.id)
        if stop is None:
            self._notices.clear_condition(_area(practice.id), CODE)
            return
        end = f", until {moment(stop.until.astimezone(practice.zone))}" if stop.until else ""
        self._notices.raise_condition(
            Condition(
                area=_area(practice.id),
                code=CODE,
                severity=Severity.WARNING,
                message=f"Online bookings of practice {practice.id} are stopped{end}: patients see no free times.",
                remedy=f"To take bookings again: frontdesk start-bookings --practice {practice.id}",
                since=stop.since,
            )
        )

    def forget(self, practice_id: str) -> None:
        """
        A practice has gone: nothing is shown of it any more.
        """
        self._stops.set(practice_id, None)
        self._notices.clear_condition(_area(practice_id), CODE)

    def tick(self) -> None:
        """
        End what ends by itself.
        """
        for desk in self._engine.desks:
            if self._stops.is_left_over(desk.practice.id):
                self._end(desk, by="")

    def _end(self, desk: PracticeDesk, *, by: str) -> None:
        self._stops.set(desk.practice.id, None)
        self.show(desk)
        desk.availability.want(now=True)
        self._engine.remember("bookings-started", f"Online bookings of practice {desk.practice.id} are started again.", by=by)

    def _let_go(self) -> None:
        if not self._gate.shut(LET_GO_S):
            log.warning("the database was still in use when maintenance let go of it")
        self._engine.remember(MAINTENANCE, "Every connection to the database is closed.")

    def _maintenance_is_over(self) -> None:
        self._notes.set_note("", MAINTENANCE, "")
        if self._gate.is_shut:
            self._on_open()
            self._gate.open()

    def _desks(self, practice_id: str) -> Sequence[PracticeDesk]:
        found = [desk for desk in self._engine.desks if practice_id in ("", desk.practice.id)]
        if not found:
            raise FrontdeskError(
                "practice-unknown", "There is no practice with that id.", remedy="Look up its id: frontdesk status"
            )
        return found


def _touches_live_hours(desk: PracticeDesk, begin: datetime, end: datetime) -> bool:
    steps = (end - begin) // STEP
    return any(desk.is_live(begin + number * STEP) for number in range(steps + 1)) or desk.is_live(end)


def was_in_maintenance(notes: Published) -> bool:
    """
    Return whether maintenance had begun, and not ended, when the engine last stopped.
    """
    return bool(notes.note("", MAINTENANCE))


def _area(practice_id: str) -> str:
    return f"bookings:{practice_id}"
