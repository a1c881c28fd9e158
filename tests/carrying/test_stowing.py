"""
Where what a booking carries goes, by the profile's rules.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.booking import reference_text, referenced_booking, with_reference
from agent.domain.carrying import SEE_HEALTHENGINE, Cargo, Goal, Item, Rule, TooLong, stow

LINK = "https://video.example/room/123456"
WORDS = "knee\nleft, since Monday"


def cargo(**changes: Any) -> Cargo:
    return Cargo(**{"headline": "Booked online", "is_new_patient": False, **changes})


@pytest.mark.parametrize(
    ("carried", "rules", "expected"),
    [
        pytest.param({}, {}, "Booked online", id="nothing"),
        pytest.param({"is_new_patient": True}, {}, "Booked online, new patient", id="new patient"),
        pytest.param(
            {"reason": " knee ", "comments": "\n", "telehealth": LINK},
            {},
            f"Booked online\nTelehealth: {LINK}\nknee",
            id="nothing empty, the link before the words",
        ),
        pytest.param({"reason": WORDS}, {}, f"Booked online\n{WORDS}", id="several lines"),
        pytest.param(
            {"reason": WORDS}, {Item.REASON: Rule(lines=False)}, "Booked online\nknee / left, since Monday", id="one line"
        ),
        pytest.param({"reason": "abcdefgh"}, {Item.REASON: Rule(limit=5)}, "Booked online\nabcd…", id="cut to its limit"),
        pytest.param({"reason": "knee"}, {Item.REASON: Rule(goal=Goal.NOWHERE)}, "Booked online", id="nowhere"),
        pytest.param(
            {"is_new_patient": True},
            {Item.NEW_PATIENT: Rule(goal=Goal.OWN)},
            "Booked online",
            id="the flag has a field of its own",
        ),
        pytest.param(
            {"telehealth": LINK},
            {Item.TELEHEALTH: Rule(limit=20)},
            f"Booked online\nTelehealth: {SEE_HEALTHENGINE}",
            id="half a link leads nowhere",
        ),
        pytest.param({"headline": "", "reason": "knee"}, {}, "knee", id="no headline"),
    ],
)
def test_the_note(carried: dict[str, Any], rules: dict[Item, Rule], expected: str) -> None:
    """
    What reception reads, the most important first.
    """
    assert expected == stow(cargo(**carried), rules, note_limit=400).note


@pytest.mark.parametrize(
    ("rule", "own", "note"),
    [
        pytest.param(Rule(goal=Goal.OWN), "abcdefgh", "Booked online", id="fits"),
        pytest.param(Rule(goal=Goal.OWN, limit=5), "abcd…", "Booked online", id="cut"),
        pytest.param(
            Rule(goal=Goal.OWN, limit=5, fallback=TooLong.NOTE),
            "",
            "Booked online\nabcdefgh",
            id="too long: all of it to the note",
        ),
    ],
)
def test_a_field_of_its_own(rule: Rule, own: str, note: str) -> None:
    """
    What does not fit there is cut or goes into the note.
    """
    stowed = stow(cargo(reason="abcdefgh"), {Item.REASON: rule}, note_limit=400)

    assert (own, note) == (stowed.own[Item.REASON], stowed.note)


def test_a_note_of_one_line() -> None:
    """
    Where the note holds one line, everything is on it.
    """
    stowed = stow(cargo(reason=WORDS, telehealth=LINK), {}, note_limit=400, note_lines=False)

    assert f"Booked online / Telehealth: {LINK} / knee / left, since Monday" == stowed.note


def test_nothing_of_it_is_shown_in_a_repr() -> None:
    """
    It is the patient's own words.
    """
    carried = cargo(reason="knee", telehealth=LINK)

    assert "knee" not in repr(carried) + repr(stow(carried, {}, note_limit=400))


TEXTS = st.text(max_size=700)
RULES = st.dictionaries(
    st.sampled_from(Item),
    st.builds(
        Rule, goal=st.sampled_from(Goal), limit=st.integers(0, 400), fallback=st.sampled_from(TooLong), lines=st.booleans()
    ),
)


@settings(deadline=None)
@given(reason=TEXTS, comments=TEXTS, rules=RULES, limit=st.integers(30, 600), booking_id=st.integers(1, 2**53))
def test_the_reference_always_survives(reason: str, comments: str, rules: dict[Item, Rule], limit: int, booking_id: int) -> None:
    """
    Whatever a patient writes, even somebody else's reference, the note fits and ends with its own; so does every own field.
    """
    reference = reference_text(booking_id)
    stowed = stow(
        cargo(reason=f"HE:1; {reason}", comments=comments, telehealth=LINK), rules, note_limit=limit - len(reference) - 1
    )
    note = with_reference(stowed.note, reference, limit)

    assert len(note) <= limit
    assert booking_id == referenced_booking(note)
    assert all(len(text) <= rules[item].limit for item, text in stowed.own.items() if text and rules[item].limit)
