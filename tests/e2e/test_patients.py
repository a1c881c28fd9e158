"""
Acceptance P1-P4: the right patient.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from conftest import Install
from support import an_opening, book, confirmed, execute, nothing_wrong, started

from agent.sandbox.installation import Installation

pytestmark = pytest.mark.slow

CORA: Mapping[str, str | None] = {
    "firstname": "Cora-Lee",
    "lastname": "O'Brennan",
    "dob": "05-03-1984",
    "phone": "0491 570 156",
    "email": "cora@example.com",
    "address": "12 High Street",
    "suburb": "Newtown",
    "postcode": "2042",
}
RECORD = 70001


def asked_for(installation: Installation, number: int, person: Mapping[str, str | None]) -> str:
    """
    Book for *person* and return whose appointment it became.
    """
    booking_id = book(installation, an_opening(installation, number), person=person)
    confirmed(installation, booking_id)
    answer = installation.simulator.answer_of(booking_id)
    assert answer is not None
    return answer.patient_id or ""


def test_p1_to_p4_the_right_patient(install: Install) -> None:
    """
    One on record is matched (P1), after a move, a new phone, e-mail or last name (P2) and through other forms and misspellings
    (P3); somebody else of similar details is not (P4).
    """
    installation = started(install())
    execute(
        installation,
        "INSERT INTO patients (id, first_name, last_name, date_of_birth, sex, phone, email, address, suburb, state, postcode, "
        "medicare_number, medicare_irn, medicare_expiry, active) VALUES (?, 'Cora-Lee', 'O''Brennan', '1984-03-05', '', "
        "'0491570156', 'cora@example.com', '12 High St', 'Newtown', 'NSW', '2042', '', '', '', 1)",
        RECORD,
    )
    known: list[Mapping[str, str | None]] = [
        CORA,
        {**CORA, "address": "7 Wattle Lane", "suburb": "Footscray", "postcode": "3011"},
        {**CORA, "phone": "0491 570 157"},
        {**CORA, "email": "brennan.family@example.net"},
        {**CORA, "lastname": "Featherstonehaugh"},
        {**CORA, "firstname": "CORA LEE", "lastname": "obrennan", "phone": "+61 491 570 156"},
        {**CORA, "lastname": "O'Brenan"},
        {**CORA, "dob": "03-05-1984"},
    ]
    others: list[Mapping[str, str | None]] = [
        {**CORA, "firstname": "Jasper"},  # a twin, or the husband with her details
        {**CORA, "dob": "19-11-2011"},  # a daughter of the same name
        {**CORA, "dob": "21-07-1951", "phone": None, "email": None, "address": None},  # a namesake
    ]

    whose = [asked_for(installation, number, person) for number, person in enumerate([*known, *others])]

    assert [str(RECORD)] * len(known) == whose[: len(known)]
    assert str(RECORD) not in whose[len(known) :]
    assert len(set(whose[len(known) :])) == len(others)
    nothing_wrong(installation)
