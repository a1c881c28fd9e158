"""
Which record, if any, is the person of a booking: families, twins, namesakes, changes, slips, and records out of use.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.matching import model
from agent.domain.matching.decide import match, missing_survivors
from agent.domain.matching.model import Field, Level
from agent.domain.matching.outcome import Ambiguous, Held, Match, Matched, New, Why
from agent.domain.patients import PatientDetails, PmsPatient
from agent.sandbox.matching import cases, population
from agent.sandbox.matching.finding import Index
from agent.sandbox.matching.scoring import Score

BORN = date(1980, 2, 27)
CARD = "2123456701"

ZOE = PatientDetails(
    first_name="Zoë",
    last_name="O'Brien",
    date_of_birth=BORN,
    phone="0491 570 156",
    email="zoe@example.com",
    address="12 High Street",
    suburb="Newtown",
    postcode="2042",
    sex="Female",
    medicare_number=CARD,
    medicare_irn="1",
)
RECORD = PmsPatient(
    id="5",
    first_name="Zoe",
    last_name="OBrien",
    date_of_birth=BORN,
    mobile="+61491570156",
    email="zoe@example.com",
    address="12 High St",
    suburb="Newtown",
    postcode="2042",
    sex="Female",
    medicare_number=CARD,
    medicare_irn="1",
)
BARE = PatientDetails(first_name="Zoë", last_name="O'Brien", date_of_birth=BORN)


def moved(details: PatientDetails) -> PatientDetails:
    return replace(details, address="7 Wattle Lane", suburb="Footscray", postcode="3011")


def outcome(found: Match) -> str:
    match found:
        case Matched():
            return found.patient_id
        case Ambiguous():
            return "? " + " ".join(found.patient_ids)
        case Held():
            return f"held {found.patient_id} {found.why}"
        case _:
            return "new"


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        pytest.param(ZOE, "5", id="as recorded"),
        pytest.param(BARE, "5", id="only names and birthday"),
        pytest.param(moved(ZOE), "5", id="moved"),
        pytest.param(replace(ZOE, phone="0255501234"), "5", id="new phone"),
        pytest.param(replace(ZOE, email="brennan.family@example.net"), "5", id="new e-mail"),
        pytest.param(replace(ZOE, last_name="Castillo"), "5", id="new last name"),
        pytest.param(moved(replace(ZOE, last_name="Castillo", phone="0255501234")), "5", id="married, moved, new phone"),
        pytest.param(replace(ZOE, first_name="ZOEY", medicare_number="", medicare_irn=""), "5", id="another spelling"),
        pytest.param(replace(ZOE, last_name="O Brian"), "5", id="last name misspelt"),
        pytest.param(replace(ZOE, date_of_birth=date(1980, 2, 17)), "5", id="a digit of the birthday off"),
        pytest.param(replace(ZOE, first_name="O'Brien", last_name="Zoe"), "5", id="names swapped"),
        pytest.param(replace(ZOE, first_name="Zoe Louise"), "5", id="a middle name"),
        pytest.param(replace(BARE, first_name="Z", phone=ZOE.phone), "? 5", id="an initial"),
        pytest.param(moved(replace(BARE, phone="0255501234")), "? 5", id="nothing but names and birthday agrees"),
        pytest.param(replace(ZOE, first_name="Erin", sex="", medicare_irn=""), "new", id="a twin"),
        pytest.param(replace(ZOE, first_name="Liam", date_of_birth=date(2012, 5, 1), medicare_irn="3"), "new", id="a child"),
        pytest.param(replace(ZOE, date_of_birth=date(2004, 6, 9), medicare_irn="3"), "new", id="a child of the same name"),
        pytest.param(replace(BARE, date_of_birth=date(1980, 9, 9)), "new", id="a namesake"),
        pytest.param(replace(BARE, date_of_birth=None), "new", id="too little said"),
        pytest.param(PatientDetails(first_name="", last_name=""), "new", id="nothing said"),
    ],
)
def test_one_record(details: PatientDetails, expected: str) -> None:
    """
    What people change and misspell still matches; what a household shares never does.
    """
    assert expected == outcome(match(details, [RECORD]))


def relative(number: str, first: str, born: date, irn: str) -> PmsPatient:
    return replace(RECORD, id=number, first_name=first, date_of_birth=born, medicare_irn=irn, sex="")


TWINS = [relative("6", "Marlon", date(2015, 3, 1), "2"), relative("7", "Marton", date(2015, 3, 1), "3")]
FATHER_AND_SON = [relative("8", "William", date(1955, 3, 1), "1"), relative("9", "Bill", date(1985, 7, 9), "2")]
TWIN = replace(ZOE, first_name="Marlon", date_of_birth=date(2015, 3, 1), sex="", medicare_irn="")
SON = replace(ZOE, first_name="Bill", date_of_birth=date(1985, 7, 9), sex="", medicare_irn="")


@pytest.mark.parametrize(
    ("details", "records", "expected"),
    [
        pytest.param(TWIN, TWINS, "6", id="one twin"),
        pytest.param(replace(TWIN, first_name="Marton"), TWINS, "7", id="the other"),
        pytest.param(replace(TWIN, first_name="Maron"), TWINS, "? 6 7", id="a misspelling that could be either"),
        pytest.param(
            replace(TWIN, first_name="Maron", medicare_irn="3"), TWINS, "7", id="their places on the card tell them apart"
        ),
        pytest.param(SON, FATHER_AND_SON, "9", id="the son"),
        pytest.param(
            replace(SON, date_of_birth=date(1955, 3, 1)), FATHER_AND_SON, "? 9 8", id="the son's name, the father's birthday"
        ),
        pytest.param(
            replace(SON, first_name="Will", date_of_birth=date(1955, 3, 1)), FATHER_AND_SON, "8", id="the father, for short"
        ),
        pytest.param(ZOE, [RECORD, replace(RECORD, id="6")], "? 5 6", id="two records of one person"),
        pytest.param(
            ZOE,
            [
                RECORD,
                replace(
                    RECORD,
                    id="6",
                    mobile="0255501234",
                    email="",
                    address="7 Wattle Lane",
                    suburb="",
                    postcode="3011",
                    medicare_number="",
                ),
            ],
            "5",
            id="a namesake of the same birthday",
        ),
        pytest.param(ZOE, [replace(RECORD, active=False)], "held 5 inactive", id="inactive"),
        pytest.param(ZOE, [replace(RECORD, active=False, deceased=True)], "held 5 deceased", id="deceased"),
        pytest.param(ZOE, [replace(RECORD, active=False), replace(RECORD, id="6", email="")], "6", id="a retired double"),
        pytest.param(ZOE, [replace(RECORD, deceased=True), replace(RECORD, id="6")], "? 5 6", id="a double that has died"),
        pytest.param(
            ZOE,
            [replace(RECORD, active=False, merged_into="6"), PmsPatient(id="6", first_name="Z", last_name="B")],
            "6",
            id="merged",
        ),
        pytest.param(ZOE, [replace(RECORD, active=False, merged_into="6")], "held 5 merged", id="merged into what is not there"),
        pytest.param(
            ZOE,
            [replace(RECORD, merged_into="6"), replace(RECORD, id="6", merged_into="5")],
            "? 5 6",
            id="merged in a circle",
        ),
    ],
)
def test_several_records(details: PatientDetails, records: list[PmsPatient], expected: str) -> None:
    """
    Two first names in use are two people, a merged record leads on, and one out of use is never taken for nobody.
    """
    assert expected == outcome(match(details, records)) == outcome(match(details, records[::-1]))


@pytest.mark.parametrize(
    ("details", "known_id", "expected"),
    [
        pytest.param(moved(replace(BARE, phone="0255501234")), "5", "5", id="it tips the scales"),
        pytest.param(
            replace(ZOE, first_name="Liam", date_of_birth=date(2012, 5, 1), medicare_irn="3"), "5", "new", id="of a relative"
        ),
        pytest.param(PatientDetails(first_name="Kim", last_name="Park", date_of_birth=date(1990, 1, 1)), "5", "new", id="wrong"),
    ],
)
def test_the_record_that_healthengine_names_is_verified(details: PatientDetails, known_id: str, expected: str) -> None:
    """
    It is one piece of evidence among others: a parent's account books for the children.
    """
    assert expected == outcome(match(details, [RECORD], known_id=known_id))


def test_evidence_and_differences_are_fields_not_values() -> None:
    """
    What agreed and what did not is told by name alone.
    """
    found = match(replace(ZOE, phone="0255501234", address="", last_name="Castillo"), [replace(RECORD, email="")])

    assert found == Matched(
        patient_id="5",
        evidence=("first name", "date of birth", "sex", "Medicare number", "Medicare reference"),
        differences=("last name", "phone", "e-mail"),
    )


def test_records_that_lead_on_are_asked_for() -> None:
    """
    A record that was merged away names its survivor, once, unless that was found too.
    """
    merged = [
        replace(RECORD, merged_into="9"),
        replace(RECORD, id="6", merged_into="9"),
        replace(RECORD, id="7", merged_into="5"),
    ]

    assert ["9"] == missing_survivors([*merged, RECORD, replace(RECORD, id="8")])


@pytest.mark.parametrize("field", [field for field in Field if field is not Field.KNOWN_ID])
def test_what_can_come_of_a_field_adds_up_to_one(field: Field) -> None:
    """
    The table is one of probabilities, whoever the person is; swapped names count with the first name.
    """
    levels = model.PROBABILITIES[field]
    counted = [levels[level] for level in levels if (field, level) != (Field.LAST_NAME, Level.SWAPPED)]

    assert [pytest.approx(1.0, abs=0.01)] * 5 == [sum(column) for column in zip(*counted, strict=True)]


@given(st.dictionaries(st.sampled_from(Field), st.sampled_from((Level.SAME, Level.DIFFERENT)), max_size=9))
def test_shared_evidence_alone_is_no_match(levels: dict[Field, Level]) -> None:
    """
    Whatever a household shares, another first name and another birthday are another person.
    """
    known = {**levels, Field.FIRST_NAME: Level.DIFFERENT, Field.BIRTH: Level.DIFFERENT}

    assert model.weight(known) < model.POSSIBLE


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_candidates_does_not_matter(random: Random) -> None:
    """
    The same records in another order give the same answer.
    """
    household = list(population.household(random, first_id=1))
    who = random.choice(household)
    details = PatientDetails(
        first_name=who.first_name, last_name=who.last_name, date_of_birth=who.date_of_birth, phone=who.mobile
    )
    shuffled = random.sample(household, len(household))

    assert match(details, household) == match(details, shuffled)


@settings(max_examples=60, deadline=None)
@given(
    st.builds(
        PatientDetails,
        first_name=st.text(max_size=20),
        last_name=st.text(max_size=20),
        date_of_birth=st.none() | st.dates(),
        phone=st.text(max_size=20),
        email=st.text(max_size=20),
        address=st.text(max_size=20),
        medicare_number=st.text(max_size=12),
        medicare_irn=st.text(max_size=2),
    )
)
def test_whatever_was_typed_is_decided(details: PatientDetails) -> None:
    """
    No text breaks it, and a text that says nothing about anybody is nobody on record.
    """
    record = PmsPatient(id="1", first_name=details.first_name, last_name=details.last_name, phone=details.phone)

    assert outcome(match(details, [record, RECORD])) in ("new", "1", "? 1")
    assert New() == match(details, [])


@pytest.mark.parametrize("seed", [3])
def test_a_small_practice(seed: int) -> None:
    """
    The short form of `benchmarks/matching.py`: nobody is taken for somebody else, and nearly everybody is recognised.
    """
    people = population.invent(seed, 600)
    score = Score()
    bookings = list(cases.cases(seed, people, 400))
    index = Index(people.records.values())
    for case in bookings:
        found = match(case.details, index.find(case.details, known_id=case.known_id), known_id=case.known_id)
        score.add(case, found)

    assert not score.false
    assert score.recall >= 0.93
    assert score.settled_share >= 0.99
    assert score.needless <= 0.02


def test_held_says_why() -> None:
    """
    The reason is one of a few words that can be told.
    """
    found = match(ZOE, [replace(RECORD, deceased=True)])

    assert isinstance(found, Held)
    assert Why.DECEASED is found.why
    assert "first name" in found.evidence
