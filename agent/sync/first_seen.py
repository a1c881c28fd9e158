"""
A booking's first row in the ledger, written before anything is done about it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from agent.domain.booking import Booking, BookingState
from agent.ports.ledger import LedgerBooking
from agent.sync.context import Context

CLOCKS_DIFFER = timedelta(minutes=10)
"""How far Healthengine's clock and this machine's may lie apart; to ask the PMS once too often costs nothing."""


def note(context: Context, bookings: Iterable[Booking]) -> None:
    """
    Put bookings that are seen for the first time into the ledger, all in one go, before any of them is acted on.
    """
    known = context.ledger.booking
    context.ledger.write_all([_first_row(context, b) for b in bookings if known(context.practice.id, b.id) is None])


def entry_of(context: Context, booking: Booking) -> LedgerBooking:
    """
    Return the booking's row in the ledger, its first if need be.
    """
    known = context.ledger.booking(context.practice.id, booking.id)
    if known is not None:
        return known
    first = _first_row(context, booking)
    context.ledger.write(first)
    return first


def _first_row(context: Context, booking: Booking) -> LedgerBooking:
    resource = context.catalogue.resource(booking.resource_id or "")
    now = context.clock.now()
    return LedgerBooking(
        practice_id=context.practice.id,
        booking_id=booking.id,
        state=_first_state(context, booking),
        resource_id=booking.resource_id or "",
        practitioner_id=resource.practitioner_id if resource else "",
        location_id=resource.location_id if resource else "",
        type_id=booking.type_id,
        start=booking.start,
        minutes=booking.minutes,
        booked_at=booking.booked_at,
        seen_at=now,
        updated_at=now,
    )


def _first_state(context: Context, booking: Booking) -> BookingState:
    """
    Return where a booking is that the ledger has never seen: one from before its time may be in the PMS already.
    """
    began = context.ledger_began
    return BookingState.REQUESTED if began is None or booking.booked_at > began + CLOCKS_DIFFER else BookingState.INSERTING
