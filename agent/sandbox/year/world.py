"""
Who lives through the year, and what nobody may ever see happen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from agent.domain.days import Span
from agent.domain.practice import LiveHours, Practice
from agent.domain.rule import Closure, Holidays, Newcomers, NewPatients, Patients, Rule

NO_HOURS = LiveHours(days=((),) * 7)


class Fault(StrEnum):
    """
    What can be broken on purpose, to see that somebody notices.
    """

    NONE = "none"
    ONE_LOOK = "one-look"  # an appointment counts as gone at the first look
    STALE_DIARY = "stale-diary"  # changes of the diary are not seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """
    One Healthengine practice of a world.

    Attributes:
        location_zones: Locations whose clocks show another time than *zone*, the other practices' too.
    """

    id: str
    name: str
    zone: ZoneInfo
    locations: tuple[int, ...]
    horizon_days: int
    rules: tuple[Rule, ...] = ()
    notice: timedelta = timedelta(minutes=60)
    location_zones: tuple[tuple[int, ZoneInfo], ...] = ()

    def zone_at(self, location: int) -> ZoneInfo:
        """
        Return the zone of the clocks at a location.
        """
        return dict(self.location_zones).get(location, self.zone)

    def practice(self, closures: tuple[Closure, ...]) -> Practice:
        """
        Return its settings.
        """
        return Practice(
            id=self.id,
            name=self.name,
            locations=tuple(map(str, self.locations)),
            zone=self.zone,
            live_hours=NO_HOURS,
            horizon_days=self.horizon_days,
            minimum_notice=self.notice,
            learns_live_hours=True,
            closures=closures,
            rules=self.rules,
            location_zones=tuple((str(location), zone) for location, zone in self.location_zones),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """
    One of the three worlds.

    Attributes:
        hours: Working time by weekday, Monday first.
        works_at_night: Somebody works through the night into the first Sunday of every month, when the clocks change too.
        machine: When the server is on by weekday; None: always.
        desk, online: Things that the desk and the patients do on a working day, on average.
        mishaps: Days between two mishaps, on average.
    """

    name: str
    places: tuple[Place, ...]
    doctors: int
    slot: int
    hours: tuple[Span | None, ...]
    machine: tuple[Span | None, ...] | None
    desk: float
    online: float
    mishaps: float
    works_at_night: bool = False

    @property
    def zone(self) -> ZoneInfo:
        """
        The clocks on its walls.
        """
        return self.places[0].zone


@dataclass(frozen=True, slots=True)
class Violation:
    """
    Something that must never happen, did.
    """

    at: datetime
    kind: str
    what: str


class Violations:
    """
    Collects them.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.found: list[Violation] = []
        self._seen: set[tuple[str, str]] = set()

    def add(self, kind: str, what: str) -> None:
        """
        Note one, once.
        """
        if (kind, what) not in self._seen:
            self._seen.add((kind, what))
            self.found.append(Violation(self._now(), kind, what))


@dataclass(kw_only=True)
class Figures:
    """
    What a year came to.

    Attributes:
        hidden: Live time in which Healthengine hid the practice, by why the agent was silent.
        worst: Seconds hidden by a wrong contract, by day.
        unwatched: Working time in which the machine was on outside the contract.
        held: Live time hidden by the brake, by the share of free time it held back.
    """

    counts: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    tasks: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    live: timedelta = timedelta()
    hidden: dict[str, timedelta] = field(default_factory=dict)
    worst: Counter[date] = field(default_factory=Counter)
    held: timedelta = timedelta()
    unwatched: timedelta = timedelta()

    @property
    def hidden_by_us(self) -> timedelta:
        """
        Hidden by a wrong contract or by the brake: what the agent could have helped.
        """
        return self.hidden.get("contract", timedelta()) + self.held

    @property
    def share(self) -> float:
        """
        That, as a part of the live hours.
        """
        return self.hidden_by_us / self.live if self.live else 0.0


