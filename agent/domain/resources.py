"""
What is bookable, under which ids, derived from what the PMS says.

Ids are for ever: people link them by hand in the marketplace. Each is made from its own row alone, so that nothing that is
added or removed beside it can change it: `practitioner[@location][:specialty]` and `type[:resource]` (C6, C7).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agent.domain.diary import Location, PmsType, Practitioner
from agent.domain.practice import Practice


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """
    What Healthengine books: a practitioner at a place, for a specialty.
    """

    id: str
    name: str
    practitioner_id: str
    location_id: str
    title: str = ""
    first_name: str = ""
    last_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentType:
    """
    An appointment type as published.

    Attributes:
        pms_type_id: The PMS's own id, which several published types may share.
        minutes: Its length; 0: left open.
        resource_id: Set where the type belongs to one resource; empty: to all.
    """

    id: str
    name: str
    pms_type_id: str
    minutes: int
    resource_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """
    Everything one practice publishes, with look-ups by id.

    Attributes:
        premises: Of the locations that are rooms, the building that each is in.
    """

    resources: tuple[Resource, ...]
    types: tuple[AppointmentType, ...]
    premises: Mapping[str, str] = field(default_factory=dict)
    _resources_by_id: dict[str, Resource] = field(init=False, repr=False, compare=False)
    _types_by_id: dict[str, AppointmentType] = field(init=False, repr=False, compare=False)
    _resources_by_practitioner: dict[str, tuple[Resource, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_resources_by_id", {r.id: r for r in self.resources})
        object.__setattr__(self, "_types_by_id", {t.id: t for t in self.types})
        by_practitioner: dict[str, tuple[Resource, ...]] = {}
        for resource in self.resources:
            by_practitioner[resource.practitioner_id] = (*by_practitioner.get(resource.practitioner_id, ()), resource)
        object.__setattr__(self, "_resources_by_practitioner", by_practitioner)

    def resource(self, resource_id: str) -> Resource | None:
        """
        Return the resource with that id, or None.
        """
        return self._resources_by_id.get(resource_id)

    def type(self, type_id: str) -> AppointmentType | None:
        """
        Return the appointment type with that id, or None.
        """
        return self._types_by_id.get(type_id)

    def siblings(self, practitioner_id: str) -> tuple[Resource, ...]:
        """
        Return every resource that shares the diary of *practitioner_id*: a booking on one takes the time from all.
        """
        return self._resources_by_practitioner.get(practitioner_id, ())


def resource_id(row: Practitioner) -> str:
    """
    Return the id under which *row* is published.
    """
    place = f"@{row.location_id}" if row.location_id else ""
    specialty = f":{row.specialty_id}" if row.specialty_id else ""
    return f"{row.id}{place}{specialty}"


def build_catalogue(
    practice: Practice,
    practitioners: Iterable[Practitioner],
    types: Iterable[PmsType],
    locations: Iterable[Location],
) -> Catalogue:
    """
    Work out what *practice* publishes.

    Names are told apart where they repeat: first by place and specialty, then, if still needed, by id.
    """
    places = list(locations)
    place_names = {place.id: place.name for place in places}
    rows = sorted({resource_id(row): row for row in practitioners if practice.serves(row.location_id)}.items())
    names = _distinct(
        [
            (
                _full_name(row),
                f"{_full_name(row)} ({', '.join(_qualifiers(row, place_names)) or rid})",
                f"{_full_name(row)} ({rid})",
            )
            for rid, row in rows
        ]
    )
    resources = tuple(
        Resource(
            id=rid,
            name=name,
            practitioner_id=row.id,
            location_id=row.location_id,
            title=row.title,
            first_name=row.first_name,
            last_name=row.last_name,
        )
        for (rid, row), name in zip(rows, names, strict=True)
    )
    premises = {place.id: place.premises for place in places if place.premises}
    return Catalogue(resources=resources, types=_published_types(types, resources), premises=premises)


def _published_types(types: Iterable[PmsType], resources: Sequence[Resource]) -> tuple[AppointmentType, ...]:
    rows: dict[str, tuple[PmsType, Resource | None]] = {}
    for kind in sorted(types, key=lambda t: (t.id, t.practitioner_id, t.name)):
        if not kind.practitioner_id:
            rows[kind.id] = kind, None
            continue
        for resource in resources:
            if resource.practitioner_id == kind.practitioner_id:
                rows[f"{kind.id}:{resource.id}"] = kind, resource
    names = _distinct(
        [
            (
                kind.name or tid,
                f"{kind.name} - {resource.name}" if resource else f"{kind.name} ({tid})",
                f"{kind.name} ({tid})",
            )
            for tid, (kind, resource) in rows.items()
        ]
    )
    return tuple(
        AppointmentType(
            id=tid,
            name=name,
            pms_type_id=kind.id,
            minutes=kind.minutes,
            resource_id=resource.id if resource else "",
        )
        for (tid, (kind, resource)), name in zip(rows.items(), names, strict=True)
    )


def _full_name(row: Practitioner) -> str:
    return " ".join(part for part in (row.title, row.first_name, row.last_name) if part) or row.id


def _qualifiers(row: Practitioner, place_names: dict[str, str]) -> list[str]:
    words = (place_names.get(row.location_id, row.location_id), row.specialty_name or row.specialty_id)
    return [word for word in words if word]


def _distinct(choices: Sequence[tuple[str, str, str]]) -> list[str]:
    """
    For each triple of ever more exact names pick the shortest that nobody else could be given, so that no two are equal.
    """
    used = Counter(name for choice in choices for name in set(choice))
    return [next((name for name in choice if used[name] == 1), choice[-1]) for choice in choices]
