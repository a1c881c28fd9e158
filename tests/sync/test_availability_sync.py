"""
What Healthengine shows is what is free, read and sent no more than needed.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sync_support import LINK_DOWN, PMS_AWAY, PRACTICE_ID, TEN, TODAY, Agent, World, the_practice

from agent.domain.availability import DayAvailability, free_time
from agent.domain.days import DateRange
from agent.domain.diary import AppointmentState
from agent.domain.errors import RecordRejected, Transient
from agent.domain.publishing import Asked, batches
from agent.sync.availability import AvailabilityReport, raise_if_refused
from agent.sync.rules import book_of

TUESDAY = TODAY + timedelta(days=1)
WEEK = DateRange.of_days(TODAY, 7)
EVERYTHING = Asked(everything=True)


def free_now(world: World, agent: Agent) -> dict[tuple[str, date], object]:
    """
    What should be shown, worked out anew from the whole diary.
    """
    context = agent.context
    book, now = book_of(context, context.catalogue), context.local_now()
    free = free_time(context.catalogue, world.pms.diary(WEEK), WEEK, context.practice.zone)
    days = [book.apply(day, now).published for day in free]
    return {(day.resource_id, day.date): day.ranges for day in days}


def published(world: World) -> Agent:
    """
    An agent whose first run is over and forgotten.
    """
    agent = world.running()
    agent.availability.run()
    world.market.calls.clear()
    world.market.sent.clear()
    world.pms.calls.clear()
    return agent


def test_the_first_run_sends_every_day_of_everybody(world: World) -> None:
    """
    Also the days without any free time: nothing sent is not the same as nothing free (A5).
    """
    world.pms.delete_sessions("2", TUESDAY)
    agent = world.running()

    report = agent.availability.run()

    assert free_now(world, agent) == world.market.published
    assert () == world.market.published["2@1:gp", TUESDAY]
    assert AvailabilityReport(looked_at=14, sent=14, acknowledged=14, failed=0) == report
    assert "14 of 14 days acknowledged" == str(report)


def test_an_unchanged_diary_costs_one_look_at_the_markers(world: World) -> None:
    """
    No row is read and nothing is sent.
    """
    agent = published(world)

    report = agent.availability.run()

    assert ["markers"] == world.pms.calls
    assert [] == world.market.calls
    assert "nothing changed" == str(report)


def test_a_restart_reads_only_today_again(world: World) -> None:
    """
    What Healthengine acknowledged is remembered; only the notice period needs today's rows.
    """
    published(world)

    world.running().availability.run()

    assert 1 == world.pms.calls.count("diary")
    assert [] == world.market.sent


def test_a_booking_at_the_desk_sends_that_day_of_that_doctor(world: World) -> None:
    """
    The rest stays as it is (A1).
    """
    agent = published(world)
    world.pms.add_appointment("1", TEN)

    agent.availability.run()

    assert [("1@1:gp", TUESDAY)] == world.market.sent
    assert free_now(world, agent) == world.market.published


def test_only_the_changed_stretch_of_a_long_horizon_is_read(world: World) -> None:
    """
    A year is looked at through its markers alone.
    """
    world.practice = the_practice(horizon_days=365)
    agent = published(world)
    world.pms.add_appointment("1", TEN + timedelta(days=7))
    windows: list[DateRange] = []
    diary = world.pms.diary

    def watched(window: DateRange) -> object:
        windows.append(window)
        return diary(window)

    world.pms.diary = watched  # type: ignore[method-assign, assignment] # hands on what it gets
    agent.availability.run()

    assert [DateRange.of_days(TUESDAY + timedelta(days=7), 1)] == windows


def test_the_notice_period_moves_on_without_reading(world: World) -> None:
    """
    Nobody can book in five minutes: what time takes away is taken from what is in hand.
    """
    agent = published(world)
    assert 600 == world.market.published["1@1:gp", TODAY][0].start
    world.clock.advance(minutes=20)

    agent.availability.run()

    assert 630 == world.market.published["1@1:gp", TODAY][0].start
    assert "diary" not in world.pms.calls
    assert {("1@1:gp", TODAY), ("2@1:gp", TODAY)} == set(world.market.sent)


def test_the_horizon_moves_on_at_midnight(world: World) -> None:
    """
    A new last day appears, and the past is forgotten.
    """
    agent = published(world)
    world.clock.set_local(datetime(2026, 11, 24, 0, 5))

    agent.availability.run()

    new = TODAY + timedelta(days=7)
    assert {("1@1:gp", new), ("2@1:gp", new)} == set(world.market.sent)
    assert min(world.store.published.markers(PRACTICE_ID)) == TUESDAY


def test_a_day_that_was_refused_is_shown_and_sent_again(world: World) -> None:
    """
    Refused is not published: with every run it is tried again, and a person can see it.
    """
    world.market.refuse_days = {("1@1:gp", TUESDAY)}
    agent = world.running()
    report = agent.availability.run()
    assert 1 == report.failed
    with pytest.raises(RecordRejected) as caught:
        raise_if_refused(report)
    assert "he-days-refused" == caught.value.code
    assert (13, 1) == world.store.published.counts(PRACTICE_ID, first=TODAY)
    world.market.sent.clear()
    world.market.refuse_days = set()

    report = agent.availability.run()
    raise_if_refused(report)

    assert [("1@1:gp", TUESDAY)] == world.market.sent
    assert free_now(world, agent) == world.market.published


def test_a_day_in_none_of_the_lists_was_not_acknowledged(world: World) -> None:
    """
    Silence is no yes.
    """
    world.market.forget_days = {("1@1:gp", TUESDAY)}
    agent = world.running()
    agent.availability.run()
    world.market.sent.clear()
    world.market.forget_days = set()

    agent.availability.run()

    assert [("1@1:gp", TUESDAY)] == world.market.sent


def test_a_link_that_breaks_in_the_middle(world: World) -> None:
    """
    What was acknowledged before stays so, and the rest follows.
    """
    world.practice = the_practice(horizon_days=100)
    agent = world.running()

    def fail_second_time() -> None:
        if world.market.calls.count("send_availability") == 2:
            raise LINK_DOWN

    world.market.fail["send_availability"] = fail_second_time
    with pytest.raises(Transient):
        agent.availability.run()
    first = set(world.market.sent)
    world.market.sent.clear()

    agent.availability.run()

    assert 200 == len(first | set(world.market.sent))
    assert len(world.market.sent) < 200
    assert 200 == len(world.market.published)


def test_a_link_that_breaks_between_two_calls_of_one_stretch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    What was acknowledged is written down at the end of the stretch, and also when that end is a failure.
    """
    monkeypatch.setattr("agent.sync.availability.batches", partial(batches, size=4))
    agent = world.running()

    def fail_third_time() -> None:
        if world.market.calls.count("send_availability") == 3:
            raise LINK_DOWN

    world.market.fail["send_availability"] = fail_third_time
    with pytest.raises(Transient):
        agent.availability.run()
    first = list(world.market.sent)
    world.market.sent.clear()

    agent.availability.run()

    assert 8 == len(first)
    assert 6 == len(world.market.sent)
    assert not set(first) & set(world.market.sent)


