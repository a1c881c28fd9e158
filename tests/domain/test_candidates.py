"""
Records that a booking may be for, told apart.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from agent.domain.candidates import tell_apart
from agent.domain.patients import PmsPatient
from agent.domain.tasks import Candidate

ANN = PmsPatient(
    id="7",
    first_name="Ann",
    last_name="Lee",
    date_of_birth=date(1980, 2, 3),
    phone="07 3300 0000",
    mobile="0400 000 001",
    address="3 Hill St",
    suburb="Ascot",
    postcode="4007",
    sex="Female",
)


def told(candidate: Candidate) -> dict[str, str]:
    return {detail.label: detail.text for detail in candidate.details}


def test_only_what_differs_is_told_and_always_the_birth_date() -> None:
    """
    Spaces and capitals are no difference; what one record lacks is one.
    """
    other = replace(ANN, id="17", address="3 HILL  ST", mobile="0400 000 002", sex="", former_name="Ng")
    one, two = tell_apart([ANN, other])

    assert {"born": "03/02/1980", "sex": "Female", "phone": "0400 000 001, 07 3300 0000"} == told(one)
    assert {"born": "03/02/1980", "formerly": "Ng", "phone": "0400 000 002, 07 3300 0000"} == told(two)
    assert ("17", "Ann Lee", "Candidate('17', ***)") == (two.patient_id, two.name, repr(two))


def test_a_single_record_is_told_with_all_it_has() -> None:
    """
    It has to be compared with somebody who is not on the books yet.
    """
    (only,) = tell_apart([ANN])

    assert ["born", "sex", "phone", "address"] == list(told(only))
    assert "3 Hill St, Ascot 4007" == told(only)["address"]


def test_a_record_that_is_not_in_use_says_so() -> None:
    """
    Merged, deceased, or out of use.
    """
    found = tell_apart(
        [ANN, replace(ANN, id="8", merged_into="7"), replace(ANN, id="9", deceased=True), replace(ANN, id="10", active=False)]
    )

    assert ["", "merged into 7", "deceased", "not in use"] == [told(one).get("record", "") for one in found]


@given(st.lists(st.tuples(st.sampled_from(["0400", "0401", ""]), st.sampled_from(["a@b.au", "A@b.au", "c@d.au"])), min_size=2))
def test_two_records_that_differ_never_look_alike(contacts: list[tuple[str, str]]) -> None:
    """
    Whoever differs in something that is told differs on the screen.
    """
    records = [replace(ANN, id=str(n), mobile=mobile, email=email) for n, (mobile, email) in enumerate(contacts)]
    shown = [tuple(told(one).items()) for one in tell_apart(records)]
    known = [(one.mobile, one.email) for one in records]

    for n, one in enumerate(known):
        for m, other in enumerate(known):
            assert one == other or (one[1].casefold() == other[1].casefold() and one[0] == other[0]) or shown[n] != shown[m]
