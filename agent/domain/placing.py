"""
Whether and where a booking can be entered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent.domain.booking import Booking
from agent.domain.ordering import Held
from agent.domain.resources import Catalogue

LONGEST = 12 * 60
"""No appointment is longer than this many minutes; more is a mistake of somebody's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """
    A booking in the PMS's own ids.
    """

    resource_id: str
    practitioner_id: str
    location_id: str
    type_id: str
    start: datetime
    minutes: int

    @property
    def held(self) -> Held:
        """
        The time it takes.
        """
        return Held(practitioner_id=self.practitioner_id, start=self.start, minutes=self.minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplaceable:
    """
    Why a booking cannot be entered, as a code and in plain words.

    Attributes:
        is_past: Its time has gone by: never an insert.
    """

    code: str
    why: str
    is_past: bool = False


def place(booking: Booking, catalogue: Catalogue, local_now: datetime) -> Placement | Unplaceable:
    """
    Work out where *booking* belongs.

    A type that is not known any more is left out; its length then comes from the booking alone.
    """
    if not booking.resource_id:
        return Unplaceable(code="no-resource", why="Healthengine names no doctor for it: the doctor was removed meanwhile.")
    resource = catalogue.resource(booking.resource_id)
    if resource is None:
        return Unplaceable(code="unknown-resource", why=f"The resource {booking.resource_id} is not published.")
    kind = catalogue.type(booking.type_id) if booking.type_id else None
    minutes = booking.minutes or (kind.minutes if kind else 0)
    if not 0 < minutes <= LONGEST:
        return Unplaceable(code="no-length", why=f"Its length of {minutes} minutes makes no sense.")
    if booking.start <= local_now:
        return Unplaceable(code="past", why="Its time had passed before it could be entered.", is_past=True)
    return Placement(
        resource_id=resource.id,
        practitioner_id=resource.practitioner_id,
        location_id=resource.location_id,
        type_id=kind.pms_type_id if kind else "",
        start=booking.start,
        minutes=minutes,
    )
