"""
The evidence model: what each agreement and disagreement is worth, in bits.

Fellegi and Sunter weigh a field by how much likelier its outcome is for one person than for two strangers. In a practice the
others are not strangers: they are twins, brothers, fathers and housemates, who share telephone, address, card and surname.
So a record is weighed against each way of being somebody else, and the worst of these counts. What a household shares then
weighs nothing against a relative, however much of it agrees. `docs/matching.md` explains the numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final


class Field(StrEnum):
    """
    What can agree, in the words in which evidence is told.
    """

    FIRST_NAME = "first name"
    LAST_NAME = "last name"
    BIRTH = "date of birth"
    SEX = "sex"
    PHONE = "phone"
    EMAIL = "e-mail"
    ADDRESS = "address"
    MEDICARE = "Medicare number"
    IRN = "Medicare reference"
    KNOWN_ID = "record named by Healthengine"


SHARED: Final = (Field.PHONE, Field.EMAIL, Field.ADDRESS, Field.MEDICARE)
"""What a household has in common."""


class Level(StrEnum):
    """
    How well a field agrees.
    """

    SAME = "same"
    SIMILAR = "similar"  # a nickname, another of several names, a part of one; the suburb of an address
    MISSPELT = "misspelt"  # plainly the same name
    DOUBTFUL = "doubtful"  # perhaps a misspelling, perhaps another name
    INITIAL = "initial"
    SWAPPED = "swapped"  # first and last name stand in each other's place
    SLIP = "slip"  # a digit or letter off, or day and month swapped
    DIFFERENT = "different"
    MISSING = "missing"  # one side has nothing: no evidence


class Explanation(StrEnum):
    """
    Who the person of the booking may be instead of the person on record.
    """

    STRANGER = "stranger"
    RELATIVE = "relative"  # or housemate: another first name, another birthday
    TWIN = "twin"  # the same birthday, another first name
    NAMESAKE = "namesake"  # a parent or child of the same name: another birthday


_PRIOR: Final[Mapping[Explanation, float]] = {
    Explanation.STRANGER: -18.0,  # one record in 260,000 is the person's
    Explanation.RELATIVE: -1.0,  # two others live in the household
    Explanation.TWIN: 7.6,  # one person in sixty has a twin, and few of those are not on record
    Explanation.NAMESAKE: 5.5,
}
"""How much likelier the person is on record than somebody of this kind instead, before any field is looked at."""

PROBABILITIES: Final[Mapping[Field, Mapping[Level, tuple[float, float, float, float, float]]]] = {
    # the person, stranger, relative, twin, namesake
    Field.FIRST_NAME: {
        Level.SAME: (0.86, 0.008, 0.002, 0.0002, 0.92),
        Level.SIMILAR: (0.06, 0.004, 0.003, 0.002, 0.02),
        Level.MISSPELT: (0.05, 0.002, 0.005, 0.01, 0.02),
        Level.DOUBTFUL: (0.01, 0.006, 0.01, 0.04, 0.01),
        Level.INITIAL: (0.01, 0.04, 0.05, 0.05, 0.01),
        Level.SWAPPED: (0.01, 0.000003, 0.000003, 0.000003, 0.01),
        Level.DIFFERENT: (0.004, 0.94, 0.93, 0.898, 0.01),
    },
    Field.LAST_NAME: {
        Level.SAME: (0.86, 0.004, 0.78, 0.86, 0.86),
        Level.SIMILAR: (0.03, 0.001, 0.05, 0.03, 0.03),
        Level.MISSPELT: (0.05, 0.001, 0.05, 0.05, 0.05),
        Level.SWAPPED: (1.0, 1.0, 1.0, 1.0, 1.0),  # it counts once, with the first name
        Level.DIFFERENT: (0.06, 0.994, 0.12, 0.06, 0.06),
    },
    Field.BIRTH: {
        Level.SAME: (0.94, 0.00004, 0.0005, 0.94, 0.0002),
        Level.SLIP: (0.05, 0.003, 0.01, 0.05, 0.003),
        Level.DIFFERENT: (0.01, 0.99696, 0.9895, 0.01, 0.9968),
    },
    Field.SEX: {  # the first name has said most of it
        Level.SAME: (0.98, 0.9, 0.9, 0.8, 0.98),
        Level.DIFFERENT: (0.02, 0.1, 0.1, 0.2, 0.02),
    },
    Field.PHONE: {
        Level.SAME: (0.75, 0.0003, 0.6, 0.75, 0.6),
        Level.SLIP: (0.03, 0.0003, 0.025, 0.03, 0.025),
        Level.DIFFERENT: (0.22, 0.9994, 0.375, 0.22, 0.375),
    },
    Field.EMAIL: {
        Level.SAME: (0.75, 0.00005, 0.4, 0.7, 0.3),
        Level.SLIP: (0.04, 0.0002, 0.04, 0.04, 0.04),
        Level.DIFFERENT: (0.21, 0.99975, 0.56, 0.26, 0.66),
    },
    Field.ADDRESS: {
        Level.SAME: (0.75, 0.0005, 0.71, 0.75, 0.67),
        Level.SLIP: (0.05, 0.001, 0.05, 0.05, 0.05),
        Level.SIMILAR: (0.07, 0.1, 0.08, 0.07, 0.1),
        Level.DIFFERENT: (0.13, 0.8985, 0.16, 0.13, 0.18),
    },
    Field.MEDICARE: {
        Level.SAME: (0.9, 0.00001, 0.75, 0.9, 0.4),
        Level.SLIP: (0.04, 0.0001, 0.04, 0.04, 0.04),
        Level.DIFFERENT: (0.06, 0.99989, 0.21, 0.06, 0.56),
    },
    Field.IRN: {  # compared only where the card is the same
        Level.SAME: (0.96, 0.2, 0.02, 0.02, 0.02),
        Level.DIFFERENT: (0.04, 0.8, 0.98, 0.98, 0.98),
    },
    Field.KNOWN_ID: {Level.SAME: (0.9, 0.00001, 0.5, 0.5, 0.5)},  # whoever booked before may book for the family
}
"""How often each outcome is seen, by who the person of the booking is. What can come of a field adds up to one."""

Bits = tuple[float, float, float, float]
"""A weight against each `Explanation`, in their order."""

PRIOR: Final[Bits] = (
    _PRIOR[Explanation.STRANGER],
    _PRIOR[Explanation.RELATIVE],
    _PRIOR[Explanation.TWIN],
    _PRIOR[Explanation.NAMESAKE],
)


def _bits(outcome: tuple[float, float, float, float, float]) -> Bits:
    person, *others = (math.log2(probability) for probability in outcome)
    stranger, relative, twin, namesake = (person - other for other in others)
    return stranger, relative, twin, namesake


WEIGHTS: Final[Mapping[Field, Mapping[Level, Bits]]] = {
    field: {level: _bits(outcome) for level, outcome in levels.items()} for field, levels in PROBABILITIES.items()
}
"""What an outcome weighs against each explanation; an outcome that is not here weighs nothing."""

MATCHES: Final = 7.5
"""From this weight on a record is the person's: at odds of 180 to one against the likeliest other explanation."""

