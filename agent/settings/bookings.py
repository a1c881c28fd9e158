"""
What becomes of bookings that reception has to enter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from agent.domain.practice import LiveHours, Unanswered
from agent.settings.hours import parse_hours
from agent.settings.tables import TableReader


@dataclass(frozen=True, slots=True, kw_only=True)
class _BookingsTable:
    unanswered: Annotated[Unanswered, Meta(description='"reject", "staffed-hours" or "own-ids"', examples=['"reject"'])] = (
        Unanswered.REJECT
    )
    staffed_hours: Annotated[str, Meta(description="hours in one line", examples=['"Mon-Fri 08:30-17:00"'])] = ""
    healthengine_agreed_to_own_ids: Annotated[bool, Meta(description="true or false", examples=["true"])] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingSettings:
    """
    The table `[bookings]`, for every practice.

    Attributes:
        unanswered: What becomes of a booking that reception has to enter and has not, before ten minutes are over.
        staffed: When somebody enters bookings, local to each practice; None: that was not said.
    """

    unanswered: Unanswered = Unanswered.REJECT
    staffed: LiveHours | None = None


def read_bookings(reader: TableReader, raw: object) -> BookingSettings:
    """
    Return what the table `[bookings]` says, with what is wrong in it noted.
    """
    table = _BookingsTable(**reader.values(_BookingsTable, raw, ("bookings",)))
    staffed: LiveHours | None = None
    if table.staffed_hours:
        try:
            staffed = parse_hours(table.staffed_hours)
        except ValueError as error:  # ours: it quotes only what stands in staffed_hours
            reader.problem(("bookings", "staffed_hours"), str(error), 'write staffed_hours = "Mon-Fri 08:30-17:00"')
    if table.unanswered is Unanswered.STAFFED_HOURS and not table.staffed_hours:
        reader.problem(
            ("bookings", "staffed_hours"),
            'is missing, and unanswered = "staffed-hours"',
            'write staffed_hours = "Mon-Fri 08:30-17:00": when somebody enters bookings',
        )
    if table.unanswered is Unanswered.OWN_IDS and not table.healthengine_agreed_to_own_ids:
        reader.problem(
            ("bookings", "unanswered"),
            'is "own-ids", and nobody says that Healthengine agreed',
            "ask Healthengine whether it takes ids that are not in the PMS; if so, write healthengine_agreed_to_own_ids = true",
        )
    return BookingSettings(unanswered=table.unanswered, staffed=staffed)
