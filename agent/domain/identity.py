"""
Which machine and database a home belongs to, and what makes that doubtful.

A restored backup, a test boot of a copy, a cloned server, a database that was moved or a machine that was replaced all look alike
from inside: only a person knows which one is the real one. Until then nothing is polled, published or written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

SMALL_STEP = 20
"""A newest change that is a number and fell by no more than this may be somebody deleting the newest rows."""

SMALL_TIME = timedelta(minutes=15)
"""The same for a newest change that is a time."""

HELD = "identity-held"
"""The code of the condition and of every refusal while nobody has answered."""

OTHER_ENGINE = "pms-other-engine"
"""The same while another engine works with the database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """
    A machine and a database.

    Attributes:
        machine_id: A digest of the machine's own id; empty where it has none.
        database_id: Stays the same for the life of the database.
        newest_change: A text that only ever grows; empty where there is none.
        version: Of the PMS.
    """

    machine_id: str
    database_id: str
    newest_change: str
    version: str


class Doubt(StrEnum):
    """
    What is not as it was.
    """

    MACHINE = "machine"  # this home was another machine's
    DATABASE = "database"  # the connection leads to another database
    BACKWARDS = "backwards"  # the database has lost what it had


class Answer(StrEnum):
    """
    What a person may say.
    """

    THIS_MACHINE = "this-machine"  # this is the practice's server now
    THIS_DATABASE = "this-database"  # this is the practice's database now
    RESTORED = "restored"  # it was put back from a backup and is in use again


SETTLES = {
    Answer.THIS_MACHINE: frozenset({Doubt.MACHINE}),
    Answer.THIS_DATABASE: frozenset({Doubt.DATABASE, Doubt.BACKWARDS}),
    Answer.RESTORED: frozenset({Doubt.BACKWARDS}),
}
"""Which doubts an answer settles."""

_ANSWERS = {Doubt.MACHINE: Answer.THIS_MACHINE, Doubt.DATABASE: Answer.THIS_DATABASE, Doubt.BACKWARDS: Answer.RESTORED}

_SEEN = {
    Doubt.MACHINE: "this installation was made on another machine",
    Doubt.DATABASE: "the connection leads to another database than before",
    Doubt.BACKWARDS: "the database has lost changes that it had before, as after restoring a backup",
}

_OPTIONS = {
    Doubt.MACHINE: "If this machine has taken the other one's place and the other one is switched off for good",
    Doubt.DATABASE: "If this is the database the practice works in now",
    Doubt.BACKWARDS: "If the practice works on with the restored database",
}


def doubts(known: Identity, seen: Identity, *, is_connected: bool = False, ours_missing: int = 0) -> tuple[Doubt, ...]:
    """
    Return what is not as it was.

    Args:
        is_connected: The connection has held since *known* was seen. Nothing can be restored meanwhile, so a small step back is
            the desk deleting the newest rows.
        ours_missing: How many of our appointments that should be in the PMS are not; looked at only for a small step back.
    """
    found: list[Doubt] = []
    if known.machine_id and seen.machine_id and known.machine_id != seen.machine_id:
        found.append(Doubt.MACHINE)
    if known.database_id != seen.database_id:
        found.append(Doubt.DATABASE)
    elif went_back(known.newest_change, seen.newest_change):
        is_small = is_small_step(known.newest_change, seen.newest_change)
        if not (is_small and (is_connected or not ours_missing)):
            found.append(Doubt.BACKWARDS)
    return tuple(found)


def went_back(known: str, seen: str) -> bool:
    """
    Return whether the newest change is older than the one seen before; a profile that names none cannot say.
    """
    return bool(known and seen) and seen < known


def is_small_step(known: str, seen: str) -> bool:
    """
    Return whether the newest change fell by so little that deleted rows explain it.
    """
    if known.isdigit() and seen.isdigit():
        return int(known) - int(seen) <= SMALL_STEP
    try:
        return datetime.fromisoformat(known) - datetime.fromisoformat(seen) <= SMALL_TIME
    except (ValueError, TypeError):
        return False


def adopt(known: Identity, seen: Identity, answer: Answer) -> Identity:
    """
    Return what is known once a person has said *answer* to what is *seen*; doubts that it does not settle stay.
    """
    settled = SETTLES[answer]
    result = known
    if Doubt.MACHINE in settled:
        result = replace(result, machine_id=seen.machine_id)
    if Doubt.DATABASE in settled:
        result = replace(result, database_id=seen.database_id)
    if Doubt.BACKWARDS in settled and result.database_id == seen.database_id:
        result = replace(result, newest_change=seen.newest_change)
    return result


def question(found: Sequence[Doubt]) -> tuple[str, str]:
    """
    Return what to ask a person, and the options, in plain words.
    """
    seen = ", and ".join(_SEEN[doubt] for doubt in found)
    message = (
        f"Is this the practice's real server and database? {seen[:1].upper()}{seen[1:]}. Online bookings wait for the answer."
    )
    options = [f"{_OPTIONS[doubt]}: frontdesk adopt {_ANSWERS[doubt].value}." for doubt in found]
    options.append("If this is a copy or a test, leave it so, or stop it: frontdesk stop.")
    return message, " ".join(options)
