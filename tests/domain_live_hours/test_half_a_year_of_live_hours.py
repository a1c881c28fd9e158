"""
Half a year with a server that is switched off at night, day by day: how much of its live time is hidden by a wrong contract.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from agent.domain.days import Span
from agent.domain.liveness import LivenessContract, carried_on, contract_for, cut, is_live
from agent.domain.practice import LiveHours
from agent.domain.rule import Closure
from agent.domain.uptime import UpInterval, learn, wished
from agent.engine.holidays import is_public_holiday

SILENCE = 10
"""Minutes after which Healthengine hides the practice's times."""

STEP = 5
"""Minutes between two looks."""

ROSTERS = LiveHours(days=((Span(480, 1080),),) * 5 + ((Span(540, 720),), ()))


@dataclass
class Server:
    """
    Switched on some time before eight and off some time after six, shorter on Saturdays, not at all on Sundays and holidays.
    """

    zone: ZoneInfo
    first: date
    closure: Closure
    outages: frozenset[date]
    chance: random.Random
    intervals: list[UpInterval] = field(default_factory=list)
    known: LivenessContract | None = None
    at_healthengine: LivenessContract | None = None
    live: int = 0
    hidden: dict[date, int] = field(default_factory=dict)

    def is_holiday(self, day: date) -> bool:
        return is_public_holiday(day, self.zone)

    def hours_on(self, day: date) -> Span | None:
        if day.weekday() == 6 or self.is_holiday(day) or self.closure.covers(day) or day in self.outages:
            return None
        on, off = (450, 1110) if day.weekday() < 5 else (510, 750)
        return Span(on + self.chance.randrange(15), off + self.chance.randrange(30))

    def lives_through(self, day: date) -> None:
        midnight = datetime(day.year, day.month, day.day)
        is_holiday = self.is_holiday(day)
        on = self.hours_on(day) or Span(1440, 1440)
        before = after = self.at_healthengine
        contract = self.switched_on(day, on) if on.start < on.end else None
        if contract:
            after = cut(contract, midnight + timedelta(minutes=on.end), holiday=is_holiday)
        silent = 0
        for minute in range(0, 1440, STEP):
            is_up = on.start <= minute < on.end
            told = contract if is_up else before if minute < on.start else after
            if told and is_live(told, midnight + timedelta(minutes=minute), holiday=is_holiday):
                self.live += STEP
                silent = 0 if is_up else silent + STEP
                if silent > SILENCE:
                    self.hidden[day] = self.hidden.get(day, 0) + STEP
        self.at_healthengine = after

    def switched_on(self, day: date, on: Span) -> LivenessContract:
        """
        Learn, state the day's contract, and be up.
        """
        learned = learn(self.intervals, zone=self.zone, today=day, is_holiday=self.is_holiday, is_closed=self.closure.covers)
        self.known = carried_on(self.known, wished(learned, ROSTERS), ROSTERS)
        midnight = datetime(day.year, day.month, day.day)
        start, end = (
            (midnight + timedelta(minutes=minute)).replace(tzinfo=self.zone).astimezone(UTC) for minute in (on.start, on.end)
        )
        self.intervals.append(UpInterval(start, end))
        # The evening's contract: what is stated last is what holds while the machine is off.
        return contract_for(midnight + timedelta(minutes=on.end), self.known, [self.closure], self.is_holiday)


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("Australia/Sydney", date(2026, 8, 3)),
        ("Australia/Lord_Howe", date(2027, 2, 1)),
        ("Australia/Brisbane", date(2026, 8, 3)),
    ],
)
def test_half_a_year_hides_next_to_nothing(zone: str, first: date) -> None:
    """
    Across clock changes, holidays, a closure of a week and a day of outage: less than half a percent, the outage set aside.
    """
    monday = first + timedelta(weeks=12)
    outage = first + timedelta(days=45)
    server = Server(
        zone=ZoneInfo(zone),
        first=first,
        closure=Closure(first=monday, last=monday + timedelta(days=6)),
        outages=frozenset({outage}),
        chance=random.Random(7),
    )
    for number in range(182):
        server.lives_through(first + timedelta(days=number))
    hidden = {day: minutes for day, minutes in server.hidden.items() if day != outage}

    assert 70_000 < server.live
    assert sum(hidden.values()) < server.live * 0.005
    assert not set(hidden) & {monday + timedelta(days=number) for number in range(7)}
    assert server.known is not None
    assert all(spans[0].start in (450, 465) and spans[0].end >= 1110 for spans in server.known.days[:5])
