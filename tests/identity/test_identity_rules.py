"""
What makes it doubtful whose machine and database these are.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.identity import Answer, Doubt, Identity, adopt, doubts, question

KNOWN = Identity(machine_id="m1", database_id="d1", newest_change="1000".zfill(20), version="1")


def changed(**values: str) -> Identity:
    return replace(KNOWN, **values)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (KNOWN, ()),
        (changed(newest_change="1001".zfill(20)), ()),
        (changed(newest_change=""), ()),
        (changed(version="2"), ()),
        (changed(machine_id="m2"), (Doubt.MACHINE,)),
        (changed(machine_id=""), ()),
        (changed(database_id="d2", newest_change="1".zfill(20)), (Doubt.DATABASE,)),
        (changed(machine_id="m2", database_id="d2"), (Doubt.MACHINE, Doubt.DATABASE)),
        (changed(newest_change="900".zfill(20)), (Doubt.BACKWARDS,)),
        (changed(machine_id="m2", newest_change="900".zfill(20)), (Doubt.MACHINE, Doubt.BACKWARDS)),
    ],
)
def test_doubts(seen: Identity, expected: tuple[Doubt, ...]) -> None:
    """
    A home belongs to one machine and one database that only grows.
    """
    assert expected == doubts(KNOWN, seen)


@pytest.mark.parametrize(
    ("known", "seen", "is_connected", "ours_missing", "expected"),
    [
        ("1000", "0999", True, 1, ()),  # the desk deleted its newest row, ours
        ("1000", "0999", False, 0, ()),  # the same while the engine was off
        ("1000", "0999", False, 1, (Doubt.BACKWARDS,)),  # a backup from a few minutes ago
        ("1000", "0900", True, 0, (Doubt.BACKWARDS,)),
        ("2026-11-23 09:10:00", "2026-11-23 09:00:00", False, 0, ()),
        ("2026-11-23 09:10:00", "2026-11-23 09:00:00", False, 2, (Doubt.BACKWARDS,)),
        ("2026-11-23 09:10:00", "2026-11-22 09:10:00", True, 0, (Doubt.BACKWARDS,)),
        ("b-7", "a-9", True, 0, (Doubt.BACKWARDS,)),
    ],
)
def test_a_small_step_back_may_be_deleted_rows(
    known: str, seen: str, *, is_connected: bool, ours_missing: int, expected: tuple[Doubt, ...]
) -> None:
    """
    Whether it is depends on the connection and on our own appointments.
    """
    found = doubts(
        changed(newest_change=known), changed(newest_change=seen), is_connected=is_connected, ours_missing=ours_missing
    )

    assert expected == found


@pytest.mark.parametrize(
    ("seen", "answer", "left"),
    [
        (changed(machine_id="m2"), Answer.THIS_MACHINE, ()),
        (changed(machine_id="m2"), Answer.RESTORED, (Doubt.MACHINE,)),
        (changed(database_id="d2"), Answer.THIS_DATABASE, ()),
        (changed(newest_change="1".zfill(20)), Answer.RESTORED, ()),
        (changed(newest_change="1".zfill(20)), Answer.THIS_DATABASE, ()),
        (changed(machine_id="m2", database_id="d2"), Answer.THIS_MACHINE, (Doubt.DATABASE,)),
        (changed(database_id="d2"), Answer.RESTORED, (Doubt.DATABASE,)),
    ],
)
def test_answers(seen: Identity, answer: Answer, left: tuple[Doubt, ...]) -> None:
    """
    Each answer settles its own doubt and no other.
    """
    assert left == doubts(adopt(KNOWN, seen, answer), seen)


@given(st.sets(st.sampled_from(Doubt), min_size=1))
def test_a_question_names_an_answer_for_every_doubt(found: set[Doubt]) -> None:
    """
    Whoever reads it knows what to type.
    """
    message, remedy = question(tuple(found))

    assert "?" in message
    assert len(found) == remedy.count("frontdesk adopt ")


IDENTITIES = st.builds(
    Identity,
    machine_id=st.sampled_from(["m1", "m2", ""]),
    database_id=st.sampled_from(["d1", "d2"]),
    newest_change=st.integers(0, 2000).map(lambda n: str(n).zfill(20)),
    version=st.just("1"),
)


@given(IDENTITIES, IDENTITIES)
def test_answering_what_is_asked_ends_it(known: Identity, seen: Identity) -> None:
    """
    Whatever happened, the answers that the question names leave nothing in doubt.
    """
    for answer in (Answer.THIS_MACHINE, Answer.THIS_DATABASE, Answer.RESTORED):
        known = adopt(known, seen, answer)

    assert () == doubts(known, seen)
