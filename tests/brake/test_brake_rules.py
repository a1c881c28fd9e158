"""
The brake's rules: what is a mass change, what is none, and what releases it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sync_support import the_practice

from agent.domain.availability import OpenRange, free_time
from agent.domain.brake import (
    LOOK_AGAIN_AFTER,
    RELEASED,
    BrakeState,
    Change,
    DayId,
    Proof,
    Way,
    is_mass,
    is_mass_vanishing,
    judge,
    missing,
    opened,
    openings,
)
from agent.domain.days import DateRange, Span
from agent.domain.resources import AppointmentType, build_catalogue
from agent.pms.sql.carriers.registry import connector
from agent.pms.sql.pms import SqlPms
from agent.pms.sql.profile import load_profile, profile_folders
from agent.sandbox.practice.build import create_sqlite
from agent.sandbox.practice.database import connect_sqlite
from agent.sandbox.practice.desk import DeskStaff

NOW = datetime(2026, 11, 23, tzinfo=UTC)
DAY = date(2026, 11, 24)
WHOLE = Proof(rosters=True, resources=True, identity=True)
LATER = NOW + LOOK_AGAIN_AFTER


def day_range(start: int, end: int, slot: int = 15) -> OpenRange:
    return OpenRange(start, end, slot)


def change(*, published: int = 100, opening: int = 0, closing: int = 0, mark: str = "x", days: int = 10) -> Change:
    ids: dict[DayId, str] = {("r", DAY + timedelta(days=n)): mark for n in range(days)}
    counts = {Way.OPENINGS: opening, Way.CLOSINGS: closing}
    return Change(published=published, days={way: ids if counts[way] else {} for way in Way}, counts=counts)


@pytest.mark.parametrize(
    ("before", "after", "leave", "expected"),
    [
        ([], [day_range(540, 600)], [], 4),
        ([day_range(540, 600)], [day_range(540, 600)], [], 0),
        ([day_range(540, 600)], [day_range(540, 720)], [], 8),
        ([day_range(540, 600)], [day_range(525, 600)], [], 1),
        ([], [day_range(540, 550, 15)], [], 1),
        ([], [day_range(540, 600, 0)], [], 4),
        ([], [day_range(540, 600)], [Span(0, 1440)], 0),
        ([], [day_range(540, 600)], [Span(540, 570)], 2),
    ],
)
def test_opened(before: list[OpenRange], after: list[OpenRange], leave: list[Span], expected: int) -> None:
    """
    Counts the openings that are new and that nothing explains.
    """
    assert expected == opened(before, after, leave)


@pytest.mark.parametrize(
    ("count", "published", "expected"),
    [(19, 19, False), (20, 40, True), (20, 41, False), (20, 0, True), (500, 1001, False), (501, 1001, True), (0, 0, False)],
)
def test_is_mass(count: int, published: int, *, expected: bool) -> None:
    """
    At least twenty, and half of what is published.
    """
    assert expected == is_mass(count, published)


@pytest.mark.parametrize(
    ("vanished", "watched", "expected"),
    [(0, 0, False), (1, 1, False), (1, 100, False), (2, 20, False), (2, 19, True), (3, 30, False), (4, 1000, True)],
)
def test_is_mass_vanishing(vanished: int, watched: int, *, expected: bool) -> None:
    """
    Over three, or more than one and over a tenth.
    """
    assert expected == is_mass_vanishing(vanished, watched)


def test_missing() -> None:
    """
    What was there, is not, and was not let go.
    """
    before = [AppointmentType(id=i, name=i, pms_type_id=i, minutes=15) for i in "abc"]

    assert ("b",) == tuple(item.id for item in missing(before, before[:1], {"c"}))


@pytest.mark.parametrize("way", Way)
def test_a_mass_change_is_held_and_blocks_its_days(way: Way) -> None:
    """
    Whatever the proof: the first look never releases.
    """
    seen = change(opening=60) if way is Way.OPENINGS else change(closing=60)
    state = judge(RELEASED, seen, NOW, is_fresh=True, proof=WHOLE)

    assert {way} == set(state.held)
    assert set(seen.days[way]) == state.blocks(seen)


@pytest.mark.parametrize(
    ("way", "after", "is_fresh", "proof", "held", "needs_person"),
    [
        (Way.OPENINGS, LOOK_AGAIN_AFTER, True, Proof(rosters=False, resources=False, identity=False), False, False),
        (Way.OPENINGS, LOOK_AGAIN_AFTER, False, WHOLE, True, False),
        (Way.OPENINGS, timedelta(seconds=59), True, WHOLE, True, False),
        (Way.OPENINGS, timedelta(minutes=6), False, WHOLE, True, True),
        (Way.CLOSINGS, LOOK_AGAIN_AFTER, True, WHOLE, False, False),
        (Way.CLOSINGS, LOOK_AGAIN_AFTER, True, Proof(rosters=False, resources=True, identity=True), True, True),
        (Way.CLOSINGS, LOOK_AGAIN_AFTER, True, Proof(rosters=True, resources=False, identity=True), True, True),
        (Way.CLOSINGS, LOOK_AGAIN_AFTER, True, Proof(rosters=True, resources=True, identity=False), True, True),
    ],
)
def test_the_second_look(*, way: Way, after: timedelta, is_fresh: bool, proof: Proof, held: bool, needs_person: bool) -> None:
    """
    A fresh one that agrees releases an opening; a closing needs the proof too.
    """
    seen = change(opening=60) if way is Way.OPENINGS else change(closing=60)
    state = judge(RELEASED, seen, NOW, is_fresh=False, proof=WHOLE)
    state = judge(state, seen, NOW + after, is_fresh=is_fresh, proof=proof)

    assert held == bool(state.held)
    assert needs_person == any(h.needs_person for h in state.held.values())


def test_a_second_look_that_differs_waits_again() -> None:
    """
    Only two equal looks agree.
    """
    state = judge(RELEASED, change(opening=60), NOW, is_fresh=False, proof=WHOLE)
    state = judge(state, change(opening=60, mark="y"), LATER, is_fresh=True, proof=WHOLE)
    third = judge(state, change(opening=60, mark="y"), LATER + LOOK_AGAIN_AFTER, is_fresh=True, proof=WHOLE)

    assert state.held[Way.OPENINGS].since == NOW
    assert not state.wants_fresh_look(LATER)
    assert RELEASED == third


def test_a_person_releases() -> None:
    """
    Even a closing without any proof.
    """
    nothing = Proof(rosters=False, resources=False, identity=False)
    state = judge(RELEASED, change(closing=60), NOW, is_fresh=False, proof=nothing)

    assert RELEASED == judge(state, change(closing=60), LATER, is_fresh=False, proof=nothing, released=True)


DAYS = st.lists(st.tuples(st.integers(32, 60), st.integers(1, 12)), max_size=4).map(
    lambda parts: tuple(day_range(start * 15, (start + length) * 15) for start, length in parts)
)


@settings(deadline=None)
@given(DAYS, DAYS)
def test_opened_counts_every_new_quarter(before: tuple[OpenRange, ...], after: tuple[OpenRange, ...]) -> None:
    """
    Against a count quarter by quarter; ranges that overlap count for each.
    """
    known = {m for r in before for m in range(r.start, r.end)}
    expected = sum(1 for r in after for m in range(r.start, r.end, 15) if m not in known)

    assert expected == opened(before, after)


@settings(deadline=None)
@given(st.lists(DAYS, min_size=1, max_size=30), st.floats(0.5, 1.0), st.randoms(use_true_random=False))
def test_it_fires_on_every_mass_change(week: list[tuple[OpenRange, ...]], share: float, random: Random) -> None:
    """
    However at least half of twenty or more openings go, they are held; and the same on their way back.
    """
    days = {("r", DAY + timedelta(days=n)): ranges for n, ranges in enumerate(week)}
    published = sum(openings(ranges) for ranges in days.values())
    losing = random.sample(sorted(days), k=round(share * len(days)))
    lost = sum(openings(days[key]) for key in losing)
    closing = {key: opened((), days[key]) for key in losing}
    seen = Change(
        published=published,
        days={Way.CLOSINGS: dict.fromkeys(losing, "")},
        counts={Way.CLOSINGS: sum(closing.values())},
    )
    back = Change(
        published=published - lost,
        days={Way.OPENINGS: dict.fromkeys(losing, "")},
        counts={Way.OPENINGS: sum(closing.values())},
    )
    is_large = lost >= 20 and 2 * lost >= published
    for what, way in ((seen, Way.CLOSINGS), (back, Way.OPENINGS)):
        state = judge(BrakeState(), what, NOW, is_fresh=False, proof=WHOLE)

        assert not is_large or way in state.held


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_never_fires_on_ordinary_days(tmp_path: Path, seed: int) -> None:
    """
    Hundreds of changes by the sample practice's desk, looked at every twenty of them, as after a long break.
    """
    local = datetime(2026, 11, 23, 9, 0)
    path = tmp_path / "practice.sqlite"
    facts = create_sqlite(path, today=local.date(), now=local, seed=seed, patients=200)
    profile = load_profile(*profile_folders("sandbox", dialect="", home=tmp_path))
    pms = SqlPms(profile, connector(profile, "sqlite", str(path), None), now=lambda: NOW)
    desk = DeskStaff(lambda: connect_sqlite(path), lambda: local, seed=seed, errors=(sqlite3.Error,))
    window = DateRange.of_days(local.date(), 14)
    held: list[BrakeState] = []
    with closing(pms):
        known = free_by_day(pms, facts.location_ids, window)
        for _ in range(10):
            for _ in range(20):
                desk.act()
            now = free_by_day(pms, facts.location_ids, window)
            held.append(judge(RELEASED, difference(known, now), NOW, is_fresh=False, proof=WHOLE))
            known = now

    assert [RELEASED] * 10 == held


def free_by_day(pms: SqlPms, locations: Iterable[object], window: DateRange) -> dict[DayId, tuple[OpenRange, ...]]:
    practice = the_practice(locations=tuple(str(i) for i in locations))
    catalogue = build_catalogue(practice, pms.practitioners(), pms.appointment_types(), pms.locations())
    free = free_time(catalogue, pms.diary(window), window, ZoneInfo("Australia/Sydney"))
    return {(d.resource_id, d.date): d.ranges for d in free}


def difference(known: dict[DayId, tuple[OpenRange, ...]], now: dict[DayId, tuple[OpenRange, ...]]) -> Change:
    more = {key: opened(known[key], ranges) for key, ranges in now.items()}
    fewer = {key: opened(ranges, known[key]) for key, ranges in now.items()}
    return Change(
        published=sum(openings(ranges) for ranges in known.values()),
        days={
            Way.OPENINGS: {key: "" for key, n in more.items() if n},
            Way.CLOSINGS: {key: "" for key, n in fewer.items() if n},
        },
        counts={Way.OPENINGS: sum(more.values()), Way.CLOSINGS: sum(fewer.values())},
    )
