"""
What matching can find.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """
    Why a record that is surely the person's may not simply be booked for.
    """

    INACTIVE = "inactive"
    DECEASED = "deceased"
    MERGED = "merged"  # into a record that is not there


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """
    Exactly one record is this person.

    Attributes:
        evidence: The fields that agree, by name, never by value.
        differences: The fields in which the booking says something that the record does not.
    """

    patient_id: str
    evidence: tuple[str, ...]
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguous:
    """
    One or several records could be this person, and none is for certain; the likeliest first.
    """

    patient_ids: tuple[str, ...]
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """
    A record surely is this person, and a person has to look at it first.
    """

    patient_id: str
    why: Why
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """
    No record is this person.
    """


Match = Matched | Ambiguous | Held | New
