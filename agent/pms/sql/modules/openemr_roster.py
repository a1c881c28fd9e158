"""
Working time from OpenEMR's markers: from *In Office* on somebody is in, until *Out Of Office* or the end of the day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

EVERYWHERE = ""
"""The place of a marker that names none."""


class Marker(NamedTuple):
    """
    One event that says that a practitioner comes or goes.

    Attributes:
        minute: Of the day.
        is_in: In Office; otherwise Out Of Office.
        location_id: Where; an Out Of Office without one is `EVERYWHERE`.
        only_type: The only category that may be booked from now on; empty: all.
    """

    minute: int
    is_in: bool
    location_id: str
    only_type: str = ""


class Stretch(NamedTuple):
    """
    Working time between two markers, in minutes of the day.
    """

    location_id: str
    start: int
    end: int
    only_type: str


def working_time(markers: Iterable[Marker], end_of_day: int) -> list[Stretch]:
    """
    Return when and where one practitioner works on one day.

    Each marker ends what came before it, for nobody is at two places. At the same minute, Out Of Office wins over In Office
    unless it names another place, and several In Office for different categories shut each other out: so does OpenEMR's own
    search for free appointments.

    Args:
        end_of_day: When the last stretch ends if no marker ends it, as a minute of the day.
    """
    by_minute: dict[int, list[Marker]] = defaultdict(list)
    for marker in markers:
        by_minute[marker.minute].append(marker)
    minutes = sorted(by_minute)
    return [
        Stretch(location_id, minute, end, only_type)
        for minute, end in zip(minutes, [*minutes[1:], end_of_day], strict=False)
        for location_id, only_type in _in_office(by_minute[minute])
        if minute < end
    ]


def _in_office(markers: Iterable[Marker]) -> list[tuple[str, str]]:
    left = {marker.location_id for marker in markers if not marker.is_in}
    types: dict[str, set[str]] = defaultdict(set)
    for marker in markers:
        if marker.is_in:
            types[marker.location_id].add(marker.only_type)
    return [
        (location_id, max(only))
        for location_id, only in sorted(types.items())
        if not left & {location_id, EVERYWHERE} and len(only - {""}) <= 1
    ]
