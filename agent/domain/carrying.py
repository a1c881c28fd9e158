"""
Where in the PMS what a booking carries goes: the profile declares it, and nothing is lost without a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Item(StrEnum):
    """
    What a booking carries beside its time, its patient and its type.
    """

    NEW_PATIENT = "new_patient"
    DETAILS = "details"  # of the patient: what differs from the record, or who it is where it stands for somebody to be chosen
    TELEHEALTH = "telehealth"  # the link with which the practitioner begins the consultation
    REASON = "reason"
    COMMENTS = "comments"


class Goal(StrEnum):
    """
    Where an item goes.
    """

    NOTE = "note"  # into the free text that ends with the reference
    OWN = "own"  # into a field of its own
    NOWHERE = "nowhere"


class TooLong(StrEnum):
    """
    What becomes of an item that is longer than its limit.
    """

    CUT = "cut"  # its beginning is kept; a link is left out, with a word, for half a link leads nowhere
    NOTE = "note"  # all of it goes into the note


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """
    Where one item goes.

    Attributes:
        limit: Its longest length in characters; 0: whatever fits.
        fallback: What to do with what is longer.
        lines: Whether the place holds several lines; otherwise they are joined with ` / `.
    """

    goal: Goal = Goal.NOTE
    limit: int = 0
    fallback: TooLong = TooLong.CUT
    lines: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Cargo:
    """
    What one booking carries. Its `repr` shows nothing: it is the patient's own words.
    """

    headline: str = field(repr=False)
    is_new_patient: bool = field(repr=False)
    details: str = field(default="", repr=False)
    telehealth: str = field(default="", repr=False)
    reason: str = field(default="", repr=False)
    comments: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stowed:
    """
    The cargo in its places.

    Attributes:
        note: For the free text, without the reference.
        own: By item, what goes into a field of its own; an item that goes elsewhere is empty there.
    """

    note: str = field(repr=False)
    own: Mapping[Item, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentLinks:
    """
    Where a telehealth appointment takes place, as the PMS has it; empty: Healthengine gives out nothing of ours.

    A link opens a consultation: its `repr` shows nothing, and it is never kept.
    """

    patient_link: str = field(default="", repr=False)
    patient_description: str = field(default="", repr=False)
    practitioner_link: str = field(default="", repr=False)
    practitioner_description: str = field(default="", repr=False)


NO_LINKS = AppointmentLinks()

SEE_HEALTHENGINE = "see Healthengine"
_EVERYTHING_TO_THE_NOTE = Rule()


def stow(cargo: Cargo, rules: Mapping[Item, Rule], *, note_limit: int, note_lines: bool = True) -> Stowed:
    """
    Put everything where its rule says, the most important first; an item without a rule goes into the note.

    Args:
        note_limit: How many characters the note has, the reference already taken off.
        note_lines: Whether the note holds several lines.
    """
    own = dict.fromkeys(Item, "")
    parts: list[str] = []
    for item, given in _items(cargo).items():
        rule = rules.get(item, _EVERYTHING_TO_THE_NOTE)
        if not given or rule.goal is Goal.NOWHERE:
            continue
        text = given if rule.lines else one_line(given)
        is_too_long = bool(rule.limit) and len(text) > rule.limit
        if rule.goal is Goal.OWN and not (is_too_long and rule.fallback is TooLong.NOTE):
            own[item] = _fitted(item, text, rule.limit)
        else:
            limit = 0 if rule.goal is Goal.OWN else rule.limit
            parts.append(_in_note(item, text, limit, note_limit))
    is_said = cargo.is_new_patient and rules.get(Item.NEW_PATIENT, _EVERYTHING_TO_THE_NOTE).goal is Goal.NOTE
    headline = cargo.headline + (", new patient" if is_said else "")
    note = "\n".join([headline, *parts] if headline else parts)
    return Stowed(note=note if note_lines else one_line(note), own=own)


def one_line(text: str) -> str:
    """
    Return *text* with its lines joined.
    """
    return " / ".join(line.strip() for line in text.splitlines() if line.strip())


def _items(cargo: Cargo) -> dict[Item, str]:
    texts = {
        Item.DETAILS: cargo.details,
        Item.TELEHEALTH: cargo.telehealth,
        Item.REASON: cargo.reason,
        Item.COMMENTS: cargo.comments,
    }
    return {item: text.strip() for item, text in texts.items()}


def _in_note(item: Item, text: str, limit: int, note_limit: int) -> str:
    if item is Item.TELEHEALTH:
        # Half a note at most, so that the patient's words have room too.
        return f"Telehealth: {_fitted(item, text, limit or note_limit // 2)}"
    return _fitted(item, text, limit)


def _fitted(item: Item, text: str, limit: int) -> str:
    if not limit or len(text) <= limit:
        return text
    if item is Item.TELEHEALTH:
        return SEE_HEALTHENGINE[:limit]
    return text[: limit - 1].rstrip() + "…"
