"""
People's names: made comparable, and compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rapidfuzz.distance import OSA, JaroWinkler

from agent.domain.matching.given_names import GIVEN_NAMES, are_equivalent, are_related
from agent.domain.matching.model import Level

_FIRST_MODIFIER, _LAST_MODIFIER = "\u02b0", "\u02ff"
"""Apostrophes that Unicode counts as letters, as in `Oʼahu` or `Hawaiʻi`."""

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
"""Letters that have no accent to take away."""

_BETWEEN = re.compile(r"[\s\-\u2010-\u2015.,/()]+")

_PARTICLES = frozenset(
    (
        "al", "ap", "bin", "bint", "d", "da", "das", "de", "del", "della", "den", "der", "di", "do", "dos",
        "du", "el", "ibn", "la", "las", "le", "los", "mac", "mc", "o", "san", "st", "te", "ten", "ter", "tu",
        "van", "vander", "vande", "von", "y", "zu",
    )
)  # fmt: skip
"""Parts of a last name that some write and others leave out."""

_SURE_LENGTH = 5
"""From this many letters on one wrong letter leaves a name that is plainly the same."""

_LONG = 7
"""From this many letters on two may be wrong."""

_ALIKE = 0.8
"""Jaro-Winkler similarity from which on a short name with two wrong letters could still be meant."""


@dataclass(frozen=True, slots=True, repr=False)
class Name:
    """
    A name, made comparable.

    Attributes:
        key: All of it, without case, accents, punctuation and spaces.
        parts: Its parts, made likewise.
        is_joined: They are one name with hyphens.
    """

    key: str
    parts: tuple[str, ...]
    is_joined: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class PersonNames:
    """
    What somebody is called: every first name (given, preferred) and every last name (present, former) that is known.
    """

    firsts: tuple[Name, ...]
    lasts: tuple[Name, ...]


def name_key(name: str) -> str:
    """
    Return *name* with case, accents, punctuation and spaces taken away.

    `Zoë O’Brien-Smith` and `zoe obrien smith` have the same key.
    """
    if name.isascii():
        return "".join(filter(str.isalnum, name.lower()))
    plain = unicodedata.normalize("NFKD", name).casefold().translate(_LETTERS)
    return "".join(c for c in plain if c.isalnum() and not _FIRST_MODIFIER <= c <= _LAST_MODIFIER)


def name_of(text: str) -> Name:
    """
    Return *text* as a name; an empty key where there is no letter in it.
    """
    parts = tuple(key for key in map(name_key, _BETWEEN.split(text)) if key)
    return Name("".join(parts), parts, is_joined=len(parts) > 1 and len(text.split()) == 1)


def person_names(firsts: Iterable[str], lasts: Iterable[str]) -> PersonNames:
    """
    Return what somebody is called; empty ones are left out.
    """
    return PersonNames(_names(firsts), _names(lasts))


def compare_names(one: PersonNames, other: PersonNames) -> tuple[Level, Level]:
    """
    Return how well first and last names agree, also if each stands in the other's place.
    """
    first, last = _best(compare_first, one.firsts, other.firsts), _best(compare_last, one.lasts, other.lasts)
    if first is Level.DIFFERENT and last is Level.DIFFERENT and _stand_swapped(one, other):
        return Level.SWAPPED, Level.SWAPPED
    return first, last


def compare_first(one: Name, other: Name) -> Level:
    """
    Return how well two first names agree.
    """
    if one.key == other.key:
        return Level.SAME
    short, long = sorted((one, other), key=lambda name: (len(name.key), name.key))
    if len(short.key) == 1 and short.key.isascii():
        return Level.INITIAL if long.key.startswith(short.key) else Level.DIFFERENT
    if len(short.parts) == 1 and short.key in long.parts:
        # Mary is Mary Anne without her middle name; Anne, or Mary of Mary-Anne, may be her sister.
        return Level.SIMILAR if short.key == long.parts[0] and not long.is_joined else Level.DOUBTFUL
    if len(short.key) == 1:
        return Level.DIFFERENT
    is_joined = one.is_joined or other.is_joined
    if are_equivalent(one.key, other.key) or (not is_joined and are_equivalent(one.parts[0], other.parts[0])):
        return Level.SIMILAR
    spelling = _spelling(one.key, other.key)
    return Level.DOUBTFUL if spelling is Level.DIFFERENT and are_related(one.key, other.key) else spelling


def compare_last(one: Name, other: Name) -> Level:
    """
    Return how well two last names agree.
    """
    if one.key == other.key:
        return Level.SAME
    mine, theirs = _bare(one), _bare(other)
    if mine and theirs and (mine <= theirs or theirs <= mine):
        return Level.SIMILAR
    longest = max(len(one.key), len(other.key))
    wrong = OSA.distance(one.key, other.key, score_cutoff=2)
    if (wrong == 1 and longest >= 4) or (wrong == 2 and longest >= _LONG):
        return Level.MISSPELT
    if mine and theirs and all(len(key) >= 4 for key in (*mine, *theirs)) and not mine.isdisjoint(theirs):
        return Level.SIMILAR  # García López and García Hernández-López share what people use
    return Level.DIFFERENT


def _names(texts: Iterable[str]) -> tuple[Name, ...]:
    return tuple(name for name in map(name_of, filter(None, texts)) if name.key)


def _best(compare: Callable[[Name, Name], Level], ones: tuple[Name, ...], others: tuple[Name, ...]) -> Level:
    if not ones or not others:
        return Level.MISSING
    return min((compare(one, other) for one in ones for other in others), key=_ORDER.__getitem__)


_ORDER = {
    level: place
    for place, level in enumerate((Level.SAME, Level.SIMILAR, Level.MISSPELT, Level.DOUBTFUL, Level.INITIAL, Level.DIFFERENT))
}


def _stand_swapped(one: PersonNames, other: PersonNames) -> bool:
    return any(
        _are_crossed(first, last, front, back)
        for first in one.firsts
        for last in one.lasts
        for front in other.firsts
        for back in other.lasts
    )


def _are_crossed(first: Name, last: Name, front: Name, back: Name) -> bool:
    wrong = OSA.distance(first.key, back.key, score_cutoff=2) + OSA.distance(last.key, front.key, score_cutoff=2)
    return wrong == 0 or (wrong == 1 and min(len(first.key), len(last.key)) >= 4)


def _spelling(one: str, other: str) -> Level:
    wrong = OSA.distance(one, other, score_cutoff=2)
    longest, shortest = max(len(one), len(other)), min(len(one), len(other))
    is_cut = shortest >= 4 and (one.startswith(other) or other.startswith(one))
    if wrong > 2 and not is_cut:
        return Level.DIFFERENT
    if wrong == 2 and longest < _LONG and not is_cut and JaroWinkler.similarity(one, other) < _ALIKE:
        return Level.DIFFERENT
    known = (one in GIVEN_NAMES) + (other in GIVEN_NAMES)
    if known == 2 or (is_cut and wrong > 2 and min(one, other, key=len) in GIVEN_NAMES):
        return Level.DOUBTFUL  # Kayden and Jayden, Rose and Rosella: two people more often than a slip
    is_close = is_cut or wrong == 1 or longest >= _LONG
    if known == 1:
        return Level.MISSPELT if is_close and shortest >= 3 else Level.DOUBTFUL
    return Level.MISSPELT if is_close and longest >= _SURE_LENGTH and one[0] == other[0] else Level.DOUBTFUL


def _bare(name: Name) -> frozenset[str]:
    return frozenset(part for part in name.parts if part not in _PARTICLES)
