"""
Live hours as the engine keeps them: learned once a day, narrowed only by a person, without closures, cut when it stops.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sync_support import LINK_DOWN, PMS_AWAY, PRACTICE_ID, SYDNEY, TODAY, Agent, World, the_practice

from agent.domain.days import Span
from agent.domain.errors import Transient
from agent.domain.liveness import LivenessContract
from agent.domain.practice import LiveHours, Practice
from agent.domain.rule import Closure, Holidays, Rule
from agent.domain.status import Severity
from agent.sync.configuration import run_configuration
from agent.sync.liveness import LiveHoursKeeper, cut_today

NEVER = LiveHours(days=((),) * 7)
AUSTRALIA_DAY = date(2027, 1, 26)  # a Tuesday
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


class Hours:
    """
    A practice that learns its live hours; its doctors work from nine to twelve, every day.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.timeline: list[str] = []
        self.practice = the_practice(live_hours=NEVER, learns_live_hours=True)
        self.world.practice = self.practice
        for number in range(14, 200):
            for practitioner in ("1", "2"):
                world.pms.add_session(practitioner, TODAY + timedelta(days=number), 540, 720)
        self.start()

    def start(self) -> None:
        """
        A new life of the engine: what it had in memory is gone.
        """
        self.agent: Agent = self.world.agent()
        self.keeper = LiveHoursKeeper(
            memory=self.world.store.live_hours,
            uptime=self.world.store.uptime,
            conditions=self.world.store.conditions,
            clock=self.world.clock,
            is_holiday=lambda day, zone: zone == SYDNEY and day == AUSTRALIA_DAY,
            activity=lambda code, text: self.timeline.append(code),
        )
        self.agent.context.live_hours = self.keeper

    def use(self, **changes: Any) -> None:
        self.practice = replace(self.practice, **changes)
        self.agent.context.practice = self.practice

    def live_days(self, first: date, count: int, start: int = 480, end: int = 1080) -> None:
        """
        Be up on *count* days, and look at the configuration the next morning.
        """
        for number in range(count):
            day = first + timedelta(days=number)
            midnight = datetime(day.year, day.month, day.day, tzinfo=SYDNEY)
            self.world.store.uptime.extend(midnight + timedelta(minutes=start), up=True)
            with self.world.store.uptime._database.writing() as connection:
                connection.execute(
                    "UPDATE uptime SET up_to = ? WHERE id = (SELECT max(id) FROM uptime)",
                    ((midnight + timedelta(minutes=end)).astimezone(ZoneInfo("UTC")).isoformat(timespec="microseconds"),),
                )
        self.morning_of(first + timedelta(days=count))

    def morning_of(self, day: date, hour: int = 9) -> None:
        self.world.clock.set_local(datetime(day.year, day.month, day.day, hour))
        self.configure()

    def configure(self) -> None:
        run_configuration(self.agent.context)

    def contract(self) -> LivenessContract:
        """
        What Healthengine was last told.
        """
        return self.world.market.contracts[-1]

    def codes(self) -> list[tuple[str, Severity]]:
        return [(c.code, c.severity) for c in self.world.store.conditions.open_conditions()]

    def cut(self) -> bool:
        context = self.agent.context
        return cut_today(
            self.practice,
            self.keeper,
            clock=self.world.clock,
            published=context.published,
            marketplace=context.marketplace,
        )


@pytest.fixture
def hours(world: World) -> Hours:
    return Hours(world)


MORNING = (Span(540, 720),)
OFFICE = (Span(480, 1080),)


def test_until_a_weekday_was_lived_through_twice_it_has_the_rosters_hours(hours: Hours) -> None:
    """
    The first contract of a new installation, and what follows from two weeks.
    """
    hours.configure()

    assert LivenessContract(days=(MORNING,) * 7, public_holidays=()) == hours.contract()

    hours.live_days(TODAY, 12)

    assert ((MORNING,) * 1 + (OFFICE,) * 4 + (MORNING,) * 2) == hours.contract().days

    hours.live_days(TODAY + 12 * DAY, 3)

    assert (OFFICE,) * 7 == hours.contract().days
    assert 8 > hours.world.market.calls.count("send_liveness")
    assert {"live-hours-learned"} == set(hours.timeline)
    assert [] == hours.codes()


