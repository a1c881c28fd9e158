"""
A ledger that was begun anew: nothing is entered twice, refused although it is there, or forgotten.
"""

from __future__ import annotations

import pytest
from sync_support import PRACTICE_ID, RESOURCE, TEN, World

from agent.domain.booking import BookingState
from agent.sync.rebuilding import rebuild_if_needed

S = BookingState


def test_future_appointments_with_a_reference_are_confirmed_bookings(world: World) -> None:
    """
    So that what the desk does to them is told to Healthengine as before.
    """
    ours = world.pms.add_appointment("1", TEN, patient_id="7", reference=41)
    world.pms.add_appointment("1", TEN.replace(hour=11), patient_id="7")
    agent = world.running()
    agent.context.ledger_began = world.clock.now()

    rebuild_if_needed(agent.context)
    rebuild_if_needed(agent.context)

    entry = world.store.ledger.booking(PRACTICE_ID, 41)
    assert entry is not None
    assert (S.CONFIRMED, (ours,), "7", RESOURCE) == (entry.state, entry.appointment_ids, entry.patient_id, entry.resource_id)
    assert [41] == [e.booking_id for e in world.store.ledger.bookings(PRACTICE_ID)]


def test_a_booking_that_was_entered_and_not_answered_gets_the_ids_it_has(world: World) -> None:
    """
    Healthengine lists it again: the PMS is asked before anything else, though its time has meanwhile become too short a notice.
    """
    ours = world.pms.add_appointment("1", TEN, patient_id="7", reference=1)
    world.patient_books(waited=10)
    agent = world.running()
    agent.context.ledger_began = world.clock.now()

    agent.poll()

    assert [((ours,), "7")] == world.market.confirmed[1]
    assert "book" not in world.pms.calls
    assert 1 == len(world.ours())


def test_a_booking_that_is_not_there_is_entered(world: World) -> None:
    """
    What the old ledger had only seen.
    """
    world.patient_books(waited=10)
    agent = world.running()
    agent.context.ledger_began = world.clock.now()

    agent.poll()

    assert 1 == len(world.ours())
    assert world.market.confirmed[1]


@pytest.mark.parametrize("is_there", [True, False])
def test_a_cancellation_that_was_under_way_ends(world: World, *, is_there: bool) -> None:
    """
    The appointment is found by its reference and taken out, or was taken out already.
    """
    row = world.pms.add_appointment("1", TEN, patient_id="7", reference=1)
    if not is_there:
        world.pms.delete_appointment(row)
    world.wants_update(1, appointment_ids=(row,), patient_id="7")
    agent = world.running()
    agent.context.ledger_began = world.clock.now()
    rebuild_if_needed(agent.context)

    agent.poll()

    assert [] == world.ours()
    assert is_there is bool(world.market.updates_confirmed)
