"""
The brake at work: what is held, what goes out all the same, and what releases it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sync_support import PRACTICE_ID, TODAY, Agent, World

from agent.domain.booking import BookingState
from agent.domain.publishing import Asked
from agent.domain.status import Severity
from agent.ports.ledger import LedgerBooking
from agent.sync.brake import Brake
from agent.sync.configuration import run_configuration

FIRST, SECOND = "1@1:gp", "2@1:gp"


class Watched:
    """
    An agent with a brake that has published everything.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.is_our_database = True
        self.agent = self.begin()
        self.publish()

    def begin(self) -> Agent:
        """
        Start an agent on what is in the store.
        """
        agent = self.world.agent()
        agent.context.brake = Brake(
            PRACTICE_ID,
            accepted=self.world.store.accepted,
            notes=self.world.store.published,
            notices=self.world.store.conditions,
            clock=self.world.clock,
            is_our_database=lambda: self.is_our_database,
        )
        run_configuration(agent.context)
        return agent

    @property
    def brake(self) -> Brake:
        brake = self.agent.context.brake
        assert brake is not None
        return brake

    def publish(self, *, by_hand: bool = False) -> None:
        self.agent.availability.run(Asked(everything=by_hand, by_hand=by_hand))

    def after_a_minute(self) -> None:
        self.world.clock.advance(seconds=61)
        self.publish()

    def conditions(self) -> dict[str, Severity]:
        return {c.code: c.severity for c in self.world.store.conditions.open_conditions()}

    def shown(self, resource_id: str = FIRST, day: int = 1) -> int:
        """
        Minutes that Healthengine shows.
        """
        return sum(r.end - r.start for r in self.world.market.published[resource_id, TODAY + timedelta(days=day)])


@pytest.fixture
def watched(world: World) -> Watched:
    """
    A practice that is published.
    """
    return Watched(world)


def lose_rosters(world: World) -> None:
    for day in range(14):
        for practitioner in ("1", "2"):
            world.pms.delete_sessions(practitioner, TODAY + timedelta(days=day))


def fill_the_diary(world: World) -> None:
    for day in range(7):
        for practitioner in ("1", "2"):
            world.pms.add_appointment(practitioner, datetime(2026, 11, 23, 9) + timedelta(days=day), 180)


def empty_the_diary(world: World) -> None:
    for row in world.pms.live_appointments():
        world.pms.delete_appointment(row.id)


def test_the_first_publication_is_not_held(watched: Watched) -> None:
    """
    Everything opens at once, and that is right.
    """
    assert 180 == watched.shown()
    assert not watched.brake.is_holding


def test_a_single_booking_passes(watched: Watched) -> None:
    """
    The desk books one appointment and it is sent at once.
    """
    watched.world.pms.add_appointment("1", datetime(2026, 11, 24, 9), 30)
    watched.publish()

    assert 150 == watched.shown()


def test_rosters_that_vanish_are_held(watched: Watched) -> None:
    """
    Nothing is sent, and the condition says so.
    """
    lose_rosters(watched.world)
    watched.publish()

    assert 180 == watched.shown()
    assert {"brake-closings": Severity.WARNING} == watched.conditions()


def test_rosters_that_stay_away_wait_for_a_person(watched: Watched) -> None:
    """
    A second look agrees, but there are no rosters to prove it.
    """
    lose_rosters(watched.world)
    watched.publish()
    watched.after_a_minute()
    watched.after_a_minute()

    assert 180 == watched.shown()
    assert {"brake-closings": Severity.ERROR} == watched.conditions()


def test_a_person_releases(watched: Watched) -> None:
    """
    After `release` the empty days go out and the condition ends.
    """
    lose_rosters(watched.world)
    watched.publish()
    said = watched.brake.release()
    watched.publish()

    assert "closings" in said
    assert 0 == watched.shown()
    assert {} == watched.conditions()


def test_a_torn_moment_heals_by_itself(watched: Watched) -> None:
    """
    If the rosters are back at the second look nothing was ever sent.
    """
    kept = list(watched.world.pms._rosters)
    lose_rosters(watched.world)
    watched.publish()
    watched.world.pms._rosters = kept
    before = len(watched.world.market.sent)
    watched.after_a_minute()

    assert {TODAY} == {day for _, day in watched.world.market.sent[before:]}  # where a slot has passed meanwhile
    assert 105 == watched.shown(day=0)  # from a quarter past ten to twelve: what was held is not taken for today's free time
    assert {} == watched.conditions()


