"""
A practice system that works out by itself what is free, asked for a window or for each practitioner and day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from practices import Practice, practice_of
from sample_rows import TEN, TUESDAY
from sample_rows import request as booking

from agent.domain.booking import Booked, NotFree
from agent.domain.days import DateRange
from agent.domain.diary import Session
from agent.pms.sql.pms import SqlPms

WEDNESDAY = TUESDAY + timedelta(days=1)
DAYS = DateRange.of_days(TUESDAY, 2)

SETTINGS = """
[free_time]
shape = "free_slots"
per = "{per}"

[units]
time_of_day = "minutes"
"""

SLOTS = """
WITH RECURSIVE slot (practitioner_id, location_id, date, minute, until, length, type_ids) AS (
    SELECT
        practitioner_id,
        location_id,
        roster_date,
        SUBSTR(start_time, 1, 2) * 60 + SUBSTR(start_time, 4, 2),
        SUBSTR(end_time, 1, 2) * 60 + SUBSTR(end_time, 4, 2),
        slot_minutes,
        type_ids
    FROM roster
    WHERE {which}
    UNION ALL
    SELECT practitioner_id, location_id, date, minute + length, until, length, type_ids
    FROM slot
    WHERE minute + 2 * length <= until
)
SELECT
    practitioner_id,
    location_id,
    date,
    minute AS start_time,
    minute + length AS end_time,
    length AS slot_length,
    type_ids
FROM slot
WHERE NOT EXISTS (
    SELECT 1
    FROM appointments a
    WHERE a.practitioner_id = slot.practitioner_id
        AND SUBSTR(a.starts_at, 1, 10) = slot.date
        AND a.status <> 3
        AND SUBSTR(a.starts_at, 12, 2) * 60 + SUBSTR(a.starts_at, 15, 2) < slot.minute + slot.length
        AND SUBSTR(a.starts_at, 12, 2) * 60 + SUBSTR(a.starts_at, 15, 2) + a.minutes > slot.minute
)
"""

IN_WINDOW = "roster_date >= :first AND roster_date < :end"

PROFILES = {
    "window": ("window", SLOTS.format(which=IN_WINDOW)),
    "window, plain": ("window", f"SELECT * FROM ({SLOTS.format(which=IN_WINDOW)}) AS slots"),  # noqa: S608 - the test's own
    "window, all or one": (
        "window",
        SLOTS.format(which=f"{IN_WINDOW} AND (:practitioner_id IS NULL OR practitioner_id = :practitioner_id)"),
    ),
    "practitioner and day": (
        "practitioner_day",
        SLOTS.format(which="roster_date = :first AND practitioner_id = :practitioner_id"),
    ),
}
"""By what one query covers: `per`, and the query. The last gives too little if it is asked for more than it covers."""


@pytest.fixture(params=("sqlite", "odbc-sqlite"))
def practice(request: pytest.FixtureRequest, tmp_path: Path) -> Practice:
    """
    Two practitioners: both work on Tuesday from half past nine to half past ten, the first also on Wednesday.
    """
    made = practice_of(request.param, request, tmp_path)
    desk = made.desk
    desk.add_location()
    desk.add_type()
    desk.add_patient("7")
    for number in ("1", "2"):
        desk.add_practitioner(number)
        desk.add_session(number, TUESDAY, 570, 630)
    desk.add_session("1", WEDNESDAY, 540, 570, type_ids=("1",))
    return made


@pytest.fixture(params=PROFILES)
def pms(request: pytest.FixtureRequest, practice: Practice, tmp_path: Path) -> Iterator[SqlPms]:
    """
    The sample profile, with free slots in place of sessions.
    """
    per, query = PROFILES[request.param]
    folder = tmp_path / "sandbox"
    folder.mkdir()
    (folder / "profile.toml").write_text(SETTINGS.format(per=per))
    (folder / "free_slots.sql").write_text(query)
    opened = replace(practice, folders=(*practice.folders, folder)).pms()
    yield opened
    opened.close()


def slots(pms: SqlPms) -> set[tuple[str, int, int, int]]:
    return {(s.practitioner_id, s.date.day, s.start, s.end) for s in pms.diary(DAYS).sessions}


def test_free_slots_are_the_diary(practice: Practice, pms: SqlPms) -> None:
    """
    What the PMS says is free is taken as it is: what took the rest is not asked for, and nothing is taken out twice.
    """
    practice.desk.add_appointment("1", TEN)

    diary = pms.diary(DAYS)

    tuesday = {("2", 1, start, start + 15) for start in (570, 585, 600, 615)} | {("1", 1, s, s + 15) for s in (570, 585, 615)}
    assert tuesday | {("1", 2, 540, 555), ("1", 2, 555, 570)} == slots(pms)
    assert Session(
        practitioner_id="1", location_id="1", date=WEDNESDAY, start=540, end=555, slot_minutes=15, type_ids=("1",)
    ) in set(diary.sessions)
    assert diary.slots_are_free
    assert () == diary.appointments
    assert () == diary.leave


def test_a_booking_goes_into_a_free_slot_and_takes_it(pms: SqlPms) -> None:
    """
    Before it is entered the PMS is asked again, for that practitioner and day alone.
    """
    before = slots(pms)
    booked = pms.book(booking(start=TEN))

    assert isinstance(booked, Booked)
    assert before - {("1", 1, 600, 615)} == slots(pms)


@pytest.mark.parametrize("minutes_later", [0, 10, 30], ids=["taken", "overlapping", "after work"])
def test_a_booking_where_no_slot_is_free_is_refused(practice: Practice, pms: SqlPms, minutes_later: int) -> None:
    """
    The other practitioner's slots at the same time do not count.
    """
    practice.desk.add_appointment("1", TEN)
    practice.desk.add_appointment("1", TEN + timedelta(minutes=15))

    assert isinstance(pms.book(booking(start=TEN + timedelta(minutes=minutes_later))), NotFree)
    assert isinstance(pms.book(booking(502, practitioner_id="2", start=TEN)), Booked)


def test_free_slots_are_checked(pms: SqlPms) -> None:
    """
    `frontdesk check` runs the query for free slots in place of the one for sessions.
    """
    lines = {line.operation: line for line in pms.check()}

    assert {True} == {line.ok for line in lines.values()}
    assert "free_slots" in lines
    assert "sessions" not in lines