@pytest.mark.parametrize("operation", ["markers", "diary"])
def test_a_pms_that_fails_sends_nothing(world: World, operation: str) -> None:
    """
    A failed reading is never an empty diary.
    """
    agent = published(world)
    world.pms.add_appointment("1", TEN)
    world.pms.fail(operation, PMS_AWAY)

    with pytest.raises(Transient):
        agent.availability.run()

    assert [] == world.market.sent


def test_nobody_reads_on_after_a_failure(world: World) -> None:
    """
    What is read ahead ends with the run that wanted it, and not when its remains are tidied away, on whatever thread that is.
    """
    agent = published(world)

    def fail() -> None:
        raise LINK_DOWN

    world.market.fail["send_availability"] = fail
    with pytest.raises(Transient) as failure:
        agent.availability.run(EVERYTHING)

    assert [] == [thread.name for thread in threading.enumerate() if thread.name.startswith("read-ahead")], failure


def test_everything_is_sent_when_everything_is_asked_for(world: World) -> None:
    """
    Once a day, and when a person presses the button (A2, A4).
    """
    agent = published(world)

    report = agent.availability.run(EVERYTHING)

    assert 14 == report.sent
    assert 14 == len(world.market.sent)


@pytest.mark.parametrize(("resource", "expected"), [("1@1:gp", 1), ("", 2)])
def test_a_day_that_is_asked_for_is_sent_unchanged(world: World, resource: str, expected: int) -> None:
    """
    For one resource, or for all (A3).
    """
    agent = published(world)

    report = agent.availability.run(Asked(days=frozenset({(resource, TUESDAY)})))

    assert expected == report.sent
    assert {TUESDAY} == {day for _, day in world.market.sent}


