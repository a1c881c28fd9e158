"""
What a practice is, as far as the rules care.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from agent.domain.days import Span

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """
    One Healthengine practice and the part of the PMS that belongs to it.

    Attributes:
        id: The Healthengine practice id.
        locations: The PMS's location ids that belong to it; empty: all.
        zone: IANA zone of its local times.
        horizon_days: How many days are published, today included (1 to 365).
        minimum_notice: How far ahead of now the first published minute lies.
    """

    id: str
    name: str
    locations: tuple[str, ...]
    zone: ZoneInfo
    live_hours: LiveHours
    horizon_days: int = 60
    minimum_notice: timedelta = field(default_factory=lambda: timedelta(minutes=60))

    def serves(self, location_id: str) -> bool:
        """
        Return whether the PMS location belongs to this practice.
        """
        return not self.locations or location_id in self.locations