def test_a_full_diary_with_rosters_is_released_by_a_second_look(watched: Watched) -> None:
    """
    Appointments that fill the week close it after a minute, on a fresh connection.
    """
    fill_the_diary(watched.world)
    watched.publish()
    held = watched.shown()
    watched.after_a_minute()

    assert 180 == held
    assert 0 == watched.shown()
    assert 1 == watched.world.pms.calls.count("renew")


def test_a_closing_in_another_database_is_not_released(watched: Watched) -> None:
    """
    What another database says is no proof.
    """
    watched.is_our_database = False
    fill_the_diary(watched.world)
    watched.publish()
    watched.after_a_minute()

    assert 180 == watched.shown()
    assert {"brake-closings": Severity.ERROR} == watched.conditions()


def test_a_closing_with_a_doctor_missing_is_not_released(watched: Watched) -> None:
    """
    The doctor has disappeared along with the time.
    """
    fill_the_diary(watched.world)
    watched.world.pms.delete_practitioner("2")
    watched.publish()
    watched.after_a_minute()

    assert 180 == watched.shown()


def test_a_diary_that_empties_is_released_by_a_second_look(watched: Watched) -> None:
    """
    Openings are held for a minute and then sent.
    """
    fill_the_diary(watched.world)
    watched.publish(by_hand=True)
    empty_the_diary(watched.world)
    watched.publish()
    held = watched.shown()
    codes = watched.conditions()
    watched.after_a_minute()

    assert 0 == held
    assert {"brake-openings": Severity.WARNING} == codes
    assert 180 == watched.shown()
    assert {} == watched.conditions()


def test_a_second_look_that_differs_starts_again(watched: Watched) -> None:
    """
    Openings that are others a minute later wait another minute.
    """
    fill_the_diary(watched.world)
    watched.publish(by_hand=True)
    rows = watched.world.pms.live_appointments()
    for row in rows[:12]:
        watched.world.pms.delete_appointment(row.id)
    watched.publish()
    for row in rows[:12]:
        watched.world.pms.add_appointment(row.practitioner_id, row.start, 60)
    watched.after_a_minute()
    held = watched.shown()
    watched.after_a_minute()

    assert 0 == held
    assert 120 == watched.shown()


def test_leave_closes_at_once(watched: Watched) -> None:
    """
    Both doctors are away for the whole week, and the PMS says so.
    """
    for day in range(7):
        for practitioner in ("1", "2"):
            watched.world.pms.add_absence(practitioner, TODAY + timedelta(days=day), 0, 1440)
    watched.publish()

    assert 0 == watched.shown()
    assert {} == watched.conditions()


def test_what_is_not_part_of_the_change_goes_out(watched: Watched) -> None:
    """
    While openings are held, a day that closes is sent.
    """
    watched.world.pms.add_session("1", TODAY + timedelta(days=2), 780, 840)
    fill_the_diary(watched.world)
    watched.publish(by_hand=True)
    for row in watched.world.pms.live_appointments():
        if row.start.date() != TODAY + timedelta(days=2):
            watched.world.pms.delete_appointment(row.id)
    watched.world.pms.add_appointment("1", datetime(2026, 11, 25, 13), 60)
    watched.publish()

    assert 0 == watched.shown(day=1)
    assert 0 == watched.shown(day=2)
    assert 60 > watched.shown(day=2)


def test_a_resync_by_hand_sends_everything(watched: Watched) -> None:
    """
    A person who presses the button means it.
    """
    lose_rosters(watched.world)
    watched.publish()
    watched.publish(by_hand=True)

    assert 0 == watched.shown()
    assert {} == watched.conditions()


def test_it_is_still_held_after_a_restart(watched: Watched) -> None:
    """
    A new engine measures against what was accepted, too.
    """
    lose_rosters(watched.world)
    watched.publish()
    watched.agent = watched.begin()
    watched.publish()

    assert 180 == watched.shown()
    assert ["brake-closings"] == list(watched.conditions())


