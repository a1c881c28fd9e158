"""
Publishing rules between the PMS and Healthengine: what is sent when, which bookings are refused, who waits for a tick.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sync_support import ANN, BEN, PRACTICE_ID, RESOURCE, TEN, TODAY, Agent, World

from agent.domain.availability import OpenRange
from agent.domain.booking import BookingState
from agent.domain.errors import Misconfigured
from agent.domain.newcomers import Item, ItemKind
from agent.domain.rule import Holidays, Newcomers, NewPatients, Patients, Rule
from agent.ports.tasks import TaskKind
from agent.sync.configuration import run_configuration
from agent.sync.preview import preview
from agent.sync.rules import own_bookings

TUESDAY = TODAY + timedelta(days=1)
MORNING = (540, 720)


def with_rules(world: World, *rules: Rule) -> Agent:
    world.practice = replace(world.practice, rules=rules)
    return world.running()


def shown(world: World, day: date = TUESDAY, resource_id: str = RESOURCE) -> list[tuple[int, int]]:
    """
    Return what Healthengine shows of a day.
    """
    return [(opening.start, opening.end) for opening in world.market.published.get((resource_id, day), ())]


def test_a_rule_changed_in_the_settings_changes_what_is_shown(world: World) -> None:
    """
    Though the diary is as it was: every day is looked at again.
    """
    agent = world.running()
    agent.availability.run()

    assert [MORNING] == shown(world)

    agent.context.practice = replace(world.practice, rules=(Rule(resource="1", horizon_days=1),))
    agent.availability.run()

    assert [] == shown(world)
    assert [MORNING] == shown(world, resource_id="2@1:gp")


def test_a_time_released_on_its_day_appears_at_midnight(world: World) -> None:
    """
    The mere passing of a day is enough.
    """
    agent = with_rules(world, Rule(on_the_day=True))
    agent.availability.run()

    assert [] == shown(world)

    world.clock.set_local(datetime(2026, 11, 24, 0, 1))
    agent.availability.run()

    assert [MORNING] == shown(world)


def test_a_rules_horizon_may_reach_further_than_the_practices(world: World) -> None:
    """
    One doctor is published ten days ahead, the other the practice's seven.
    """
    with_rules(world, Rule(resource="1", horizon_days=10)).availability.run()
    far = TODAY + timedelta(days=9)

    assert [MORNING] == shown(world, far)
    assert [] == shown(world, far, "2@1:gp")
    assert [MORNING] == shown(world, TODAY + timedelta(days=6), "2@1:gp")


def test_nothing_is_shown_on_a_public_holiday_and_the_roster_is_warned_of_once(world: World) -> None:
    """
    Unless a rule says open.
    """
    world.holidays.add(TUESDAY)
    agent = world.running()
    agent.availability.run()
    world.agent().read_practice().availability.run()

    assert [] == shown(world)
    assert [MORNING] == shown(world, TUESDAY + timedelta(days=1))
    assert ["roster-on-holiday"] == [code for code, _ in world.activity]

    agent.context.practice = replace(world.practice, rules=(Rule(public_holidays=Holidays.OPEN),))
    agent.availability.run()

    assert [MORNING] == shown(world)


def test_a_full_day_disappears_and_comes_back_when_a_booking_is_gone(world: World) -> None:
    """
    A cap counts online bookings, and follows the ledger even where the diary did not change.
    """
    agent = with_rules(world, Rule(daily_cap=1))
    agent.availability.run()
    world.patient_books()
    agent.poll()
    agent.availability.run()

    assert [] == shown(world)
    assert [MORNING] == shown(world, resource_id="2@1:gp")

    agent.context.step(world.entry(), BookingState.GONE)
    agent.availability.run()

    assert [(540, 600), (615, 720)] == shown(world)


def test_a_booking_that_was_given_away_and_cancelled_counts_no_more(world: World) -> None:
    """
    The desk gives the appointment to somebody else, and then the patient cancels: it stays, but the online booking is over.
    """
    agent = with_rules(world, Rule(daily_cap=1))
    world.patient_books()
    world.settle(agent)
    agent.availability.run()
    is_full = shown(world)
    world.pms.add_patient("9")
    world.pms.change_appointment(world.ours()[0].id, patient_id="9")
    world.patient_cancels(1, stays=True, update=True)
    world.settle(agent)
    agent.availability.run()

    assert [] == is_full
    assert TaskKind.CANCEL_BY_HAND in {task.kind for task in world.tasks()}
    assert [(540, 600), (615, 720)] == shown(world)


@pytest.mark.parametrize("rule", [Rule(daily_cap=2), Rule(session_cap=2), Rule(daily_cap=2, type="1")])
def test_a_burst_never_goes_beyond_a_cap(world: World, rule: Rule) -> None:
    """
    Five patients want five times at once, two may have one: the others are told no, with the reason.
    """
    agent = with_rules(world, rule)
    for number in range(5):
        world.patient_books(number + 1, start=TEN + timedelta(minutes=15 * number), patient=(ANN, BEN)[number % 2])
    world.settle(agent)

    assert [1, 2] == sorted(a.reference for a in world.pms.live_appointments())
    assert [3, 4, 5] == sorted(world.market.rejected)
    assert {f"rule-{'session' if rule.session_cap else 'daily'}_cap"} == {world.entry(n).reason for n in (3, 4, 5)}


def test_answers_that_are_under_way_count_for_a_cap(world: World) -> None:
    """
    Confirmations run side by side with the next booking: what is in the PMS counts whether its answer is out or not.
    """
    waiting: list[threading.Thread] = []
    world.practice = replace(world.practice, rules=(Rule(daily_cap=1),))
    agent = world.agent(answers=lambda call: waiting.append(threading.Thread(target=call))).read_practice()
    world.patient_books(1)
    world.patient_books(2, start=TEN + timedelta(minutes=15), patient=BEN)
    agent.poll()

    assert [1] == [a.reference for a in world.pms.live_appointments()]
    assert [BookingState.CONFIRMING, BookingState.REJECTING] == [world.state(1), world.state(2)]


def test_a_rule_that_came_too_late_to_say_no_makes_a_task(world: World) -> None:
    """
    After 15 s Healthengine has told the patient yes: like a time that is taken.
    """
    agent = with_rules(world, Rule(resource="1", horizon_days=1))
    world.patient_books(waited=16)
    agent.poll()

    assert BookingState.TASK == world.state()
    assert [] == world.ours()


@pytest.mark.parametrize(
    ("rule", "state", "reason"),
    [
        (Rule(new_patients=NewPatients.REJECT), BookingState.REJECTED, "rule-new_patients"),
        (Rule(patients=Patients.EXISTING, type="1"), BookingState.REJECTED, "rule-patients"),
        (Rule(new_patients=NewPatients.ACCEPT), BookingState.CONFIRMED, ""),
    ],
)
def test_new_patients(world: World, rule: Rule, state: BookingState, reason: str) -> None:
    """
    They are refused or accepted as the practice likes.
    """
    agent = with_rules(world, rule)
    world.patient_books(patient=BEN, is_new_patient=True)
    agent.poll()

    assert (state, reason) == (world.state(), world.entry().reason)


def test_a_new_patient_who_is_held_is_a_task_for_a_person(world: World) -> None:
    """
    Nothing is entered and nothing answered: a person decides.
    """
    agent = with_rules(world, Rule(name="Ask first", new_patients=NewPatients.HOLD))
    world.patient_books(patient=BEN, is_new_patient=True)
    agent.poll()

    assert BookingState.BY_HAND == world.state()
    assert [] == world.ours()
    assert ["rule 1 'Ask first'" in task.why for task in world.tasks()] == [True]
    assert {} == world.market.rejected


def test_a_booking_made_while_this_machine_was_off_is_judged_as_of_then(world: World) -> None:
    """
    It was published when the patient booked; that its notice has passed meanwhile is not the patient's fault.
    """
    agent = world.running()
    world.patient_books(start=datetime(2026, 11, 23, 9, 30), waited=3600)
    agent.poll()

    assert BookingState.CONFIRMED == world.state()


def test_what_is_shown_can_be_booked_and_what_is_not_is_refused(world: World) -> None:
    """
    Healthengine and the check of bookings see the same rules.
    """
    rules = (Rule(minimum_notice=timedelta(hours=26)), Rule(session_cap=0, resource="2"))
    agent = with_rules(world, *rules)
    agent.availability.run()

    assert [(660, 720)] == shown(world)
    assert [] == shown(world, resource_id="2@1:gp")

    world.patient_books(1, start=datetime(2026, 11, 24, 11, 0))
    world.patient_books(2, start=datetime(2026, 11, 24, 10, 45), patient=BEN)
    world.patient_books(3, start=datetime(2026, 11, 24, 11, 15), resource_id="2@1:gp", patient=BEN)
    agent.poll()

    assert [BookingState.CONFIRMED, BookingState.REJECTED, BookingState.REJECTED] == [world.state(n) for n in (1, 2, 3)]


def test_a_new_doctor_waits_for_a_tick(world: World) -> None:
    """
    Healthengine hears of the doctor only when a person has ticked the doctor off; then the times follow.
    """
    agent = with_rules(world, Rule(new_doctors=Newcomers.WAIT))
    run_configuration(agent.context)
    world.pms.add_practitioner("3", first_name="Rosalind", last_name="Franklin")
    world.pms.add_session("3", TUESDAY, *MORNING)
    run_configuration(agent.context)
    waiting = world.store.approvals.waiting()

    assert [Item(ItemKind.RESOURCE, "3@1:gp")] == [newcomer.item for newcomer in waiting]
    assert 1 == len(world.market.resources)
    assert ["new-items-wait"] == [code for code, _ in world.activity]

    run_configuration(agent.context)
    world.store.approvals.approve([waiting[0].id], by="Pat", at=world.clock.now())
    run_configuration(agent.context)
    agent.availability.run()

    assert 1 == len(world.activity)
    assert ["1@1:gp", "2@1:gp", "3@1:gp"] == [resource.id for resource in world.market.resources[-1]]
    assert [MORNING] == shown(world, resource_id="3@1:gp")


def test_a_doctor_who_is_left_out_is_not_published(world: World) -> None:
    """
    Neither the doctor nor the doctor's times; and to leave out everybody is a mistake that is shown, not a wish.
    """
    agent = with_rules(world, Rule(resource="2", publish=False))
    run_configuration(agent.context)
    agent.availability.run()

    assert ["1@1:gp"] == [resource.id for resource in world.market.resources[-1]]
    assert {"1@1:gp"} == {resource_id for resource_id, _ in world.market.published}

    with pytest.raises(Misconfigured) as caught:
        with_rules(world, Rule(publish=False))

    assert "settings-nothing-published" == caught.value.code


def test_the_preview_names_the_rule_behind_each_withheld_time(world: World) -> None:
    """
    For published resources and for those that are left out; with our own bookings and what waits for a tick.
    """
    world.holidays.add(TUESDAY + timedelta(days=1))
    rules = (Rule(resource="2", publish=False), Rule(name="Few", resource="1", daily_cap=1))
    agent = with_rules(world, *rules)
    world.patient_books()
    agent.poll()
    found = preview(
        world.practice,
        agent.context.pms,
        window=agent.availability._rules.begin(agent.context.catalogue),
        now=agent.context.local_now(),
        is_holiday=world.holidays.__contains__,
        known=world.store.approvals.known(PRACTICE_ID),
        own=own_bookings(world.store.ledger, PRACTICE_ID, TODAY),
    )
    causes = {(line.resource_id, line.date): str(line.cause) for line in found.withheld if line.date != TODAY}

    assert "at most 1 online bookings a day: rule 2 'Few' (resource 1)" == causes[RESOURCE, TUESDAY]
    assert "public holiday: no rule says open" == causes[RESOURCE, TUESDAY + timedelta(days=1)]
    assert "left out: rule 1 (resource 2)" == causes["2@1:gp", TUESDAY]
    assert [("2@1:gp", "left out: rule 1 (resource 2)")] == [(out.item.id, str(out.cause)) for out in found.left_out]
    assert 1 == len(found.warnings)
    assert [(OpenRange(600, 720, 15),)] == [d.ranges for d in found.days if d.date == TODAY]
