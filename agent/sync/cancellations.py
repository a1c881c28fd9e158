"""
Applying what patients change at Healthengine: nearly always a cancellation (life cycle *Patient's cancellation*).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from agent.domain.booking import (
    Booked,
    BookingState,
    BookingUpdate,
    CancellationState,
    CancelResult,
    HealthengineStatus,
)
from agent.domain.diary import Appointment, AppointmentState
from agent.domain.errors import FrontdeskError, RecordRejected
from agent.domain.moves import Fate, is_live, may_cancel
from agent.domain.practice import Unanswered
from agent.ports.ledger import LedgerBooking, LedgerCancellation
from agent.ports.pms import MAY_NOT_WRITE
from agent.ports.tasks import TaskKind
from agent.sync.by_hand import is_due, withdraw
from agent.sync.context import Context
from agent.sync.locating import anywhere, at_hand, known_of

log = logging.getLogger(__name__)

UNSURE = "perhaps in the PMS, which could not be asked in time"
"""Why a booking is a task whose appointment may be in the PMS all the same."""

S = BookingState


def handle_update(context: Context, update: BookingUpdate) -> None:
    """
    Do what *update* asks and answer it; asked again, it gives the same answer again.

    Raises:
        Transient, AuthRequired: if the PMS or Healthengine is out of reach; Healthengine asks again.
    """
    known = context.ledger.cancellation(context.practice.id, update.request_id)
    if known and known.state in (CancellationState.CANCELLED, CancellationState.ANSWERED):
        _answer(context, known)
        return
    if known and known.state in (CancellationState.REFUSED, CancellationState.TASK):
        _refuse(context, known, known.reason)
        return
    step = known or _write(context, update, CancellationState.ASKED)
    if update.status is not HealthengineStatus.CANCELLED:
        _not_a_cancellation(context, update, step)
        return
    entry = context.ledger.booking(context.practice.id, update.booking_id)
    if entry is None or entry.state is S.INSERTING or (entry.state is S.TASK and entry.reason == UNSURE):
        entry = _ask_pms(context, update, entry)
    if entry is not None and entry.state is S.BY_HAND:
        entry = withdraw(context, entry)
    if entry is None:
        _refuse(context, step, "booking not known")
    elif not entry.appointment_ids:
        _never_entered(context, entry, step)
    elif context.pms.capabilities.cancel and step.state is not CancellationState.BY_HAND:
        _cancel_in_pms(context, entry, step)
    else:
        _wait_for_reception(context, entry, step)


def _not_a_cancellation(context: Context, update: BookingUpdate, step: LedgerCancellation) -> None:
    """
    The schema carries only ids and a status: confirm when the PMS already agrees, else refuse; never guess.
    """
    entry = context.ledger.booking(context.practice.id, update.booking_id)
    ids = entry.appointment_ids if entry else ()
    states = context.pms.states(ids) if ids else {}
    if ids and all(i in states and states[i].state is not AppointmentState.CANCELLED for i in ids):
        _answer(context, _move(context, step, CancellationState.CANCELLED, "already so in the PMS"))
    else:
        _refuse(context, step, f"an update to {update.status} cannot be applied")


def _ask_pms(context: Context, update: BookingUpdate, entry: LedgerBooking | None) -> LedgerBooking | None:
    """
    A booking is known if a reference in the PMS, or the given ids that resolve to the given patient, say so.
    """
    found = context.pms.find_booked(update.booking_id)
    if isinstance(found, Booked):
        rows = list(context.pms.states(found.appointment_ids).values())
        return _adopt(context, entry, update, found, rows)
    if entry is not None:
        return entry
    if not (update.appointment_ids and update.patient_id):
        return None
    rows = [a for a in context.pms.states(update.appointment_ids).values() if a.patient_id == update.patient_id]
    if len(rows) != len(update.appointment_ids):
        return None
    given = Booked(appointment_ids=update.appointment_ids, patient_id=update.patient_id)
    return _adopt(context, None, update, given, rows)


def _adopt(
    context: Context, entry: LedgerBooking | None, update: BookingUpdate, found: Booked, rows: Sequence[Appointment]
) -> LedgerBooking | None:
    """
    Write what the PMS holds of a booking into the ledger: in one step, because a booking without ids has never been entered.

    Without an *entry* an earlier integration or a lost state file entered it, and this is the ledger's first row.
    """
    if entry is not None:
        return context.step(entry, S.INSERTED, appointment_ids=found.appointment_ids, patient_id=found.patient_id)
    if not rows:
        return None
    first = min(rows, key=lambda a: a.start)
    now = context.clock.now()
    entry = LedgerBooking(
        practice_id=context.practice.id,
        booking_id=update.booking_id,
        state=S.INSERTED,
        resource_id="",
        practitioner_id=first.practitioner_id,
        location_id=first.location_id,
        type_id="",
        start=first.start,
        minutes=first.minutes,
        booked_at=now,
        seen_at=now,
        updated_at=now,
        appointment_ids=found.appointment_ids,
        patient_id=found.patient_id,
    )
    context.ledger.write(entry)
    return entry


def _never_entered(context: Context, entry: LedgerBooking, step: LedgerCancellation) -> None:
    """
    Nothing of it is in the PMS: it only has to stay that way.
    """
    if entry.state is not S.CANCELLED:
        _mark_cancelled(context, entry)
    _answer(context, _move(context, step, CancellationState.CANCELLED, "was not in the PMS"))


def _cancel_in_pms(context: Context, entry: LedgerBooking, step: LedgerCancellation) -> None:
    step = _move(context, step, CancellationState.CANCELLING)
    try:
        why = take_out(context, entry)
    except FrontdeskError as error:
        if error.code not in MAY_NOT_WRITE:
            raise
        _wait_for_reception(context, entry, step)
        return
    if why:
        _refuse(context, _move(context, step, CancellationState.TASK, f"the appointment {why}"), why)
        return
    _mark_cancelled(context, entry)
    _answer(context, _move(context, step, CancellationState.CANCELLED))


def _wait_for_reception(context: Context, entry: LedgerBooking, step: LedgerCancellation) -> None:
    """
    The PMS lets us cancel nothing: reception does. Healthengine is answered as soon as the appointment is gone, and in any case
    before ten minutes are over.
    """
    if _is_gone(context, entry):
        place = entry.place
        _mark_cancelled(context, entry)
        context.time_taken_or_freed(place.practitioner_id, place.start, place.minutes)
        _answer(context, _move(context, step, CancellationState.CANCELLED, "cancelled by hand"))
        return
    what = f"The patient cancelled booking {entry.booking_id} for {entry.place.start:%d/%m %H:%M}"
    why = f"{what}: cancel its appointment in the PMS."
    context.tasks.open(context.practice.id, TaskKind.CANCEL_BY_HAND, entry.booking_id, why, context.clock.now())
    if step.state is not CancellationState.BY_HAND:
        _move(context, step, CancellationState.BY_HAND)
    elif not is_due(context, step.updated_at, context.clock.now()):
        return
    elif context.practice.unanswered is Unanswered.OWN_IDS:
        context.step(entry, S.CANCELLED, reason="cancelled by the patient")
        _answer(context, _move(context, step, CancellationState.CANCELLED, "reception has yet to cancel it"))
    else:
        left = _move(context, step, CancellationState.TASK, "not cancelled in time")
        _refuse(context, left, "the practice has not cancelled it")


def _is_gone(context: Context, entry: LedgerBooking) -> bool:
    verdict = at_hand(context, entry, context.pms.states(entry.appointment_ids))
    return verdict.fate is Fate.AWAY and anywhere(context, entry).fate is Fate.AWAY


def take_out(context: Context, entry: LedgerBooking) -> str:
    """
    Cancel whatever the PMS has of a booking; if it is not as it was last known, open a task and return why.

    Nothing of an appointment of several rows is touched unless all of it may be.

    Raises:
        FrontdeskError: if the PMS does not say what it has.
    """
    now = context.local_now(entry.place.location_id)
    if not entry.appointment_ids:
        found = context.pms.find_booked(entry.booking_id)
        if not isinstance(found, Booked):
            return ""
        entry = replace(entry, appointment_ids=found.appointment_ids, patient_id=found.patient_id)
    rows = [row for row in context.pms.states(entry.appointment_ids).values() if is_live(row)]
    if not rows:
        verdict = anywhere(context, entry)
        rows = list(verdict.rows)
        if verdict.fate in (Fate.UNCLEAR, Fate.REUSED):
            return _leave_to_a_person(context, entry, "cannot be found for certain any more")
    if rows and not may_cancel(known_of(context, entry), rows, entry.place, now):
        return _leave_to_a_person(context, entry, _why_not(entry, now))
    if rows and not context.pms.capabilities.cancel:
        return _leave_to_a_person(context, entry, "can only be cancelled by reception")
    for row in rows:
        if context.pms.cancel(row.id, patient_id=entry.patient_id, start=row.start, after=now) is CancelResult.CHANGED:
            return _leave_to_a_person(context, entry, _why_not(entry, now))
    place = entry.place
    context.time_taken_or_freed(place.practitioner_id, place.start, place.minutes)
    return ""


def _why_not(entry: LedgerBooking, local_now: datetime) -> str:
    is_past = entry.place.start <= local_now
    return "is past" if is_past else "is not as it was entered (moved, arrived or another patient's)"


def _leave_to_a_person(context: Context, entry: LedgerBooking, why: str) -> str:
    context.tasks.open(
        context.practice.id,
        TaskKind.CANCEL_BY_HAND,
        entry.booking_id,
        f"The patient cancelled booking {entry.booking_id} for {entry.start:%d/%m %H:%M}, but the appointment {why}: "
        "look at it and cancel it by hand if that is right.",
        context.clock.now(),
    )
    return why


def _mark_cancelled(context: Context, entry: LedgerBooking) -> None:
    context.step(entry, S.CANCELLED, reason="cancelled by the patient")
    context.tasks.close_for(context.practice.id, entry.booking_id, context.clock.now())


def _answer(context: Context, step: LedgerCancellation) -> None:
    try:
        context.marketplace.confirm_update(step.booking_id, step.request_id)
    except RecordRejected as error:
        log.warning("update %s: Healthengine answered %s", step.request_id, error.status)
    _move(context, step, CancellationState.ANSWERED)


def _refuse(context: Context, step: LedgerCancellation, why: str) -> None:
    try:
        context.marketplace.reject_update(step.booking_id, step.request_id, reason=why)
    except RecordRejected as error:
        log.warning("update %s: Healthengine answered %s", step.request_id, error.status)
    if step.state is not CancellationState.TASK:
        _move(context, step, CancellationState.REFUSED, why)


def _write(context: Context, update: BookingUpdate, state: CancellationState) -> LedgerCancellation:
    step = LedgerCancellation(
        practice_id=context.practice.id,
        booking_id=update.booking_id,
        request_id=update.request_id,
        state=state,
        updated_at=context.clock.now(),
    )
    context.ledger.write_cancellation(step)
    return step


def _move(context: Context, step: LedgerCancellation, state: CancellationState, reason: str = "") -> LedgerCancellation:
    step = replace(step, state=state, updated_at=context.clock.now(), reason=reason or step.reason)
    context.ledger.write_cancellation(step)
    return step
