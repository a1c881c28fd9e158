"""
Time zones in the settings: a practice's own, and those of locations whose clocks show another time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from agent.domain.practice import Practice
from agent.settings.places import KeyPath
from agent.settings.tables import TableReader


def read_zone(reader: TableReader, name: str, path: KeyPath, remedy: str) -> ZoneInfo | None:
    """
    Return the zone of that name; a name that nobody knows is reported, and None returned.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # unknown, a folder of zones, or no name at all
        reader.problem(path, "is not a known time zone", remedy)
        return None


def read_location_zones(
    reader: TableReader, raw: Mapping[str, str] | None, path: KeyPath, locations: Sequence[str]
) -> list[tuple[str, ZoneInfo]]:
    """
    Return the zones of single locations.

    Args:
        path: Of the practice.
        locations: The practice's own; empty: all.
    """
    found: list[tuple[str, ZoneInfo]] = []
    for place, name in (raw or {}).items():
        here: KeyPath = (*path, "location_zones", place)
        if locations and place not in locations:
            reader.problem(here, "is none of the practice's locations", "name a location that stands in locations")
        zone = read_zone(reader, name, here, 'write location_zones = { "2" = "Australia/Brisbane" }')
        if zone is not None:
            found.append((place, zone))
    return found


def with_others_zones(practices: Sequence[Practice]) -> list[Practice]:
    """
    Return *practices*, each knowing at which of the others' locations the clocks show another time: people who work in several
    practices have one diary.
    """
    zones = {place: practice.zone_at(place) for practice in practices for place in practice.locations}
    return [
        replace(
            practice,
            location_zones=practice.location_zones
            + tuple((p, zone) for p, zone in zones.items() if p not in practice.locations and zone != practice.zone),
        )
        for practice in practices
    ]
