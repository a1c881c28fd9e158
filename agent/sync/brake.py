"""
The brake of one practice: holds large sudden changes of free time, resources, types and bookings (rule 8).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

import msgspec

from agent.domain.availability import DayAvailability, OpenRange
from agent.domain.brake import (
    RELEASED,
    BrakeState,
    Change,
    DayId,
    Held,
    Proof,
    Way,
    is_mass_vanishing,
    judge,
    missing,
    opened,
)
from agent.domain.days import DateRange, Span
from agent.domain.diary import Diary
from agent.domain.resources import AppointmentType, Catalogue, Resource
from agent.domain.status import Condition, Severity
from agent.ports.brake import AcceptedFree, Notices
from agent.ports.clock import Clock
from agent.ports.ledger import Published

log = logging.getLogger(__name__)

T = TypeVar("T", Resource, AppointmentType)

RELEASE = "If that is right, run `frontdesk release`. If not, look after the PMS first; it is looked at again by itself."

_ROSTERED = 0.9
"""How many of the days that close must still be on somebody's roster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """
    What one reading of the diary says, as far as the brake cares.

    Attributes:
        free: Free time before the practice's own rules.
        leave: By practitioner and date.
        rostered: Practitioners and dates with working time left.
    """

    free: Sequence[DayAvailability]
    leave: Mapping[tuple[str, date], Sequence[Span]]
    rostered: Collection[tuple[str, date]]

    @classmethod
    def of(cls, diary: Diary, free: Sequence[DayAvailability]) -> Seen:
        """
        Keep of *diary* what the brake needs.
        """
        leave: dict[tuple[str, date], list[Span]] = {}
        for row in diary.leave:
            leave.setdefault((row.practitioner_id, row.date), []).append(Span(row.start, row.end))
        return cls(free=free, leave=leave, rostered={(s.practitioner_id, s.date) for s in diary.sessions})


class Brake:
    """
    What one practice holds back. Its methods may be called from any thread; `look` by one at a time.

    Args:
        is_our_database: Asks the PMS which database it is and returns whether it is the known one.
    """

    def __init__(
        self,
        practice_id: str,
        *,
        accepted: AcceptedFree,
        notes: Published,
        notices: Notices,
        clock: Clock,
        is_our_database: Callable[[], bool] = lambda: True,
    ) -> None:
        self._practice_id = practice_id
        self._accepted = accepted
        self._notes = notes
        self._notices = notices
        self._clock = clock
        self._is_our_database = is_our_database
        self._lock = threading.Lock()
        self._state = RELEASED
        self._is_released = False
        self._missing: frozenset[str] = frozenset()
        self._let_go: frozenset[str] = frozenset()
        self._vanished: frozenset[int] = frozenset()
        self._let_vanish: frozenset[int] = frozenset()
        self._shown: dict[str, bool] = {}
        self._measured_from = date.min

    @property
    def is_holding(self) -> bool:
        """
        Whether anything is held.
        """
        with self._lock:
            return bool(self._state.held or self._missing or self._vanished)

    def wants_fresh_look(self) -> bool:
        """
        Return whether the next reading of the diary has to be made on a fresh connection, and is due.
        """
        with self._lock:
            return self._state.wants_fresh_look(self._clock.now())

    def release(self) -> str:
        """
        A person said that what is held is right; returns what is let go, in plain words.
        """
        with self._lock:
            said = [f"{held.count} {way}" for way, held in self._state.held.items()]
            said += [f"{len(self._missing)} resources or types"] if self._missing else []
            said += [f"{len(self._vanished)} bookings"] if self._vanished else []
            self._is_released = bool(self._state.held)
            self._let_go |= self._missing
            self._let_vanish |= self._vanished
            self._missing, self._vanished = frozenset(), frozenset()
        return ", ".join(said)

    def look(
        self, window: DateRange, seen: Sequence[Seen], catalogue: Catalogue, *, read_again: Catalogue | None = None
    ) -> frozenset[DayId]:
        """
        Compare what was read with what was accepted; returns the resource-days that must not be sent.

        Args:
            window: The whole horizon.
            catalogue: What is published.
            read_again: What the PMS says now, if *seen* was read on a fresh connection.
        """
        is_fresh = read_again is not None
        change, rosters = self._change(window, seen, catalogue)
        with self._lock:
            state, is_released, self._is_released = self._state, self._is_released, False
            resources = not self._missing and read_again is not None and not _disappeared(catalogue, read_again)
        needs_proof = is_fresh and Way.CLOSINGS in state.held
        proof = Proof(rosters=rosters, resources=resources, identity=needs_proof and self._is_our_database())
        found = judge(state, change, self._clock.now(), is_fresh=is_fresh, proof=proof, released=is_released)
        with self._lock:
            self._state = found
        self._show_days(found)
        return found.blocks(change)

    def accept(self, window: DateRange, free: Sequence[DayAvailability], held: Collection[DayId] = ()) -> None:
        """
        Take what is not *held* as the new measure.
        """
        if not free:
            return
        span = DateRange.covering(day.date for day in free)
        known = self._accepted.ranges(self._practice_id, span.first, span.end)
        days = {(d.resource_id, d.date): d.ranges for d in free if (d.resource_id, d.date) not in held}
        self._accepted.accept(
            self._practice_id, {key: ranges for key, ranges in days.items() if known.get(key) != _plain(ranges)}
        )
        if self._measured_from != window.first:
            self._accepted.drop_before(self._practice_id, window.first)
            self._measured_from = window.first

    def let_everything_pass(self) -> None:
        """
        A person asked for everything to be sent: nothing is held any more.
        """
        with self._lock:
            self._state = RELEASED
        self._show_days(RELEASED)

    def keep(self, catalogue: Catalogue, *, basis: str, by_hand: bool) -> Catalogue:
        """
        Return *catalogue* with what has disappeared since the last time kept as it was.

        Args:
            basis: Changes with the practice's own settings: whoever changes them means it.
            by_hand: A person asked for everything to be sent.
        """
        is_meant = by_hand or self._notes.note(self._practice_id, "brake_basis") != basis
        with self._lock:
            let_go = self._let_go
        resources = () if is_meant else missing(self._remembered("resources", Resource), catalogue.resources, let_go)
        types = () if is_meant else missing(self._remembered("types", AppointmentType), catalogue.types, let_go)
        gone = {"resources": [item.id for item in resources], "types": [item.id for item in types]}
        with self._lock:
            self._missing = frozenset(gone["resources"] + gone["types"])
        for what, ids in gone.items():
            self._show(
                f"brake-{what}",
                bool(ids),
                f"{len(ids)} {'doctors or rooms' if what == 'resources' else 'appointment types'} have disappeared from the "
                f"PMS: {', '.join(ids[:5])}. Healthengine still has them.",
                needs_person=True,
            )
        if not resources and not types:
            return catalogue
        return Catalogue(
            resources=tuple(sorted((*catalogue.resources, *resources), key=lambda r: r.id)),
            types=tuple(sorted((*catalogue.types, *types), key=lambda t: t.id)),
            premises=catalogue.premises,
        )

    def sent(self, catalogue: Catalogue, *, basis: str) -> None:
        """
        Healthengine has acknowledged *catalogue*.
        """
        for name, text in (("resources", _text(catalogue.resources)), ("types", _text(catalogue.types))):
            if self._notes.note(self._practice_id, f"brake_{name}") != text:
                self._notes.set_note(self._practice_id, f"brake_{name}", text)
        if self._notes.note(self._practice_id, "brake_basis") != basis:
            self._notes.set_note(self._practice_id, "brake_basis", basis)
        with self._lock:
            self._let_go -= {r.id for r in catalogue.resources} | {t.id for t in catalogue.types}

    def vanished(self, booking_ids: Collection[int], watched: int) -> frozenset[int]:
        """
        Return which of the bookings that have no row any more must not be told to Healthengine.

        Args:
            watched: How many bookings were looked at.
        """
        with self._lock:
            new = frozenset(booking_ids) - self._let_vanish
            # Once held they stay so until a person speaks or they come back: they do not leave one by one.
            self._vanished = new if is_mass_vanishing(len(new), watched) else new & self._vanished
            held = self._vanished
        self._show(
            "brake-bookings",
            bool(held),
            f"{len(held)} bookings of ours have vanished from the PMS at once. Their patients have not been told anything.",
            needs_person=True,
        )
        return held

    def _change(self, window: DateRange, seen: Sequence[Seen], catalogue: Catalogue) -> tuple[Change, bool]:
        days: dict[Way, dict[DayId, str]] = {way: {} for way in Way}
        counts = dict.fromkeys(Way, 0)
        rostered = 0
        for part in seen:
            if not part.free:
                continue
            span = DateRange.covering(day.date for day in part.free)
            known = self._accepted.ranges(self._practice_id, span.first, span.end)
            for day in part.free:
                before, key = known.get((day.resource_id, day.date)), (day.resource_id, day.date)
                if before is None or before == _plain(day.ranges):
                    continue
                resource = catalogue.resource(day.resource_id)
                person = (resource.practitioner_id if resource else "", day.date)
                if more := opened(before, day.ranges):
                    counts[Way.OPENINGS] += more
                    days[Way.OPENINGS][key] = day.fingerprint()
                if fewer := opened(day.ranges, before, part.leave.get(person, ())):
                    counts[Way.CLOSINGS] += fewer
                    days[Way.CLOSINGS][key] = day.fingerprint()
                    rostered += person in part.rostered
        published = self._accepted.openings(self._practice_id, window.first, window.end)
        has_rosters = rostered >= _ROSTERED * len(days[Way.CLOSINGS])
        return Change(published=published, days=days, counts=counts), has_rosters

    def _remembered(self, name: str, kind: type[T]) -> tuple[T, ...]:
        text = self._notes.note(self._practice_id, f"brake_{name}")
        return msgspec.json.decode(text, type=tuple[kind, ...]) if text else ()  # type: ignore[valid-type] # a class of its own

    def _show_days(self, state: BrakeState) -> None:
        for way in Way:
            held: Held | None = state.held.get(way)
            self._show(
                f"brake-{way.value}",
                held is not None,
                f"{held.count if held else 0} {'free times appeared' if way is Way.OPENINGS else 'free times disappeared'} at "
                "once. Nothing of it is sent to Healthengine until a second look agrees.",
                needs_person=held is not None and held.needs_person,
                since=held.since if held else None,
            )

    def _show(self, code: str, is_open: bool, message: str, *, needs_person: bool, since: datetime | None = None) -> None:  # noqa: FBT001 - what is shown
        area = f"brake:{self._practice_id}"
        if not is_open:
            # the first time also what an earlier life has left behind
            if self._shown.get(code, True):
                self._notices.clear_condition(area, code)
            self._shown[code] = False
            return
        if not self._shown.get(code, False):
            log.warning("%s: held (%s)", area, code)
        self._shown[code] = True
        self._notices.raise_condition(
            Condition(
                area=area,
                code=code,
                severity=Severity.ERROR if needs_person else Severity.WARNING,
                message=message,
                remedy=RELEASE if needs_person else "Wait: it is looked at again after a minute. " + RELEASE,
                since=since or self._clock.now(),
            )
        )


def _disappeared(before: Catalogue, now: Catalogue) -> bool:
    return bool(missing(before.resources, now.resources) or missing(before.types, now.types))


def _plain(ranges: Sequence[OpenRange]) -> tuple[OpenRange, ...]:
    """
    Return *ranges* as they are remembered: without types.
    """
    return tuple(r if not r.type_ids else r._replace(type_ids=()) for r in ranges)


def _text(items: Sequence[Resource] | Sequence[AppointmentType]) -> str:
    return msgspec.json.encode(items).decode()
