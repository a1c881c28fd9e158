"""
The engine with what stands between it and its ports. Starts nothing, and opens no process, connection or file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import cast

from agent.domain.practice import Practice
from agent.engine.answers import PersonsAnswers
from agent.engine.desk import PracticeDesk
from agent.engine.engine import Engine
from agent.engine.gate import PmsGate
from agent.engine.holidays import is_public_holiday
from agent.engine.report import Facts
from agent.engine.stopping import Stopper, Stops, was_in_maintenance
from agent.ports.clock import Clock
from agent.ports.marketplace import Marketplace
from agent.ports.pms import Pms
from agent.store.damage import began
from agent.store.store import Store
from agent.sync.brake import Brake
from agent.sync.context import Context
from agent.sync.identity import AREA as IDENTITY_AREA
from agent.sync.identity import GuardedPms, IdentityGuard, missing_of_ours
from agent.sync.liveness import LiveHoursKeeper


class Core:
    """
    The engine over its ports, with the guard and the gate before the PMS.

    Args:
        pms: The practice's own, which nothing but this gets to see.
        answers: Sends the answers to patients' bookings.
        machine_id: Of the machine that this is.
        reload: Returns changed practices by id when the settings file has changed, else None.
        on_change: Called (from any thread) when the status may have changed.

    Attributes:
        pms: Guarded and gated, as all use cases see it.
    """

    def __init__(
        self,
        *,
        store: Store,
        pms: Pms,
        clock: Clock,
        answers: ThreadPoolExecutor,
        facts: Facts,
        machine_id: str,
        reload: Callable[[], Mapping[str, Practice] | None],
        on_change: Callable[[], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._answers = answers
        self.gate = PmsGate(pms, shut=was_in_maintenance(store.published))
        self.guarded = GuardedPms(cast("Pms", self.gate), clock)
        self.pms = cast("Pms", self.guarded)
        self.engine = Engine(
            store=store,
            clock=clock,
            answers=answers,
            facts=facts,
            pms=self.pms,
            reload=reload,
            on_change=on_change,
            is_held=lambda: self.guard.is_held,
            try_login=self.guarded.try_now,
        )
        self.guard = IdentityGuard(
            self.pms,
            machine_id=machine_id,
            home=store.identity,
            notices=store.conditions,
            clock=clock,
            ours_missing=lambda: missing_of_ours(self.pms, store.ledger, [desk.practice for desk in self.engine.desks], clock),
            remember=lambda code, text, by: self.engine.remember(code, text, by=by, area=IDENTITY_AREA),
        )
        self.guarded.obey(self.guard)
        self.stops = Stops(store.published, clock)
        self.stopper = Stopper(
            self.engine,
            self.stops,
            self.gate,
            notices=store.conditions,
            notes=store.published,
            clock=clock,
            on_open=self.guard.in_trouble,
        )
        self.persons_answers = PersonsAnswers(self.guard, self.guarded, desks=self.desks, remember=self.remember)

    def desks(self) -> tuple[PracticeDesk, ...]:
        """
        Return the practices at work, as they are now.
        """
        return self.engine.desks

    def remember(self, code: str, text: str, by: str) -> None:
        """
        Put on the timeline what a person did.
        """
        self.engine.remember(code, text, by=by)

    def desk(self, practice: Practice, marketplace: Marketplace) -> PracticeDesk:
        """
        Return a practice's desk; nothing of it runs yet.
        """
        return PracticeDesk(
            self._context(practice, marketplace),
            answers=self._answers,
            aside=ThreadPoolExecutor(1, thread_name_prefix=f"book-{practice.id}"),
            on_success=self.engine.channel_succeeded,
            on_failure=self.engine.channel_failed,
        )

    def _context(self, practice: Practice, marketplace: Marketplace) -> Context:
        store, clock = self._store, self._clock

        def activity(code: str, text: str) -> None:
            self.engine.remember(code, text, area=f"practice:{practice.id}")

        return Context(
            practice=practice,
            pms=self.pms,
            marketplace=marketplace,
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
                activity=activity,
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
            stop=lambda: self.stops.of(practice.id),
            ledger_began=began(store),
            availability_wanted=lambda: None,
            activity=activity,
        )
