"""
Making sure that this is the practice's own machine and database before anything is polled, published or written.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from agent.domain.booking import BookingState
from agent.domain.due import Job, JobHistory, login_refused
from agent.domain.errors import AuthRequired, Cancelled, FrontdeskError, Misconfigured, Transient
from agent.domain.identity import (
    HELD,
    OTHER_ENGINE,
    SETTLES,
    Answer,
    Doubt,
    Identity,
    adopt,
    doubts,
    is_small_step,
    question,
    went_back,
)
from agent.domain.practice import Practice
from agent.domain.status import Condition, Severity
from agent.ports.brake import Notices
from agent.ports.clock import Clock
from agent.ports.identity import HomeIdentity
from agent.ports.ledger import Ledger
from agent.ports.pms import Pms
from agent.sync.alone import Alone

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=60)
"""How long a look counts while the connection holds: two short queries, and a silent reconnect goes unnoticed no longer."""

ASK_EVERY = timedelta(seconds=10)
"""How often an engine that another one shuts out asks whether it has gone."""

WATCHED_FOR = timedelta(days=2)
"""How long after its time a booking of ours still counts as one that should be in the PMS."""

AREA = "identity"
CHECK_AREA = "pms-version"
CHECK_FAILED = "pms-version-check"

_WRITES = frozenset({"book", "book_all", "cancel", "leave_message"})
_ON_THE_BOOKINGS_CONNECTION = _WRITES | {"find_booked", "find_patients", "engine_lock"}
_WITHOUT_LOGIN = frozenset({"close", "renew", "capabilities", "workers"})


def missing_of_ours(pms: Pms, ledger: Ledger, practices: Iterable[Practice], clock: Clock) -> int:
    """
    Return how many of our confirmed bookings of these days have no row in the PMS any more.
    """
    ids: list[str] = []
    for practice in practices:
        since = clock.now().astimezone(practice.zone).replace(tzinfo=None) - WATCHED_FOR
        entries = ledger.bookings(practice.id, states=(BookingState.CONFIRMED,), start_from=since)
        ids += [i for entry in entries for i in entry.appointment_ids]
    return len(ids) - len(pms.states(ids)) if ids else 0


class GuardedPms:
    """
    A PMS (`agent.ports.pms.Pms`) whose writes ask the guard first, and that leaves a login alone once it was refused twice.

    Every channel and both connections of a PMS share one login: each on its own trying twice would lock the account out.
    Safe to call from several threads.
    """

    def __init__(self, inner: Pms, clock: Clock) -> None:
        self._inner = inner
        self._clock = clock
        self._login = JobHistory()
        self._refusal: AuthRequired | None = None
        self._refused_bookings = False
        self._lock = threading.Lock()
        self.before_write: Callable[[], None] = lambda: None
        self.after_write: Callable[[], None] = lambda: None
        self.in_trouble: Callable[[], None] = lambda: None

    def obey(self, guard: IdentityGuard) -> None:
        """
        Ask *guard* before every write, and tell it what happens.
        """
        self.before_write, self.after_write, self.in_trouble = guard.before_write, guard.after_write, guard.in_trouble

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return found if name in _WITHOUT_LOGIN else partial(self._call, name, found)

    def try_now(self) -> None:
        """
        A person asks to try at once, or has done something about what was refused.
        """
        with self._lock:
            self._login, self._refusal = JobHistory(), None

    def _call(self, name: str, operation: Callable[..., object], *args: object, **kwargs: object) -> object:
        self._wait_for_its_turn()
        if name in _WRITES:
            self.before_write()
        try:
            result = operation(*args, **kwargs)
        except AuthRequired as error:
            with self._lock:
                self._refusal, self._refused_bookings = error, name in _ON_THE_BOOKINGS_CONNECTION
                self._login = login_refused(Job.AVAILABILITY, self._login, now=self._clock.now(), jitter=0.0)
            self.in_trouble()
            raise
        except Transient as error:
            if error.code.startswith("pms-"):
                self.in_trouble()
            raise
        if name in _WRITES:
            self.after_write()
        if self._refusal is not None and self._refused_bookings == (name in _ON_THE_BOOKINGS_CONNECTION):
            self.try_now()  # what an open connection still gives says nothing about the login
        return result

    def _wait_for_its_turn(self) -> None:
        with self._lock:
            held, refusal = self._login.not_before, self._refusal
        if refusal is not None and held is not None and self._clock.now() < held:
            raise AuthRequired(refusal.code, refusal.message, remedy=refusal.remedy)


class IdentityGuard:
    """
    Compares machine and database with what this home belongs to. Its methods may be called from any thread.

    Args:
        ours_missing: Returns how many of our appointments that should be in the PMS are not.
        remember: Puts a line on the timeline: code, text, who.
        on_cleared: Called when polling and publishing may go on; with True if it is another database now, or another engine
            has worked with it.
    """

    def __init__(
        self,
        pms: Pms,
        *,
        machine_id: str,
        home: HomeIdentity,
        notices: Notices,
        clock: Clock,
        ours_missing: Callable[[], int],
        remember: Callable[[str, str, str], None],
        on_cleared: Callable[[bool], None] = lambda _anew: None,
    ) -> None:
        self._pms = pms
        self._machine_id = machine_id
        self._home = home
        self._notices = notices
        self._clock = clock
        self._ours_missing = ours_missing
        self._remember = remember
        self.on_cleared = on_cleared
        self._lock = threading.RLock()
        self._looked: datetime | None = None
        self._day: date | None = None
        self._seen: Identity | None = None
        self._doubts: tuple[Doubt, ...] = ()
        self._is_in_trouble = False
        self._has_written = False
        self._check_failed: Misconfigured | None = None
        self._alone = Alone(pms, notices=notices, clock=clock, remember=remember)
        self._takes_over = False

    @property
    def is_held(self) -> bool:
        """
        Whether a person has to say which machine or database is the real one, or another engine works with the database.
        """
        return bool(self._doubts) or self._alone.is_shut_out

    def in_trouble(self) -> None:
        """
        The PMS could not be worked with: whatever answers next has to show which database it is.
        """
        self._is_in_trouble = True

    def before_run(self, *, waits: bool = True) -> None:
        """
        Called as a channel begins a run.

        Args:
            waits: Whether the run is better late than unchecked. Polling is not: its deadlines are seconds, and what it
                writes is checked by itself. Before the first look everybody waits.

        Raises:
            Cancelled: while the question is not answered, or another engine works with the database.
            FrontdeskError: if the PMS does not say which database it is.
        """
        if waits or self._looked is None or self._alone.is_shut_out:
            self._look_if_due()
        if self._alone.is_shut_out:
            raise Cancelled(OTHER_ENGINE, "Waits until the other engine at this database has gone.")
        if self._doubts:
            raise Cancelled(HELD, "Waits until somebody has said which machine and database are the real ones.")

    def before_write(self) -> None:
        """
        Called before anything is written to the PMS.

        Raises:
            Transient: while the question is not answered (`identity-held`), while another engine works with the database
                (`pms-other-engine`), or if the PMS does not say what it is.
            Misconfigured: if it has a new version that the profile does not fit (`pms-version-check`).
        """
        now = self._clock.now()
        if self._is_in_trouble or self._looked is None or self._day != now.date():
            self._look_if_due()
        if self._alone.is_shut_out:
            raise Transient(OTHER_ENGINE, "Nothing is written while another engine works with this database.")
        if self._doubts:
            raise Transient(HELD, "Nothing is written until somebody has said which machine and database are the real ones.")
        if self._check_failed is not None:
            raise self._check_failed

    def after_write(self) -> None:
        """
        Called after something was written: the next run that can wait remembers it as the newest change, so that a backup from
        before it is recognised.
        """
        self._has_written = True

    def is_ours(self) -> bool:
        """
        Ask the PMS now, and return whether it is the known database, and this engine's alone.
        """
        try:
            with self._lock:
                self._look()
        except FrontdeskError:
            return False
        return not self.is_held

    def adopt(self, answer: Answer, *, by: str) -> str:
        """
        A person has answered; returns what follows, in plain words.

        Raises:
            Misconfigured: if that is not what was asked (`identity-not-asked`).
        """
        with self._lock:
            known, seen, found = self._home.known(), self._seen, self._doubts
            if known is None or seen is None or not SETTLES[answer] & set(found):
                text = question(found)[1] if found else "Nothing is in doubt: this machine and its database are the known ones."
                raise Misconfigured("identity-not-asked", "That is not the question.", remedy=text)
            self._home.remember(adopt(known, seen, answer), self._clock.now())
            self._remember("identity-adopted", f"Somebody answered: {answer.value}.", by)
            self._judge(seen, is_connected=False, anew=bool(SETTLES[answer] & {Doubt.DATABASE, Doubt.BACKWARDS}))
            left = self._doubts
        return question(left)[1] if left else "Online bookings go on."

    def _look_if_due(self) -> None:
        with self._lock:
            now = self._clock.now()
            since = None if self._looked is None else now - self._looked
            lasts = ASK_EVERY if self._alone.is_shut_out else LOOK_EVERY
            is_old = since is None or not timedelta() <= since < lasts or self._day != now.date()
            if is_old or (not self._alone.is_shut_out and (self._is_in_trouble or self._has_written)):
                self._look()

    def _look(self) -> None:
        was_shut_out = self._alone.is_shut_out
        is_connected = not (self._is_in_trouble or was_shut_out) and self._looked is not None
        self._has_written = False
        if not self._alone.holds_lock():
            self._looked, self._day = self._clock.now(), self._clock.now().date()
            return
        self._takes_over = self._takes_over or was_shut_out
        found = self._pms.identity()
        seen = Identity(
            machine_id=self._machine_id,
            database_id=found.database_id,
            newest_change=found.newest_change,
            version=found.version,
        )
        self._judge(seen, is_connected=is_connected)
        now = self._clock.now()
        self._looked, self._day, self._is_in_trouble = now, now.date(), False

    def _judge(self, seen: Identity, *, is_connected: bool, anew: bool = False) -> None:
        known = self._home.known() or seen
        missing = 0
        if not is_connected and went_back(known.newest_change, seen.newest_change):
            missing = self._ours_missing() if is_small_step(known.newest_change, seen.newest_change) else 0
        was_held, self._seen = bool(self._doubts), seen
        self._doubts = doubts(known, seen, is_connected=is_connected, ours_missing=missing)
        if self._doubts:
            self._ask(was_held=was_held)
            return
        if was_held or self._takes_over or self._looked is None:
            self._notices.clear_condition(AREA, HELD)
        version = seen.version if self._fits(known, seen) else known.version
        now_known = replace(seen, version=version, machine_id=seen.machine_id or known.machine_id)
        if now_known != self._home.known():
            self._home.remember(now_known, self._clock.now())
        if was_held:
            self._remember("identity-clear", "Machine and database are known: online bookings go on.", "")
        if was_held or self._takes_over:
            # What another engine has told Healthengine meanwhile is not known here.
            anew, self._takes_over = anew or self._takes_over, False
            self.on_cleared(anew)

    def _ask(self, *, was_held: bool) -> None:
        message, remedy = question(self._doubts)
        self._notices.raise_condition(
            Condition(area=AREA, code=HELD, severity=Severity.ERROR, message=message, remedy=remedy, since=self._clock.now())
        )
        if not was_held:
            log.warning("held: %s", ", ".join(self._doubts))
            self._remember("identity-held", message, "")

    def _fits(self, known: Identity, seen: Identity) -> bool:
        """
        After an upgrade of the PMS let go of every connection and try every query before the first write.
        """
        if known.version == seen.version:
            if self._check_failed is not None or self._looked is None:
                self._check_failed = None
                self._notices.clear_condition(CHECK_AREA, CHECK_FAILED)
            return True
        self._pms.close()
        bad = [line for line in self._pms.check() if not line.ok]
        if not bad:
            self._check_failed = None
            self._notices.clear_condition(CHECK_AREA, CHECK_FAILED)
            self._remember("pms-upgraded", f"The PMS has a new version, {seen.version}, and every query still fits.", "")
            return True
        places = "; ".join(f"{line.operation}: {line.message} ({line.place})" for line in bad[:3])
        self._check_failed = Misconfigured(
            CHECK_FAILED,
            f"The PMS has a new version, {seen.version}, that the profile does not fit: {places}. Nothing is written to it.",
            remedy="Run `frontdesk check`, and install a newer Frontdesk or correct the profile. It is tried again by itself.",
        )
        self._notices.raise_condition(
            Condition(
                area=CHECK_AREA,
                code=CHECK_FAILED,
                severity=Severity.ERROR,
                message=self._check_failed.message,
                remedy=self._check_failed.remedy,
                since=self._clock.now(),
            )
        )
        return False
