"""
One life of the agent on one machine: the engine, its channels and everything they keep, stepped instead of threaded.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import cast

from agent.domain.errors import FrontdeskError, Misconfigured
from agent.domain.identity import Answer
from agent.domain.practice import Practice
from agent.engine.answers import PersonsAnswers
from agent.engine.approving import Approving
from agent.engine.channel import Channel
from agent.engine.desk import PracticeDesk
from agent.engine.gate import MAINTENANCE, PmsGate
from agent.engine.holidays import is_public_holiday
from agent.engine.practices import PRACTICE_KEY, Practices
from agent.engine.report import Facts
from agent.engine.stopping import Stopper, Stops, was_in_maintenance
from agent.ports.marketplace import Marketplace
from agent.ports.pms import Pms
from agent.sandbox.year.clock import JumpingClock
from agent.sandbox.year.line import Line
from agent.sandbox.year.stepping import AtOnce, SteppedEngine
from agent.store.store import Store
from agent.sync.brake import Brake
from agent.sync.context import Context
from agent.sync.identity import GuardedPms, IdentityGuard, missing_of_ours
from agent.sync.liveness import LiveHoursKeeper

ROUNDS = 6
"""How often the channels may want each other's runs in one step."""


class Room:
    """
    Wires the parts as `agent.app` does, without processes, network or threads.

    Args:
        home: Where the state file is.
        lines: To Healthengine, one for each practice.
    """

    def __init__(
        self,
        home: Path,
        *,
        clock: JumpingClock,
        machine_id: str,
        pms: Line,
        practices: Sequence[Practice],
        lines: Mapping[str, Line],
    ) -> None:
        self._clock = clock
        self._lines = dict(lines)
        self._changed: dict[str, Practice] | None = None
        home.mkdir(exist_ok=True)
        self.store = Store.open(home / "state.db")
        self._gate = PmsGate(cast("Pms", pms), shut=was_in_maintenance(self.store.published))
        guarded = GuardedPms(cast("Pms", self._gate), clock)
        self.pms = cast("Pms", guarded)
        self.engine = SteppedEngine(
            store=self.store,
            clock=clock,
            answers=AtOnce(1),
            facts=Facts(version="0", pid=0, profile="sandbox", carrier="sqlite", time_scale=1.0, workers=tuple),
            pms=self.pms,
            reload=self._reload,
            on_change=lambda: None,
            is_held=lambda: guard.is_held,
            try_login=guarded.try_now,
        )
        guard = IdentityGuard(
            self.pms,
            machine_id=machine_id,
            home=self.store.identity,
            notices=self.store.conditions,
            clock=clock,
            ours_missing=lambda: missing_of_ours(self.pms, self.store.ledger, [desk.practice for desk in self.desks], clock),
            remember=lambda _code, _text, _by: None,
        )
        guarded.obey(guard)
        self.guard = guard
        self._guarded = guarded
        self.stops = Stops(self.store.published, clock)
        self.stopper = Stopper(
            self.engine,
            self.stops,
            self._gate,
            notices=self.store.conditions,
            notes=self.store.published,
            clock=clock,
            on_open=guard.in_trouble,
        )
        self.answers = PersonsAnswers(guard, guarded, desks=lambda: self.desks, remember=lambda _code, _text, _by: None)
        self._approving = Approving(
            self.store.approvals, clock, desks=lambda: self.desks, remember=lambda _code, _text, _by: None
        )
        self._practices = Practices(
            self.engine,
            self,
            stopper=self.stopper,
            stops=self.stops,
            notices=self.store.conditions,
            linked=self.store.practices,
            clock=clock,
        )
        self.engine.on_practices = self._follow
        for practice in practices:
            self.engine.add(self.open(practice))

    @property
    def desks(self) -> Sequence[PracticeDesk]:
        """
        The practices at work.
        """
        return self.engine.desks

    @property
    def channels(self) -> list[Channel]:
        """
        Their channels.
        """
        return [channel for desk in self.desks for channel in desk.channels]

    # What makes and unmakes desks (`agent.engine.practices.DeskMaker`).

    def open(self, practice: Practice) -> PracticeDesk:
        """
        Return a new desk; nothing of it runs yet.
        """
        return PracticeDesk(
            self._context(practice, self._lines[practice.id]),
            answers=AtOnce(1),
            aside=AtOnce(1),
            on_success=self.engine.channel_succeeded,
            on_failure=self.engine.channel_failed,
        )

    def close(self, practice_id: str) -> None:
        """
        Let go of the line to it.
        """
        del self._lines[practice_id]

    def use_new_keys(self, practice_id: str) -> None:
        """
        Nothing to do: no key is on a line.
        """

    # Steps.

    def tick(self) -> None:
        """
        Do what is due now, and what follows from it.
        """
        self._probe()
        self.engine._tick()  # noqa: SLF001 - the scheduler's call
        for _ in range(ROUNDS):
            if not sum(channel.run_if_called() for channel in self.channels):
                return

    def now_please(self) -> None:
        """
        Look at everything at once, as after a person's button.
        """
        for channel in self.channels:
            channel.want(now=True)
        self.tick()

    def stay_up(self, now: datetime) -> None:
        """
        Be up for a while in which nothing happens.
        """
        self.store.uptime.extend(now, up=True)

    @property
    def is_well(self) -> bool:
        """
        Whether every channel's last run was a good one and nothing is held.
        """
        return not self.guard.is_held and not any(channel.has_failed for channel in self.channels)

    @property
    def is_braking(self) -> bool:
        """
        Whether the brake of any practice holds something.
        """
        return any(desk.context.brake is not None and desk.context.brake.is_holding for desk in self.desks)

    def change(self, practices: Sequence[Practice], lines: Mapping[str, Line]) -> None:
        """
        The settings file has changed; *lines* are those to all its practices.
        """
        self._lines.update(lines)
        self._changed = {practice.id: practice for practice in practices}

    def new_key(self, practice_id: str) -> None:
        """
        A person has set a practice's new key.
        """
        self._practices.credential_changed(f"{PRACTICE_KEY}{practice_id}")
        self.now_please()

    def tick_off(self) -> list[tuple[str, str]]:
        """
        A person ticks off everything new; returns what that was: practice and item.
        """
        waiting = self._approving.waiting()
        self._approving.approve([newcomer.id for newcomer in waiting], by="manager")
        return [(newcomer.practice_id, newcomer.item.id) for newcomer in waiting]

    def maintenance(self, minutes: int) -> None:
        """
        Let go of the database for a while; it ends by itself.
        """
        self.store.published.set_note("", MAINTENANCE, MAINTENANCE)
        self.engine.pause(minutes, by="manager")
        self._gate.shut(0)

    def new_password(self) -> None:
        """
        A person has set the new password.
        """
        self._guarded.try_now()
        self.now_please()

    def adopt(self) -> bool:
        """
        A person says that this is the real machine and database; returns whether that was asked.
        """
        was_held = self.guard.is_held
        for answer in (Answer.THIS_MACHINE, Answer.RESTORED, Answer.THIS_DATABASE):
            try:
                self.answers.adopt(answer, by="manager")
            except Misconfigured:
                continue
        return was_held

    def stop(self, *, orderly: bool) -> None:
        """
        End this life: in good order, or because the power failed.
        """
        for channel in self.channels:
            channel.suspend(suspended=True)
        if orderly and not self.guard.is_held:
            for thread in self.engine._cut_live_hours():  # noqa: SLF001 - what `stop` does
                thread.join()
        self.store.close()

    def copy_state(self, home: Path) -> None:
        """
        Copy the state file into another home, as cloning a machine does.
        """
        home.mkdir(exist_ok=True)
        source = self.store.ledger._database._connection  # noqa: SLF001 - the file is open
        (home / "state.db").unlink(missing_ok=True)
        with closing(sqlite3.connect(home / "state.db")) as copy:
            source.backup(copy)

    def _context(self, practice: Practice, line: Line) -> Context:
        store, clock = self.store, self._clock
        return Context(
            practice=practice,
            pms=self.pms,
            marketplace=cast("Marketplace", line),
            ledger=store.ledger,
            published=store.published,
            history=store.history,
            tasks=store.tasks,
            clock=clock,
            live_hours=LiveHoursKeeper(
                memory=store.live_hours,
                uptime=store.uptime,
                conditions=store.conditions,
                clock=clock,
                is_holiday=is_public_holiday,
                activity=lambda _code, _text: None,
            ),
            brake=Brake(
                practice.id,
                accepted=store.accepted,
                notes=store.published,
                notices=store.conditions,
                clock=clock,
                is_our_database=self.guard.is_ours,
            ),
            guard=self.guard,
            approvals=store.approvals,
            is_holiday=is_public_holiday,
            availability_wanted=lambda: None,
            activity=lambda _code, _text: None,
            stop=lambda: self.stops.of(practice.id),
        )

    def _follow(self, wanted: Mapping[str, Practice]) -> None:
        """
        Do what the practices' thread does. Whoever leaves is waited for, which takes the threads of its channels.
        """
        for desk in self.desks:
            for channel in desk.channels if desk.practice.id not in wanted else ():
                channel.start()
        self._clock.is_waking = True  # a wait is a wait
        self._practices._follow(wanted)  # noqa: SLF001 - its thread is not started
        self._clock.is_waking = False

    def _reload(self) -> Mapping[str, Practice] | None:
        changed, self._changed = self._changed, None
        return changed

    def _probe(self) -> None:
        """
        Do what the probe's thread does every ten seconds after trouble.
        """
        probe = self.engine._probe  # noqa: SLF001 - its thread is not started
        if probe._trouble.is_set():  # noqa: SLF001 - as above
            try:
                self.pms.identity()
            except FrontdeskError:
                return
            probe._trouble.clear()  # noqa: SLF001 - as above
            self.engine._pms_is_back()  # noqa: SLF001 - as above


@contextmanager
def quiet_logs() -> Iterator[None]:
    """
    Let the agent keep to itself what it would log in a year of mishaps, except what nobody foresaw.
    """
    log = logging.getLogger("agent")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)
