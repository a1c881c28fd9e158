# ruff: noqa: PLR2004 (how often and when something happens in an invented practice means nothing beyond its line)
"""
Who works at the sample practice, where, when, and what they offer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from agent.domain.days import MINUTES_PER_DAY, Span, merge

LOCATIONS = ((1, "Harbour Street Medical"), (2, "Hillview Clinic"))

OPEN_BEFORE = timedelta(hours=4)
"""For how long the practice has been open when the demo starts, whatever the hour."""

OPEN_AFTER = timedelta(hours=10)
"""For how long it stays open from then on; past midnight in a session of the next day."""

_WEEKEND = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """
    One practitioner.

    Attributes:
        places: Location, specialty code and specialty name.
        hours: Ordinary hours in minutes of the day.
        lunch: When lunch begins, a minute of the day.
        saturday: Whether Saturday morning is worked.
    """

    id: int
    title: str
    first_name: str
    last_name: str
    places: tuple[tuple[int, str, str], ...]
    hours: Span
    slot_minutes: int
    lunch: int
    saturday: bool = False

    def location_on(self, day: date) -> int:
        """
        Return where this person works on *day*; who has two places changes every day.
        """
        places = sorted({place for place, _, _ in self.places})
        return places[day.toordinal() % len(places)]


_GP = ("GP", "General practice")
_NINE = 9 * 60
_SIX = 18 * 60

WORKERS = (
    Worker(id=1, title="Dr", first_name="Harriet", last_name="Okafor", places=((1, *_GP),),
           hours=Span(480, 1020), slot_minutes=15, lunch=750, saturday=True),
    Worker(id=2, title="Dr", first_name="Samuel", last_name="Lindqvist", places=((1, *_GP), (1, "SKIN", "Skin checks")),
           hours=Span(_NINE, _SIX), slot_minutes=15, lunch=780),
    Worker(id=3, title="Dr", first_name="Wendy", last_name="Achterberg", places=((1, *_GP), (2, *_GP)),
           hours=Span(510, 1050), slot_minutes=15, lunch=750),
    Worker(id=4, title="Dr", first_name="Tevita", last_name="Moala", places=((2, *_GP),),
           hours=Span(480, _SIX), slot_minutes=10, lunch=780, saturday=True),
    Worker(id=5, title="Ms", first_name="Ingrid", last_name="Castellano", places=((1, "PSY", "Psychology"),),
           hours=Span(_NINE, _SIX), slot_minutes=60, lunch=780),
    Worker(id=6, title="Mr", first_name="Dougal", last_name="Prendergast", places=((2, "PHYS", "Physiotherapy"),),
           hours=Span(420, 960), slot_minutes=30, lunch=720, saturday=True),
    Worker(id=7, title="Dr", first_name="Ravi", last_name="Balasubramanian", places=((2, "DENT", "Dentistry"),),
           hours=Span(_NINE, 1050), slot_minutes=30, lunch=780),
    Worker(id=8, title="Dr", first_name="Eilidh", last_name="Zábranský", places=((1, "PAED", "Paediatrics"),),
           hours=Span(_NINE, 1020), slot_minutes=20, lunch=750),
)  # fmt: skip

TWO_SPECIALTIES = 2
TWO_PLACES = 3

OWN_TYPE = 8
"""The type that belongs to one practitioner, the one with two specialties."""

VACCINATIONS = "5"
"""The types of the vaccination clinic, as a roster row says it."""

TYPES: tuple[tuple[int, str, int, int | None], ...] = (
    (1, "Standard consultation", 15, None),
    (2, "Long consultation", 30, None),
    (3, "Telehealth consultation", 15, None),
    (4, "New patient", 30, None),
    (5, "Vaccination", 10, None),
    (6, "Care plan", 40, None),
    (7, "Health assessment", 45, None),
    (OWN_TYPE, "Full skin check", 30, TWO_SPECIALTIES),
    (9, "Counselling session", 60, 5),
    (10, "Physiotherapy follow-up", 30, None),
    (11, "Dental check and clean", 60, 7),
    (12, "Prescription review", 10, None),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """
    A stretch of working time, a row of `roster`.
    """

    practitioner_id: int
    location_id: int
    day: date
    span: Span
    slot_minutes: int
    type_ids: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """
    Time away, a row of `absences`.
    """

    practitioner_id: int
    day: date
    span: Span
    reason: str


def shifts_on(day: date, *, today: date, now: datetime) -> list[Shift]:
    """
    Return everybody's working time on *day*: ordinary hours, and around *now* open whatever the hour.
    """
    around_now = _part_of_day(day, now - OPEN_BEFORE, now + OPEN_AFTER)
    shifts: list[Shift] = []
    for worker in WORKERS:
        spans = list(around_now)
        if day.weekday() < _WEEKEND or day == today:
            spans.append(worker.hours)
        elif day.weekday() == _WEEKEND and worker.saturday:
            spans.append(Span(_NINE, 13 * 60))
        place = worker.location_on(day)
        shifts.extend(
            Shift(practitioner_id=worker.id, location_id=place, day=day, span=span, slot_minutes=worker.slot_minutes)
            for span in merge(spans)
        )
    shifts.extend(_overrides(day, today, shifts))
    return shifts


def absences_on(day: date, *, today: date) -> list[Absence]:
    """
    Return who is away when: lunch, meetings, a week of leave that begins in eight days, an afternoon off.
    """
    away = (day - today).days
    absences: list[Absence] = []
    for worker in WORKERS:
        if day.weekday() < _WEEKEND or day == today:
            lunch = Span(worker.lunch, worker.lunch + 30)
            absences.append(Absence(practitioner_id=worker.id, day=day, span=lunch, reason="Lunch"))
    if 8 <= away < 15:
        absences.append(Absence(practitioner_id=4, day=day, span=Span(0, MINUTES_PER_DAY), reason="Annual leave"))
    if away == 3:
        absences.append(Absence(practitioner_id=1, day=day, span=Span(14 * 60, 24 * 60), reason="Course"))
    if day.weekday() == 2 and away > 1:
        absences.extend(
            Absence(practitioner_id=worker, day=day, span=Span(16 * 60, 16 * 60 + 45), reason="Team meeting")
            for worker in (1, 2, 8)
        )
    return absences


def _part_of_day(day: date, start: datetime, end: datetime) -> list[Span]:
    """
    Return the whole hours of *day* from *start* to *end*, never across midnight.
    """
    midnight = datetime(day.year, day.month, day.day)
    first = max(0, (start - midnight) // timedelta(hours=1) * 60)
    last = min(MINUTES_PER_DAY, -(-(end - midnight) // timedelta(hours=1)) * 60)
    return [Span(first, last)] if first < last else []


def _overrides(day: date, today: date, shifts: list[Shift]) -> list[Shift]:
    """
    Return what differs from the ordinary week: an evening clinic and a clinic for vaccinations alone.
    """
    away = (day - today).days
    if away == 5:
        evening = Span(_SIX + 60, 21 * 60)
        return [Shift(practitioner_id=2, location_id=1, day=day, span=evening, slot_minutes=15)]
    if away == 9 and all(shift.span.end <= _SIX for shift in shifts if shift.practitioner_id == 1):
        evening = Span(_SIX, 20 * 60)
        return [Shift(practitioner_id=1, location_id=1, day=day, span=evening, slot_minutes=10, type_ids=VACCINATIONS)]
    return []
