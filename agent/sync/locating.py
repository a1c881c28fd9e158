"""
Finding the appointment of a booking in the PMS, wherever the desk has put it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time

from agent.domain.booking import Booked, BookingState
from agent.domain.diary import Appointment
from agent.domain.moves import Fate, Known, Verdict, look, search
from agent.ports.ledger import LedgerBooking
from agent.sync.context import Context

HOLDING = (BookingState.INSERTED, BookingState.CONFIRMING, BookingState.CONFIRMED, BookingState.DID_NOT_ATTEND, BookingState.TASK)
"""A booking in one of these states has its appointment, and no other booking's appointment is taken for it."""


def known_of(context: Context, entry: LedgerBooking) -> Known:
    """
    Return what the ledger has of a booking, for the rules.
    """
    return Known(
        booking_id=entry.booking_id,
        appointment_ids=entry.appointment_ids,
        patient_id=entry.patient_id,
        booked=entry.booked,
        present=entry.present,
        other_ids=None if entry.other_ids is None else frozenset(entry.other_ids),
        premises=context.premises,
    )


def at_hand(context: Context, entry: LedgerBooking, states: Mapping[str, Appointment]) -> Verdict:
    """
    Judge by the rows that the ledger names; a row of another patient is looked into.

    Raises:
        FrontdeskError: if the PMS does not say.
    """
    verdict = look(known_of(context, entry), states)
    if verdict.fate is not Fate.REUSED:
        return verdict
    heirs = _heirs(context, entry.patient_id, (states[i] for i in entry.appointment_ids if i in states))
    verdict = look(known_of(context, entry), states, heirs=heirs)
    if verdict.fate is not Fate.REUSED:
        return verdict
    elsewhere = anywhere(context, entry)
    return verdict if elsewhere.fate is Fate.AWAY else elsewhere


def anywhere(context: Context, entry: LedgerBooking) -> Verdict:
    """
    Judge by everything else that the PMS has: rows with the reference, and new rows of the patient.

    Raises:
        FrontdeskError: if the PMS does not say.
    """
    pms = context.pms
    found = pms.find_booked(entry.booking_id)
    referenced = tuple(pms.states(found.appointment_ids).values()) if isinstance(found, Booked) else ()
    others = [
        other
        for other in context.ledger.bookings(context.practice.id, states=HOLDING, start_from=_midnight(context, entry))
        if other.booking_id != entry.booking_id
    ]
    return search(
        known_of(context, entry),
        referenced=referenced,
        of_patient=_rows_of(context, entry),
        claimed=frozenset(appointment_id for other in others for appointment_id in other.appointment_ids),
        others=[other.place for other in others if other.patient_id == entry.patient_id],
        heirs=_heirs(context, entry.patient_id, referenced),
    )


def what_else(context: Context, entry: LedgerBooking) -> tuple[str, ...]:
    """
    Return the ids of what the patient has beside this appointment, now that it is in order.
    """
    return tuple(sorted(row.id for row in _rows_of(context, entry) if row.id not in entry.appointment_ids))


def _rows_of(context: Context, entry: LedgerBooking) -> Sequence[Appointment]:
    if entry.patient_id in ("", context.practice.placeholder_patient):
        return ()  # whatever stands for patients to be chosen is not one patient's
    return context.pms.appointments_of(entry.patient_id, _midnight(context, entry))


def _heirs(context: Context, patient_id: str, rows: Iterable[Appointment]) -> frozenset[str] | None:
    """
    Return whose of *rows* may be the same person under another record; None: the patient's own record is in use.

    A record that was taken away altogether went into another; of one that is only out of use the birth date has to agree.
    """
    others = {row.patient_id for row in rows if row.patient_id} - {patient_id}
    if patient_id and patient_id == context.practice.placeholder_patient:
        return frozenset(others)  # reception has chosen
    known = {patient.id: patient for patient in context.pms.patients([patient_id, *sorted(others)])}
    before = known.get(patient_id)
    if before is None:
        return frozenset(others)
    if before.active:
        return None
    return frozenset(i for i in others if i in known and known[i].date_of_birth == before.date_of_birth)


def _midnight(context: Context, entry: LedgerBooking) -> datetime:
    # Of today, so that one that was moved to earlier today is found; or of its own day, if that has passed.
    return datetime.combine(min(context.local_now().date(), entry.place.start.date()), time())