@pytest.mark.parametrize("day", [TODAY - timedelta(days=1), TODAY + timedelta(days=7), date(2031, 1, 1)])
def test_a_day_outside_the_horizon_has_no_free_time(world: World, day: date) -> None:
    """
    It is not published, and Healthengine is told so.
    """
    agent = published(world)

    agent.availability.run(Asked(days=frozenset({("1@1:gp", day)})))

    assert () == world.market.published["1@1:gp", day]
    assert [("1@1:gp", day)] == world.market.sent


def test_a_new_rule_is_applied_to_every_day(world: World) -> None:
    """
    The diary did not change, what may be published did.
    """
    agent = published(world)
    agent.context.practice = the_practice(minimum_notice=timedelta(days=2))

    agent.availability.run()

    assert () == world.market.published["1@1:gp", TUESDAY]
    assert free_now(world, agent) == world.market.published


def test_a_rule_that_changed_while_the_agent_was_down(world: World) -> None:
    """
    The settings file is edited at any time.
    """
    published(world)
    world.practice = the_practice(minimum_notice=timedelta(days=2))

    world.running().availability.run()

    assert () == world.market.published["1@1:gp", TUESDAY]


def test_a_new_doctor_is_published(world: World) -> None:
    """
    A new resource's days were never sent.
    """
    agent = published(world)
    world.pms.add_practitioner("3", first_name="Mary", last_name="Ward")
    agent.read_practice()

    agent.availability.run()

    assert 7 == sum(resource == "3@1:gp" for resource, _ in world.market.sent)


def booked_by_us(world: World, agent: Agent) -> None:
    """
    A booking of ours gets into the PMS and the ledger.
    """
    world.patient_books()
    agent.poll()


@pytest.mark.parametrize("moment", ["diary", "send_availability", "before acknowledging"])
def test_a_booking_of_ours_during_a_run(world: World, moment: str) -> None:
    """
    A snapshot from before it never stands in the end, wherever in the run the booking comes.
    """
    agent = published(world)
    world.pms.add_appointment("1", TEN + timedelta(hours=1))
    once: list[Callable[[World, Agent], None]] = [booked_by_us]
    before = world.pms.diary

    def book() -> None:
        if once:
            once.pop()(world, agent)

    def diary(window: DateRange) -> object:
        read = before(window)
        if moment == "diary":
            book()
        return read

    world.pms.diary = diary  # type: ignore[method-assign, assignment] # hands on what it gets
    if moment == "send_availability":
        world.market.fail["send_availability"] = book
    acknowledge = world.store.published.acknowledge_days

    def acknowledging(*args: object) -> None:
        if moment == "before acknowledging":
            book()
        acknowledge(*args)  # type: ignore[arg-type] # handed on as they came

    agent.context.published.acknowledge_days = acknowledging  # type: ignore[method-assign, assignment] # as above
    agent.availability.run()
    if moment == "diary":
        assert [] == world.market.sent  # too old: not even sent

    agent.availability.run()

    assert not once
    assert free_now(world, agent) == world.market.published
    day = world.store.published.days(PRACTICE_ID, TUESDAY, TUESDAY + timedelta(days=1))
    assert all(row.fingerprint for row in day.values())


