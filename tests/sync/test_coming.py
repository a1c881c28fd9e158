"""
The bookings of today and later, and whose they are, as a window asks for them.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sync_support import ANN, BEN, PMS_AWAY, PRACTICE_ID, TEN, World

from agent.domain.errors import FrontdeskError
from agent.sync.coming import coming_bookings, patients_of


def test_the_soonest_comes_first_and_the_past_is_left_out(world: World) -> None:
    """
    With the practitioner's name and the answer's time; the patient is not in it.
    """
    world.patient_books(1, start=TEN + timedelta(days=1))
    world.patient_books(2, start=TEN, patient=BEN)
    agent = world.running()
    agent.poll()
    shown = coming_bookings(agent.context)
    world.clock.advance(days=2)
    later = coming_bookings(agent.context)

    assert ([2, 1], 2, 0) == ([one.line.booking_id for one in shown.bookings], shown.count, shown.today)
    assert [(True, "confirmed")] * 2 == [(one.has_patient, one.line.state) for one in shown.bookings]
    assert all(one.resource_name and one.line.answer_seconds >= 0 for one in shown.bookings)
    assert ([1], 1) == ([one.line.booking_id for one in later.bookings], later.today)
    assert not {"Ann", "Lee", "Ben", "Ng"} & set(repr(shown).replace("'", " ").split())


def test_names_are_asked_of_the_pms(world: World) -> None:
    """
    Those of the bookings that were named, and of nobody else; unknown numbers are left out.
    """
    world.patient_books(1, start=TEN)
    world.patient_books(2, start=TEN + timedelta(days=1), patient=BEN)
    agent = world.running()
    agent.poll()
    found = patients_of(agent.context, [2, 77])

    assert [(PRACTICE_ID, 2, "Ben Ng")] == [(one.practice_id, one.booking_id, one.name) for one in found]


def test_a_pms_that_is_away_gives_no_names(world: World) -> None:
    """
    Nothing is remembered that could be shown instead.
    """
    world.patient_books(1, start=TEN, patient=ANN)
    agent = world.running()
    agent.poll()
    patients_of(agent.context, [1])
    world.pms.fail("patients", PMS_AWAY)
    with pytest.raises(FrontdeskError) as away:
        patients_of(agent.context, [1])

    assert PMS_AWAY.code == away.value.code


def test_a_booking_that_the_desk_moved_is_shown_where_it_is(world: World) -> None:
    """
    Its appointment's time counts, not the one that was booked: also when the day comes that was booked.
    """
    world.patient_books(1, start=TEN + timedelta(days=1))
    agent = world.running()
    agent.poll()
    (entry,) = agent.context.ledger.bookings(PRACTICE_ID)
    world.pms.change_appointment(entry.appointment_ids[0], start=TEN)
    agent.watch.run([])
    (shown,) = coming_bookings(agent.context).bookings
    world.clock.advance(days=2)

    assert TEN == shown.line.start
    assert 0 == coming_bookings(agent.context).count
