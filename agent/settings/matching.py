"""
What becomes of bookings whose patient is not certain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from agent.domain.practice import OnDoubt
from agent.settings.tables import TableReader


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingSettings:
    """
    The table `[matching]`, for every practice.

    Attributes:
        placeholder_patient: The PMS's id of a patient who stands for somebody whom reception has to choose; empty: there is none.
        ambiguous: What becomes of a booking that may be for one of several patients.
    """

    placeholder_patient: Annotated[str, Meta(pattern=r"^\S*$", description="a patient's id in the PMS", examples=['"99999"'])] = (
        ""
    )
    ambiguous: Annotated[OnDoubt, Meta(description='"placeholder" or "new"', examples=['"placeholder"'])] = OnDoubt.PLACEHOLDER


def read_matching(reader: TableReader, raw: object) -> MatchingSettings:
    """
    Return what the table `[matching]` says, with what is wrong in it noted.
    """
    values = reader.values(MatchingSettings, raw, ("matching",))
    if values.get("ambiguous") is OnDoubt.PLACEHOLDER and not values.get("placeholder_patient"):
        reader.problem(
            ("matching", "placeholder_patient"),
            'is missing, and ambiguous = "placeholder"',
            "make a patient in the PMS who stands for somebody to be chosen, and write its id here",
        )
    return MatchingSettings(**values)
