"""
What the publishing rules come to for one resource and one appointment type: for every matter the most specific rule wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeVar

from agent.domain.days import MINUTES_PER_DAY
from agent.domain.practice import Practice
from agent.domain.resources import AppointmentType, Catalogue, Resource
from agent.domain.rule import Holidays, Rule

T = TypeVar("T")

THE_PRACTICE = "the practice's settings"
NOBODY_SAID = "no rule says open"


class RuleKind(StrEnum):
    """
    Why a time is withheld or a booking refused. The order is the order in which they are asked: the first one is named.
    """

    LEFT_OUT = "left_out"
    WAITING = "waiting"  # a new doctor or type that nobody has ticked off
    CLOSURE = "closure"
    PUBLIC_HOLIDAY = "public_holiday"
    HORIZON = "horizon"
    ON_THE_DAY = "on_the_day"
    DAILY_CAP = "daily_cap"
    SESSION_CAP = "session_cap"
    NOTICE = "minimum_notice"
    PATIENTS = "patients"
    NEW_PATIENTS = "new_patients"
    BY_HAND = "by_hand"  # booked online, and reception is to enter it


class Cause(NamedTuple):
    """
    The rule behind something.

    Attributes:
        detail: What it says, in plain words.
        source: Where it is written, for example `rule 2 (type 15)`.
    """

    kind: RuleKind
    detail: str
    source: str = THE_PRACTICE

    def __str__(self) -> str:
        return f"{self.detail}: {self.source}"


class Cap(NamedTuple):
    """
    A most number of online bookings.

    Attributes:
        type_id: Only bookings of that published type count; empty: all.
    """

    most: int
    cause: Cause
    type_id: str = ""


class Closed(NamedTuple):
    """
    A closure.
    """

    first: date
    last: date
    cause: Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """
    The outcome for one resource and type; equal terms are treated together.

    Attributes:
        left_out: Why it is not published at all, if it is not.
        notice_minutes, horizon_days: Each with its cause.
        holiday: Why nothing is published on public holidays; None: they are days like others.
        on_the_day: Why it is released on its own day only, if it is.
    """

    left_out: Cause | None
    notice_minutes: int
    notice: Cause
    horizon_days: int
    horizon: Cause
    holiday: Cause | None
    on_the_day: Cause | None
    daily_caps: tuple[Cap, ...]
    session_caps: tuple[Cap, ...]
    closures: tuple[Closed, ...]

    @property
    def is_plain(self) -> bool:
        """
        Whether it takes no more than a look at the date and the clock.
        """
        return not (self.left_out or self.on_the_day or self.daily_caps or self.session_caps or self.closures)


class Stated(NamedTuple):
    """
    A rule that has something to say, with its number in the settings, counted from one.
    """

    number: int
    rule: Rule

    @property
    def source(self) -> str:
        """
        Where it is written, in plain words.
        """
        rule = self.rule
        chosen = [f"{what} {value}" for what in ("type", "resource", "location") if (value := getattr(rule, what))]
        return f"rule {self.number}" + (f" '{rule.name}'" if rule.name else "") + (f" ({', '.join(chosen)})" if chosen else "")


def matching(rules: Sequence[Rule], resource: Resource, kind: AppointmentType | None) -> list[Stated]:
    """
    Return the rules that hold for *resource* and *kind*, the most specific first; of equally specific ones the later one.

    Args:
        kind: None asks what holds whatever the type.
    """
    found = [
        Stated(number, rule)
        for number, rule in enumerate(rules, start=1)
        if rule.location in ("", resource.location_id)
        and rule.resource in ("", resource.id, resource.practitioner_id)
        and (not rule.type or (kind is not None and rule.type in (kind.id, kind.pms_type_id)))
    ]
    return sorted(found, key=lambda stated: (stated.rule.specificity, stated.number), reverse=True)


def first(found: Iterable[Stated], matter: Callable[[Rule], T | None]) -> tuple[T, str] | None:
    """
    Return what the first rule that says anything about *matter* says, and where.
    """
    for stated in found:
        value = matter(stated.rule)
        if value is not None:
            return value, stated.source
    return None


def terms_for(practice: Practice, resource: Resource, kind: AppointmentType | None) -> Terms:
    """
    Work out what the rules come to for *resource* and *kind*.

    Caps are the exception to *most specific wins*: one in a rule with a type counts the bookings of that type, one in a
    rule without counts all, and both hold. Closures add up, because a practice that is shut is shut for everybody.
    """
    found = matching(practice.rules, resource, kind)
    is_published, publish_by = first(found, lambda rule: rule.publish) or (True, THE_PRACTICE)
    ahead, notice_by = first(found, lambda rule: rule.minimum_notice) or (practice.minimum_notice, THE_PRACTICE)
    days, horizon_by = first(found, lambda rule: rule.horizon_days) or (practice.horizon_days, THE_PRACTICE)
    is_on_the_day, day_by = first(found, lambda rule: rule.on_the_day) or (False, THE_PRACTICE)
    holidays, holiday_by = first(found, lambda rule: rule.public_holidays) or (Holidays.CLOSED, NOBODY_SAID)
    minutes = -(-ahead // timedelta(minutes=1))
    return Terms(
        left_out=None if is_published else Cause(RuleKind.LEFT_OUT, "left out", publish_by),
        notice_minutes=minutes,
        notice=Cause(RuleKind.NOTICE, f"minimum notice {length_text(minutes)}", notice_by),
        horizon_days=days,
        horizon=Cause(RuleKind.HORIZON, f"published {days} days ahead", horizon_by),
        holiday=Cause(RuleKind.PUBLIC_HOLIDAY, "public holiday", holiday_by) if holidays is Holidays.CLOSED else None,
        on_the_day=Cause(RuleKind.ON_THE_DAY, "released on the day only", day_by) if is_on_the_day else None,
        daily_caps=_caps(found, kind, lambda rule: rule.daily_cap, RuleKind.DAILY_CAP, "a day"),
        session_caps=_caps(found, kind, lambda rule: rule.session_cap, RuleKind.SESSION_CAP, "a session"),
        closures=tuple(_closures(practice, found)),
    )


def type_of(catalogue: Catalogue, resource: Resource, type_id: str) -> AppointmentType | None:
    """
    Return what the rules should take *type_id* for, also where the type is no longer published; None without one.
    """
    if not type_id:
        return None
    known = catalogue.type(type_id)
    own = type_id.removesuffix(f":{resource.id}")
    return known or AppointmentType(id=type_id, name=type_id, pms_type_id=own, minutes=0, resource_id=resource.id)


def length_text(minutes: int) -> str:
    """
    Return a length in the largest unit that it is a whole number of.
    """
    if minutes and minutes % MINUTES_PER_DAY == 0:
        return f"{minutes // MINUTES_PER_DAY} d"
    return f"{minutes // 60} h" if minutes and minutes % 60 == 0 else f"{minutes} min"


def _caps(
    found: Sequence[Stated], kind: AppointmentType | None, matter: Callable[[Rule], int | None], what: RuleKind, each: str
) -> tuple[Cap, ...]:
    caps: list[Cap] = []
    for by_type in (True, False):
        said = first((stated for stated in found if bool(stated.rule.type) is by_type), matter)
        if said:
            most, source = said
            detail = f"at most {most} online bookings {each}"
            caps.append(Cap(most, Cause(what, detail, source), kind.id if by_type and kind else ""))
    return tuple(caps)


def _closures(practice: Practice, found: Iterable[Stated]) -> Iterator[Closed]:
    said = [(closure, THE_PRACTICE) for closure in practice.closures]
    said += [(closure, stated.source) for stated in found for closure in stated.rule.closures]
    for closure, source in said:
        reason = f" ({closure.reason})" if closure.reason else ""
        dates = f"{closure.first:%d/%m/%Y}" + (f" to {closure.last:%d/%m/%Y}" if closure.last != closure.first else "")
        yield Closed(closure.first, closure.last, Cause(RuleKind.CLOSURE, f"closed {dates}{reason}", source))
