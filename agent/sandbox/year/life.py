"""
A world from day to day: time passes, people and machines do things, and somebody looks.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from agent.domain.days import DateRange
from agent.domain.diary import Diary
from agent.domain.errors import FrontdeskError
from agent.domain.practice import Practice
from agent.domain.rule import Closure
from agent.engine.holidays import is_public_holiday
from agent.pms.sql.carriers.registry import connector
from agent.pms.sql.pms import SqlPms
from agent.pms.sql.profile import load_profile, profile_folders
from agent.sandbox.year.checks import Checker
from agent.sandbox.year.clock import JumpingClock
from agent.sandbox.year.line import HE_SILENT, PMS_SILENT, Line
from agent.sandbox.year.market import Market
from agent.sandbox.year.oracle import Moment
from agent.sandbox.year.premises import Premises
from agent.sandbox.year.room import Room
from agent.sandbox.year.world import Cast, Fault, Figures, Place, Violations
from agent.sync import changes

STEP = timedelta(seconds=175)
"""How far time jumps while nothing happens: less than what ends an interval of uptime."""

OFF_STEP = timedelta(minutes=15)
QUIET_OPEN = timedelta(hours=2)
QUIET_SHUT = timedelta(hours=8)
"""How often everything that is due is really done while nothing happens."""

SETTLE = (1, 5, 59)
"""Seconds between the steps after something happened: two looks at everything that is looked at twice."""

ONLINE = (1, 5)
"""The same after what patients did: two polls."""

ANSWERS = frozenset(
    {
        "confirm_booking",
        "reject_booking",
        "confirm_update",
        "reject_update",
        "cancel_booking",
        "send_availability",
        "did_not_attend",
    }
)


@dataclass(order=True)
class _Due:
    at: datetime
    number: int
    name: str
    act: Callable[[], None]
    looks: tuple[int, ...] = SETTLE


class Life:
    """
    One world: its database, its Healthengine practices, its machine and its time.

    Attributes:
        markets, lines: The Healthengine practices at work and the lines to them, by id.
        waiting: Resources and types that a person has to tick off, by practice.
        machine_is_on: Whether somebody switched it on.
        why_silent: What keeps the agent from working, if anything does.
        is_stopped: Online bookings are stopped by a person.
    """

    def __init__(self, cast: Cast, folder: Path, *, first: date, days: int, seed: int, fault: Fault = Fault.NONE) -> None:
        self.cast = cast
        self.folder = folder
        self.fault = fault
        self.random = Random(f"{seed} {cast.name}")
        self.first, self.days = first, days
        self.clock = JumpingClock(datetime(first.year, first.month, first.day, 6, tzinfo=cast.zone))
        self.end = datetime(first.year, first.month, first.day, 13, tzinfo=cast.zone) + timedelta(days=days)
        self.figures = Figures()
        self.violations = Violations(self.clock.now)
        self.premises = Premises(cast, folder, self.random, first, days)
        profile = load_profile(*profile_folders("sandbox"))
        self.sql = SqlPms(profile, connector(profile, "sqlite", str(self.premises.file), None), now=self.clock.now)
        self.pms = self.pms_line()
        self.markets: dict[str, Market] = {}
        self.lines: dict[str, Line] = {}
        self._left: list[Market] = []
        for place in cast.places:
            self.opens(place)
        self.waiting: dict[str, set[str]] = {place.id: set() for place in cast.places}
        self.checker = Checker(self.premises, self.violations, self.figures)
        self.closures: tuple[Closure, ...] = ()
        self.machine_id = "machine-1"
        self.machine_is_on = False
        self.why_silent = "contract"
        self.is_stopped = False
        self.room: Room | None = None
        self._due: list[_Due] = []
        self._number = 0
        self._last_tick = self.clock.now()

    # Lines.

    def pms_line(self) -> Line:
        """
        Return a new line to the database.
        """
        inner = StaleDiary(self.sql) if self.fault is Fault.STALE_DIARY else self.sql
        return Line(inner, losable=frozenset({"book", "cancel"}), lost=PMS_SILENT, heard=lambda _name: None)

    def market_line(self, market: Market) -> Line:
        """
        Return a new line to one Healthengine practice.
        """
        return Line(market, losable=ANSWERS, lost=HE_SILENT, heard=market.heard)

    # Practices.

    @property
    def practices(self) -> list[Practice]:
        """
        The practices as the settings have them now.
        """
        return [market.place.practice(self.closures) for market in self.markets.values()]

    def opens(self, place: Place) -> None:
        """
        A Healthengine practice begins.
        """
        self.markets[place.id] = market = Market(
            place,
            self.clock,
            self.violations,
            living=self.premises.lives,
            did_not_attend=self.premises.did_not_attend,
            is_retyped=lambda number: number in self.premises.retyped,
        )
        self.lines[place.id] = self.market_line(market)

    def replaces(self, old: Market, place: Place) -> None:
        """
        Another id takes over a practice's diary while the agent runs; the old practice has to be left in good order.
        """
        self.opens(place)
        del self.markets[old.place.id]
        self._left.append(old)
        self.waiting[place.id] = set()
        if self.room is not None:
            self.room.change(self.practices, self.lines)
            self.tick()
        today = self.now.date()  # what is past stays with Healthengine, and nobody sees it
        if any(ranges for (_, day), ranges in old.published.items() if day >= today):
            self.violations.add("left with times shown", f"practice {old.place.id}")
        for number in (*old.waiting, *(update.booking_id for update in old.updates.values())):
            self.violations.add("left without an answer", f"practice {old.place.id}, booking {number}")

    # Time.

    @property
    def now(self) -> datetime:
        """
        The wall time at the practice, naive.
        """
        return self.clock.local(self.cast.zone)

    def at(self, local: datetime, name: str, act: Callable[[], None], looks: tuple[int, ...] = SETTLE) -> None:
        """
        Let something happen at a local time, and the agent look after so many seconds each.
        """
        self._number += 1
        heapq.heappush(self._due, _Due(local.replace(tzinfo=self.cast.zone), self._number, name, act, looks))

    def after(self, span: timedelta, name: str, act: Callable[[], None]) -> None:
        """
        Let something happen after a while.
        """
        self._number += 1
        heapq.heappush(self._due, _Due(self.clock.now() + span, self._number, name, act))

    def live(self, prepare: Callable[[date], None]) -> None:
        """
        Live through all the days; *prepare* is called at the beginning of each with its date.
        """
        for offset in range(self.days + 1):
            day = self.first + timedelta(days=offset)
            self.at(datetime(day.year, day.month, day.day, 6, 1), "", lambda day=day: prepare(day))  # type: ignore[misc] # bound at once
        with broken(self.fault):
            while self._due and self._due[0].at <= self.end:
                due = heapq.heappop(self._due)
                self.pass_until(due.at)
                if due.name:
                    self.figures.events[due.name] += 1
                due.act()
                if due.name:
                    self.settle(due.looks)
            self.pass_until(self.end)
            self.finish()

    def pass_until(self, instant: datetime) -> None:
        """
        Let time pass in which nothing new happens.
        """
        while (now := self.clock.now()) < instant:
            room = self.room
            step = min(instant - now, STEP if room is not None else OFF_STEP)
            self._measure(step)
            self.clock.advance_to(now + step)
            if room is None:
                continue
            is_quiet = self.why_silent == "" and room.is_well and not room.is_braking
            if not is_quiet or self.clock.now() - self._last_tick >= (QUIET_OPEN if self._is_open() else QUIET_SHUT):
                self.tick()
            else:
                for market in self.markets.values():
                    market.heard("outstanding")
                room.stay_up(self.clock.now())

    def settle(self, looks: tuple[int, ...] = SETTLE) -> None:
        """
        Let the agent look at what has happened, after so many seconds each.
        """
        for seconds in looks:
            self._measure(timedelta(seconds=seconds))
            self.clock.advance(seconds)
            self.tick()

    def tick(self) -> None:
        """
        One step of the agent, if it runs.
        """
        self._last_tick = self.clock.now()
        if self.room is not None:
            self.room.tick()
            if not self.why_silent and self.room.is_well:
                self.room.stay_up(self.clock.now())

    # The machine.

    def switch_on(self) -> None:
        """
        The machine starts, and the agent with it.
        """
        self.machine_is_on = True
        if self.room is None:
            self.why_silent = ""
            self.room = self.new_room(self.folder / f"home-{self.cast.name}", self.machine_id, self.pms, self.lines)

    def switch_off(self, *, orderly: bool = True, why: str = "contract") -> None:
        """
        The machine stops; not *orderly*: the power failed.
        """
        self.machine_is_on = False
        if self.room is not None:
            self.room.stop(orderly=orderly)
            self.room = None
            self.why_silent = why
            self.sql.close()

    def new_room(self, home: Path, machine_id: str, pms: Line, lines: dict[str, Line]) -> Room:
        """
        Start an agent.
        """
        return Room(
            home,
            clock=self.clock,
            machine_id=machine_id,
            pms=pms,
            practices=self.practices,
            lines=lines,
        )

    def in_trouble(self, why: str) -> None:
        """
        Something keeps the agent from working.
        """
        self.why_silent = why

    def all_well(self) -> None:
        """
        Nothing does any more.
        """
        if self.room is not None:
            self.why_silent = ""

    # People.

    def is_working_day(self, day: date) -> bool:
        """
        Return whether anybody is there.
        """
        return (
            self.cast.hours[day.weekday()] is not None
            and not is_public_holiday(day, self.cast.zone)
            and not any(closure.covers(day) for closure in self.closures)
        )

    def people_answer(self) -> None:
        """
        Once a day somebody looks at the tasks and at what is asked, as they should.
        """
        room = self.room
        if room is None:
            return
        self.checker.note_tasks(room)
        for task in room.store.tasks.open_tasks():
            if task.kind.value == "cancel_by_hand":
                for row in self.premises.of_booking(task.booking_id):
                    if row.status == 0:
                        self.premises.change(row.id, "status = 3")
            room.store.tasks.close(task.id, self.clock.now())
        if room.is_braking:
            room.answers.release(by="manager")
        self.tick_off(room)
        if any(report.question for report in room.engine.live_hours()):
            self.figures.counts["live hours: questions answered"] += 1
            room.engine.answer_live_hours("", adopt=True, by="manager")

    def tick_off(self, room: Room) -> None:
        """
        Somebody ticks off what is new.
        """
        for practice_id, item_id in room.tick_off():
            if item_id not in self.waiting[practice_id]:
                self.violations.add("asked about what is not new", f"practice {practice_id}: {item_id}")
            self.waiting[practice_id].discard(item_id)

    def moment(self, market: Market) -> Moment:
        """
        Return what decides now about what a practice shows, beside the diary.
        """
        return Moment(
            at=self.clock.now(),
            closures=self.closures,
            bookings=self.checker.standing(market),
            waiting=frozenset(self.waiting[market.place.id]),
        )

    def check(self) -> None:
        """
        Look at everything, if the agent has had a chance to.
        """
        room = self.room
        if room is None or self.why_silent or room.guard.is_held:
            return
        self.settle()
        self.pass_until(self.clock.now() + timedelta(minutes=6))
        room.now_please()
        if room.is_well:
            self.checker.look(room, list(self.markets.values()), self.moment, is_stopped=self.is_stopped)
        else:
            self.violations.add("not well", ", ".join(self.troubles(room)))

    @staticmethod
    def troubles(room: Room) -> Iterator[str]:
        """
        Say what goes wrong.
        """
        for channel in room.channels:
            if isinstance(channel.last_error, FrontdeskError):
                yield f"{channel.area}: {channel.last_error.code}"

    def finish(self) -> None:
        """
        Everything comes to its end: the machine is on, the lines are up, and somebody looks.
        """
        self.pms.trouble = None
        for line in self.lines.values():
            line.trouble = None
        self.is_stopped = False
        self.switch_on()
        room = self.room
        if room is not None:
            room.stopper.start("", by="manager")
            room.adopt()
            room.engine.resume(by="manager")
            room.new_password()
        self.all_well()
        self.settle()
        self.people_answer()
        self.pass_until(self.clock.now() + timedelta(minutes=15))
        self.check()
        self.people_answer()
        markets = [*self.markets.values(), *self._left]
        self.figures.counts["online bookings"] = sum(len(market.bookings) for market in markets)
        self.figures.counts["days told to Healthengine"] = sum(market.statements for market in markets)
        for market in markets:
            for item in market.bookings.values():
                self.figures.counts[f"bookings: {item.told.value}"] += 1
        self.switch_off()
        self.premises.close()

    # Measuring.

    def _measure(self, span: timedelta) -> None:
        now = self.clock.now()
        for market in self.markets.values():
            is_live = market.is_live(now)
            if is_live:
                self.figures.live += span
            if is_live and market.is_silent(now):
                why = self.why_silent or "agent"
                self.figures.hidden[why] = self.figures.hidden.get(why, timedelta()) + span
                if why == "contract":
                    self.figures.worst[self.now.date()] += round(span.total_seconds())
            elif is_live and self.room is not None and self.room.is_braking:
                self.figures.held += span * self.checker.hidden_share(market, self.moment(market))
            if not is_live and self.room is not None and self._is_open():
                self.figures.unwatched += span

    def _is_open(self) -> bool:
        now = self.now
        hours = self.cast.hours[now.weekday()]
        minute = now.hour * 60 + now.minute
        return hours is not None and hours.start <= minute < hours.end and self.is_working_day(now.date())


class StaleDiary:
    """
    A broken PMS for `Fault.STALE_DIARY`: a date looks for ever as it looked first.
    """

    def __init__(self, inner: SqlPms) -> None:
        self._inner = inner
        self._first: dict[date, str] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def markers(self, window: DateRange) -> Mapping[date, str]:
        """
        Return the first fingerprint of each date.
        """
        found = self._inner.markers(window)
        return {day: self._first.setdefault(day, found.get(day, "")) for day in window}

    def diary(self, window: DateRange) -> Diary:
        """
        Return what there is, under the first fingerprints.
        """
        return replace(self._inner.diary(window), markers=self.markers(window))


@contextmanager
def broken(fault: Fault) -> Iterator[None]:
    """
    Break what the fault says for as long as the block lasts.
    """
    kept = changes.LOOK_TWICE
    if fault is Fault.ONE_LOOK:
        changes.LOOK_TWICE = timedelta()
    try:
        yield
    finally:
        changes.LOOK_TWICE = kept
