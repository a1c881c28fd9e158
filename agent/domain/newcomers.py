"""
What is published of a practice's doctors and appointment types: who is left out, and who waits for a tick.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from agent.domain.practice import Practice
from agent.domain.resources import AppointmentType, Catalogue, Resource
from agent.domain.rule import Newcomers
from agent.domain.terms import Cause, RuleKind, first, matching, terms_for


class ItemKind(StrEnum):
    """
    What may be new.
    """

    RESOURCE = "resource"
    TYPE = "type"


class Item(NamedTuple):
    """
    A published resource or appointment type, by its id.
    """

    kind: ItemKind
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """
    Something new that waits for a tick.

    Attributes:
        id: A number that people can type.
        since: When it turned up; aware UTC.
    """

    id: int
    practice_id: str
    item: Item
    name: str
    since: datetime


class NewItem(NamedTuple):
    """
    Something that was not there before. *is_approved*: it goes out at once.
    """

    item: Item
    name: str
    is_approved: bool


class LeftOut(NamedTuple):
    """
    A resource or type that is not published, with the rule behind it.
    """

    item: Item
    name: str
    cause: Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """
    What is published, what is not and why, and what has to be remembered.
    """

    catalogue: Catalogue
    left_out: tuple[LeftOut, ...] = ()
    new: tuple[NewItem, ...] = ()


def select(practice: Practice, whole: Catalogue, known: Mapping[Item, bool]) -> Selection:
    """
    Decide what of *whole* is published.

    Args:
        known: Everything seen so far, with whether it is approved. Where nothing is known yet, everything is approved:
            setting up shows the practice what it will publish.
    """
    new: list[NewItem] = []
    waiting: dict[Item, Cause] = {}
    names: dict[Item, str] = {}
    for item, name, policy, source in _policies(practice, whole):
        names[item] = name
        is_approved = not known or policy is Newcomers.AT_ONCE or known.get(item, False)
        if known.get(item) is not is_approved:
            new.append(NewItem(item, name, is_approved))
        if not is_approved:
            waiting[item] = Cause(RuleKind.WAITING, "new, waits for a tick", source)
    chosen = _published(practice, whole, waiting)
    left_out = [LeftOut(item, names[item], waiting.get(item) or cause) for item, cause in chosen.left_out.items()]
    return Selection(catalogue=chosen.catalogue, left_out=tuple(left_out), new=tuple(new))


class _Chosen(NamedTuple):
    catalogue: Catalogue
    left_out: dict[Item, Cause]


def _policies(practice: Practice, whole: Catalogue) -> Iterator[tuple[Item, str, Newcomers, str]]:
    at_once = (Newcomers.AT_ONCE, "")
    for resource in whole.resources:
        found = matching(practice.rules, resource, None)
        yield Item(ItemKind.RESOURCE, resource.id), resource.name, *(first(found, lambda rule: rule.new_doctors) or at_once)
    for kind in whole.types:
        place = (whole.resource(kind.resource_id) if kind.resource_id else None) or ANYBODY
        found = matching(practice.rules, place, kind)
        yield Item(ItemKind.TYPE, kind.id), kind.name, *(first(found, lambda rule: rule.new_types) or at_once)


ANYBODY = Resource(id="\0", name="", practitioner_id="\0", location_id="\0")
"""A resource that no rule selects, for types that belong to nobody in particular."""


def _published(practice: Practice, whole: Catalogue, waiting: Mapping[Item, Cause]) -> _Chosen:
    """
    A resource is published where at least one of its types is, a type where at least one resource has it.
    """
    left_out: dict[Item, Cause] = {}
    resources: list[Resource] = []
    used: set[str] = set()
    refused: dict[str, Cause] = {}
    types = [kind for kind in whole.types if Item(ItemKind.TYPE, kind.id) not in waiting]
    for resource in whole.resources:
        item = Item(ItemKind.RESOURCE, resource.id)
        if item in waiting:
            left_out[item] = waiting[item]
            continue
        own: Sequence[AppointmentType | None] = [t for t in types if t.resource_id in ("", resource.id)] or [None]
        causes = {kind: terms_for(practice, resource, kind).left_out for kind in own} if _leaves_out(practice) else {}
        good = [kind for kind in own if causes.get(kind) is None]
        used.update(kind.id for kind in good if kind)
        refused.update({kind.id: cause for kind, cause in causes.items() if kind and cause})
        if good:
            resources.append(resource)
        else:
            left_out[item] = next(cause for cause in causes.values() if cause)
    there = {resource.id for resource in resources}
    kept: list[AppointmentType] = []
    for kind in whole.types:
        item = Item(ItemKind.TYPE, kind.id)
        owner = left_out.get(Item(ItemKind.RESOURCE, kind.resource_id)) if kind.resource_id not in there else None
        cause = waiting.get(item) or owner or (refused.get(kind.id) if kind.id not in used else None)
        if cause is None:
            kept.append(kind)
        else:
            left_out[item] = cause
    return _Chosen(Catalogue(resources=tuple(resources), types=tuple(kept), premises=whole.premises), left_out)


def _leaves_out(practice: Practice) -> bool:
    return any(rule.publish is not None for rule in practice.rules)
