"""
Who and what can be booked, and when we are up: sent when it changed, remembered piece by piece.
"""

from __future__ import annotations

from itertools import product

import pytest
from sync_support import LINK_DOWN, PMS_AWAY, PRACTICE_ID, World, the_practice

from agent.domain.errors import ContractBroken, Transient
from agent.domain.liveness import contract_from
from agent.domain.practice import LiveHours
from agent.sync.configuration import ConfigurationPlan, fingerprint, plan_configuration, read_whole, run_configuration

PIECES = ("liveness", "resources", "types")


@pytest.mark.parametrize(("same", "everything"), list(product(product([True, False], repeat=3), [True, False])))
def test_only_what_differs_is_planned_unless_everything_is_asked_for(
    world: World, same: tuple[bool, bool, bool], *, everything: bool
) -> None:
    """
    Each of the three statements is compared on its own.
    """
    catalogue = read_whole(world.practice, world.pms)
    contract = contract_from(world.practice.live_hours)
    present = {
        "liveness": fingerprint(contract),
        "resources": fingerprint(catalogue.resources),
        "types": fingerprint(catalogue.types),
    }
    acknowledged = {name: present[name] if is_same else "older" for name, is_same in zip(PIECES, same, strict=True)}

    plan = plan_configuration(catalogue, contract, acknowledged=acknowledged, everything=everything)

    assert tuple(everything or not is_same for is_same in same) == (plan.liveness, plan.resources, plan.types)


def test_the_first_run_sends_all_three_and_the_second_none(world: World) -> None:
    """
    Live hours, resources and types, in this order (L1).
    """
    agent = world.agent()

    first = run_configuration(agent.context)
    second = run_configuration(agent.context)

    assert ["send_liveness", "send_resources", "send_types"] == world.market.calls
    assert "live hours, resources, appointment types sent" == str(first)
    assert "nothing changed" == str(second)
    assert {"1@1:gp", "2@1:gp"} == {resource.id for resource in world.market.resources[0]}


def test_a_new_doctor_sends_the_whole_list_of_resources(world: World) -> None:
    """
    A missing item means deleted, so that the list is always whole (C2).
    """
    agent = world.agent()
    run_configuration(agent.context)
    world.pms.add_practitioner("3", first_name="Mary", last_name="Ward")

    plan = run_configuration(agent.context)

    assert ConfigurationPlan(liveness=False, resources=True, types=False) == plan
    assert 3 == len(world.market.resources[-1])
    assert agent.context.catalogue.resource("3@1:gp")


def test_new_live_hours_send_the_contract(world: World) -> None:
    """
    Nothing else is sent for it (C1).
    """
    agent = world.agent()
    run_configuration(agent.context)
    agent.context.practice = the_practice(live_hours=LiveHours(days=((),) * 7))

    plan = run_configuration(agent.context)

    assert ConfigurationPlan(liveness=True, resources=False, types=False) == plan


def test_everything_is_sent_again_when_asked_for(world: World) -> None:
    """
    A person pressed the button (C4).
    """
    agent = world.agent()
    run_configuration(agent.context)

    run_configuration(agent.context, everything=True)

    assert [2, 2, 2] == [len(world.market.contracts), len(world.market.resources), len(world.market.types)]


@pytest.mark.parametrize("failing", range(3))
def test_each_piece_that_was_acknowledged_is_remembered(world: World, failing: int) -> None:
    """
    A later piece fails: the earlier ones are not sent again.
    """

    def fail() -> None:
        raise LINK_DOWN

    call = ("send_liveness", "send_resources", "send_types")[failing]
    world.market.fail[call] = fail
    agent = world.agent()
    with pytest.raises(Transient):
        run_configuration(agent.context)
    world.market.fail.clear()
    world.market.calls.clear()

    run_configuration(agent.context)

    assert ["send_liveness", "send_resources", "send_types"][failing:] == world.market.calls


def test_a_statement_whose_answer_is_lost_counts_no_longer(world: World) -> None:
    """
    The doctor left, the answer was lost, the doctor is back: what Healthengine has is not what it last acknowledged.
    """
    agent = world.agent()
    run_configuration(agent.context)
    world.pms.add_practitioner("3", first_name="Mary", last_name="Ward")

    def fail() -> None:
        raise LINK_DOWN

    world.market.fail["send_resources"] = fail
    with pytest.raises(Transient):
        run_configuration(agent.context)
    world.market.fail.clear()
    world.pms.delete_practitioner("3")

    plan = run_configuration(agent.context)

    assert plan.resources


def test_nobody_bookable_is_never_sent_as_an_empty_list(world: World) -> None:
    """
    Each missing item would count as deleted, and with it what people linked by hand.
    """
    agent = world.agent()
    run_configuration(agent.context)
    world.pms.delete_practitioner("1")
    world.pms.delete_practitioner("2")

    with pytest.raises(ContractBroken) as caught:
        run_configuration(agent.context)

    assert "pms-nobody-bookable" == caught.value.code
    assert 1 == len(world.market.resources)


@pytest.mark.parametrize("operation", ["practitioners", "appointment_types", "locations"])
def test_a_pms_that_fails_sends_nothing(world: World, operation: str) -> None:
    """
    A failed reading never produces a snapshot.
    """
    agent = world.agent()
    run_configuration(agent.context)
    world.pms.add_practitioner("3", first_name="Mary", last_name="Ward")
    world.market.calls.clear()
    world.pms.fail(operation, PMS_AWAY)

    with pytest.raises(Transient):
        run_configuration(agent.context, everything=True)

    assert [] == world.market.calls


def test_a_restart_sends_nothing_that_was_acknowledged(world: World) -> None:
    """
    The state file remembers.
    """
    run_configuration(world.agent().context)
    world.market.calls.clear()

    run_configuration(world.agent().context)

    assert [] == world.market.calls
    assert all(world.store.published.note(PRACTICE_ID, name) for name in PIECES)