def test_it_is_learned_once_a_day_and_outlives_the_engine(hours: Hours) -> None:
    """
    The rosters are not read every five minutes, nor again by an engine that was started again the same day.
    """
    hours.configure()
    read = hours.world.pms.calls.count("diary")
    hours.configure()
    hours.start()
    hours.configure()

    assert read == hours.world.pms.calls.count("diary")
    assert 1 == len(hours.world.market.contracts)

    hours.morning_of(TODAY + DAY)

    assert read + 1 == hours.world.pms.calls.count("diary")


def test_one_day_of_outage_changes_nothing(hours: Hours) -> None:
    """
    A power cut of a day is no habit.
    """
    hours.live_days(TODAY, 29)
    before = hours.contract()
    hours.morning_of(TODAY + 30 * DAY)

    assert before == hours.contract()
    assert [] == hours.codes()


def test_outside_the_rosters_hours_they_shrink_by_themselves(hours: Hours) -> None:
    """
    Whoever begins to switch the server off at two in the afternoon is soon not expected after it.
    """
    hours.live_days(TODAY, 29)
    hours.live_days(TODAY + 29 * DAY, 15, end=840)

    assert (Span(480, 840),) == hours.contract().days[1]
    assert [] == hours.codes()


def test_inside_the_rosters_hours_a_person_is_asked_and_adopts(hours: Hours) -> None:
    """
    The machine is switched on late: the hours stay, a question is shown, and its answer reaches Healthengine and lasts.
    """
    hours.live_days(TODAY, 29, start=600)

    assert (Span(540, 1080),) == hours.contract().days[0]
    assert [("live-hours-narrower", Severity.ERROR)] == hours.codes()
    assert "Mon-Sun 09:00-10:00" == hours.keeper.report(hours.practice).question

    text = hours.keeper.answer(hours.practice, adopt=True, by="mel")
    hours.configure()

    assert text.endswith("Mon-Sun 10:00-18:00.")
    assert ((Span(600, 1080),),) * 7 == hours.contract().days
    assert [] == hours.codes()

    hours.start()
    hours.live_days(TODAY + 29 * DAY, 3, start=600)
    report = hours.keeper.report(hours.practice)

    assert ("mel", "", "Mon-Sun 10:00-18:00") == (report.answered_by, report.question, report.in_force)
    assert 4 == len(report.learned_from[0])


def test_a_person_who_keeps_the_hours_is_not_asked_again_for_the_same(hours: Hours) -> None:
    """
    The question comes back only with more to take away; whoever kept them may still adopt.
    """
    hours.live_days(TODAY, 29, start=600)
    hours.keeper.answer(hours.practice, adopt=False, by="mel")
    hours.live_days(TODAY + 29 * DAY, 2, start=600)

    assert [] == hours.codes()
    assert (Span(540, 1080),) == hours.contract().days[0]

    hours.live_days(TODAY + 31 * DAY, 15, start=660)

    assert ["live-hours-narrower"] == [code for code, _ in hours.codes()]
    assert "Mon-Sun 10:00-11:00" == hours.keeper.report(hours.practice).question

    hours.keeper.answer(hours.practice, adopt=True, by="mel")

    assert "Mon-Sun 11:00-18:00" == hours.keeper.report(hours.practice).in_force


def test_without_a_question_there_is_nothing_to_answer(hours: Hours) -> None:
    """
    A late or a double answer does no harm.
    """
    hours.configure()
    before = hours.keeper.contract(hours.practice)

    assert "nothing to answer" in hours.keeper.answer(hours.practice, adopt=True, by="mel")
    assert before == hours.keeper.contract(hours.practice)


def test_a_pms_that_cannot_be_read_leaves_the_hours_as_they_are(hours: Hours) -> None:
    """
    What is known goes on; without anything known it is tried again.
    """
    hours.world.pms.fail("diary", PMS_AWAY)
    with pytest.raises(Transient):
        hours.configure()
    hours.configure()
    before = hours.contract()
    hours.world.pms.fail("diary", PMS_AWAY)
    hours.morning_of(TODAY + DAY)
    read = hours.world.pms.calls.count("diary")
    hours.configure()

    assert before == hours.contract()
    assert read + 1 == hours.world.pms.calls.count("diary")


