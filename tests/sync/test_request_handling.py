"""
Everything that waits is fetched first, and then each thing goes where it belongs.
"""

from __future__ import annotations

import pytest
from sync_support import LINK_DOWN, PMS_AWAY, TEN, TODAY, World

from agent.domain.booking import BookingState, ChangeRequest
from agent.domain.errors import FrontdeskError, Transient
from agent.ports.marketplace import AvailabilityRequest, RequestKind
from agent.sync.requests import fetch

LISTS = ("outstanding", "booking_requests", "booking_updates", "availability_requests", "change_requests")


def test_everything_is_fetched_before_anything_is_acted_on(world: World) -> None:
    """
    All lists come before the first answer, and updates after the bookings they may belong to (rule 2).
    """
    world.patient_books()
    world.wants_update(99)
    world.market.availability.append(AvailabilityRequest(day=TODAY))
    world.market.changes.append(ChangeRequest(booking_id=5))

    world.running().poll()

    assert list(LISTS) == world.market.calls[:5]
    assert {"confirm_booking", "reject_update"} == set(world.market.calls[5:])


def test_updates_are_fetched_whenever_bookings_are(world: World) -> None:
    """
    The cancellation may have come between the poll and the list.
    """
    world.patient_books()
    agent = world.running()

    fetch(agent.context)

    assert ["outstanding", "booking_requests", "booking_updates"] == world.market.calls


def test_a_list_that_cannot_be_fetched_stops_the_whole_poll(world: World) -> None:
    """
    Without the cancellations no booking can be entered in the right order.
    """

    def fail() -> None:
        raise LINK_DOWN

    world.patient_books()
    world.market.fail["booking_updates"] = fail

    with pytest.raises(Transient):
        world.running().poll()

    assert [] == world.ours()


def test_nothing_waiting_is_one_call(world: World) -> None:
    """
    Every five seconds, all day: no PMS, no further call.
    """
    agent = world.running()
    world.pms.calls.clear()

    report = agent.poll()

    assert ["outstanding"] == world.market.calls
    assert [] == world.pms.calls
    assert "nothing waiting" == str(report)


def test_questions_go_to_their_own_channels(world: World) -> None:
    """
    Availability, changes and configuration are answered by whoever looks after them.
    """
    day = AvailabilityRequest(day=TODAY, resource_id="1@1:gp")
    question = ChangeRequest(booking_id=5)
    world.market.availability.append(day)
    world.market.changes.append(question)
    world.market.wanted = {RequestKind.RESOURCES, RequestKind.TYPES}
    agent = world.running()

    report = agent.poll()

    assert [day] == agent.days_asked
    assert [question] == agent.changes_asked
    assert 1 == agent.configuration_asked
    assert "3 other requests" == str(report)


def test_questions_reach_their_channels_though_bookings_fail(world: World) -> None:
    """
    The PMS may be away for bookings; what Healthengine asks is not lost over it.
    """
    world.pms.fail("*", PMS_AWAY, times=9)
    world.patient_books()
    question = ChangeRequest(booking_id=5)
    world.market.changes.append(question)
    agent = world.agent()

    report = agent.poll()

    assert PMS_AWAY is report.error
    assert [question] == agent.changes_asked


def test_what_was_decided_is_sent_again_after_every_poll(world: World) -> None:
    """
    Though Healthengine lists it no more, an answer that did not get through is tried until it does.
    """

    def fail() -> None:
        raise LINK_DOWN

    world.market.fail["confirm_booking"] = fail
    world.patient_books()
    agent = world.running()
    agent.poll()
    assert BookingState.CONFIRMING is world.state()
    world.market.bookings.clear()
    world.market.fail.clear()

    agent.poll()

    assert BookingState.CONFIRMED is world.state()


def test_something_nobody_foresaw_in_one_booking_blocks_none_of_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A defect of ours costs one booking, not the practice's whole day.
    """
    world.patient_books(1, waited=3)
    world.patient_books(2, start=TEN.replace(hour=11))
    agent = world.running()
    book = agent.context.pms.book

    def stumble(request: object) -> object:
        if getattr(request, "booking_id", 0) == 1:
            raise KeyError("nobody foresaw it")
        return book(request)  # type: ignore[arg-type] # handed on as it came

    monkeypatch.setattr(agent.context.pms, "book", stumble)

    report = agent.poll()

    assert isinstance(report.error, FrontdeskError)
    assert "unexpected" == report.error.code
    assert BookingState.CONFIRMED is world.state(2)
