"""
What `frontdesk check` and `frontdesk preview` find, as plain data. Nothing in them is a patient's.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.domain.availability import DayAvailability
from agent.domain.resources import AppointmentType, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckItem:
    """
    The outcome of trying one thing.

    Attributes:
        area: What it belongs to: `settings`, `credentials`, `drivers`, `pms` or `healthengine`.
        name: For example `appointments`, or a credential's name.
        detail: In plain words; with counts where it went well, with the place where it did not.
        remedy: What to do; empty where it went well.
    """

    area: str
    name: str
    ok: bool
    detail: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """
    Everything that was tried, in the order in which a person would put it right.
    """

    lines: tuple[CheckItem, ...]

    @property
    def ok(self) -> bool:
        """
        Whether all is well.
        """
        return all(line.ok for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticePreview:
    """
    What one practice would publish now.

    Attributes:
        timezone: Its times are local to this zone.
        days: Every resource on every day that was asked for, after the notice period.
    """

    practice_id: str
    name: str
    timezone: str
    resources: tuple[Resource, ...]
    types: tuple[AppointmentType, ...]
    days: tuple[DayAvailability, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """
    What would be published now; nothing has been sent.
    """

    practices: tuple[PracticePreview, ...]
