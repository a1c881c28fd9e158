"""
The engine as a whole: what it does when, and what it says of itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from engine_support import EngineRoom, condition_codes, raising, until
from sync_support import LINK_DOWN, PMS_AWAY, PRACTICE_ID, RESOURCE, TEN, TODAY, the_practice

from agent.domain.booking import BookingState, BookRequest, BookResult
from agent.domain.errors import AuthRequired, Misconfigured
from agent.domain.rule import Rule
from agent.domain.status import ChannelState, EngineState
from agent.ports.marketplace import AvailabilityRequest, RequestKind

REFUSED = AuthRequired("he-403", "Healthengine refuses this practice.", remedy="Give consent.")


def test_a_start_drains_configures_and_publishes(room: EngineRoom) -> None:
    """
    Everything is known to Healthengine in the end, and no day was sent before the doctors and what was outstanding.
    """
    engine = room.online()

    calls = room.world.market.calls
    first = calls.index("send_availability")
    assert {"outstanding", "send_liveness", "send_resources", "send_types"} <= set(calls[:first])
    assert calls.index("send_resources") < first
    status = engine.status()
    assert {"requests", "configuration", "availability", "changes"} == {channel.name for channel in status.channels}
    assert 14 == status.practices[0].published.days
    assert (2, 1) == (status.practices[0].published.resources, status.practices[0].published.types)
    assert status.practices[0].live_now
    assert [("reads", 7, "ready")] == [(worker.name, worker.pid, worker.state) for worker in status.workers]


def test_nothing_is_published_before_what_is_outstanding_was_fetched(room: EngineRoom) -> None:
    """
    A time that somebody has just booked would be shown as free.
    """
    room.world.market.fail["outstanding"] = raising(LINK_DOWN)
    engine = room.start()
    until(lambda: room.world.market.types, "the configuration is sent")
    room.ticked(engine)
    assert "send_availability" not in room.world.market.calls
    room.world.market.fail.clear()

    room.clock.advance(seconds=10)

    until(lambda: len(room.world.market.published) == 14, "the free time is published")


def test_what_waits_at_the_start_is_answered(room: EngineRoom) -> None:
    """
    A booking from before the engine was there.
    """
    room.world.patient_books()

    engine = room.online()

    until(lambda: room.world.market.confirmed[1], "it is confirmed")
    until(lambda: engine.status().booking_counts == {"confirmed": 1}, "the status knows")
    line = engine.status().bookings[0]
    assert (1, "confirmed", TEN) == (line.booking_id, line.state, line.start)


def test_a_booking_is_answered_and_its_time_is_no_longer_shown(room: EngineRoom) -> None:
    """
    With the next poll, and the free time at once after it.
    """
    room.online()
    room.world.patient_books()

    room.polled_after(5)

    until(lambda: room.world.market.confirmed[1], "it is confirmed")
    day = (RESOURCE, TEN.date())
    until(lambda: len(room.world.market.published[day]) == 2, "the time is taken out of the day")


def test_polls_come_every_five_seconds(room: EngineRoom) -> None:
    """
    Not earlier, and also outside live hours.
    """
    room.online()
    for _ in range(3):
        room.polled_after(5)
    room.clock.set_local(datetime(2026, 11, 23, 22, 0))
    room.polled_after(5)

    assert not room.desk.is_live(room.clock.now())


def test_questions_are_answered_by_their_channels(room: EngineRoom) -> None:
    """
    A day, the types and the resources that Healthengine wants again are sent though nothing changed.
    """
    room.online()
    sent = len(room.world.market.sent)
    room.world.market.availability.append(AvailabilityRequest(day=TODAY + timedelta(days=2), resource_id=RESOURCE))
    room.world.market.wanted = {RequestKind.RESOURCES}
    room.polled_after(5)

    until(lambda: (RESOURCE, TODAY + timedelta(days=2)) in room.world.market.sent[sent:], "the day is sent")
    until(lambda: len(room.world.market.resources) > 1, "the resources are sent")


def test_everything_is_sent_once_a_day(room: EngineRoom) -> None:
    """
    Whatever Healthengine forgot is there again (A4).
    """
    room.online()
    sent = len(room.world.market.sent)

    room.clock.advance(hours=24)

    until(lambda: len(room.world.market.sent) >= sent + 14, "everything is sent")


def test_a_pause_stops_everything_until_somebody_resumes(room: EngineRoom) -> None:
    """
    Nothing is polled or published, and afterwards everything is looked at.
    """
    engine = room.online()
    assert "Paused until somebody resumes." == engine.pause(None, by="ann")
    before = list(room.world.market.calls)
    room.world.patient_books()
    room.clock.advance(seconds=40)
    room.ticked(engine)
    status = engine.status()
    assert EngineState.PAUSED is status.state
    assert status.paused_until is None
    assert {ChannelState.PAUSED} == {channel.state for channel in status.channels}
    assert before == room.world.market.calls

    assert "Resumed." == engine.resume(by="ann")

    until(lambda: room.world.market.confirmed[1], "what waited is answered")
    assert "It was not paused." == engine.resume(by="ann")
    assert ["paused", "resumed"] == [code for code in room.codes() if code in {"paused", "resumed"}]


def test_a_pause_ends_by_itself(room: EngineRoom) -> None:
    """
    A person who forgets it costs the practice no bookings.
    """
    engine = room.online()
    assert "Paused for 10 minutes." == engine.pause(10, by="ann")
    assert room.clock.now() + timedelta(minutes=10) == engine.status().paused_until
    before = room.polls()
    room.clock.advance(minutes=9)
    room.ticked(engine)
    assert before == room.polls()

    room.clock.advance(minutes=1)

    until(lambda: room.polls() > before, "it polls again")
    assert engine.status().paused_until is None


def test_a_pause_outlives_the_engine(room: EngineRoom) -> None:
    """
    A restart, by whatever cause, does not undo what a person wanted.
    """
    engine = room.online()
    engine.pause(None, by="ann")
    room.stop(engine)
    before = room.polls()

    engine = room.start()

    assert EngineState.PAUSED is engine.status().state
    room.ticked(engine)
    assert before == room.polls()
    engine.resume(by="ann")
    until(lambda: room.polls() > before, "it polls again")


def test_nothing_wakes_a_paused_engine(room: EngineRoom) -> None:
    """
    New settings in a pause, even one from before a restart, are taken over and told when it is over.
    """
    engine = room.online()
    engine.pause(None, by="ann")
    room.stop(engine)
    before = list(room.world.market.calls), list(room.world.pms.calls)
    engine = room.start()
    told = [{PRACTICE_ID: the_practice(horizon_days=9)}]
    room.changed_settings = lambda: told.pop() if told else None
    until(lambda: "settings-changed" in room.codes(), "they are seen")
    room.ticked(engine)
    assert before == (room.world.market.calls, room.world.pms.calls)

    engine.resume(by="ann")

    until(lambda: (RESOURCE, TODAY + timedelta(days=8)) in room.world.market.published, "the longer horizon is published")


def test_a_pause_that_is_over_stays_over(room: EngineRoom) -> None:
    """
    A restart does not bring it back.
    """
    engine = room.online()
    engine.pause(None, by="ann")
    engine.resume(by="ann")
    room.stop(engine)

    engine = room.start()

    until(lambda: engine.status().state is EngineState.ONLINE, "it works")


def test_a_pause_that_ended_while_the_engine_was_down(room: EngineRoom) -> None:
    """
    It is over.
    """
    engine = room.online()
    engine.pause(10, by="ann")
    room.stop(engine)
    room.clock.advance(minutes=11)

    engine = room.start()

    until(lambda: engine.status().state is EngineState.ONLINE, "it works")


def test_a_machine_that_slept_looks_at_everything_at_once(room: EngineRoom) -> None:
    """
    Nobody waits for the next turn of an interval.
    """
    room.online()
    before = len(room.world.pms.calls)

    room.clock.advance(hours=2)

    until(lambda: "woke-up" in room.codes(), "the gap is noticed")
    until(lambda: "practitioners" in room.world.pms.calls[before:], "the configuration is looked at")
    until(lambda: "markers" in room.world.pms.calls[before:], "the free time is looked at")


def test_changed_settings_are_taken_over_and_told(room: EngineRoom) -> None:
    """
    Without a restart (C1).
    """
    room.online()
    told = [{PRACTICE_ID: the_practice(horizon_days=9)}]
    room.changed_settings = lambda: told.pop() if told else None

    until(lambda: (RESOURCE, TODAY + timedelta(days=8)) in room.world.market.published, "the longer horizon is published")

    assert "settings-changed" in room.codes()


def test_broken_settings_are_shown_until_they_are_mended(room: EngineRoom) -> None:
    """
    The engine goes on with what it has.
    """
    engine = room.online()

    def broken() -> None:
        raise Misconfigured("settings-toml", "config.toml cannot be read.", remedy="Look at line 3.")

    room.changed_settings = broken
    until(lambda: "settings-toml" in condition_codes(engine.status()), "it is shown")
    assert EngineState.ATTENTION is engine.status().state
    room.polled_after(5)

    room.changed_settings = lambda: {PRACTICE_ID: room.world.practice}

    until(lambda: not engine.status().conditions, "it is over")


def test_consent_that_was_revoked_and_given_again_sends_everything_anew(room: EngineRoom) -> None:
    """
    Shown to a person meanwhile; afterwards Healthengine is treated as if it knew nothing (L2, C5).
    """
    engine = room.online()
    room.world.market.fail["outstanding"] = raising(REFUSED)
    room.polled_after(5)
    until(lambda: "he-403" in condition_codes(engine.status()), "it is shown")
    assert EngineState.ATTENTION is engine.status().state
    sent = len(room.world.market.sent)
    room.world.market.fail.clear()

    room.polled_after(20)

    until(lambda: len(room.world.market.sent) >= sent + 14, "every day is sent again")
    until(lambda: engine.status().state is EngineState.ONLINE, "all is well")
    assert [2, 2, 2] == [
        len(sent) for sent in (room.world.market.contracts, room.world.market.resources, room.world.market.types)
    ]
    assert "linked-again" in room.codes()


def test_a_pms_that_is_away_is_shown_and_found_again(room: EngineRoom) -> None:
    """
    Soon after the database is back everything works, without waiting for each channel's turn.
    """
    engine = room.online()
    room.world.pms.fail("*", PMS_AWAY, times=10_000)
    room.clock.advance(seconds=31)
    until(lambda: "pms-connect" in condition_codes(engine.status()), "it is shown")
    until(lambda: engine.status().state is EngineState.OFFLINE, "the tray says so")

    room.world.pms.mend()

    until(lambda: engine.status().state is EngineState.ONLINE, "it works again")
    until(lambda: not engine.status().conditions, "nothing is shown any more")


def test_polling_falls_silent_while_the_pms_is_away_for_long(room: EngineRoom) -> None:
    """
    Polling claims that we can process: after some minutes Healthengine should hide the times, and see them again soon.
    """
    engine = room.online()
    room.world.pms.fail("*", PMS_AWAY, times=100_000)
    room.clock.advance(seconds=31)
    until(lambda: room.desk._pms_failing_since is not None, "the PMS fails")
    room.polled_after(5)
    until(lambda: engine.status().channels[0].state is ChannelState.OK, "that poll is over")
    room.clock.advance(minutes=4)
    before = room.polls()
    room.ticked(engine)
    assert before == room.polls()

    room.world.pms.mend()
    until(lambda: room.desk._pms_failing_since is None, "the PMS is back")

    room.polled_after(5)


def test_what_waits_is_settled_although_nothing_is_polled(room: EngineRoom) -> None:
    """
    The PMS stays away: the booking that was seen before is cancelled with Healthengine before ten minutes are over.
    """
    engine = room.online()
    room.world.pms.fail("*", PMS_AWAY, times=100_000)
    room.world.patient_books(waited=20)
    room.polled_after(5)
    until(lambda: room.desk._pms_failing_since is not None, "the PMS fails")
    room.ticked(engine)
    room.clock.advance(minutes=9)
    before = room.polls()

    room.ticked(engine)

    until(lambda: room.world.market.cancelled == [1], "it is cancelled")
    assert before == room.polls()


@pytest.mark.parametrize(
    ("rules", "most"), [((Rule(daily_cap=50),), 4), ((), 1 + 2 + 4)], ids=["one by one, because there is a cap", "together"]
)
def test_a_backlog_does_not_starve_polls(
    room: EngineRoom, monkeypatch: pytest.MonkeyPatch, rules: tuple[Rule, ...], most: int
) -> None:
    """
    Twelve bookings wait, and the PMS takes four seconds for each: after fifteen none is begun before Healthengine is asked
    again, and in the end all are entered once, the oldest first.
    """
    room.world.practice = replace(room.world.practice, rules=rules)
    entered, polls = list[int](), Counter[int]()
    book_all = room.world.pms.book_all

    def slowly(requests: Sequence[BookRequest]) -> Sequence[BookResult]:
        entered.extend(request.booking_id for request in requests)
        polls[room.polls()] += len(requests)
        room.clock.advance(seconds=4 * len(requests))
        return book_all(requests)

    room.online()
    monkeypatch.setattr(room.world.pms, "book_all", slowly)
    for number in range(12):
        room.world.patient_books(number + 1, waited=20 - number, start=TEN.replace(hour=9) + timedelta(minutes=15 * number))
    room.clock.advance(seconds=5)
    until(lambda: len(room.world.market.confirmed) == len(entered) == 12, "all are entered")

    assert list(range(1, 13)) == entered
    assert most >= max(polls.values())


def test_a_link_that_is_back_for_one_is_back_for_all(room: EngineRoom) -> None:
    """
    The poll gets through: what else failed for the link is tried at once.
    """
    engine = room.online()
    for call in ("outstanding", "send_availability"):
        room.world.market.fail[call] = raising(LINK_DOWN)
    room.world.pms.add_appointment("1", TEN)
    room.clock.advance(seconds=31)
    until(lambda: engine.status().channels[2].state is ChannelState.FAILING, "the free time cannot be sent")
    until(lambda: engine.status().channels[0].state is ChannelState.FAILING, "nor can be polled")
    room.world.market.fail.clear()
    sent = len(room.world.market.sent)

    room.clock.advance(seconds=8)  # the poll's patience, not that of the free time

    until(lambda: len(room.world.market.sent) > sent, "the free time is sent")


def test_a_resync_by_hand_sends_everything_and_says_how_it_went(room: EngineRoom) -> None:
    """
    Every resource, every day, the configuration (A2, C4).
    """
    engine = room.online()
    sent = len(room.world.market.sent)

    assert "Resync started." == engine.resync("all", by="ann")

    until(lambda: (found := engine.status().resync) and found.finished_at, "it ends")
    resync = engine.status().resync
    assert resync is not None
    assert (True, "ann", "all") == (resync.ok, resync.requested_by, resync.scope)
    assert (2, 2) == (resync.parts, resync.done)
    assert "14 of 14 days acknowledged" in resync.result
    assert sent + 14 == len(room.world.market.sent)
    assert 2 == len(room.world.market.resources)


def test_after_a_resync_only_what_changes_is_sent(room: EngineRoom) -> None:
    """
    Everything is sent once for one press of the button.
    """
    engine = room.online()
    engine.resync("all", by="ann")
    until(lambda: (found := engine.status().resync) and found.finished_at, "it ends")
    room.ticked(engine)
    sent = len(room.world.market.sent)
    room.world.pms.add_appointment("1", TEN)
    room.clock.advance(seconds=31)

    until(lambda: (RESOURCE, TEN.date()) in room.world.market.sent[sent:], "the change is sent")

    room.ticked(engine)
    assert {(RESOURCE, TEN.date())} == {day for day in room.world.market.sent[sent:] if day[1] != TODAY}


def test_a_resync_that_fails_says_why(room: EngineRoom) -> None:
    """
    In the words of the error.
    """
    engine = room.online()
    room.world.market.fail["send_resources"] = raising(LINK_DOWN)

    engine.resync("configuration", by="ann")

    until(lambda: (found := engine.status().resync) and found.finished_at, "it ends")
    resync = engine.status().resync
    assert resync is not None
    assert (False, LINK_DOWN.message) == (resync.ok, resync.result)
    assert "resync-failed" in room.codes()


def test_trying_again_waits_for_no_patience(room: EngineRoom) -> None:
    """
    What failed is tried at once when a person asks, and is written down; in a pause it is not.
    """
    engine = room.online()
    room.world.market.fail["outstanding"] = raising(LINK_DOWN)
    room.clock.advance(seconds=6)
    until(lambda: engine.status().channels[0].state is ChannelState.FAILING, "the polls fail")
    room.world.market.fail.clear()

    assert "Frontdesk tries again now." == engine.try_again(by="ann")

    until(lambda: engine.status().channels[0].state is ChannelState.OK, "the next poll succeeds, and no time has passed")
    engine.pause(None, by="ann")
    assert "Paused: resume first." == engine.try_again(by="ann")
    assert 1 == room.codes().count("try-again")


def test_a_resync_in_a_pause_is_not_begun(room: EngineRoom) -> None:
    """
    The pause is what a person wanted.
    """
    engine = room.online()
    engine.pause(None, by="ann")

    assert "Paused: resume first." == engine.resync("all", by="ann")


def test_uptime_is_recorded_while_both_sides_are_reached(room: EngineRoom) -> None:
    """
    The proof of having been up, and nothing for the time of a pause.
    """
    engine = room.online()
    for _ in range(3):
        room.polled_after(60)
        until(lambda: engine.status().state is EngineState.ONLINE, "all is well")
        engine._tick()

    intervals = room.world.store.uptime.intervals(room.clock.now() - timedelta(days=1))

    assert 1 == len(intervals)
    assert timedelta(minutes=2) <= intervals[0].end - intervals[0].start <= timedelta(minutes=3)


def test_stopping_begins_nothing_more(room: EngineRoom) -> None:
    """
    In good order, and written down.
    """
    engine = room.online()

    room.stop(engine)

    before = list(room.world.market.calls)
    room.clock.advance(minutes=10)
    assert before == room.world.market.calls
    assert "engine-stopped" == room.codes()[-1]


def test_an_open_task_asks_for_attention(room: EngineRoom) -> None:
    """
    And is listed with its booking.
    """
    room.world.pms.add_appointment("1", TEN)
    room.world.patient_books(waited=30)

    engine = room.start()

    until(lambda: engine.status().state is EngineState.ATTENTION, "a person is called")
    assert [("conflict", 1)] == [(task.kind, task.booking_id) for task in engine.status().tasks]
    assert BookingState.TASK is room.world.state()


def test_a_resync_that_cannot_begin_says_so(room: EngineRoom) -> None:
    """
    Days wait for the doctors; somebody who pressed the button does not wait with them.
    """
    room.world.pms.delete_practitioner("1")
    room.world.pms.delete_practitioner("2")
    engine = room.start()
    until(lambda: "pms-nobody-bookable" in condition_codes(engine.status()), "the configuration fails")

    engine.resync("availability", by="ann")

    until(lambda: (found := engine.status().resync) and found.finished_at, "it ends")
    resync = engine.status().resync
    assert resync is not None
    assert (False, "Waits until the doctors and appointment types have been sent.") == (resync.ok, resync.result)
