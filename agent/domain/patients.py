"""
Who a booking is for: details in memory only, and the first version of matching.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PatientDetails:
    """
    What a patient told Healthengine. Never logged, never stored: its `repr` shows nothing.

    Attributes:
        sex: `Male`, `Female`, `Other` or empty.
        medicare_expiry: `MM/YYYY` or empty.
    """

    first_name: str
    last_name: str
    date_of_birth: date | None = None
    phone: str = ""
    email: str = ""
    address: str = ""
    suburb: str = ""
    state: str = ""
    postcode: str = ""
    sex: str = ""
    medicare_number: str = ""
    medicare_irn: str = ""
    medicare_expiry: str = ""

    def __repr__(self) -> str:
        return "PatientDetails(***)"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PmsPatient:
    """
    A patient's record in the PMS, as far as matching and the screen need it. Its `repr` shows the id alone.
    """

    id: str
    first_name: str
    last_name: str
    date_of_birth: date | None = None
    phone: str = ""
    email: str = ""
    medicare_number: str = ""
    active: bool = True

    def __repr__(self) -> str:
        return f"PmsPatient(id={self.id!r}, ***)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """
    Exactly one record is this person. *evidence* names the fields that agree, never their values.
    """

    patient_id: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguous:
    """
    Several records could be this person.
    """

    patient_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPatient:
    """
    No record is this person.
    """


Match = Matched | Ambiguous | NewPatient


_FIRST_MODIFIER, _LAST_MODIFIER = "\u02b0", "\u02ff"
"""Apostrophes that Unicode counts as letters, as in `Oʼahu` or `Hawaiʻi`."""


def name_key(name: str) -> str:
    """
    Return *name* with case, accents, punctuation and spaces taken away.

    `Zoë O’Brien-Smith` and `zoe obrien smith` have the same key.
    """
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(c for c in plain if c.isalnum() and not _FIRST_MODIFIER <= c <= _LAST_MODIFIER)


def match(details: PatientDetails, candidates: Iterable[PmsPatient]) -> Match:
    """
    Decide which of *candidates* is the person of *details*.

    First version: both names equal after normalisation and the same date of birth; anything less is a new patient.
    """
    wanted = (name_key(details.first_name), name_key(details.last_name))
    if details.date_of_birth is None or not all(wanted):
        return NewPatient()
    same = sorted(
        {
            c.id
            for c in candidates
            if c.active and c.date_of_birth == details.date_of_birth and (name_key(c.first_name), name_key(c.last_name)) == wanted
        }
    )
    if len(same) == 1:
        return Matched(patient_id=same[0], evidence=("first name", "last name", "date of birth"))
    return Ambiguous(patient_ids=tuple(same)) if same else NewPatient()