POSSIBLE: Final = 2.0
"""From this weight on a record may be the person's, and a person has to look."""

AHEAD: Final = 5.0
"""How far ahead of every other record that may be the person's a match has to be."""


def weight(levels: Mapping[Field, Level]) -> float:
    """
    Return what *levels* weigh together, against the explanation that fits them best.
    """
    return min(total(levels))


def total(levels: Mapping[Field, Level]) -> Bits:
    """
    Return what *levels* weigh together against each explanation.
    """
    stranger, relative, twin, namesake = PRIOR
    for field, level in levels.items():
        bits = WEIGHTS[field].get(level)
        if bits is not None:
            stranger, relative, twin, namesake = stranger + bits[0], relative + bits[1], twin + bits[2], namesake + bits[3]
    return stranger, relative, twin, namesake


def _best_of(fields: Iterable[Field]) -> Bits:
    best = [tuple(max(column) for column in zip(*WEIGHTS[field].values(), strict=True)) for field in fields]
    stranger, relative, twin, namesake = (sum(column) for column in zip(*best, strict=True))
    return stranger, relative, twin, namesake


_BEST_REST: Final[Bits] = _best_of(field for field in Field if field not in (Field.FIRST_NAME, Field.LAST_NAME, Field.BIRTH))


def can_still_be(levels: Mapping[Field, Level]) -> bool:
    """
    Return whether names and birthday leave it open that the record is the person's, if everything else agrees.
    """
    return all(bits + rest >= POSSIBLE for bits, rest in zip(total(levels), _BEST_REST, strict=True))
