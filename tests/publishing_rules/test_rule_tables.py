"""
Publishing rules by example: each rule, which one wins, and who is left out or waits.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from agent.domain.availability import DayAvailability, OpenRange
from agent.domain.days import DateRange, Span
from agent.domain.diary import Diary, Session
from agent.domain.newcomers import Item, ItemKind, select
from agent.domain.practice import LiveHours, Practice
from agent.domain.resources import AppointmentType, Catalogue, Resource
from agent.domain.rule import Closure, Holidays, Newcomers, NewPatients, Patients, Rule
from agent.domain.rules import Objection, OwnBooking, RuleBook, Wish, holiday_rosters, session_spans
from agent.domain.terms import RuleKind

NOW = datetime(2026, 12, 21, 9, 0)  # a Monday
CHRISTMAS = date(2026, 12, 25)
TOMORROW = date(2026, 12, 22)
MORNING = OpenRange(540, 720, 15)
SESSIONS = (Span(540, 720), Span(780, 1020))
LEE, LEE_THERE, KIM = (
    Resource(id="1@1", name="Dr Lee", practitioner_id="1", location_id="1"),
    Resource(id="1@2", name="Dr Lee (There)", practitioner_id="1", location_id="2"),
    Resource(id="2@1", name="Dr Kim", practitioner_id="2", location_id="1"),
)
STANDARD, LONG = (
    AppointmentType(id="10", name="Standard", pms_type_id="10", minutes=15),
    AppointmentType(id="11", name="Long", pms_type_id="11", minutes=30),
)
CATALOGUE = Catalogue(resources=(LEE, LEE_THERE, KIM), types=(STANDARD, LONG))


def practice(*rules: Rule, **changes: object) -> Practice:
    values: dict[str, object] = {"horizon_days": 30, "minimum_notice": timedelta(hours=1), **changes}
    return Practice(
        id="1",
        name="",
        locations=(),
        zone=ZoneInfo("Australia/Sydney"),
        live_hours=LiveHours(days=((),) * 7),
        rules=rules,
        **values,  # type: ignore[arg-type] # as the tests name them
    )


def book(*rules: Rule, **changes: object) -> RuleBook:
    return RuleBook(practice(*rules, **changes), CATALOGUE, lambda day: day == CHRISTMAS)


def outcome(
    rules: RuleBook,
    *,
    resource: Resource = LEE,
    day: date = TOMORROW,
    now: datetime = NOW,
    bookings: tuple[OwnBooking, ...] = (),
    opening: OpenRange = MORNING,
) -> tuple[list[tuple[int, int, tuple[str, ...]]], list[tuple[int, int, tuple[str, ...], RuleKind]]]:
    """
    Return what is published and what is withheld, without what does not matter here.
    """
    ruled = rules.apply(DayAvailability(resource.id, day, (opening,)), now, bookings=bookings, sessions=SESSIONS)
    return (
        [(o.start, o.end, o.type_ids) for o in ruled.published.ranges],
        [(o.start, o.end, o.type_ids, cause.kind) for o, cause in ruled.withheld],
    )


ALL: object = ([(540, 720, ())], [])


def nothing(kind: RuleKind) -> object:
    return [], [(540, 720, (), kind)]


def all_but(type_id: str, kind: RuleKind) -> object:
    other = "11" if type_id == "10" else "10"
    return [(540, 720, (other,))], [(540, 720, (type_id,), kind)]


BOOKED = (OwnBooking(540, "10"), OwnBooking(800, "11"))


@pytest.mark.parametrize(
    ("rule", "day", "bookings", "expected"),
    [
        (Rule(), TOMORROW, (), ALL),
        (Rule(publish=False), TOMORROW, (), nothing(RuleKind.LEFT_OUT)),
        (Rule(publish=False, location="2"), TOMORROW, (), ALL),
        (Rule(publish=False, location="1"), TOMORROW, (), nothing(RuleKind.LEFT_OUT)),
        (Rule(publish=False, resource="1"), TOMORROW, (), nothing(RuleKind.LEFT_OUT)),
        (Rule(publish=False, resource="1@2"), TOMORROW, (), ALL),
        (Rule(publish=False, type="11"), TOMORROW, (), all_but("11", RuleKind.LEFT_OUT)),
        (Rule(minimum_notice=timedelta(hours=25)), TOMORROW, (), ([(600, 720, ())], [(540, 600, (), RuleKind.NOTICE)])),
        (
            Rule(minimum_notice=timedelta(hours=25), type="10"),
            TOMORROW,
            (),
            ([(540, 720, ("11",)), (600, 720, ("10",))], [(540, 600, ("10",), RuleKind.NOTICE)]),
        ),
        (Rule(minimum_notice=timedelta(days=3)), TOMORROW, (), nothing(RuleKind.NOTICE)),
        (Rule(horizon_days=2), TOMORROW, (), ALL),
        (Rule(horizon_days=1), TOMORROW, (), nothing(RuleKind.HORIZON)),
        (Rule(horizon_days=60), NOW.date() + timedelta(days=40), (), ALL),
        (Rule(), NOW.date() + timedelta(days=40), (), nothing(RuleKind.HORIZON)),
        (Rule(on_the_day=True), TOMORROW, (), nothing(RuleKind.ON_THE_DAY)),
        (Rule(on_the_day=True), NOW.date(), (), ([(600, 720, ())], [(540, 600, (), RuleKind.NOTICE)])),
        (Rule(daily_cap=3), TOMORROW, BOOKED, ALL),
        (Rule(daily_cap=2), TOMORROW, BOOKED, nothing(RuleKind.DAILY_CAP)),
        (Rule(daily_cap=1, type="10"), TOMORROW, BOOKED, all_but("10", RuleKind.DAILY_CAP)),
        (Rule(session_cap=1), TOMORROW, BOOKED, nothing(RuleKind.SESSION_CAP)),
        (Rule(session_cap=1), TOMORROW, BOOKED[1:], ALL),
        (Rule(session_cap=1, type="11"), TOMORROW, BOOKED, ALL),
        (Rule(closures=(Closure(first=TOMORROW, last=TOMORROW),)), TOMORROW, (), nothing(RuleKind.CLOSURE)),
        (Rule(closures=(Closure(first=CHRISTMAS, last=CHRISTMAS),)), TOMORROW, (), ALL),
        (Rule(), CHRISTMAS, (), nothing(RuleKind.PUBLIC_HOLIDAY)),
        (Rule(public_holidays=Holidays.CLOSED), CHRISTMAS, (), nothing(RuleKind.PUBLIC_HOLIDAY)),
        (Rule(public_holidays=Holidays.OPEN), CHRISTMAS, (), ALL),
    ],
)
def test_each_rule(rule: Rule, day: date, bookings: tuple[OwnBooking, ...], expected: object) -> None:
    """
    What one rule alone publishes and withholds of a morning.
    """
    assert expected == outcome(book(rule), day=day, bookings=bookings)


@pytest.mark.parametrize(
    ("rules", "horizon"),
    [
        ((), 30),
        ((Rule(horizon_days=9),), 9),
        ((Rule(horizon_days=9, location="1"), Rule(horizon_days=8)), 9),
        ((Rule(horizon_days=9, resource="1"), Rule(horizon_days=8, location="1")), 9),
        ((Rule(horizon_days=9, resource="1", location="1"), Rule(horizon_days=8, resource="1")), 9),
        ((Rule(horizon_days=9, type="10"), Rule(horizon_days=8, resource="1", location="1")), 9),
        ((Rule(horizon_days=8), Rule(horizon_days=9)), 9),
        ((Rule(horizon_days=9, resource="1"), Rule(daily_cap=5, type="10")), 9),
    ],
)
def test_the_most_specific_rule_wins(rules: tuple[Rule, ...], horizon: int) -> None:
    """
    Type before resource before location before practice; of two alike the later; matter by matter.
    """
    opening = MORNING._replace(type_ids=("10",))
    first_out = NOW.date() + timedelta(days=horizon)

    assert ([(540, 720, ("10",))], []) == outcome(book(*rules), day=first_out - timedelta(days=1), opening=opening)
    assert [] == outcome(book(*rules), day=first_out, opening=opening)[0]


def test_closures_add_up_and_caps_of_types_and_doctors_hold_together() -> None:
    """
    The two exceptions to *most specific wins*.
    """
    closed = (Closure(first=TOMORROW, last=TOMORROW, reason="Leave"),)
    both = book(Rule(closures=closed), Rule(closures=(Closure(first=CHRISTMAS, last=CHRISTMAS),), resource="1"))
    caps = book(Rule(daily_cap=2), Rule(daily_cap=5, type="10"))

    assert nothing(RuleKind.CLOSURE) == outcome(both)
    assert nothing(RuleKind.DAILY_CAP) == outcome(caps, bookings=BOOKED)
    assert nothing(RuleKind.CLOSURE) == outcome(book(closures=closed))


def test_the_cause_names_the_rule() -> None:
    """
    The preview says what a rule says, and which one it is.
    """
    rules = book(Rule(publish=True), Rule(name="Skin", type="11", minimum_notice=timedelta(days=2)))
    ruled = rules.apply(DayAvailability(LEE.id, TOMORROW, (MORNING,)), NOW)

    assert ["minimum notice 2 d: rule 2 'Skin' (type 11)"] == [str(cause) for _, cause in ruled.withheld]


def test_a_day_that_nothing_touches_is_handed_on_as_it_is() -> None:
    """
    Nearly every day is like that, and costs nothing.
    """
    day = DayAvailability(LEE.id, TOMORROW, (MORNING,))

    assert day is book().apply(day, NOW).published


@pytest.mark.parametrize(
    ("rule", "is_new", "expected"),
    [
        (Rule(patients=Patients.NEW), False, (RuleKind.PATIENTS, False)),
        (Rule(patients=Patients.NEW), True, None),
        (Rule(patients=Patients.EXISTING, type="10"), True, (RuleKind.PATIENTS, False)),
        (Rule(patients=Patients.EXISTING, type="11"), True, None),
        (Rule(new_patients=NewPatients.REJECT), True, (RuleKind.NEW_PATIENTS, False)),
        (Rule(new_patients=NewPatients.HOLD), True, (RuleKind.NEW_PATIENTS, True)),
        (Rule(new_patients=NewPatients.HOLD), False, None),
        (Rule(new_patients=NewPatients.ACCEPT), True, None),
        (Rule(publish=False, resource="1"), False, (RuleKind.LEFT_OUT, False)),
    ],
)
def test_for_whom_a_time_is(rule: Rule, *, is_new: bool, expected: tuple[RuleKind, bool] | None) -> None:
    """
    New and existing patients, by what they told Healthengine.
    """
    start = datetime.combine(TOMORROW, datetime.min.time()) + timedelta(hours=9)
    wish = Wish(resource_id=LEE.id, type_id="10", start=start, is_new_patient=is_new)
    found = book(rule).objection(wish, (NOW,))

    assert expected == (found and (found.cause.kind, found.is_held))


def test_a_patient_may_have_seen_what_was_published_a_little_earlier() -> None:
    """
    What was allowed at one of the moments is allowed.
    """
    wish = Wish(resource_id=LEE.id, type_id="10", start=NOW + timedelta(minutes=58))

    assert isinstance(book().objection(wish, (NOW,)), Objection)
    assert book().objection(wish, (NOW, NOW - timedelta(minutes=6))) is None


def test_the_mark_of_a_day_changes_with_the_date_where_a_rule_counts_days() -> None:
    """
    A day comes into a rule's horizon, or into the practice's where another rule reaches further, at midnight.
    """
    rules = book(Rule(horizon_days=60, type="10"))
    day = NOW.date() + timedelta(days=30)
    today = [NOW.date()]

    assert rules.mark("m", day, today) != rules.mark("m", day, [TOMORROW])
    assert "m" == book().mark("m", day, today)
    assert "m|holiday" == book().mark("m", CHRISTMAS, today)
    assert book(Rule(on_the_day=True)).mark("m", TOMORROW, today) != book(Rule(on_the_day=True)).mark("m", TOMORROW, [TOMORROW])
    assert book(Rule(daily_cap=2)).mark("m", TOMORROW, today, [("1@1", BOOKED[0])]) != "m"


@pytest.mark.parametrize("rules", [(), (Rule(on_the_day=True),)], ids=["horizon", "on-the-day"])
def test_the_mark_of_a_day_changes_with_the_date_across_the_border_too(rules: tuple[Rule, ...]) -> None:
    """
    Each place has its own midnight.
    """
    marks = book(*rules, location_zones=(("2", ZoneInfo("Australia/Brisbane")),))
    day = TOMORROW if rules else NOW.date() + timedelta(days=30)
    nights = [[NOW.date(), NOW.date()], [TOMORROW, NOW.date()], [TOMORROW, TOMORROW]]

    assert 3 == len({marks.mark("m", day, todays) for todays in nights})


def diary(*days: date, free: bool = False) -> Diary:
    rows = tuple(Session(practitioner_id="1", location_id="1", date=day, start=540, end=720) for day in days)
    return Diary(markers={}, sessions=rows, appointments=(), slots_are_free=free)


def test_sessions_are_those_of_the_roster_or_half_days() -> None:
    """
    Where the PMS tells free slots only, a day has two sessions.
    """
    assert {("1@1", TOMORROW): (Span(540, 720),)} == session_spans(CATALOGUE, diary(TOMORROW))
    assert {("1@1", TOMORROW): (Span(0, 720), Span(720, 1440))} == session_spans(CATALOGUE, diary(TOMORROW, free=True))


def test_a_roster_that_runs_over_christmas_is_found_unless_somebody_thought_of_it() -> None:
    """
    A rule that says open or closed, or a closure, shows that it is meant.
    """
    window = DateRange.of_days(NOW.date(), 14)

    def found(*rules: Rule, **changes: object) -> list[date]:
        made = practice(*rules, **changes)
        return holiday_rosters(book(*rules), made, CATALOGUE, diary(TOMORROW, CHRISTMAS), window)

    assert [CHRISTMAS] == found()
    assert [] == found(Rule(public_holidays=Holidays.OPEN))
    assert [] == found(Rule(public_holidays=Holidays.CLOSED))
    assert [] == found(closures=(Closure(first=CHRISTMAS, last=CHRISTMAS),))
    assert [CHRISTMAS] == found(Rule(public_holidays=Holidays.OPEN, resource="2"))


def item(thing: Resource | AppointmentType) -> Item:
    return Item(ItemKind.RESOURCE if isinstance(thing, Resource) else ItemKind.TYPE, thing.id)


THINGS: tuple[Resource | AppointmentType, ...] = (*CATALOGUE.resources, *CATALOGUE.types)
EVERYTHING = {item(thing): True for thing in THINGS}


@pytest.mark.parametrize(
    ("rules", "unknown", "resources", "types", "waiting"),
    [
        ((), (KIM, LONG), ["1@1", "1@2", "2@1"], ["10", "11"], []),
        ((Rule(new_doctors=Newcomers.WAIT),), (KIM, LONG), ["1@1", "1@2"], ["10", "11"], ["2@1"]),
        ((Rule(new_types=Newcomers.WAIT),), (KIM, LONG), ["1@1", "1@2", "2@1"], ["10"], ["11"]),
        ((Rule(new_doctors=Newcomers.WAIT, location="2"),), (KIM,), ["1@1", "1@2", "2@1"], ["10", "11"], []),
        ((Rule(new_doctors=Newcomers.WAIT),), (), ["1@1", "1@2", "2@1"], ["10", "11"], []),
        ((Rule(publish=False, resource="2"),), (), ["1@1", "1@2"], ["10", "11"], []),
        ((Rule(publish=False, type="11"),), (), ["1@1", "1@2", "2@1"], ["10"], []),
        ((Rule(publish=False), Rule(publish=True, resource="2")), (), ["2@1"], ["10", "11"], []),
        ((Rule(publish=False), Rule(publish=True, type="10")), (), ["1@1", "1@2", "2@1"], ["10"], []),
        ((Rule(publish=False, type="11", resource="2"),), (), ["1@1", "1@2", "2@1"], ["10", "11"], []),
    ],
)
def test_who_is_published(
    rules: tuple[Rule, ...],
    unknown: tuple[Resource | AppointmentType, ...],
    resources: list[str],
    types: list[str],
    waiting: list[str],
) -> None:
    """
    What is left out by a rule or waits for a tick is not published; everything else is.
    """
    known = {key: value for key, value in EVERYTHING.items() if key not in map(item, unknown)}
    selection = select(practice(*rules), CATALOGUE, known)

    assert resources == [resource.id for resource in selection.catalogue.resources]
    assert types == [kind.id for kind in selection.catalogue.types]
    assert waiting == [out.item.id for out in selection.left_out if out.cause.kind is RuleKind.WAITING]
    assert {item(thing) for thing in unknown} == {new.item for new in selection.new}


def test_the_first_reading_approves_everything() -> None:
    """
    When nothing is known yet nobody is new; and a setting that goes back to at once approves what waited.
    """
    wait = practice(Rule(new_doctors=Newcomers.WAIT))
    first = select(wait, CATALOGUE, {})
    back = select(practice(), CATALOGUE, {**EVERYTHING, item(KIM): False})

    assert CATALOGUE == first.catalogue
    assert all(new.is_approved for new in first.new)
    assert [(item(KIM), True)] == [(new.item, new.is_approved) for new in back.new]