def test_a_public_holiday_has_hours_of_its_own(hours: Hours) -> None:
    """
    Where a rule opens them, from the rosters of the holiday ahead, until two were lived through; it is no example of its weekday.
    """
    hours.use(rules=(Rule(resource="1", public_holidays=Holidays.OPEN),))
    hours.morning_of(AUSTRALIA_DAY - 3 * WEEK)

    assert MORNING == hours.contract().public_holidays

    hours.live_days(AUSTRALIA_DAY - 3 * WEEK + DAY, 20)
    hours.live_days(AUSTRALIA_DAY, 1, start=600, end=660)
    hours.live_days(AUSTRALIA_DAY + DAY, 7)

    assert OFFICE == hours.contract().days[1]
    assert [AUSTRALIA_DAY] == list(hours.keeper.report(hours.practice).learned_from[7])


@pytest.mark.parametrize("rules", [(), (Rule(public_holidays=Holidays.CLOSED),)], ids=["no-rule", "closed"])
def test_rosters_that_run_over_a_closed_holiday_make_no_live_hours(hours: Hours, rules: tuple[Rule, ...]) -> None:
    """
    Nothing is published on it, so nobody has to be there; its weekday keeps its hours.
    """
    hours.use(rules=rules)
    hours.morning_of(AUSTRALIA_DAY - 3 * WEEK)

    assert LivenessContract(days=(MORNING,) * 7, public_holidays=()) == hours.contract()


def test_set_hours_that_uptime_denies_are_warned_about(hours: Hours) -> None:
    """
    They are sent as set all the same; the warning ends when the machine is left on, or the hours are corrected.
    """
    hours.use(learns_live_hours=False, live_hours=LiveHours(days=(OFFICE,) * 5 + ((),) * 2))
    hours.live_days(TODAY, 29, start=600)

    assert (OFFICE,) * 5 + ((),) * 2 == hours.contract().days
    assert [("live-hours-disagree", Severity.WARNING)] == hours.codes()
    hours.configure()
    [condition] = hours.world.store.conditions.open_conditions()

    assert "Mon-Fri 08:00-10:00" in condition.message
    assert 1 == condition.count

    hours.use(live_hours=LiveHours(days=((Span(600, 1080),),) * 5 + ((),) * 2))
    hours.configure()

    assert [] == hours.codes()


def test_a_person_adopts_what_was_learned_instead_of_set_hours(hours: Hours) -> None:
    """
    It is sent and outlives the engine; whoever sets other hours means those.
    """
    hours.use(learns_live_hours=False, live_hours=LiveHours(days=(OFFICE,) * 5 + ((),) * 2))
    hours.live_days(TODAY, 29, start=600)
    offered = hours.keeper.uptime(hours.practice)
    said = hours.keeper.answer(hours.practice, adopt=True, by="mel")
    hours.start()
    hours.agent.context.practice = hours.practice
    hours.configure()
    shown = hours.keeper.uptime(hours.practice)
    contract = hours.contract()
    again = hours.keeper.answer(hours.practice, adopt=True, by="mel")
    hours.use(live_hours=LiveHours(days=((Span(540, 1080),),) * 7))
    hours.configure()

    assert ("Mon-Fri 08:00-18:00", "Mon-Sun 10:00-18:00") == (offered.hours, offered.adoptable)
    assert "Practice 1001: the live hours are now Mon-Sun 10:00-18:00." == said
    assert ((Span(600, 1080),),) * 7 == contract.days
    assert ("Mon-Sun 10:00-18:00", "", "mel") == (shown.hours, shown.adoptable, shown.answered_by)
    assert "nothing to answer" in again
    assert ((Span(540, 1080),),) * 7 == hours.contract().days
    assert "" == hours.keeper.uptime(hours.practice).answered_by


def test_four_weeks_of_uptime_are_shown(hours: Hours) -> None:
    """
    Each day with when the machine was up and the hours that count now; before anybody looked nothing is said.
    """
    hours.use(learns_live_hours=False, live_hours=LiveHours(days=(OFFICE,) * 5 + ((),) * 2))
    hours.use(closures=(Closure(first=TODAY + 3 * DAY, last=TODAY + 3 * DAY),))
    hours.live_days(TODAY, 10, start=605, end=1075)
    report = hours.keeper.uptime(hours.practice)
    by_date = {day.date: day for day in report.days}

    assert (29, TODAY + 10 * DAY, 540) == (len(report.days), report.days[-1].date, report.minute)
    assert (False, False, True) == tuple(by_date[TODAY + n * DAY].is_recorded for n in (-1, 0, 1))
    assert ((Span(615, 1065),), OFFICE) == (by_date[TODAY + DAY].up, by_date[TODAY + DAY].live)
    assert () == by_date[TODAY + 3 * DAY].live


