"""
Upgrading (stop, back up the state, replace, migrate, start, check, else roll back): whether the new program does its work.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from agent.domain.status import EngineState, EngineStatus, Severity

_OF_THE_PROGRAM = ("pms-", "settings-", "store-")
"""What a new program may get wrong where the old one did not. Healthengine's refusals are the same for both."""


class Verdict(StrEnum):
    """
    What the engine's status says of a program that has just been started.
    """

    WELL = "well"  # everything has worked once, or a person has said that it should not
    WAITING = "waiting"  # something has not worked yet; waiting may help
    FAILED = "failed"  # only a person, or the old program, helps


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """
    The verdict with its reasons, in plain words; none for *well*.
    """

    verdict: Verdict
    reasons: tuple[str, ...] = ()


def health_of(status: EngineStatus, version: str, known: Collection[str]) -> Health:
    """
    Return how a program does that has just been started.

    Args:
        version: Of the program that should be running.
        known: Codes of what was wrong before it was started: no fault of the new program.
    """
    if status.version != version:
        return Health(verdict=Verdict.WAITING, reasons=(f"version {status.version} answers, not {version}",))
    troubles = {c: f"{c.message} [{c.code}]" for c in status.conditions}
    new = [
        text
        for c, text in troubles.items()
        if c.severity is Severity.ERROR and c.code.startswith(_OF_THE_PROGRAM) and c.code not in known
    ]
    if new:
        return Health(verdict=Verdict.FAILED, reasons=tuple(dict.fromkeys(new)))  # several channels may say the same
    if status.state in (EngineState.PAUSED, EngineState.NOT_SET_UP):
        return Health(verdict=Verdict.WELL)
    missing = [f"practice {c.practice_id}: {c.name} has not worked yet" for c in status.channels if c.last_success is None]
    if missing or not status.channels:
        return Health(verdict=Verdict.WAITING, reasons=(*troubles.values(), *missing))
    return Health(verdict=Verdict.WELL)
