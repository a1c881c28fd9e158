"""
What is known of a person, made comparable, and two people compared field by field.
"""

from __future__ import annotations

from functools import cached_property

from agent.domain.matching import model
from agent.domain.matching.addresses import Address, address_of, compare_addresses
from agent.domain.matching.contact import compare_emails, compare_phones, email_key, phone_key
from agent.domain.matching.dates import compare_dates
from agent.domain.matching.medicare import Medicare, compare_cards, compare_places, medicare_of
from agent.domain.matching.model import Field, Level
from agent.domain.matching.names import PersonNames, compare_names, person_names
from agent.domain.patients import PatientDetails, PmsPatient

Levels = dict[Field, Level]
"""How each field agrees; one without evidence is left out."""

_SEXES = ("Male", "Female")
"""Anything else is written in too many ways to be evidence."""


class Person:
    """
    A booking's patient, or a record, made comparable: each part when it is first asked for, as names rule most records out.
    """

    def __init__(self, who: PatientDetails | PmsPatient) -> None:
        self._who = who
        self._record = who if isinstance(who, PmsPatient) else None
        self.born = who.date_of_birth
        self.sex = who.sex if who.sex in _SEXES else ""

    @cached_property
    def names(self) -> PersonNames:
        """
        What the person is called.
        """
        who, record = self._who, self._record
        if record is None:
            return person_names((who.first_name,), (who.last_name,))
        return person_names((record.first_name, record.preferred_name), (record.last_name, record.former_name))

    @cached_property
    def phones(self) -> frozenset[str]:
        """
        Every number that is known.
        """
        record = self._record
        numbers = (self._who.phone,) if record is None else (record.phone, record.mobile, record.other_phone)
        return frozenset(key for key in map(phone_key, filter(None, numbers)) if key)

    @cached_property
    def email(self) -> str:
        """
        The e-mail address, or the empty text.
        """
        return email_key(self._who.email)

    @cached_property
    def address(self) -> Address:
        """
        Where the person lives.
        """
        return address_of(self._who.address, self._who.suburb, self._who.postcode)

    @cached_property
    def medicare(self) -> Medicare:
        """
        The card, and the place on it.
        """
        return medicare_of(self._who.medicare_number, self._who.medicare_irn)


def compare(one: Person, other: Person, *, is_known: bool) -> Levels:
    """
    Return how the booking's person and a record agree.

    Args:
        is_known: Whether Healthengine names this record: from an earlier answer of ours, perhaps about a relative.
    """
    first, last = compare_names(one.names, other.names)
    levels = {
        Field.FIRST_NAME: first,
        Field.LAST_NAME: last,
        Field.BIRTH: compare_dates(one.born, other.born),
    }
    if not model.can_still_be(levels):
        return levels
    levels[Field.SEX] = _sexes(one.sex, other.sex)
    levels |= shared(one, other)
    if levels[Field.MEDICARE] in (Level.SAME, Level.SLIP):
        levels[Field.IRN] = compare_places(one.medicare, other.medicare)
    if is_known:
        levels[Field.KNOWN_ID] = Level.SAME
    return {field: level for field, level in levels.items() if level is not Level.MISSING}


def shared(one: Person, other: Person) -> Levels:
    """
    Return how what a household shares agrees.
    """
    return {
        Field.PHONE: compare_phones(one.phones, other.phones),
        Field.EMAIL: compare_emails(one.email, other.email),
        Field.ADDRESS: compare_addresses(one.address, other.address),
        Field.MEDICARE: compare_cards(one.medicare, other.medicare),
    }


def _sexes(one: str, other: str) -> Level:
    if not one or not other:
        return Level.MISSING
    return Level.SAME if one == other else Level.DIFFERENT
