"""
What a practice is, as far as the rules care.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from agent.domain.days import Span
from agent.domain.rule import Closure, Rule

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveHours:
    """
    The hours in which the engine is meant to be up, local to the practice.

    Attributes:
        days: Spans per weekday, Monday first; may be unordered or overlap, never crosses midnight.
        public_holidays: Spans on public holidays.
    """

    days: tuple[tuple[Span, ...], ...]
    public_holidays: tuple[Span, ...] = ()


class Unanswered(StrEnum):
    """
    What becomes of a booking or cancellation that reception has to enter and has not, before ten minutes are over.
    """

    REJECT = "reject"  # the patient is told no
    STAFFED_HOURS = "staffed-hours"  # the same, but only hours in which somebody enters bookings count
    OWN_IDS = "own-ids"  # the patient is told yes, with ids of our own


class OnDoubt(StrEnum):
    """
    What becomes of a booking that may be for one of several patients.
    """

    PLACEHOLDER = "placeholder"  # its time is held for a patient who stands for the one to be chosen, where there is one
    NEW = "new"  # it is entered for a new patient, whose record may have to be merged


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """
    One Healthengine practice and the part of the PMS that belongs to it.

    Attributes:
        id: The Healthengine practice id.
        locations: The PMS's location ids that belong to it; empty: all.
        zone: IANA zone of its local times.
        location_zones: Locations whose clocks show another time, each with its zone: of a practice on a state's border, and of
            other practices with the same people.
        horizon_days: How many days are published, today included (1 to 365).
        minimum_notice: How far ahead of now the first published minute lies.
        live_hours: The hours that were set; none at all where they are learned.
        learns_live_hours: The live hours follow the hours in which this machine really is up (`live_hours = "auto"`).
        closures: Planned closures, past ones too, in any order.
        rules: Publishing rules, in the order of the settings.
        unanswered: What becomes of what reception has to enter and has not.
        staffed_hours: When somebody enters bookings; None: that was not said.
        placeholder_patient: Who stands in the PMS for a patient whom reception has to choose; empty: nobody.
        on_doubt: What becomes of a booking that may be for one of several patients.
    """

    id: str
    name: str
    locations: tuple[str, ...]
    zone: ZoneInfo
    live_hours: LiveHours
    horizon_days: int = 60
    minimum_notice: timedelta = field(default_factory=lambda: timedelta(minutes=60))
    learns_live_hours: bool = False
    closures: tuple[Closure, ...] = ()
    rules: tuple[Rule, ...] = ()
    location_zones: tuple[tuple[str, ZoneInfo], ...] = ()
    unanswered: Unanswered = Unanswered.REJECT
    staffed_hours: LiveHours | None = None
    placeholder_patient: str = ""
    on_doubt: OnDoubt = OnDoubt.PLACEHOLDER

    def zone_at(self, location_id: str) -> ZoneInfo:
        """
        Return the zone of the clocks at a location.
        """
        return next((zone for place, zone in self.location_zones if place == location_id), self.zone)

    def is_closed(self, day: date) -> bool:
        """
        Return whether *day* lies in a planned closure.
        """
        return any(closure.covers(day) for closure in self.closures)

    def serves(self, location_id: str) -> bool:
        """
        Return whether the PMS location belongs to this practice.
        """
        return not self.locations or location_id in self.locations
