"""
New doctors and appointment types, and the person who ticks them off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from agent.domain.errors import Misconfigured
from agent.domain.newcomers import Newcomer
from agent.engine.desk import PracticeDesk
from agent.ports.approvals import Approvals
from agent.ports.clock import Clock


class Approving:
    """
    What waits for a tick, over all practices. Its methods may be called from any thread.

    Args:
        desks: The practices at work, as they are now.
        remember: Puts a line on the timeline: code, text, who.
    """

    def __init__(
        self,
        approvals: Approvals,
        clock: Clock,
        *,
        desks: Callable[[], Sequence[PracticeDesk]],
        remember: Callable[[str, str, str], None],
    ) -> None:
        self._approvals = approvals
        self._clock = clock
        self._desks = desks
        self._remember = remember

    def waiting(self) -> Sequence[Newcomer]:
        """
        Return what waits, in the order in which it turned up.
        """
        return self._approvals.waiting()

    def approve(self, ids: Iterable[int], *, by: str) -> str:
        """
        Tick some off, and have them published; returns what was done, in plain words.

        Raises:
            Misconfigured: if one of *ids* does not wait (`approve-unknown`); then nothing is ticked off.
        """
        wanted = set(ids)
        if unknown := wanted - {newcomer.id for newcomer in self.waiting()}:
            numbers = ", ".join(map(str, sorted(unknown)))
            raise Misconfigured("approve-unknown", f"Nothing waits under {numbers}.", remedy="See: frontdesk approve list")
        done = self._approvals.approve(wanted, by=by, at=self._clock.now())
        for newcomer in done:
            self._remember("approved", f"The {newcomer.item.kind} {newcomer.item.id} was ticked off.", by)
        practices = {newcomer.practice_id for newcomer in done}
        for desk in self._desks():
            if desk.practice.id in practices:
                desk.configuration.want(now=True)
        return f"Ticked off: {len(done)}. Healthengine is told now."