def test_a_time_that_is_taken_and_given_back_around_a_run(world: World) -> None:
    """
    A, B, A: what Healthengine shows last counts, not what it once acknowledged.
    """
    agent = published(world)
    before = world.pms.diary
    once = [True]

    def diary(window: DateRange) -> object:
        if once:
            # In the PMS before it is read, and in our books only after that.
            once.pop()
            added = world.pms.add_appointment("1", TEN)
            read = before(window)
            agent.context.time_taken_or_freed("1", TEN, 15)
            world.pms.change_appointment(added, state=AppointmentState.CANCELLED)
            world.pms.delete_appointment(added)
            return read
        return before(window)

    world.pms.diary = diary  # type: ignore[method-assign, assignment] # hands on what it gets
    world.pms.add_absence("2", TUESDAY, 540, 720)
    agent.availability.run()

    agent.availability.run()

    assert free_now(world, agent) == world.market.published


def test_an_answer_that_is_lost_does_not_hide_the_way_back(world: World) -> None:
    """
    B arrived, its acknowledgement did not; then A is free again and must be sent, though A was the last acknowledged.
    """
    agent = published(world)
    added = world.pms.add_appointment("1", TEN)
    send = world.market.send_availability

    def lose_answer(snapshots: list[DayAvailability]) -> object:
        send(snapshots)
        raise LINK_DOWN

    world.market.send_availability = lose_answer  # type: ignore[method-assign, assignment] # always raises
    with pytest.raises(Transient):
        agent.availability.run()
    world.market.send_availability = send  # type: ignore[method-assign] # as it was
    world.pms.delete_appointment(added)

    agent.availability.run()

    assert free_now(world, agent) == world.market.published


Edit = tuple[str, int, int]
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["book", "absence", "unroster", "time", "lost", "refused", "restart"]),
        st.integers(0, 6),
        st.integers(0, 11),
    ),
    max_size=8,
)


def edit(world: World, what: str, day: int, slot: int) -> None:
    on = TODAY + timedelta(days=day)
    start = 540 + 15 * slot
    match what:
        case "book":
            world.pms.add_appointment("1", datetime(on.year, on.month, on.day, start // 60, start % 60), 20)
        case "absence":
            world.pms.add_absence("2", on, start, start + 40)
        case "unroster":
            world.pms.delete_sessions("2", on)
        case "time":
            world.clock.advance(minutes=7 * slot)


@settings(max_examples=60, deadline=None)
@given(days=st.lists(EDITS, min_size=1, max_size=3))
def test_after_a_good_run_healthengine_shows_what_is_free_and_a_second_run_does_nothing(days: list[list[Edit]]) -> None:
    """
    However the diary, the time and the link changed: one good run puts it right, and the next finds nothing to do.
    """
    with tempfile.TemporaryDirectory() as folder, World(Path(folder)) as world:
        agent = world.running()
        for edits in days:
            for what, day, slot in edits:
                edit(world, what, day, slot)
                if what == "restart":
                    agent = world.running()
                if what == "refused":
                    world.market.refuse_days = {("1@1:gp", TODAY + timedelta(days=day))}
                    agent.availability.run()
                    world.market.refuse_days = set()
                if what == "lost":
                    world.market.forget_days = {(f"{n}@1:gp", TODAY + timedelta(days=day)) for n in (1, 2)}
                    agent.availability.run()
                    world.market.forget_days = set()
            agent.availability.run()

            assert free_now(world, agent).items() <= world.market.published.items()

            sent = len(world.market.sent)
            agent.availability.run()

            assert sent == len(world.market.sent)
