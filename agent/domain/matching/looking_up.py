"""
What to look for in the PMS: each text in the ways in which it is usually written, for look-ups by index.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

from agent.domain.matching.contact import email_key, phone_forms, phone_key
from agent.domain.matching.dates import other_readings
from agent.domain.matching.medicare import medicare_of
from agent.domain.patients import PatientDetails, PmsPatient

_ISSUES = "123456789"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LookUps:
    """
    What a person may stand under; each empty where nothing is known.

    Attributes:
        birthdays: As given, and with day and month swapped.
        cards: The Medicare card with each issue number, as one text and with spaces.
    """

    birthdays: tuple[date, ...]
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    cards: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]


def look_ups(details: PatientDetails) -> LookUps:
    """
    Return under what *details* may be found.
    """
    born = details.date_of_birth
    card = medicare_of(details.medicare_number, "").card
    typed_phone, typed_email = details.phone.strip(), details.email.strip()
    key = email_key(typed_email)
    return LookUps(
        birthdays=() if born is None else (born, *other_readings(born)),
        phones=_each((typed_phone, *phone_forms(key_))) if (key_ := phone_key(typed_phone)) else (),
        emails=_each((typed_email, key)) if key else (),
        cards=_each(form for issue in ("", *_ISSUES) for form in _card_forms(card, issue)) if card else (),
        first_names=_name_forms(details.first_name),
        last_names=_name_forms(details.last_name),
    )


def together(wanted: Iterable[LookUps]) -> LookUps:
    """
    Return look-ups that find everybody whom one of *wanted* finds.
    """
    several = tuple(wanted)
    return LookUps(
        birthdays=tuple(dict.fromkeys(day for one in several for day in one.birthdays)),
        phones=_each(text for one in several for text in one.phones),
        emails=_each(text for one in several for text in one.emails),
        cards=_each(text for one in several for text in one.cards),
        first_names=_each(text for one in several for text in one.first_names),
        last_names=_each(text for one in several for text in one.last_names),
    )


class Finder:
    """
    Says of each record that several look-ups found `together` whose it is. Texts count as the same where a database might take
    them for the same: case, accents, spaces and signs do not matter.
    """

    def __init__(self, wanted: Sequence[LookUps]) -> None:
        self._who: dict[object, set[int]] = defaultdict(set)
        for number, one in enumerate(wanted):
            for day in one.birthdays:
                self._who[day].add(number)
            for text in (*one.phones, *one.emails, *one.cards):
                self._who[_fold(text)].add(number)
            for name in product(set(map(_fold, one.first_names)), set(map(_fold, one.last_names))):
                self._who[name].add(number)

    def whose(self, record: PmsPatient) -> set[int]:
        """
        Return the numbers of the look-ups that find *record*.
        """
        texts = (record.phone, record.mobile, record.other_phone, record.email, record.medicare_number)
        keys = (record.date_of_birth, *map(_fold, filter(None, texts)), (_fold(record.first_name), _fold(record.last_name)))
        return set().union(*(self._who[key] for key in keys if key in self._who))


def _fold(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if c.isalnum())


def _card_forms(card: str, issue: str) -> tuple[str, str]:
    spaced = f"{card[:4]} {card[4:]} {issue}".rstrip()
    return f"{card}{issue}", spaced


def _name_forms(name: str) -> tuple[str, ...]:
    typed = " ".join(name.split())
    plain = "".join(c for c in unicodedata.normalize("NFKD", typed) if not unicodedata.combining(c)).replace("’", "'")
    return _each(form for text in (typed, plain) for form in (text, text.title(), text.upper(), text.lower()))


def _each(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, texts)))
