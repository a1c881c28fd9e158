"""
What is known of a sample practice once it is built, and how to look for its patients elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

_WORD = re.compile(r"[^\W\d_]{2,}")
_NUMBER = re.compile(r"\+?\d[\d ()\-]{7,}\d")
DISTINCT_LETTERS = 5
"""Names shorter than this say nothing when they turn up alone in a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeFacts:
    """
    A sample practice as built.

    Attributes:
        token: Stands in every address, e-mail address and note, and nowhere else.
        tokens: What must never turn up outside the practice's database: the token, names of five letters and more,
            full names, telephone and Medicare numbers as stored and as bare digits.
        first, end: The dates that have rosters and appointments, half-open.
        two_specialties, two_places: The practitioner who has them.
        own_type, own_type_practitioner: A type that belongs to one practitioner.
    """

    database_id: str
    location_ids: tuple[int, ...]
    practitioner_ids: tuple[int, ...]
    type_ids: tuple[int, ...]
    two_specialties: int
    two_places: int
    own_type: int
    own_type_practitioner: int
    first: date
    end: date
    patients: int
    appointments: int
    token: str
    tokens: frozenset[str]
    _words: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        words = frozenset(token.casefold() for token in self.tokens if _WORD.fullmatch(token))
        object.__setattr__(self, "_words", words)

    def leaks(self, text: str) -> frozenset[str]:
        """
        Return which patients' values stand in *text*, in one pass however many patients there are.
        """
        found = {word for word in _WORD.findall(text.casefold()) if word in self._words}
        if self.token.casefold() in text.casefold():
            found.add(self.token)
        for number in _NUMBER.findall(text):
            digits = bare_digits(number)
            if digits in self.tokens:
                found.add(digits)
        return frozenset(found)


def bare_digits(number: str) -> str:
    """
    Return a telephone number as ten digits, whatever its format.
    """
    digits = "".join(c for c in number if c.isdigit())
    return "0" + digits[2:] if digits.startswith("61") and number.lstrip().startswith("+") else digits


def name_words(name: str) -> set[str]:
    """
    Return the words of *name* that say something by themselves.
    """
    return {word for word in _WORD.findall(name) if len(word) >= DISTINCT_LETTERS}
