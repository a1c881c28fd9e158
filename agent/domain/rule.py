"""
A publishing rule, as a person writes it in the settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Holidays(StrEnum):
    """
    What happens on public holidays.
    """

    CLOSED = "closed"
    OPEN = "open"


class Patients(StrEnum):
    """
    Whom something is for, by what the patient told Healthengine (`isNewPatient`).
    """

    ALL = "all"
    NEW = "new"
    EXISTING = "existing"


class NewPatients(StrEnum):
    """
    What happens with a booking of somebody who is new to the practice.
    """

    ACCEPT = "accept"
    HOLD = "hold"  # a person decides: a task
    REJECT = "reject"


class Newcomers(StrEnum):
    """
    What happens with a doctor or an appointment type that turns up in the PMS.
    """

    AT_ONCE = "at-once"
    WAIT = "wait"  # until a person has ticked it off


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """
    Days on which the practice is closed: nothing is published, and nobody expects this machine to be up.

    Attributes:
        first: The first day.
        last: The last day, not before *first*.
        reason: In the practice's own words, for its own people; never sent.
    """

    first: date
    last: date
    reason: str = ""

    def covers(self, day: date) -> bool:
        """
        Return whether the practice is closed on *day* because of it.
        """
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """
    What holds for everything, or for what it selects. None leaves a matter to less specific rules and the defaults.

    Attributes:
        name: For people; the preview shows it.
        location: A PMS location id; empty: every one.
        resource: A published resource id or a PMS practitioner id, which means all resources of that person; empty: every one.
        type: A published type id or the PMS's own, which means every published type made of it; empty: every one.
        publish: Include or leave out.
        horizon_days: How many days are published, today included.
        on_the_day: Published on its own day only.
        daily_cap: The most online bookings of a resource on a day; with *type*, of that type.
        session_cap: The same for a session.
        closures: Days on which nothing is published, in addition to those of less specific rules and of the practice.
        patients: Whom a booking may be for.
        new_patients: What happens with bookings of new patients.
        new_doctors, new_types: What happens with those that turn up in the PMS later.
    """

    name: str = ""
    location: str = ""
    resource: str = ""
    type: str = ""
    publish: bool | None = None
    minimum_notice: timedelta | None = None
    horizon_days: int | None = None
    on_the_day: bool | None = None
    daily_cap: int | None = None
    session_cap: int | None = None
    closures: tuple[Closure, ...] = ()
    public_holidays: Holidays | None = None
    patients: Patients | None = None
    new_patients: NewPatients | None = None
    new_doctors: Newcomers | None = None
    new_types: Newcomers | None = None

    @property
    def specificity(self) -> tuple[bool, bool, bool]:
        """
        How exactly it selects; the greater wins: type, then resource, then location, then the practice as a whole.
        """
        return bool(self.type), bool(self.resource), bool(self.location)
