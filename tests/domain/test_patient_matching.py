"""
Names as keys, and the first version of matching.
"""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.patients import Ambiguous, Match, Matched, NewPatient, PatientDetails, PmsPatient, match, name_key

BORN = date(1980, 2, 29)
EVIDENCE = ("first name", "last name", "date of birth")


def record(
    number: str, first: str = "Zoë", last: str = "O’Brien-Smith", born: date | None = BORN, *, active: bool = True
) -> PmsPatient:
    return PmsPatient(id=number, first_name=first, last_name=last, date_of_birth=born, active=active)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Zoë", "zoe"),
        ("O’Brien-Smith", "obriensmith"),
        ("o'brien smith", "obriensmith"),
        ("OʼBrien", "obrien"),  # the apostrophe that Unicode calls a letter
        ("Kealiʻi", "kealii"),
        (" van  der Merwe ", "vandermerwe"),
        ("Nguyễn", "nguyen"),
        ("DVOŘÁK", "dvorak"),
        ("Müller", "muller"),
        ("Mu\u0308ller", "muller"),  # the accent as a character of its own
        ("Weiß", "weiss"),
        ("ＳＭＩＴＨ", "smith"),
        ("王", "王"),
        ("St. Clair", "stclair"),
        ("Smith 2nd", "smith2nd"),
        ("", ""),
        ("-'.", ""),
    ],
)
def test_name_keys_by_example(name: str, expected: str) -> None:
    """
    Case, accents, punctuation, spaces and width do not tell names apart.
    """
    assert expected == name_key(name)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(max_codepoint=0x17F)))
def test_name_keys_ignore_case_and_spaces_and_are_their_own_keys(name: str) -> None:
    """
    The key of a key is the key, however the name was spaced or capitalised.
    """
    assert name_key(name) == name_key(name_key(name))
    assert name_key(name) == name_key(f"  {name}-")
    assert name_key(name) == name_key(name.casefold())


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        ([], NewPatient()),
        ([record("5")], Matched(patient_id="5", evidence=EVIDENCE)),
        ([record("5", "ZOE", "obrien smith")], Matched(patient_id="5", evidence=EVIDENCE)),
        ([record("5"), record("5")], Matched(patient_id="5", evidence=EVIDENCE)),
        ([record("6"), record("5")], Ambiguous(patient_ids=("5", "6"))),
        ([record("5", born=date(1980, 2, 28))], NewPatient()),
        ([record("5", born=None)], NewPatient()),
        ([record("5", first="Zara")], NewPatient()),
        ([record("5", active=False)], NewPatient()),
        ([record("5", active=False), record("6")], Matched(patient_id="6", evidence=EVIDENCE)),
    ],
)
def test_matching_by_example(candidates: list[PmsPatient], expected: Match) -> None:
    """
    One record with both names and the birthday is the person, several are a question, none is a new patient.
    """
    details = PatientDetails(first_name="Zoë", last_name="O'Brien-Smith", date_of_birth=BORN)

    assert expected == match(details, candidates)


@pytest.mark.parametrize(
    "details",
    [
        PatientDetails(first_name="Zoë", last_name="O'Brien-Smith"),
        PatientDetails(first_name="", last_name="O'Brien-Smith", date_of_birth=BORN),
        PatientDetails(first_name="Zoë", last_name="-", date_of_birth=BORN),
    ],
)
def test_too_little_matches_nobody(details: PatientDetails) -> None:
    """
    Without a birthday or with an empty name nobody is matched, not even a record that lacks the same.
    """
    candidates = [record("5"), record("6", first="", born=BORN), record("7", last="", born=BORN), record("8", born=None)]

    assert NewPatient() == match(details, candidates)


def test_nothing_of_a_patient_is_shown() -> None:
    """
    Representations, which end up in logs and tracebacks, hold the id at most.
    """
    details = PatientDetails(first_name="Zoë", last_name="Brennan", phone="0491570156", date_of_birth=BORN)

    assert "PatientDetails(***)" == repr(details) == str(details)
    assert "PmsPatient(id='5', ***)" == repr(record("5")) == f"{record('5')}"
