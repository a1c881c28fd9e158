"""
Bookings that reception enters into the PMS, where that takes none of ours or a person has to decide.

The time of such a booking is withheld at once, a task asks for it, and its appointment is recognised by practitioner, time and
patient as soon as it is there. What cannot be told for certain is asked. Which appointment is which booking is decided in
`agent.domain.by_hand`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, time

from agent.domain.availability import free_time
from agent.domain.booking import Booked, Booking, BookingState
from agent.domain.by_hand import ANSWER_BY_HAND_WITHIN, Doubtful, NotYet, Recognised, Sight, recognise, staffed_time
from agent.domain.days import DateRange, Span, merge
from agent.domain.diary import Appointment, Diary
from agent.domain.errors import FrontdeskError
from agent.domain.matching.decide import match
from agent.domain.matching.outcome import Matched
from agent.domain.moves import is_live
from agent.domain.placing import Placement
from agent.domain.practice import Unanswered
from agent.ports.ledger import LedgerBooking
from agent.ports.tasks import TaskKind
from agent.sync.context import Context
from agent.sync.locating import HOLDING, what_else
from agent.sync.rules import times_by_hand, zones_of

S = BookingState

ENTERED = "entered by hand"
NOT_ENTERED = "not entered in time"

_WHILE_IT_WAITS = (TaskKind.ENTER_BY_HAND, TaskKind.WHICH_APPOINTMENT)


def read_day(context: Context, entry: LedgerBooking) -> Diary:
    """
    Return the diary of a booking's day.
    """
    return context.pms.diary(DateRange.of_days(entry.start.date(), 1))


def why_not_free(context: Context, placement: Placement, diary: Diary, *, but: int) -> str:
    """
    Return why nobody can enter a booking at that time, in plain words; empty if its time is free.

    Args:
        but: The booking itself.
    """
    practice, catalogue, day = context.practice, context.catalogue, placement.start.date()
    wanted = _span_of(placement)
    free = free_time(catalogue, diary, DateRange.of_days(day, 1), practice.zone, zones_of(practice))
    spans = merge(
        Span(opening.start, opening.end)
        for found in free
        if found.resource_id == placement.resource_id
        for opening in found.ranges
    )
    if not any(span.start <= wanted.start and wanted.end <= span.end for span in spans):
        return "the time is taken, or outside working time"
    return why_withheld(context, placement, but=but)


def why_withheld(context: Context, placement: Placement, *, but: int) -> str:
    """
    Return why a booking's time is another patient's although the PMS does not show it yet; empty if it is not.
    """
    day, wanted = placement.start.date(), _span_of(placement)
    booked = times_by_hand(context.ledger, context.practice, context.catalogue, day, but=but)
    is_taken = any(span.start < wanted.end and wanted.start < span.end for span in booked.get((placement.resource_id, day), ()))
    return "another patient has booked the time, and reception is to enter it" if is_taken else ""


def leave_to_reception(context: Context, booking: Booking, entry: LedgerBooking, why: str, others: Sequence[str]) -> None:
    """
    Withhold the booking's time and ask reception to enter it.

    Args:
        others: Appointments that are there already and are not it for certain.
    """
    context.at_reception.remember(booking)
    # The task first: a crash in between leaves one too many, which the next poll finds again, and not one too few.
    _open_task(context, entry, TaskKind.ENTER_BY_HAND, why)
    context.step(entry, S.BY_HAND, reason=why, other_ids=tuple(others))


def look(context: Context, entry: LedgerBooking) -> LedgerBooking:
    """
    See whether reception has entered a booking; return where the booking then is.

    Raises:
        FrontdeskError: if the PMS does not say.
    """
    day = entry.start.date()
    if not context.at_reception.is_new(entry.booking_id, context.pms.markers(DateRange.of_days(day, 1)).get(day, "")):
        return entry
    diary = read_day(context, entry)
    found = sight(context, entry, context.at_reception.booking(entry.booking_id), diary.appointments)
    match found:
        case Recognised():
            entry = adopt(context, entry, found)
            context.tasks.close_for(context.practice.id, entry.booking_id, context.clock.now())
        case Doubtful():
            ids = ", ".join(found.appointment_ids)
            _open_task(context, entry, TaskKind.WHICH_APPOINTMENT, f"appointment {ids} in the PMS may be it.")
        case NotYet():
            context.at_reception.nothing_there(entry.booking_id, diary.markers.get(day, ""))
            _close_tasks(context, entry.booking_id, (TaskKind.WHICH_APPOINTMENT,))
    return entry


def look_at_all(context: Context) -> int:
    """
    See whether reception has entered what Healthengine does not ask for any more, and end tasks that are done; return how many
    bookings were recognised.

    Raises:
        FrontdeskError: if the PMS does not say.
    """
    waiting = context.ledger.bookings(context.practice.id, states=(S.BY_HAND,))
    recognised = sum(look(context, entry).state is not S.BY_HAND for entry in waiting)
    _end_tasks_that_are_done(context)
    return recognised


def sight(context: Context, entry: LedgerBooking, booking: Booking | None, rows: Iterable[Appointment]) -> Sight:
    """
    Decide which of *rows*, those of its day, is the booking.

    Args:
        booking: As Healthengine tells it; None: nobody knows any more whose it is.

    Raises:
        FrontdeskError: if the PMS does not say whose they are.
    """
    claimed = _claimed(context, entry)
    free = [row for row in rows if row.id not in claimed and row.reference in (0, entry.booking_id)]
    patient_id = "" if booking is None else _patient_of(context, booking, entry, free)
    return recognise(entry.booking_id, entry.booked, free, patient_id=patient_id, others=entry.other_ids or ())


def none_of_them(context: Context, entry: LedgerBooking) -> None:
    """
    A person says that none of the appointments that were asked about is the booking.

    Raises:
        FrontdeskError: if the PMS does not say.
    """
    found = sight(context, entry, context.at_reception.booking(entry.booking_id), read_day(context, entry).appointments)
    if isinstance(found, Doubtful):
        context.step(entry, S.BY_HAND, other_ids=(*(entry.other_ids or ()), *found.appointment_ids))


def pointed_out(context: Context, entry: LedgerBooking, appointment_id: str) -> Recognised:
    """
    Return the appointment that a person says is the booking, wherever in the diary it is.

    Raises:
        FrontdeskError: if it cannot be (`task-not-that-appointment`), or the PMS does not say.
    """
    row = context.pms.states((appointment_id,)).get(appointment_id)
    is_another = row is not None and (row.id in _claimed(context, entry) or row.reference not in (0, entry.booking_id))
    if row is None or is_another or not is_live(row) or not row.patient_id:
        raise FrontdeskError(
            "task-not-that-appointment",
            "There is no appointment with that id, it is cancelled or nobody's, or it is another online booking's.",
            remedy="Look up the appointment's id in the PMS, or see: frontdesk tasks show",
        )
    return Recognised(appointment_ids=(row.id,), patient_id=row.patient_id)


def adopt(context: Context, entry: LedgerBooking, found: Recognised | Booked) -> LedgerBooking:
    """
    Take the appointment that reception has entered for the booking's own; return where the booking then is.

    It is to be confirmed, unless Healthengine has had its yes with ids of our own.

    Raises:
        FrontdeskError: if the PMS does not say what else the patient has.
    """
    is_told = entry.own_ids and entry.answered_at is not None
    entered = replace(entry, appointment_ids=found.appointment_ids, patient_id=found.patient_id)
    entry = context.step(
        entry,
        *((S.INSERTED, S.CONFIRMING, S.CONFIRMED) if is_told else (S.INSERTED,)),
        appointment_ids=found.appointment_ids,
        patient_id=found.patient_id,
        other_ids=what_else(context, entered),
        reason=ENTERED,
    )
    context.at_reception.forget(entry.booking_id)
    return entry


def give_up(context: Context, entry: LedgerBooking) -> LedgerBooking:
    """
    Nobody entered it in time: its time is free again, and somebody has to phone the patient; return where it then is.
    """
    _open_task(context, entry, TaskKind.NOT_ENTERED, "nobody entered it in time.")
    entry = context.step(entry, S.TASK, reason=NOT_ENTERED)
    _close_tasks(context, entry.booking_id, _WHILE_IT_WAITS)
    context.at_reception.forget(entry.booking_id)
    return entry


def withdraw(context: Context, entry: LedgerBooking) -> LedgerBooking:
    """
    Its patient has cancelled it: see for the last time whether reception has entered it; return where the booking then is.

    If it is not there it is cancelled with that; what may be it is left to a person to look at.

    Raises:
        FrontdeskError: if the PMS does not say.
    """
    entry = look(context, entry)
    if entry.state is not S.BY_HAND:
        return entry
    doubts = _tasks_of(context, entry.booking_id, (TaskKind.WHICH_APPOINTMENT,))
    entry = context.step(entry, S.CANCELLED, reason="cancelled by the patient")
    context.at_reception.forget(entry.booking_id)
    context.tasks.close_for(context.practice.id, entry.booking_id, context.clock.now())
    if doubts:
        what = "the patient cancelled it. An appointment that may be it is in the PMS: look at it."
        _open_task(context, entry, TaskKind.CANCEL_BY_HAND, what)
    return entry


def is_due(context: Context, since: datetime, now: datetime) -> bool:
    """
    Return whether reception has had its time, and Healthengine must be answered.

    Args:
        since, now: Aware, of the same clock.
    """
    practice = context.practice
    if practice.unanswered is not Unanswered.STAFFED_HOURS or practice.staffed_hours is None:
        return now - since >= ANSWER_BY_HAND_WITHIN
    begin, end = (moment.astimezone(practice.zone).replace(tzinfo=None) for moment in (since, now))
    staffed = staffed_time(begin, end, practice.staffed_hours, lambda day: context.is_holiday(day, practice.zone))
    return staffed >= ANSWER_BY_HAND_WITHIN


def _patient_of(context: Context, booking: Booking, entry: LedgerBooking, rows: Sequence[Appointment]) -> str:
    """
    Return the one patient of the PMS who booked; empty if that is not certain.

    Those whose appointments are near its time are asked about too, should what was typed at the desk escape the look-up.
    """
    pms = context.pms
    near = {row.patient_id for row in rows if row.practitioner_id == entry.practitioner_id and row.patient_id}
    candidates = {patient.id: patient for patient in pms.find_patients([booking.patient])[0]}
    missing = sorted(near - candidates.keys())
    candidates |= {patient.id: patient for patient in (pms.patients(missing) if missing else ())}
    found = match(booking.patient, candidates.values(), known_id=booking.patient_id)
    return found.patient_id if isinstance(found, Matched) else ""


def _claimed(context: Context, entry: LedgerBooking) -> frozenset[str]:
    others = context.ledger.bookings(context.practice.id, states=HOLDING, start_from=datetime.combine(entry.start.date(), time()))
    return frozenset(i for other in others if other.booking_id != entry.booking_id for i in other.appointment_ids)


def _span_of(placement: Placement) -> Span:
    minute = placement.start.hour * 60 + placement.start.minute
    return Span(minute, minute + placement.minutes)


def _open_task(context: Context, entry: LedgerBooking, kind: TaskKind, what: str) -> None:
    why = f"Booking {entry.booking_id} for {entry.start:%d/%m %H:%M}: {what}"
    context.tasks.open(context.practice.id, kind, entry.booking_id, why, context.clock.now())


def _tasks_of(context: Context, booking_id: int, kinds: Sequence[TaskKind]) -> list[int]:
    return [
        task.id
        for task in context.tasks.open_tasks()
        if (task.practice_id, task.booking_id) == (context.practice.id, booking_id) and task.kind in kinds
    ]


def _close_tasks(context: Context, booking_id: int, kinds: Sequence[TaskKind]) -> None:
    for task_id in _tasks_of(context, booking_id, kinds):
        context.tasks.close(task_id, context.clock.now())


def _end_tasks_that_are_done(context: Context) -> None:
    """
    End tasks whose booking has gone on: after a crash between the step and the end of its task, and after a cancellation by hand.
    """
    for task in context.tasks.open_tasks():
        if task.practice_id != context.practice.id or not task.booking_id:
            continue
        entry = context.ledger.booking(task.practice_id, task.booking_id)
        if entry is None:
            continue
        if task.kind in _WHILE_IT_WAITS and entry.state not in (S.REQUESTED, S.BY_HAND):
            context.tasks.close(task.id, context.clock.now())
        if task.kind is TaskKind.CANCEL_BY_HAND and entry.appointment_ids:
            rows = context.pms.states(entry.appointment_ids).values()
            if not any(is_live(row) for row in rows):
                context.tasks.close(task.id, context.clock.now())
