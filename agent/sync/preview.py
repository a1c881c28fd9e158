"""
What would be published now, what is withheld, and by which rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from agent.domain.availability import free_time
from agent.domain.days import DateRange
from agent.domain.diary import Diary
from agent.domain.newcomers import Item, ItemKind, select
from agent.domain.practice import Practice
from agent.domain.reports import PracticePreview, WithheldTime
from agent.domain.resources import Catalogue
from agent.domain.rules import RuleBook, holiday_rosters, session_spans
from agent.domain.withholding import withhold
from agent.ports.pms import Pms
from agent.sync.configuration import read_whole
from agent.sync.rules import NONE, OwnBookings, TimesByHand, roster_warning, zones_of


def nothing_by_hand(_catalogue: Catalogue) -> TimesByHand:
    """
    Return that reception has nothing to enter.
    """
    return {}


def preview(
    practice: Practice,
    pms: Pms,
    *,
    window: DateRange,
    now: datetime,
    is_holiday: Callable[[date], bool],
    known: Mapping[Item, bool],
    own: OwnBookings,
    by_hand: Callable[[Catalogue], TimesByHand] = nothing_by_hand,
) -> PracticePreview:
    """
    Work out what would be published in *window*; sends nothing and remembers nothing.

    Args:
        now: Local and naive.
        known: Doctors and types seen so far, with whether they are approved.
        own: Our standing bookings.
        by_hand: Returns what is booked and reception is to enter.
    """
    whole = read_whole(practice, pms)
    diary = pms.diary(window)
    return preview_of(
        practice, whole, diary, window=window, now=now, is_holiday=is_holiday, known=known, own=own, by_hand=by_hand
    )


def preview_of(
    practice: Practice,
    whole: Catalogue,
    diary: Diary,
    *,
    window: DateRange,
    now: datetime,
    is_holiday: Callable[[date], bool],
    known: Mapping[Item, bool],
    own: OwnBookings,
    by_hand: Callable[[Catalogue], TimesByHand] = nothing_by_hand,
) -> PracticePreview:
    """
    Do what `preview` does with what has been read already.

    Args:
        whole: Everything that the practice could publish.
        diary: Of *window*.
    """
    selection = select(practice, whole, known)
    catalogue = selection.catalogue
    book = RuleBook(practice, catalogue, is_holiday)
    sessions = session_spans(catalogue, diary) if book.has_session_caps else {}
    instant = now.replace(tzinfo=practice.zone)
    places = {resource.id: resource.location_id for resource in catalogue.resources}

    def now_at(resource_id: str) -> datetime:
        return instant.astimezone(practice.zone_at(places[resource_id])).replace(tzinfo=None)

    booked = by_hand(catalogue)
    ruled = [
        withhold(
            book.apply(
                day,
                now_at(day.resource_id),
                bookings=own.get(day.date, NONE).get(day.resource_id, ()),
                sessions=sessions.get((day.resource_id, day.date), ()),
            ),
            booked.get((day.resource_id, day.date), ()),
        )
        for day in free_time(catalogue, diary, window, practice.zone, zones_of(practice))
    ]
    withheld = [WithheldTime(day.resource_id, day.date, opening, cause) for day, found in ruled for opening, cause in found]
    causes = {item.id: cause for item, _, cause in selection.left_out if item.kind is ItemKind.RESOURCE}
    withheld += [
        WithheldTime(day.resource_id, day.date, opening, causes[day.resource_id])
        for day in free_time(whole, diary, window, practice.zone, zones_of(practice))
        for opening in day.ranges
        if day.resource_id in causes
    ]
    return PracticePreview(
        practice_id=practice.id,
        name=practice.name,
        timezone=practice.zone.key,
        resources=catalogue.resources,
        types=catalogue.types,
        days=tuple(day for day, _ in ruled),
        withheld=tuple(withheld),
        left_out=selection.left_out,
        warnings=tuple(map(roster_warning, holiday_rosters(book, practice, catalogue, diary, window))),
    )