def _week(first: int, end: int, days: int, saturday: tuple[int, int] | None = None) -> tuple[Span | None, ...]:
    week: list[Span | None] = [Span(first, end) if day < days else None for day in range(7)]
    if saturday:
        week[5] = Span(*saturday)
    return tuple(week)


CLOSED_ON_HOLIDAYS = Rule(name="closed on public holidays", public_holidays=Holidays.CLOSED)

SYDNEY, BRISBANE = ZoneInfo("Australia/Sydney"), ZoneInfo("Australia/Brisbane")
BORDER = ((3, BRISBANE),)
"""Over the river the clocks stay at winter time."""

CASTS = (
    Cast(
        name="gp",
        places=(
            Place(
                id="1001", name="Main Street GPs", zone=SYDNEY, locations=(1,), horizon_days=28,
                rules=(
                    CLOSED_ON_HOLIDAYS,
                    Rule(name="doctor 3 on the day", resource="3", on_the_day=True),
                    Rule(name="doctor 1 takes five a day", resource="1", daily_cap=5),
                    Rule(name="a person looks at doctor 2's new patients", resource="2", new_patients=NewPatients.HOLD),
                    Rule(name="long ones a day before", type="2", minimum_notice=timedelta(days=1)),
                    Rule(name="one long one a session", type="2", session_cap=1),
                ),
            ),
        ),
        doctors=3, slot=15, hours=_week(510, 1050, 5, (540, 720)), machine=_week(480, 1110, 5, (510, 750)),
        desk=4, online=4, mishaps=8,
    ),
    Cast(
        name="group",
        places=(
            Place(
                id="2001", name="Harbour Clinic", zone=SYDNEY, locations=(1, 3), horizon_days=14, location_zones=BORDER,
                rules=(
                    CLOSED_ON_HOLIDAYS,
                    Rule(name="doctor 6 on holidays too", resource="6", public_holidays=Holidays.OPEN),
                    Rule(name="doctor 9 not online", resource="9", publish=False),
                    Rule(name="two a session over the river", location="3", session_cap=2),
                    Rule(name="no new patients for doctor 12", resource="12", new_patients=NewPatients.REJECT),
                ),
            ),
            Place(
                id="2002", name="Hill Clinic", zone=SYDNEY, locations=(2,), horizon_days=14, location_zones=BORDER,
                rules=(
                    CLOSED_ON_HOLIDAYS,
                    Rule(name="doctor 4 far ahead", resource="4", horizon_days=18),
                    Rule(name="new doctors wait", new_doctors=Newcomers.WAIT),
                ),
            ),
        ),
        doctors=40, slot=20, hours=_week(480, 1080, 5, (540, 780)), machine=None, desk=4, online=4, mishaps=8,
        works_at_night=True,
    ),
    Cast(
        name="solo",
        places=(
            Place(
                id="3001", name="A Dentist", zone=ZoneInfo("Australia/Adelaide"), locations=(1,), horizon_days=35,
                notice=timedelta(hours=3),
                rules=(
                    CLOSED_ON_HOLIDAYS,
                    Rule(name="eight a day", daily_cap=8),
                    Rule(name="long ones are first visits", type="2", patients=Patients.NEW),
                    Rule(name="two long ones a day", type="2", daily_cap=2),
                    Rule(name="telehealth for who was here before", type="3", patients=Patients.EXISTING),
                    Rule(name="telehealth on the day", type="3", on_the_day=True),
                    Rule(name="new types wait", new_types=Newcomers.WAIT),
                ),
            ),
        ),
        doctors=1, slot=30, hours=(None, *(Span(540, 1020),) * 4, Span(540, 780), None),
        machine=(None, *(Span(525, 1035),) * 4, Span(525, 800), None), desk=2, online=2, mishaps=8,
    ),
)  # fmt: skip


def christmas(year: int) -> Closure:
    """
    Return the closure between the years.
    """
    return Closure(first=date(year, 12, 22), last=date(year + 1, 1, 4), reason="Christmas")