def test_a_practice_that_turns_to_automatic_hours_loses_the_warning(hours: Hours) -> None:
    """
    And gets the question instead, if there is one.
    """
    automatic = hours.practice
    hours.use(learns_live_hours=False, live_hours=LiveHours(days=(OFFICE,) * 7))
    hours.live_days(TODAY, 29, start=600)
    hours.use(learns_live_hours=automatic.learns_live_hours, live_hours=automatic.live_hours)
    hours.configure()

    assert ["live-hours-narrower"] == [code for code, _ in hours.codes()]
    assert ((Span(540, 1080),),) * 7 == hours.contract().days


def test_a_closure_is_taken_out_beforehand_and_put_back(hours: Hours) -> None:
    """
    On the evening before nobody is expected on the closed day; on the day after everything is as it was.
    """
    wednesday = TODAY + 9 * DAY
    hours.use(closures=(Closure(first=wednesday, last=wednesday, reason="Stocktake"),))
    hours.morning_of(wednesday - WEEK)

    assert (MORNING,) * 7 == hours.contract().days

    hours.morning_of(wednesday - DAY, 18)

    assert () == hours.contract().days[2]
    assert [True] * 6 == [bool(spans) for day, spans in enumerate(hours.contract().days) if day != 2]

    hours.morning_of(wednesday + DAY, 0)

    assert (MORNING,) * 7 == hours.contract().days


def test_stopping_cuts_today_and_starting_restores_it(hours: Hours) -> None:
    """
    Monday at half past ten: silence is forgiven from now on, until the engine is back.
    """
    hours.configure()
    whole = hours.contract()
    hours.world.clock.set_local(datetime(2026, 11, 23, 10, 30, 40))

    assert hours.cut()
    assert ((Span(540, 630),), *whole.days[1:]) == hours.contract().days

    hours.start()
    hours.configure()

    assert whole == hours.contract()


def test_a_cut_that_fails_is_restored_all_the_same(hours: Hours) -> None:
    """
    Whether it arrived nobody knows, so the next start states everything.
    """

    def down() -> None:
        raise LINK_DOWN

    hours.configure()
    hours.world.clock.set_local(datetime(2026, 11, 23, 10, 30))
    hours.world.market.fail["send_liveness"] = down
    with pytest.raises(Transient):
        hours.cut()
    hours.world.market.fail.clear()
    hours.start()
    hours.configure()

    assert 2 == len(hours.world.market.contracts)
    assert hours.world.market.contracts[0] == hours.contract()


@pytest.mark.parametrize(("hour", "is_cut"), [(8, True), (11, True), (12, False), (20, False)])
def test_a_day_that_is_over_needs_no_cut(hours: Hours, *, hour: int, is_cut: bool) -> None:
    """
    Nothing is sent that changes nothing.
    """
    hours.configure()
    hours.world.clock.set_local(datetime(2026, 11, 23, hour))

    assert is_cut is hours.cut()
    assert (2 if is_cut else 1) == len(hours.world.market.contracts)


def test_what_healthengine_was_never_told_is_not_cut(hours: Hours) -> None:
    """
    A practice that was not linked yet.
    """
    hours.world.clock.set_local(datetime(2026, 11, 23, 10))
    hours.use(learns_live_hours=False, live_hours=LiveHours(days=(OFFICE,) * 7))

    assert not hours.cut()
    assert [] == hours.world.market.calls


def test_what_was_learned_survives_the_file(hours: Hours) -> None:
    """
    Every part of it comes back as it was stored.
    """
    hours.live_days(TODAY, 29, start=600)
    hours.keeper.answer(hours.practice, adopt=False, by="mel")
    known = hours.world.store.live_hours.known(PRACTICE_ID)

    assert known is not None
    assert known.kept
    assert known.answered_at == hours.world.clock.now()
    assert TODAY + 28 * DAY == known.learned.days[0].dates[-1]
    hours.world.store.live_hours.remember("1002", known)
    assert known == hours.world.store.live_hours.known("1002")
    assert None is hours.world.store.live_hours.known("1003")


def test_two_practices_have_hours_of_their_own(hours: Hours) -> None:
    """
    One keeper would not mix them up, either.
    """
    perth = Practice(
        id="1002", name="Perth", locations=(), zone=ZoneInfo("Australia/Perth"), live_hours=LiveHours(days=(OFFICE,) * 7)
    )
    hours.configure()

    assert (OFFICE,) * 7 == hours.keeper.contract(perth).days
    assert (MORNING,) * 7 == hours.keeper.contract(hours.practice).days
