"""
What the window asks for when somebody looks closer, and what it hears. Plain Python: no Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from agent.domain.activity import ActivityLine
from agent.domain.coming import BookingKey, BookingPatient, ComingBookings
from agent.domain.reports import UptimeReport
from agent.domain.sent import SentDayReport, SentMap


@dataclass(frozen=True, slots=True)
class SentQuestion:
    """
    What does Healthengine show?
    """


@dataclass(frozen=True, slots=True)
class BookingsQuestion:
    """
    What has been booked for today and later?
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientsQuestion:
    """
    Whose are these bookings?
    """

    bookings: tuple[BookingKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentDayQuestion:
    """
    What does it show of one day, beside the PMS?
    """

    practice_id: str
    resource_id: str
    day: date


@dataclass(frozen=True, slots=True)
class UptimeQuestion:
    """
    When was this machine up?
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptHours:
    """
    Make what was learned a practice's live hours; the answer says what was done.
    """

    practice_id: str


@dataclass(frozen=True, slots=True)
class ActivityQuestion:
    """
    What has happened lately?
    """


Question = BookingsQuestion | PatientsQuestion | SentQuestion | SentDayQuestion | UptimeQuestion | AdoptHours | ActivityQuestion
Found = (
    ComingBookings
    | tuple[BookingPatient, ...]
    | tuple[SentMap, ...]
    | SentDayReport
    | tuple[UptimeReport, ...]
    | str
    | tuple[ActivityLine, ...]
)
"""The answers, in the order of the questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    The engine's answer.

    Attributes:
        found: None if it could not be had.
        text: Why not, in plain words; may be empty.
    """

    question: Question
    found: Found | None = None
    text: str = ""
