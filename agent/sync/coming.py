"""
The online bookings of today and later out of the ledger, and their patients' names out of the PMS.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time

from agent.domain.coming import MOST_LISTED, BookingPatient, ComingBooking, ComingBookings
from agent.domain.status import BookingLine
from agent.ports.ledger import LedgerBooking
from agent.sync.context import Context


def coming_bookings(context: Context) -> ComingBookings:
    """
    Return a practice's bookings of today and later, in any state. The PMS is not asked.
    """
    midnight = datetime.combine(context.local_now().date(), time())
    known = context.ledger.bookings(context.practice.id, start_from=midnight)
    found = sorted((e for e in known if e.place.start >= midnight), key=lambda e: (e.place.start, e.booking_id))
    return ComingBookings(
        bookings=tuple(_coming(context, entry) for entry in found[:MOST_LISTED]),
        count=len(found),
        today=sum(entry.place.start.date() == midnight.date() for entry in found),
    )


def patients_of(context: Context, booking_ids: Iterable[int]) -> list[BookingPatient]:
    """
    Return whose these bookings are, as far as they have a patient in the PMS, which is asked now.

    Raises:
        FrontdeskError: if the PMS does not say.
    """
    practice_id = context.practice.id
    entries = [entry for number in booking_ids if (entry := context.ledger.booking(practice_id, number)) and entry.patient_id]
    ids = sorted({entry.patient_id for entry in entries})
    names = {p.id: f"{p.first_name} {p.last_name}".strip() for p in (context.pms.patients(ids) if ids else ())}
    return [
        BookingPatient(practice_id=practice_id, booking_id=entry.booking_id, name=names.get(entry.patient_id, ""))
        for entry in entries
    ]


def booking_line(entry: LedgerBooking) -> BookingLine:
    """
    Return a booking as it is shown: ids and times, no patient.
    """
    answered = (entry.answered_at - entry.booked_at).total_seconds() if entry.answered_at else -1.0
    return BookingLine(
        practice_id=entry.practice_id,
        booking_id=entry.booking_id,
        state=entry.state.value,
        resource_id=entry.resource_id,
        start=entry.place.start,
        minutes=entry.place.minutes,
        seen_at=entry.seen_at,
        updated_at=entry.updated_at,
        answer_seconds=answered,
        reason=entry.reason,
    )


def _coming(context: Context, entry: LedgerBooking) -> ComingBooking:
    return ComingBooking(
        line=booking_line(entry),
        practice_name=context.practice.name,
        resource_name=_with_whom(context, entry),
        has_patient=bool(entry.patient_id),
    )


def _with_whom(context: Context, entry: LedgerBooking) -> str:
    if not context.has_catalogue:
        return ""
    place = entry.place
    if place.practitioner_id == entry.practitioner_id:
        booked = context.catalogue.resource(entry.resource_id)
        return booked.name if booked else ""
    moved_to = context.catalogue.siblings(place.practitioner_id)
    here = [resource.name for resource in moved_to if resource.location_id == place.location_id]
    return next(iter(here or [resource.name for resource in moved_to]), "")
