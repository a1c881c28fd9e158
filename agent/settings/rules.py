"""
Publishing rules and closures in the settings file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from msgspec import Meta

from agent.domain.rule import Closure, Holidays, Newcomers, NewPatients, Patients, Rule
from agent.settings.places import KeyPath
from agent.settings.tables import TableReader

Tables = tuple[dict[str, Any], ...]

_Id = Annotated[str, Meta(min_length=1, pattern=r"\S", description="an id in quotes", examples=['"1"'])]
_YesNo = Annotated[bool, Meta(description="true or false", examples=["true"])]
_Cap = Annotated[int, Meta(ge=0, le=1000, description="a whole number of bookings, 0 or more", examples=["4"])]
_Newcomers = Annotated[Newcomers, Meta(description='"at-once" or "wait"', examples=['"wait"'])]


@dataclass(frozen=True, slots=True, kw_only=True)
class _ClosureTable:
    first: Annotated[date, Meta(description="a date without quotes", examples=["2026-12-24"])]
    last: Annotated[date, Meta(description="a date without quotes", examples=["2026-12-28"])] | None = None
    reason: Annotated[str, Meta(description="a text", examples=['"Christmas"'])] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _RuleTable:
    name: Annotated[str, Meta(description="a text", examples=['"Skin checks"'])] = ""
    location: _Id | None = None
    resource: _Id | None = None
    type: _Id | None = None
    publish: _YesNo | None = None
    minimum_notice_minutes: (
        Annotated[int, Meta(ge=0, le=525_600, description="a whole number of minutes, 0 or more", examples=["60"])] | None
    ) = None
    horizon_days: (
        Annotated[int, Meta(ge=1, le=365, description="a whole number of days from 1 to 365", examples=["60"])] | None
    ) = None
    on_the_day: _YesNo | None = None
    daily_cap: _Cap | None = None
    session_cap: _Cap | None = None
    closures: Annotated[
        Tables, Meta(description="a list of tables", examples=["[{ first = 2026-12-24, last = 2026-12-28 }]"])
    ] = ()
    public_holidays: Annotated[Holidays, Meta(description='"closed" or "open"', examples=['"closed"'])] | None = None
    patients: Annotated[Patients, Meta(description='"all", "new" or "existing"', examples=['"existing"'])] | None = None
    new_patients: Annotated[NewPatients, Meta(description='"accept", "hold" or "reject"', examples=['"accept"'])] | None = None
    new_doctors: _Newcomers | None = None
    new_types: _Newcomers | None = None


_SELECTORS = ("name", "location", "resource", "type")


def read_rules(reader: TableReader, tables: Tables, path: KeyPath, locations: tuple[str, ...]) -> tuple[Rule, ...]:
    """
    Read `[[practices.rules]]`; mistakes go to *reader*.

    Args:
        path: Of the list.
        locations: The practice's own; empty: all.
    """
    return tuple(_rule(reader, table, (*path, number), locations) for number, table in enumerate(tables))


def read_closures(reader: TableReader, tables: Tables, path: KeyPath) -> tuple[Closure, ...]:
    """
    Read a list of closures; mistakes go to *reader*.

    Args:
        path: Of the list.
    """
    found: list[Closure] = []
    for number, table in enumerate(tables):
        place = (*path, number)
        values = reader.values(_ClosureTable, table, place)
        if "first" not in values:
            continue
        first: date = values["first"]
        last: date = values.get("last") or first
        if last < first:
            reader.problem((*place, "last"), "is before the first day", f"write last = {first}")
        found.append(Closure(first=first, last=last, reason=values.get("reason", "")))
    return tuple(found)


def _rule(reader: TableReader, raw: dict[str, Any], path: KeyPath, locations: tuple[str, ...]) -> Rule:
    values = reader.values(_RuleTable, raw, path)
    if not set(raw).difference(_SELECTORS):
        reader.problem(path, "says nothing", "write what it is about, for example publish = false")
    location = values.get("location", "")
    if location and locations and location not in locations:
        reader.problem((*path, "location"), "is not one of the practice's locations", f'write location = "{locations[0]}"')
    for key, selector in (("new_doctors", "type"), ("new_doctors", "resource"), ("new_types", "type")):
        if key in values and selector in values:
            reader.problem((*path, selector), f"cannot go with {key}", f"take {selector} out of this rule")
    values["closures"] = read_closures(reader, values.get("closures", ()), (*path, "closures"))
    if (minutes := values.pop("minimum_notice_minutes", None)) is not None:
        values["minimum_notice"] = timedelta(minutes=minutes)
    return Rule(**values)
