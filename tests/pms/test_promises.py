"""
The rules by which `frontdesk profiles test` judges a whole diary.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from agent.domain.diary import AppointmentState, PmsType
from agent.pms.sql import promises
from agent.pms.sql.normalise import BadValue
from agent.pms.sql.rows import AppointmentRow, SessionRow

MONDAY = date(2026, 12, 7)
NINE = datetime(2026, 12, 7, 9)
SESSIONS: list[SessionRow] = [("d", "1", MONDAY, 9 * 60, 12 * 60, 15, ())]


def _row(
    start: datetime = NINE,
    *,
    who: str = "d",
    where: str = "1",
    minutes: int = 15,
    patient: str = "7",
    state: AppointmentState = AppointmentState.BOOKED,
) -> AppointmentRow:
    return ("1", who, where, start, minutes, patient, "t", state, 0)


@pytest.mark.parametrize(
    "row",
    [
        _row(NINE - timedelta(minutes=1)),
        _row(NINE + timedelta(hours=3)),
        _row(NINE + timedelta(days=1)),
        _row(where="2"),
    ],
    ids=["before", "at the end", "another day", "another place"],
)
def test_a_diary_outside_working_time_is_refused(row: AppointmentRow) -> None:
    """
    From the eleventh of twenty on: ten are what the desk squeezed in.
    """
    promises.in_sessions([_row()] * 10 + [row] * 10, SESSIONS)
    with pytest.raises(BadValue, match="row 10: lies outside"):
        promises.in_sessions([_row()] * 9 + [row] * 10, SESSIONS)


@pytest.mark.parametrize(
    "row",
    [
        _row(),
        _row(NINE + timedelta(hours=2, minutes=59)),
        _row(where=""),
        _row(NINE - timedelta(hours=2), patient=""),
        _row(NINE - timedelta(hours=2), state=AppointmentState.CANCELLED),
        _row(NINE - timedelta(hours=2), who="another"),
    ],
    ids=["first minute", "last minute", "no place", "no patient", "cancelled", "without sessions"],
)
def test_what_lies_inside_or_does_not_count_passes(row: AppointmentRow) -> None:
    """
    Blocked time and people without a roster prove nothing.
    """
    promises.in_sessions([row] * 10, SESSIONS)


def test_a_few_appointments_prove_nothing() -> None:
    """
    Nine outside pass.
    """
    promises.in_sessions([_row(NINE - timedelta(hours=2))] * 9, SESSIONS)
    promises.as_long_as_types([_row(minutes=90)] * 9, [PmsType(id="t", name="Standard", minutes=15)])


@pytest.mark.parametrize(("minutes", "fits"), [(5, False), (6, True), (15, True), (44, True), (45, False), (900, False)])
def test_types_and_appointments_count_the_same(minutes: int, *, fits: bool) -> None:
    """
    Three times as long or short is another unit.
    """
    kinds = [PmsType(id="t", name="Standard", minutes=15), PmsType(id="none", name="Any", minutes=0)]
    if fits:
        promises.as_long_as_types([_row(minutes=minutes)] * 10, kinds)
        return
    with pytest.raises(BadValue, match="does not fit"):
        promises.as_long_as_types([_row(minutes=minutes)] * 10, kinds)
