"""
What drivers give, and what becomes of it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from agent.domain.diary import AppointmentState
from agent.domain.errors import ContractBroken
from agent.pms.sql import normalise
from agent.pms.sql.normalise import Place, Unit

PLACE = Place("sessions", "some_column")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (7, "7"),
        (Decimal("7.0"), "7"),
        (7.0, "7"),
        ("7   ", "7"),
        (b"ab", "ab"),
        ("Zoe\u0308 ", "Zoë"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_ids(value: object, expected: str) -> None:
    """
    Whatever its type, an id is the same stripped, composed text.
    """
    assert [expected, expected] == normalise.ids([value, value], PLACE)


def test_optional_ids() -> None:
    """
    NULL is the empty id where there need be none.
    """
    assert ["1", "", ""] == normalise.ids([1, None, " "], PLACE, optional=True)


@pytest.mark.parametrize(
    "value", [date(2026, 12, 1), datetime(2026, 12, 1, 5), "2026-12-01", "2026-12-01 00:00:00", "2026-12-01T00:00:00"]
)
def test_dates(value: object) -> None:
    """
    A date is read from dates, moments and ISO texts.
    """
    assert [date(2026, 12, 1)] == normalise.dates([value], PLACE)


@pytest.mark.parametrize("value", [None, "", "  ", "0000-00-00", "0001-01-01", date(1, 1, 1), datetime(1, 1, 1)])
def test_no_date(value: object) -> None:
    """
    What means *none* in some systems is None where there need be no date.
    """
    assert [None] == normalise.optional_dates([value], PLACE)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("09:30", Unit.MINUTES, 570),
        ("9:30:59", Unit.MINUTES, 570),
        ("24:00", Unit.MINUTES, 1440),
        (" 24:00:00 ", Unit.MINUTES, 1440),
        (time(9, 30), Unit.MINUTES, 570),
        (timedelta(hours=24), Unit.MINUTES, 1440),
        (datetime(2026, 1, 1, 9, 30), Unit.MINUTES, 570),
        (570, Unit.MINUTES, 570),
        (34200, Unit.SECONDS, 570),
        (Decimal(34200), Unit.SECONDS, 570),
        ("34200", Unit.SECONDS, 570),
    ],
)
def test_times_of_day(value: object, unit: Unit, expected: int) -> None:
    """
    Minutes from midnight are read from times, texts and numbers.
    """
    assert [expected] == normalise.minutes_of_day([value], PLACE, unit)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (15, Unit.MINUTES, 15),
        ("15", Unit.MINUTES, 15),
        (Decimal("15.0"), Unit.MINUTES, 15),
        (900, Unit.SECONDS, 15),
        (901, Unit.SECONDS, 16),
        (None, Unit.MINUTES, 0),
        ("12.5", Unit.MINUTES, 13),
    ],
)
def test_lengths(value: object, unit: Unit, expected: int) -> None:
    """
    Lengths are minutes, rounded up.
    """
    assert [expected] == normalise.lengths([value], PLACE, unit, least=0)


def test_an_entry_without_length_takes_a_minute() -> None:
    """
    Desks leave remarks in their diaries; such a row is no reason to publish nothing at all.
    """
    assert [15, 1, 1] == normalise.lengths([15, None, 0], PLACE, Unit.MINUTES, least=1)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, True),
        (0, False),
        (True, True),
        (None, False),
        ("Y", True),
        ("n", False),
        (b"\x01", True),
        (b"\x00", False),
        (-1, True),
    ],
)
def test_flags(value: object, expected: bool) -> None:  # noqa: FBT001  # a table of values
    """
    Yes and no are written in many ways.
    """
    assert [expected] == normalise.flags([value], PLACE)


def test_states_with_and_without_a_rest() -> None:
    """
    Codes are looked up as texts; `*` stands for the others.
    """
    table = {"0": AppointmentState.BOOKED, "x": AppointmentState.CANCELLED}

    assert [AppointmentState.BOOKED, AppointmentState.CANCELLED] == normalise.states([0, "x "], PLACE, table)
    assert [AppointmentState.ARRIVED] == normalise.states([9], PLACE, {**table, "*": AppointmentState.ARRIVED})


def test_references_and_type_lists() -> None:
    """
    The last reference in a note counts; types stand with commas between.
    """
    assert [0, 0, 12] == normalise.references([None, "see HE:1", "was HE:3; now HE:12; "], PLACE)
    assert [(), (), ("1", "4")] == normalise.type_lists(["", None, "1, 4,"], PLACE)


def test_growing_texts_compare_like_numbers() -> None:
    """
    Nine comes before ten.
    """
    assert normalise.growing(9, PLACE) < normalise.growing(10, PLACE)
    assert "2026-12-01T10:00:00" == normalise.growing(datetime(2026, 12, 1, 10), PLACE)


@pytest.mark.parametrize(
    "broken",
    [
        lambda: normalise.dates(["2026-12-01", None], PLACE),
        lambda: normalise.dates(["2026-12-01", "20/11/2026"], PLACE),
        lambda: normalise.dates(["2026-12-01", "20261120"], PLACE),
        lambda: normalise.moments([datetime(2026, 1, 1), None], PLACE),
        lambda: normalise.moments([datetime(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)], PLACE),
        lambda: normalise.moments(["2026-12-01", "2026-12-01T10:00:00Z"], PLACE),
        lambda: normalise.minutes_of_day(["09:00", "24:01"], PLACE, Unit.MINUTES),
        lambda: normalise.minutes_of_day(["09:00", "09:60"], PLACE, Unit.MINUTES),
        lambda: normalise.minutes_of_day(["09:00", "Smith"], PLACE, Unit.MINUTES),
        lambda: normalise.minutes_of_day(["09:00", None], PLACE, Unit.MINUTES),
        lambda: normalise.lengths([15, -15], PLACE, Unit.MINUTES, least=0),
        lambda: normalise.lengths([15, "Smith"], PLACE, Unit.MINUTES, least=0),
        lambda: normalise.ids([1, None], PLACE),
        lambda: normalise.ids([1, b"\xff\xfe"], PLACE),
        lambda: normalise.ids([1, object()], PLACE),
        lambda: normalise.flags([1, "Smith"], PLACE),
        lambda: normalise.states(["0", "Smith"], PLACE, {"0": AppointmentState.BOOKED}),
    ],
)
def test_a_bad_value_names_its_place_and_is_not_told(broken: object) -> None:
    """
    The message has operation, column and row, and never the value.
    """
    assert callable(broken)
    with pytest.raises(ContractBroken) as raised:
        broken()

    assert "pms-value" == raised.value.code
    assert raised.value.message.startswith("sessions, column some_column, row 2: ")
    assert "Smith" not in f"{raised.value!r} {raised.value.__cause__!r} {raised.value.remedy}"
