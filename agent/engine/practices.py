"""
The practices at work, kept as the settings and the credentials have them while the engine runs (L3, L4; rule 9).

A practice that leaves first stops: what is outstanding is answered, every day is stated as empty, then its live hours, and only
then nothing more is said. One that left the settings while no engine ran, or that Healthengine could not be told of, is taken up
for that alone. Practices that leave go before those that come, so that one id can follow another over the same diary.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

from agent.domain.errors import AuthRequired, Cancelled, FrontdeskError, Transient
from agent.domain.health import severity_of
from agent.domain.practice import Practice
from agent.domain.status import Condition, Severity
from agent.domain.stopping import Stop, Way, what_patients_see
from agent.engine.desk import PracticeDesk
from agent.engine.engine import Engine
from agent.engine.stopping import Stopper, Stops
from agent.ports.brake import Notices
from agent.ports.clock import Clock
from agent.ports.practices import LinkedPractices

log = logging.getLogger(__name__)

STEP_LIMIT = timedelta(minutes=2)
"""How long each step of stopping a practice that leaves may take."""

TRIES = 3
TRY_AGAIN = timedelta(seconds=10)

LEAVE_AGAIN = timedelta(minutes=10)
"""How long after it did not work the leaving of a practice is tried again."""

PRACTICE_KEY = "practice-key:"
ROAD_SECRETS = ("smtp-password", "webhook-secret")
"""Asked for whenever a task leaves."""


class DeskMaker(Protocol):
    """
    Makes and unmakes what a practice works with.
    """

    def open(self, practice: Practice) -> PracticeDesk:
        """
        Return the practice's desk; nothing of it runs yet.

        Raises:
            AuthRequired: if its key is missing.
            Misconfigured: if it cannot be used.
        """

    def close(self, practice_id: str) -> None:
        """
        Let go of its connections.
        """

    def use_new_keys(self, practice_id: str) -> None:
        """
        Read its keys again, and use them from the next call on.

        Raises:
            FrontdeskError: as `open`.
        """


class Practices:
    """
    Adds, replaces and removes practices. Its methods may be called from any thread.
    """

    def __init__(
        self,
        engine: Engine,
        maker: DeskMaker,
        *,
        stopper: Stopper,
        stops: Stops,
        notices: Notices,
        linked: LinkedPractices,
        clock: Clock,
    ) -> None:
        self._engine = engine
        self._maker = maker
        self._stopper = stopper
        self._stops = stops
        self._notices = notices
        self._linked = linked
        self._clock = clock
        self._changed = threading.Condition()
        self._wanted: Mapping[str, Practice] = {}
        self._must_look = False
        self._refused: set[str] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="practices", daemon=True)
        engine.on_practices = self.settle

    def start(self) -> None:
        """
        Begin to follow what changes. The engine has started.
        """
        with self._changed:
            if not self._must_look:  # else the settings have changed since
                self._wanted = {desk.practice.id: desk.practice for desk in self._engine.desks}
                self._must_look = True
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """
        Follow nothing any more; waits at most *timeout* real seconds for a change under way. The engine has stopped before.
        """
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def settle(self, wanted: Mapping[str, Practice]) -> None:
        """
        Make these practices, by id, those at work; returns at once.
        """
        with self._changed:
            self._wanted = dict(wanted)
            self._must_look = True
            self._changed.notify_all()

    def credential_changed(self, name: str) -> str:
        """
        A key to Healthengine or a road's secret was stored: use it without a restart. Returns what follows, in plain words.

        Raises:
            FrontdeskError: if it cannot be used.
        """
        if name.startswith(PRACTICE_KEY):
            return self._key_changed(name.removeprefix(PRACTICE_KEY))
        if name in ROAD_SECRETS:
            return "It is used from now on."
        for desk in self._engine.desks:
            self._maker.use_new_keys(desk.practice.id)
            for channel in desk.channels:
                channel.want(now=True)
        return "It is used from now on."

    def _key_changed(self, practice_id: str) -> str:
        desk = next((desk for desk in self._engine.desks if desk.practice.id == practice_id), None)
        if desk is None:
            if practice_id in self._refused:
                self.settle(self._wanted)
            return f"It is used as soon as practice {practice_id} is in the settings."
        for channel in desk.channels:
            channel.suspend(suspended=True)
        try:
            self._maker.use_new_keys(practice_id)
            desk.link_again()
        finally:
            for channel in desk.channels:
                channel.suspend(suspended=self._engine.is_paused)
        return f"It is used from now on, and practice {practice_id} is linked anew. {what_patients_see(Way.NEW_KEY)}"

    def _loop(self) -> None:
        patience: float | None = None
        while not self._stopping.is_set():
            with self._changed:
                self._changed.wait_for(lambda: self._must_look or self._stopping.is_set(), patience)
                self._must_look, wanted = False, self._wanted
            try:
                self._follow(wanted)
                patience = self._patience()
            except FrontdeskError as error:  # of the state file
                log.warning("the practices could not be changed: %s", error.code)

    def _follow(self, wanted: Mapping[str, Practice]) -> None:
        if not wanted:
            return
        for practice_id in self._refused - set(wanted):
            self._notices.clear_condition(_area(practice_id))
        self._refused.intersection_update(wanted)
        self._take_up_who_left(wanted)
        for desk in self._engine.desks:
            if desk.practice.id not in wanted and not self._stopping.is_set():
                self._remove(desk)
        there = {desk.practice.id for desk in self._engine.desks}
        for practice in wanted.values():
            if practice.id not in there and not self._stopping.is_set():
                self._add(practice)
        for desk in self._engine.desks:
            self._linked.remember(desk.practice)

    def _patience(self) -> float | None:
        """
        Return for how long (real seconds) there is nothing to do unless something changes; None: for good.
        """
        at_work = {desk.practice.id for desk in self._engine.desks}
        has_left = any(practice.id not in at_work for practice in self._linked.all())
        return self._clock.real_seconds(LEAVE_AGAIN) if has_left else None

    def _take_up_who_left(self, wanted: Mapping[str, Practice]) -> None:
        """
        Set to work, with nothing to publish, whoever has left without Healthengine being told.
        """
        at_work = {desk.practice.id for desk in self._engine.desks}
        for practice in self._linked.all():
            if practice.id in wanted or practice.id in at_work or self._is_mute:
                continue
            self._stops.set(practice.id, Stop(since=self._clock.now()))
            try:
                desk = self._maker.open(practice)
            except FrontdeskError as error:  # its key has gone
                self._stopper.forget(practice.id)
                self._has_left(practice.id, error)
            else:
                self._engine.add(desk)

    @property
    def _is_mute(self) -> bool:
        return self._engine.is_paused or self._engine.is_held or self._stopping.is_set()

    def _add(self, practice: Practice) -> None:
        try:
            desk = self._maker.open(practice)
        except FrontdeskError as error:
            self._refused.add(practice.id)
            self._notices.raise_condition(
                Condition(
                    area=_area(practice.id),
                    code=error.code,
                    severity=severity_of(error),
                    message=f"Practice {practice.id} cannot begin: {error.message}.",
                    remedy=error.remedy,
                    since=self._clock.now(),
                )
            )
            self._engine.remember("practice-refused", f"Practice {practice.id} cannot begin ({error.code}).")
            return
        self._refused.discard(practice.id)
        self._notices.clear_condition(_area(practice.id))
        self._engine.add(desk)
        self._stopper.show(desk)
        self._engine.remember("practice-added", f"Practice {practice.id} is at work: it is linked now.")

    def _remove(self, desk: PracticeDesk) -> None:
        practice_id = desk.practice.id
        self._engine.remember("practice-leaving", f"Practice {practice_id} leaves: its online bookings stop first.")
        failure = self._stop_first(desk)
        self._engine.take_out(desk)
        if failure is None:
            desk.end_contract()
        self._maker.close(practice_id)
        self._stopper.forget(practice_id)
        if self._stopping.is_set():
            return
        desk.forget()
        self._has_left(practice_id, failure)

    def _has_left(self, practice_id: str, failure: FrontdeskError | None) -> None:
        """
        Forget a practice, unless it is to leave once more because Healthengine could not be told; and say what patients see.
        """
        if failure is None:
            text = f"Practice {practice_id} has left. {what_patients_see(Way.REMOVED)}"
        else:
            text = (
                f"Practice {practice_id} has left, but Healthengine could not be told to show no free times ({failure.code}): "
                "they stay until it notices the silence, after ten minutes of live hours."
            )
        self._notices.clear_condition(_area(practice_id))
        if isinstance(failure, Transient | Cancelled):
            self._notices.raise_condition(
                Condition(
                    area=_area(practice_id),
                    code="practice-not-emptied",
                    severity=Severity.WARNING,
                    message=text,
                    remedy="Nothing has to be done: every ten minutes it is tried again.",
                    since=self._clock.now(),
                )
            )
        else:
            self._linked.forget(practice_id)
        self._engine.remember("practice-removed", text)

    def _stop_first(self, desk: PracticeDesk) -> FrontdeskError | None:
        """
        Answer what is outstanding, state every day as empty, and answer what came meanwhile; returns why it did not work.
        """
        if self._is_mute:
            return Transient("paused", "The engine is paused or held, and tells Healthengine nothing.")
        self._stops.set(desk.practice.id, Stop(since=self._clock.now()))
        limit = self._clock.real_seconds(STEP_LIMIT)
        failure: FrontdeskError | None = None
        for _ in range(TRIES):
            outcomes = [*desk.resync("availability", limit), desk.requests.run_and_wait(limit)]
            failure = next((outcome for outcome in outcomes if isinstance(outcome, FrontdeskError)), None)
            if failure is None or isinstance(failure, AuthRequired):
                break
            if self._stopping.wait(self._clock.real_seconds(TRY_AGAIN)):
                break
        return failure


def _area(practice_id: str) -> str:
    return f"practice:{practice_id}"
