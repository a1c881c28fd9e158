"""
What a person answers: which machine and database are the real ones, and that something the brake holds is right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent.domain.identity import Answer
from agent.engine.desk import PracticeDesk
from agent.sync.identity import GuardedPms, IdentityGuard


class PersonsAnswers:
    """
    Carries a person's answer to where it is waited for. Its methods may be called from any thread.

    Args:
        desks: The practices at work, as they are now.
        remember: Puts a line on the timeline: code, text, who.
    """

    def __init__(
        self,
        guard: IdentityGuard,
        pms: GuardedPms,
        *,
        desks: Callable[[], Sequence[PracticeDesk]],
        remember: Callable[[str, str, str], None],
    ) -> None:
        self._guard = guard
        self._pms = pms
        self._desks = desks
        self._remember = remember
        guard.on_cleared = self._go_on

    @property
    def is_held(self) -> bool:
        """
        Whether everything waits for an answer about machine or database.
        """
        return self._guard.is_held

    def try_now(self) -> None:
        """
        A person asks for something: a login that was refused is tried once more.
        """
        self._pms.try_now()

    def adopt(self, answer: Answer, *, by: str) -> str:
        """
        Say which machine or database is the real one; returns what follows.

        Raises:
            Misconfigured: if that was not the question (`identity-not-asked`).
        """
        return self._guard.adopt(answer, by=by)

    def release(self, *, by: str) -> str:
        """
        Say that what the brake holds is right; returns what was let go.
        """
        said = [f"practice {desk.practice.id}: {text}" for desk in self._desks() if (text := desk.release())]
        if not said:
            return "Nothing is held."
        text = f"Let go: {'; '.join(said)}."
        self._remember("brake-released", text, by)
        return text

    def _go_on(self, anew: bool) -> None:  # noqa: FBT001 - the guard's callback
        for desk in self._desks():
            if anew:
                desk.resync_soon()
            for channel in desk.channels:
                channel.want(now=True)
