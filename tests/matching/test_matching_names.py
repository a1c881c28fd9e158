"""
Names as keys, and how well two names agree.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.matching.given_names import GIVEN_NAMES, SHORT_FOR, are_equivalent
from agent.domain.matching.model import Level
from agent.domain.matching.names import compare_first, compare_last, compare_names, name_key, name_of, person_names


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
        ("Sørensen", "sorensen"),
        ("Łukaszewicz", "lukaszewicz"),
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
    ("one", "other", "expected"),
    [
        ("Zoë", "zoe", Level.SAME),
        ("Mary-Anne", "Mary Anne", Level.SAME),
        ("Maryanne", "Mary Anne", Level.SAME),
        ("Bill", "William", Level.SIMILAR),
        ("Elizabeth", "Liz", Level.SIMILAR),
        ("Kathryn", "Catherine", Level.SIMILAR),
        ("Mohamed", "Mohammed", Level.SIMILAR),
        ("Mary", "Mary Anne", Level.SIMILAR),  # without her middle name
        ("Bill", "William Henry", Level.SIMILAR),
        ("Mary", "Mary-Anne", Level.DOUBTFUL),  # she may be the sister
        ("Anne", "Mary Anne", Level.DOUBTFUL),
        ("Jack", "John", Level.DOUBTFUL),  # once the same name, now two
        ("Ella", "Bella", Level.DOUBTFUL),
        ("Charlote", "Charlotte", Level.MISSPELT),
        ("Chralotte", "Charlotte", Level.MISSPELT),
        ("Cahrlote", "Charlotte", Level.MISSPELT),
        ("Charlo", "Charlotte", Level.MISSPELT),  # cut short
        ("Kayden", "Jayden", Level.DOUBTFUL),  # both are names
        ("Marie", "Maria", Level.DOUBTFUL),
        ("Vishan", "Vishav", Level.MISSPELT),  # neither is on the list, but they are long enough
        ("Zorb", "Zorg", Level.DOUBTFUL),  # too short to tell
        ("Rose", "Rosella", Level.DOUBTFUL),
        ("Ann", "Anne-Marie", Level.DIFFERENT),
        ("J", "John", Level.INITIAL),
        ("J", "Karen", Level.DIFFERENT),
        ("伟", "伟 Sophie", Level.SIMILAR),  # one sign is a whole name
        ("Jean-Luc", "Jean-Paul", Level.DIFFERENT),
        ("Olivia", "Jack", Level.DIFFERENT),
    ],
)
def test_first_names_by_example(one: str, other: str, expected: Level) -> None:
    """
    A nickname and a misspelling are the same person's, another name in use may be somebody else's; whichever comes first.
    """
    assert expected == compare_first(name_of(one), name_of(other))
    assert expected == compare_first(name_of(other), name_of(one))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("O’Brien", "OBRIEN", Level.SAME),
        ("van der Merwe", "Vandermerwe", Level.SAME),
        ("van der Merwe", "Merwe", Level.SIMILAR),
        ("Lloyd-Webber", "Lloyd", Level.SIMILAR),
        ("Lloyd-Webber", "Webber Lloyd", Level.SIMILAR),
        ("García López", "Garcia Hernandez", Level.SIMILAR),
        ("Thompson", "Thomson", Level.MISSPELT),
        ("Papadopoulos", "Papadopolous", Level.MISSPELT),
        ("McDonald", "MacDonald", Level.MISSPELT),
        ("Müller", "Mueller", Level.MISSPELT),
        ("Ng", "Ngo", Level.DIFFERENT),
        ("Li", "Lu", Level.DIFFERENT),
        ("Smith", "Jones", Level.DIFFERENT),
        ("de la Cruz", "de Silva", Level.DIFFERENT),  # particles are nobody's name
    ],
)
def test_last_names_by_example(one: str, other: str, expected: Level) -> None:
    """
    Particles, compound names and small slips leave a last name recognisable; short ones must be the same.
    """
    assert expected == compare_last(name_of(one), name_of(other))
    assert expected == compare_last(name_of(other), name_of(one))


@pytest.mark.parametrize(
    ("booking", "record", "expected"),
    [
        (("Anh", "Nguyen"), (("Nguyen",), ("Anh",)), (Level.SWAPPED, Level.SWAPPED)),
        (("Jordan", "Kelley"), (("Kelly",), ("Jordan",)), (Level.SWAPPED, Level.SWAPPED)),
        (("Bill", "Smith"), (("William", "Bill"), ("Smith",)), (Level.SAME, Level.SAME)),
        (("Anna", "Brown"), (("Anna",), ("White", "Brown")), (Level.SAME, Level.SAME)),
        (("", "Brown"), (("Anna",), ("Brown",)), (Level.MISSING, Level.SAME)),
        (("Kim", "Lee"), (("Lee",), ("Park",)), (Level.DIFFERENT, Level.DIFFERENT)),
    ],
)
def test_names_in_each_others_place_and_names_of_earlier(
    booking: tuple[str, str], record: tuple[tuple[str, ...], tuple[str, ...]], expected: tuple[Level, Level]
) -> None:
    """
    First and last name may be swapped, and a preferred or former name counts as much as the present one.
    """
    one = person_names((booking[0],), (booking[1],))

    assert expected == compare_names(one, person_names(*record))


def test_the_list_of_names_is_made_of_keys() -> None:
    """
    Every listed name is its own key, and nobody is called for short what they are called anyway.
    """
    assert [] == [name for name in GIVEN_NAMES if name != name_key(name)]
    assert [] == [name for name, shorts in SHORT_FOR.items() if name in shorts]
    assert are_equivalent("bob", "robert")
    assert not are_equivalent("bob", "robin")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=12), st.text(max_size=12))
def test_names_agree_both_ways(one: str, other: str) -> None:
    """
    It does not matter which name is on record and which was typed; a name agrees with itself.
    """
    mine, theirs = name_of(one), name_of(other)
    if mine.key and theirs.key:
        assert compare_first(mine, theirs) == compare_first(theirs, mine)
        assert compare_last(mine, theirs) == compare_last(theirs, mine)
        assert Level.SAME == compare_first(mine, mine) == compare_last(mine, mine)
