"""
Free time that is withheld because a patient has booked it and reception has not entered it yet.
"""

from __future__ import annotations

from collections.abc import Sequence

from agent.domain.availability import DayAvailability, OpenRange
from agent.domain.cutting import without
from agent.domain.days import Span
from agent.domain.rules import Ruled, Withheld
from agent.domain.terms import Cause, RuleKind

TO_BE_ENTERED = Cause(RuleKind.BY_HAND, "booked, to be entered by reception", "the online bookings")


def withhold(ruled: Ruled, booked: Sequence[Span]) -> Ruled:
    """
    Take what is *booked* out of what a day publishes; what is then too short for a slot goes with it.
    """
    if not booked:
        return ruled
    day = ruled.published
    ranges: list[OpenRange] = []
    withheld = list(ruled.withheld)
    for opening in day.ranges:
        pieces = [Span(opening.start, opening.end)]
        for taken in booked:
            pieces, lost = without(pieces, taken, opening.slot_minutes or 1)
            withheld += [Withheld(opening._replace(start=gone.start, end=gone.end), TO_BE_ENTERED) for gone in lost]
        ranges += [opening._replace(start=piece.start, end=piece.end) for piece in pieces]
    return Ruled(DayAvailability(day.resource_id, day.date, tuple(sorted(ranges))), tuple(sorted(withheld)))
