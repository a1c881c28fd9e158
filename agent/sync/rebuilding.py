"""
Filling a ledger with what the PMS has of our bookings, where it was begun anew because the state file was damaged, or goes on
from a copy because an upgrade was taken back.

Whatever waits at Healthengine comes again with the next poll; until the PMS was asked, nobody assumes that it is not there
(`Context.ledger_began`).
"""

from __future__ import annotations

from collections import defaultdict

from agent.domain.booking import BookingState
from agent.domain.days import DateRange
from agent.domain.diary import Appointment
from agent.domain.words import counted
from agent.ports.ledger import LedgerBooking
from agent.sync.context import Context

REBUILT = "ledger_rebuilt"
"""The note that says which new ledger was filled."""


def rebuild_if_needed(context: Context) -> None:
    """
    Take every future appointment that carries a reference for a confirmed booking, once. Were one not confirmed yet, Healthengine
    lists it, and is told the same ids.

    What the desk moved or cancelled while the ledger was lost is taken as it is now.

    Raises:
        FrontdeskError: if the PMS cannot be read; it is tried again.
    """
    practice = context.practice
    if context.ledger_began is None or context.published.note(practice.id, REBUILT) == context.ledger_began.isoformat():
        return
    window = DateRange.of_days(context.local_now().date(), practice.horizon_days)
    rows: dict[int, list[Appointment]] = defaultdict(list)
    for appointment in context.pms.diary(window).appointments:
        if appointment.reference and context.ledger.booking(practice.id, appointment.reference) is None:
            rows[appointment.reference].append(appointment)
    entries = [entry for booking_id, found in rows.items() if (entry := _entry(context, booking_id, found)) is not None]
    context.ledger.write_all(entries)
    context.published.set_note(practice.id, REBUILT, context.ledger_began.isoformat())
    found_again = counted(len(entries), "booking")
    context.activity("ledger-rebuilt", f"The agent's memory had a gap: {found_again} found again in the PMS.")


def _entry(context: Context, booking_id: int, rows: list[Appointment]) -> LedgerBooking | None:
    """
    Return the ledger's row for a booking, or None if its place belongs to another practice.
    """
    first = min(rows, key=lambda row: row.start)
    resources = [r for r in context.catalogue.siblings(first.practitioner_id) if r.location_id == first.location_id]
    if not resources:
        return None
    now = context.clock.now()
    return LedgerBooking(
        practice_id=context.practice.id,
        booking_id=booking_id,
        state=BookingState.CONFIRMED,
        resource_id=resources[0].id,
        practitioner_id=first.practitioner_id,
        location_id=first.location_id,
        type_id=first.type_id,
        start=first.start,
        minutes=first.minutes,
        booked_at=now,
        seen_at=now,
        updated_at=now,
        answered_at=now,
        appointment_ids=tuple(row.id for row in rows),
        patient_id=first.patient_id,
        reason="found again in the PMS",
    )
