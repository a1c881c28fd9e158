"""
Which appointment is which booking, and how long reception has: the rules alone.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from agent.domain.availability import DayAvailability, OpenRange
from agent.domain.by_hand import Doubtful, NotYet, Recognised, Sight, own_id, recognise, staffed_time
from agent.domain.days import Span
from agent.domain.diary import Appointment, AppointmentState
from agent.domain.moves import Place
from agent.domain.practice import LiveHours
from agent.domain.rules import Ruled, Withheld
from agent.domain.terms import RuleKind
from agent.domain.withholding import TO_BE_ENTERED, withhold

TEN = datetime(2026, 11, 24, 10, 0)
BOOKED = Place(practitioner_id="1", location_id="1", start=TEN, minutes=30)


def row(
    row_id: str = "5",
    *,
    practitioner_id: str = "1",
    at: int = 0,
    minutes: int = 30,
    patient_id: str = "7",
    state: AppointmentState = AppointmentState.BOOKED,
    reference: int = 0,
) -> Appointment:
    return Appointment(
        id=row_id,
        practitioner_id=practitioner_id,
        location_id="1",
        start=TEN + timedelta(minutes=at),
        minutes=minutes,
        patient_id=patient_id,
        type_id="1",
        state=state,
        reference=reference,
    )


IT = Recognised(appointment_ids=("5",), patient_id="7")
ASK = Doubtful(appointment_ids=("5",))

CASES = {
    "nothing there": ((), NotYet()),
    "its patient at its time": ((row(),), IT),
    "longer than booked": ((row(minutes=45),), IT),
    "shorter than booked": ((row(minutes=15),), IT),
    "arrived already": ((row(state=AppointmentState.ARRIVED),), IT),
    "cancelled": ((row(state=AppointmentState.CANCELLED),), NotYet()),
    "two slots, one after the other": (
        (row("6", at=15, minutes=15), row(minutes=15)),
        Recognised(appointment_ids=("5", "6"), patient_id="7"),
    ),
    "entered twice": ((row(), row("6")), Doubtful(appointment_ids=("5", "6"))),
    "another patient at its time": ((row(patient_id="8"),), ASK),
    "a stretch that the desk has blocked": ((row(patient_id=""),), NotYet()),
    "its patient later that day": ((row(at=120),), ASK),
    "its patient a little later": ((row(at=5),), ASK),
    "its patient with somebody else": ((row(practitioner_id="2"),), ASK),
    "another patient with somebody else": ((row(practitioner_id="2", patient_id="8"),), NotYet()),
    "its patient at its time, and another before": ((row(), row("6", at=-30, patient_id="8")), IT),
    "its mark, wherever it is": ((row(at=120, patient_id="8", reference=1),), Recognised(appointment_ids=("5",), patient_id="8")),
    "its mark on two patients": (
        (row(at=60, reference=1), row("6", at=90, patient_id="8", reference=1)),
        Doubtful(appointment_ids=("5", "6")),
    ),
}


@pytest.mark.parametrize(("rows", "expected"), CASES.values(), ids=CASES.keys())
def test_what_is_recognised_and_what_is_asked(rows: tuple[Appointment, ...], expected: Sight) -> None:
    """
    Certain only by the mark, or by practitioner, time and patient together.
    """
    assert expected == recognise(1, BOOKED, rows, patient_id="7")


def test_without_a_patient_nothing_is_certain() -> None:
    """
    After a restart nobody knows any more who booked: whatever is at its time is asked about.
    """
    assert ASK == recognise(1, BOOKED, [row()], patient_id="")
    assert NotYet() == recognise(1, BOOKED, [row(at=120)], patient_id="")


def test_what_is_not_it_is_not_asked_about_again() -> None:
    """
    Unless it is moved into the booking's very place.
    """
    assert NotYet() == recognise(1, BOOKED, [row(at=120)], patient_id="7", others=("5",))
    assert IT == recognise(1, BOOKED, [row()], patient_id="7", others=("5",))


def test_an_id_of_our_own_is_always_the_same() -> None:
    """
    Healthengine keeps it for good.
    """
    assert "frontdesk:12" == own_id(12)


WEEK = LiveHours(days=((Span(540, 720), Span(780, 1020)),) * 5 + ((), ()), public_holidays=(Span(600, 660),))
MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("begin", "end", "minutes"),
    [
        ("2026-11-23 09:10", "2026-11-23 09:19", 9),
        ("2026-11-23 08:00", "2026-11-23 09:04", 4),
        ("2026-11-23 11:58", "2026-11-23 13:05", 7),
        ("2026-11-23 16:55", "2026-11-24 09:03", 8),
        ("2026-11-27 18:00", "2026-11-30 08:59", 0),
        ("2026-11-24 16:59", "2026-11-26 09:01", 62),
        ("2026-11-23 10:00", "2026-11-23 09:00", 0),
    ],
)
def test_only_staffed_time_counts(begin: str, end: str, minutes: int) -> None:
    """
    Nights, weekends and lunch do not; a public holiday has hours of its own.
    """
    found = staffed_time(
        datetime.fromisoformat(begin), datetime.fromisoformat(end), WEEK, lambda day: day == MONDAY + timedelta(days=2)
    )

    assert timedelta(minutes=minutes) == found


def test_what_is_booked_is_withheld_and_named() -> None:
    """
    What is left over and too short for a slot goes with it; other days stay as they are.
    """
    opening = OpenRange(540, 630, 30, ("1",))
    ruled = Ruled(DayAvailability("1@1:gp", MONDAY, (opening,)))
    found = withhold(ruled, (Span(580, 610),))

    assert (OpenRange(540, 580, 30, ("1",)),) == found.published.ranges
    assert (Withheld(OpenRange(580, 630, 30, ("1",)), TO_BE_ENTERED),) == found.withheld
    assert RuleKind.BY_HAND is TO_BE_ENTERED.kind
    assert ruled is withhold(ruled, ())
