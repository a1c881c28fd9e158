"""
What is published under which ids and names.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.diary import Location, PmsType, Practitioner
from agent.domain.practice import LiveHours, Practice
from agent.domain.resources import build_catalogue, resource_id

PRACTICE = Practice(
    id="1001", name="Sample", locations=(), zone=ZoneInfo("Australia/Sydney"), live_hours=LiveHours(days=((),) * 7)
)
PLACES = [Location(id="1", name="Here"), Location(id="2", name="There"), Location(id="3", name="Here")]
NUMBERS = st.integers(1, 6).map(str)
NAMES = st.sampled_from(["", "A", "B", "A (1)", "A (2@1)", "B (Here)", "A - A"])

PRACTITIONERS = st.lists(
    st.builds(
        Practitioner,
        id=NUMBERS,
        title=st.just(""),
        first_name=st.just(""),
        last_name=NAMES,
        location_id=st.sampled_from(["", "1", "2", "3"]),
        specialty_id=st.sampled_from(["", "GP", "SKIN"]),
        specialty_name=st.sampled_from(["", "General", "Skin"]),
    ),
    max_size=10,
)
TYPES = st.lists(
    st.builds(PmsType, id=NUMBERS, name=NAMES, minutes=st.just(15), practitioner_id=st.sampled_from(["", "1", "2"])), max_size=10
)


def doctor(number: str, name: str = "Okafor", place: str = "", specialty: str = "", specialty_name: str = "") -> Practitioner:
    return Practitioner(
        id=number,
        title="Dr",
        first_name="Harriet",
        last_name=name,
        location_id=place,
        specialty_id=specialty,
        specialty_name=specialty_name,
    )


@settings(max_examples=60, deadline=None)
@given(PRACTITIONERS, TYPES)
def test_ids_and_names_are_unique_and_filled(people: list[Practitioner], types: list[PmsType]) -> None:
    """
    Whatever the PMS calls its people and types, no two resources and no two types share an id or a name, and none is empty.
    """
    catalogue = build_catalogue(PRACTICE, people, types, PLACES)

    for published in (catalogue.resources, catalogue.types):
        for values in ([row.id for row in published], [row.name for row in published]):
            assert len(values) == len(set(values))
            assert all(values)


@settings(max_examples=60, deadline=None)
@given(PRACTITIONERS, TYPES, PRACTITIONERS, TYPES)
def test_ids_stay_when_others_come(
    people: list[Practitioner], types: list[PmsType], more_people: list[Practitioner], more_types: list[PmsType]
) -> None:
    """
    Rows that are added beside a row never change its id, nor what the id stands for.
    """
    before = build_catalogue(PRACTICE, people, types, PLACES)
    after = build_catalogue(PRACTICE, [*people, *more_people], [*types, *more_types], PLACES)

    assert {(r.id, r.practitioner_id, r.location_id) for r in before.resources} <= {
        (r.id, r.practitioner_id, r.location_id) for r in after.resources
    }
    assert {(t.id, t.pms_type_id, t.resource_id) for t in before.types} <= {
        (t.id, t.pms_type_id, t.resource_id) for t in after.types
    }


@settings(max_examples=60, deadline=None)
@given(PRACTITIONERS, TYPES, st.integers())
def test_ids_are_derived_again_from_the_rows_alone(people: list[Practitioner], types: list[PmsType], seed: int) -> None:
    """
    The same rows in another order give the same ids, and each resource's id is that of its row.
    """
    before = build_catalogue(PRACTICE, people, types, PLACES)
    shuffled = [*people]
    Random(seed).shuffle(shuffled)
    after = build_catalogue(PRACTICE, shuffled, types[::-1], PLACES)

    assert {resource_id(row) for row in people} == {r.id for r in before.resources}
    assert [r.id for r in before.resources] == [r.id for r in after.resources]
    assert before.types == tuple(replace(t, name=b.name) for t, b in zip(after.types, before.types, strict=True))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (doctor("1"), "1"),
        (doctor("1", place="2"), "1@2"),
        (doctor("1", specialty="GP"), "1:GP"),
        (doctor("1", place="2", specialty="GP"), "1@2:GP"),
    ],
)
def test_resource_ids_by_example(row: Practitioner, expected: str) -> None:
    """
    Practitioner, place and specialty, where there are any.
    """
    assert expected == resource_id(row)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([doctor("1", place="1")], {"1@1": "Dr Harriet Okafor"}),
        (
            [doctor("1", place="1"), doctor("1", place="2")],
            {"1@1": "Dr Harriet Okafor (Here)", "1@2": "Dr Harriet Okafor (There)"},
        ),
        (
            [doctor("1", place="1", specialty="GP", specialty_name="General"), doctor("1", place="1", specialty="SKIN")],
            {"1@1:GP": "Dr Harriet Okafor (Here, General)", "1@1:SKIN": "Dr Harriet Okafor (Here, SKIN)"},
        ),
        (
            [doctor("1", place="1"), doctor("2", place="1")],
            {"1@1": "Dr Harriet Okafor (1@1)", "2@1": "Dr Harriet Okafor (2@1)"},
        ),
        ([doctor("1"), doctor("2", name="Moala")], {"1": "Dr Harriet Okafor", "2": "Dr Harriet Moala"}),
        ([Practitioner(id="7", title="", first_name="", last_name="")], {"7": "7"}),
    ],
)
def test_names_are_told_apart_by_place_then_by_id(rows: list[Practitioner], expected: dict[str, str]) -> None:
    """
    Names are as short as they can be while no two are the same.
    """
    assert expected == {r.id: r.name for r in build_catalogue(PRACTICE, rows, [], PLACES).resources}


def test_types_of_one_practitioner_are_published_for_each_of_their_resources() -> None:
    """
    A type that belongs to somebody gets an id and a name for every resource of theirs; others keep their own.
    """
    people = [doctor("1", place="1"), doctor("1", place="2"), doctor("2", name="Moala", place="1")]
    types = [PmsType(id="5", name="Skin check", minutes=30, practitioner_id="1"), PmsType(id="6", name="Standard", minutes=15)]
    catalogue = build_catalogue(PRACTICE, people, types, PLACES)

    assert {
        "5:1@1": ("Skin check - Dr Harriet Okafor (Here)", "5", "1@1"),
        "5:1@2": ("Skin check - Dr Harriet Okafor (There)", "5", "1@2"),
        "6": ("Standard", "6", ""),
    } == {t.id: (t.name, t.pms_type_id, t.resource_id) for t in catalogue.types}


def test_a_row_that_the_pms_repeats_is_published_once() -> None:
    """
    A join that doubles rows does not double what is published.
    """
    kind = PmsType(id="6", name="Standard", minutes=15)
    catalogue = build_catalogue(PRACTICE, [doctor("1"), doctor("1")], [kind, kind], PLACES)

    assert ["1"] == [r.id for r in catalogue.resources]
    assert ["Standard"] == [t.name for t in catalogue.types]


def test_a_practice_publishes_its_own_places_alone() -> None:
    """
    A practitioner of another practice in the same database is not published, nor are their types.
    """
    practice = replace(PRACTICE, locations=("1",))
    types = [PmsType(id="5", name="Own", minutes=30, practitioner_id="2")]
    catalogue = build_catalogue(practice, [doctor("1", place="1"), doctor("2", name="Moala", place="2")], types, PLACES)

    assert practice.serves("1")
    assert not practice.serves("2")
    assert PRACTICE.serves("2")
    assert ["1@1"] == [r.id for r in catalogue.resources]
    assert () == catalogue.types


def test_look_ups_by_id_and_siblings() -> None:
    """
    The catalogue finds by id, says None for what it has not, and knows who shares a diary.
    """
    people = [doctor("1", place="1"), doctor("1", place="2"), doctor("2", name="Moala", place="1")]
    catalogue = build_catalogue(PRACTICE, people, [PmsType(id="6", name="Standard", minutes=15)], PLACES)
    found = catalogue.resource("1@2")
    kind = catalogue.type("6")

    assert found is not None
    assert kind is not None
    assert ("1", "2", "Harriet") == (found.practitioner_id, found.location_id, found.first_name)
    assert ("Standard", 15) == (kind.name, kind.minutes)
    assert catalogue.resource("9") is None
    assert catalogue.type("9") is None
    assert ["1@1", "1@2"] == [r.id for r in catalogue.siblings("1")]