def test_a_doctor_who_disappears_is_kept(watched: Watched) -> None:
    """
    The others are sent, the missing one stays as it was until a person says otherwise.
    """
    watched.world.pms.delete_practitioner("2")
    watched.world.pms.add_practitioner("3", first_name="Mary", last_name="Ward")
    run_configuration(watched.agent.context)
    kept = [r.id for r in watched.world.market.resources[-1]]
    codes = watched.conditions()
    watched.brake.release()
    run_configuration(watched.agent.context)

    assert [FIRST, SECOND, "3@1:gp"] == kept
    assert {"brake-resources": Severity.ERROR} == codes
    assert [FIRST, "3@1:gp"] == [r.id for r in watched.world.market.resources[-1]]
    assert {} == watched.conditions()


def test_a_doctor_who_comes_back_ends_it(watched: Watched) -> None:
    """
    Nothing was sent meanwhile.
    """
    sent = len(watched.world.market.resources)
    watched.world.pms.delete_practitioner("2")
    run_configuration(watched.agent.context)
    watched.world.pms.add_practitioner("2", first_name="Grace", last_name="Hopper")
    run_configuration(watched.agent.context)

    assert sent == len(watched.world.market.resources)
    assert {} == watched.conditions()


def test_a_type_that_disappears_is_kept(watched: Watched) -> None:
    """
    The same for appointment types.
    """
    watched.world.pms._types.clear()
    watched.world.pms.add_type("2", "Long", 30)
    run_configuration(watched.agent.context)

    assert ["1", "2"] == [t.id for t in watched.world.market.types[-1]]
    assert ["brake-types"] == list(watched.conditions())


def test_locations_taken_out_by_a_person_are_not_kept(watched: Watched) -> None:
    """
    Changed settings are meant.
    """
    watched.world.pms.add_location("2", "High Street")
    watched.world.pms.add_practitioner("3", location_id="2")
    run_configuration(watched.agent.context)
    watched.agent.context.practice = replace(watched.agent.context.practice, locations=("1",))
    run_configuration(watched.agent.context)

    assert [FIRST, SECOND] == [r.id for r in watched.world.market.resources[-1]]


def our_bookings(watched: Watched, count: int) -> Callable[[int], None]:
    """
    Give the practice *count* confirmed bookings; returns what deletes the first so many.
    """
    now = watched.world.clock.now()
    ids: list[str] = []
    for number in range(count):
        start = datetime(2026, 11, 24, 9) + timedelta(minutes=15 * (number % 12), days=number // 12)
        ids.append(watched.world.pms.add_appointment("1", start, reference=number + 1))
        watched.world.store.ledger.write(
            LedgerBooking(
                practice_id=PRACTICE_ID,
                booking_id=number + 1,
                state=BookingState.CONFIRMED,
                resource_id=FIRST,
                practitioner_id="1",
                location_id="1",
                type_id="1",
                start=start,
                minutes=15,
                booked_at=now,
                seen_at=now,
                updated_at=now,
                appointment_ids=(ids[-1],),
                patient_id="7",
            )
        )

    def delete(first: int) -> None:
        for appointment_id in ids[:first]:
            watched.world.pms.delete_appointment(appointment_id)

    return delete


def look_twice(watched: Watched) -> None:
    watched.agent.watch.run()
    watched.world.clock.advance(seconds=61)
    watched.agent.watch.run()


@pytest.mark.parametrize(("watched_count", "deleted", "told"), [(10, 1, 1), (40, 3, 3), (40, 4, 0), (10, 2, 0), (1, 1, 1)])
def test_bookings_that_vanish(watched: Watched, watched_count: int, deleted: int, told: int) -> None:
    """
    A few are cancelled with Healthengine, many are not.
    """
    our_bookings(watched, watched_count)(deleted)
    look_twice(watched)

    assert told == len(watched.world.market.cancelled)


def test_vanished_bookings_are_told_when_a_person_says_so(watched: Watched) -> None:
    """
    Until then reception sees that something is wrong.
    """
    our_bookings(watched, 10)(5)
    look_twice(watched)
    codes = watched.conditions()
    watched.brake.release()
    look_twice(watched)

    assert {"brake-bookings": Severity.ERROR} == codes
    assert 5 == len(watched.world.market.cancelled)
    assert {} == watched.conditions()
