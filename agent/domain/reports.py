"""
What `frontdesk check`, `frontdesk preview` and `frontdesk live-hours` find, as plain data. Nothing in them is a patient's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from agent.domain.availability import DayAvailability, OpenRange
from agent.domain.days import Span
from agent.domain.newcomers import LeftOut
from agent.domain.resources import AppointmentType, Resource
from agent.domain.terms import Cause


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


class WithheldTime(NamedTuple):
    """
    Free time that is not published, and the rule behind it.
    """

    resource_id: str
    date: date
    opening: OpenRange
    cause: Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticePreview:
    """
    What one practice would publish now.

    Attributes:
        timezone: Its times are local to this zone.
        days: Every published resource on every day that was asked for, after the practice's rules.
        withheld: Free time that is not published, also of resources that are left out.
        left_out: Resources and types that are not published at all.
        warnings: What a person should look at, in plain words.
    """

    practice_id: str
    name: str
    timezone: str
    resources: tuple[Resource, ...]
    types: tuple[AppointmentType, ...]
    days: tuple[DayAvailability, ...]
    withheld: tuple[WithheldTime, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """
    What would be published now; nothing has been sent.
    """

    practices: tuple[PracticePreview, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveHoursReport:
    """
    A practice's live hours as a person reads them; hours are in one line.

    Attributes:
        in_force: What Healthengine is to know now, closures taken out.
        is_learned: They follow uptime; else they were set.
        question: Hours inside the rosters' that uptime would take away; empty: there is nothing to answer.
        learned_from: The days that count, per kind of day that has any, Monday first and public holidays last.
    """

    practice_id: str
    name: str
    in_force: str
    is_learned: bool
    learned_at: datetime | None = None
    question: str = ""
    learned_from: tuple[tuple[date, ...], ...] = ()
    answered_at: datetime | None = None
    answered_by: str = ""


class UptimeDay(NamedTuple):
    """
    One day of this machine beside the live hours as they are now.

    Attributes:
        live: What Healthengine expects of such a day; none on a planned closure.
        up: When the machine was up, in whole quarters of an hour.
        is_recorded: Somebody looked, all day; the first day of an installation counts as not recorded.
    """

    date: date
    live: tuple[Span, ...]
    up: tuple[Span, ...]
    is_recorded: bool = True
    is_holiday: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UptimeReport:
    """
    When this machine was really up, against a practice's live hours.

    Attributes:
        days: Oldest first, today last.
        minute: Of the local day, now: of today nothing after it has happened yet.
        hours: In force, closures not taken out, in one line.
        adoptable: What the hours would be if a person adopted what was learned; empty: that would change nothing.
    """

    practice_id: str
    name: str
    days: tuple[UptimeDay, ...]
    minute: int
    hours: str
    is_learned: bool
    adoptable: str = ""
    answered_at: datetime | None = None
    answered_by: str = ""
